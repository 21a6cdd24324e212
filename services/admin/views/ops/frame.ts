// What every page of the ops room has: its rooms, and parts that are sent again while it is looked at.
import { html, type Html } from "#platform/web/html.ts";
import type { AdminWords } from "../../context.ts";

export const opsRooms = ["overview", "services", "traces", "logs", "work", "checkouts", "books"] as const;

export type OpsRoomName = (typeof opsRooms)[number];

export function opsRoomUrl(room: OpsRoomName): string {
  return room === "overview" ? "/admin/ops" : `/admin/ops/${room}`;
}

/** A part of a page that changes by itself; its name is unique on the page. */
export interface OpsPart {
  readonly name: string;
  readonly body: Html;
}

export interface OpsFrameParts {
  readonly room: OpsRoomName;
  readonly heading: string;
  /** Stands still: forms, filters. */
  readonly still?: Html | undefined;
  readonly parts: readonly OpsPart[];
}

export function opsFrameView(words: AdminWords, { room, heading, still, parts }: OpsFrameParts): Html {
  return html`<h1>${heading}</h1>
    <nav class="rooms" aria-label="${words.text("ops.rooms")}">
      <ul class="chips">
        ${opsRooms.map(
          (name) =>
            html`<li>
              <a class="chip" href="${opsRoomUrl(name)}" ${name === room ? html` aria-current="page"` : ""}
                >${words.text(`ops.room.${name}`)}</a
              >
            </li>`,
        )}
      </ul>
    </nav>
    <p class="alert" data-stale hidden>${words.text("ops.stale")}</p>
    ${still}
    <div class="ops" data-poll>${opsPartsView(parts)}</div>
    <noscript><p class="muted small">${words.text("ops.reload")}</p></noscript>`;
}

export function opsPartsView(parts: readonly OpsPart[]): Html {
  return html`${parts.map(({ name, body }) => html`<div data-part="${name}">${body}</div>`)}`;
}
