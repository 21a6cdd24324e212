import { SenderConfig } from "#platform/http/sender.ts";
import { defineConfig, setting, type Setting } from "#platform/kit/config.ts";
import { parsePlaces, type Place } from "#platform/operations/places.ts";

/** Where the other processes of the shop are. */
function placesSetting(): Setting<readonly Place[]> {
  const text = setting.text({
    default: "",
    doc: "Operations ports of the shop's processes, name=host:port with spaces in between, for the ops room; a name may stand for many addresses. Empty where the whole shop is one process.",
  });
  return { ...text, read: (said) => parsePlaces(text.read(said)) };
}

export const AdminConfig = defineConfig({
  ...SenderConfig,
  ADMIN_API_CONNECTIONS_MAX: setting.integer({
    default: 16,
    min: 1,
    max: 1000,
    doc: "Connections the admin pages keep to the gateway.",
  }),
  ADMIN_LIVE_STREAMS_MAX: setting.integer({
    default: 50,
    min: 0,
    max: 10_000,
    doc: "Pages of the staff that may follow what happens at one time; each asks the API every few seconds.",
  }),
  OPS_PROCESSES: placesSetting(),
  OPS_AUDIT: setting.optionalText({
    doc: "Operations port of the audit's own process, host:port, for the ops room; empty where it runs in this process, or nowhere.",
  }),
  OPS_PROMETHEUS_URL: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "A Prometheus that people can open: the ops room links to it.",
  }),
  OPS_GRAFANA_URL: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "A Grafana that people can open: the ops room links to it.",
  }),
  OPS_TRACES_URL: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "A trace store that people can open, with {traceId} where it wants the id, such as https://jaeger.example.com/trace/{traceId}: the ops room links to it.",
  }),
  ADMIN_TIME_ZONE: setting.text({
    default: "UTC",
    check: checkTimeZone,
    doc: "Where the staff's day begins (IANA, such as Europe/Berlin): the ops room compares today with the same day last week.",
  }),
  ADMIN_HSTS_SECONDS: setting.integer({
    default: 31_536_000,
    doc: "max-age of Strict-Transport-Security on admin pages; 0 leaves the header out.",
  }),
});

function checkTimeZone(text: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
  } catch {
    throw new Error("must be the name of a time zone, such as Europe/Berlin");
  }
}
