import { html, type Html } from "#platform/web/html.ts";

const withTime = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});
const dayOnly = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

/** An instant or a day of the API in words; UTC, because a page without scripts does not know where it is read. */
export function timeView(text: string): Html {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return html`<span>${text}</span>`;
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  return html`<time datetime="${text}"
    >${isDay ? dayOnly.format(time) : `${withTime.format(time)} UTC`}</time
  >`;
}
