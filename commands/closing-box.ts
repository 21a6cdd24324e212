// What whoever started the shop reads last: where everything is, and how to sign in.
import type { Told } from "#platform/kit/service.ts";
import type { Paint } from "./paint.ts";

export interface OpenedShop {
  /** Scheme, host and port of its pages. */
  readonly origin: string;
  readonly grpc: string;
  readonly told: readonly Told[];
  readonly paint: Paint;
  /** Whether /metrics answers at the origin. */
  readonly hasMetrics: boolean;
}

/** The lines of the box. */
export function closingBox({ origin, grpc, told, paint, hasMetrics }: OpenedShop): string[] {
  const metrics = hasMetrics ? `  ${origin}/metrics` : "";
  const rows: Told[] = [
    { name: "storefront", value: `${origin}/` },
    { name: "admin", value: `${origin}/admin` },
    ...(told.length > 0 ? told : [{ name: "admin's email", value: "none yet: stoa admin create <email>" }]),
    { name: "REST API", value: `${origin}/api   (reference: ${origin}/docs)` },
    { name: "gRPC", value: grpc },
    { name: "health", value: `${origin}/health  ${origin}/ready${metrics}` },
  ];
  return [
    "",
    `  ${paint("bold", "The shop is open.")}`,
    ...rows.map(({ name, value }) => `    ${name.padEnd(13)}  ${value}`),
    "  Ctrl-C ends it cleanly.",
    "",
  ];
}
