import { defineConfig, setting, type ConfigOf } from "#platform/kit/config.ts";

const ratio = /^(?:0(?:\.\d+)?|\.\d+|1(?:\.0+)?)$/;

/** Where traces go and how many: OpenTelemetry's own names with their meaning there. Without an endpoint none is made. */
export const TracingConfig = defineConfig({
  OTEL_EXPORTER_OTLP_ENDPOINT: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "OpenTelemetry collector (OTLP over HTTP); traces are sent, to its /v1/traces, only when it is set.",
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting.optionalUrl({
    schemes: ["http", "https"],
    doc: "The whole address for traces, in place of the endpoint above.",
  }),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: setting.choice(["http/protobuf"], {
    default: "http/protobuf",
    aliases: ["OTEL_EXPORTER_OTLP_PROTOCOL"],
    doc: "How spans travel; this shop speaks OTLP as protobuf over HTTP.",
  }),
  OTEL_EXPORTER_OTLP_HEADERS: setting.optionalSecret({
    doc: "Headers for the collector, such as its key: name=value, separated by commas, values percent-encoded.",
  }),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: setting.optionalSecret({
    doc: "Further headers for traces; they win over the ones above.",
  }),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: setting.integer({
    default: 10_000,
    min: 1,
    max: 600_000,
    aliases: ["OTEL_EXPORTER_OTLP_TIMEOUT"],
    doc: "Milliseconds for one batch, repeats included.",
  }),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: setting.choice(["none", "gzip"], {
    default: "none",
    aliases: ["OTEL_EXPORTER_OTLP_COMPRESSION"],
    doc: "Whether batches are compressed.",
  }),
  OTEL_EXPORTER_OTLP_CERTIFICATE: setting.optionalText({
    doc: "File with the certificates (PEM) a collector over https is trusted by, when it is not a public one.",
  }),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: setting.optionalText({
    doc: "File with the certificate (PEM) this program shows the collector.",
  }),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: setting.optionalText({
    doc: "File with the key (PEM) of that certificate.",
  }),
  OTEL_SERVICE_NAME: setting.optionalText({
    doc: "service.name of every span of this process. Default: the name of the service that made the span.",
  }),
  OTEL_RESOURCE_ATTRIBUTES: setting.optionalText({
    doc: "Attributes of every span's resource: name=value, separated by commas, values percent-encoded.",
  }),
  OTEL_TRACES_SAMPLER: setting.choice(
    [
      "parentbased_always_on",
      "parentbased_always_off",
      "parentbased_traceidratio",
      "always_on",
      "always_off",
      "traceidratio",
    ],
    {
      default: "parentbased_always_on",
      doc: "Which traces are sent. parentbased: whoever began a trace has decided, and this decides where one begins.",
    },
  ),
  OTEL_TRACES_SAMPLER_ARG: setting.text({
    default: "1",
    pattern: ratio,
    shape: "a number from 0 to 1",
    doc: "Part of the traces that traceidratio keeps.",
  }),
  TRACE_SLOW_MS: setting.integer({
    default: 500,
    min: 1,
    max: 600_000,
    doc: "Milliseconds from which on a piece of work is slow: what a process did for it is kept, and sent whatever the sampler says, as is what failed.",
  }),
});

/** Where traces are sent to; undefined when none are. */
export function tracesUrl(config: ConfigOf<typeof TracingConfig>): string | undefined {
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: exact, OTEL_EXPORTER_OTLP_ENDPOINT: base } = config;
  return exact ?? (base === undefined ? undefined : `${base.replace(/\/+$/, "")}/v1/traces`);
}
