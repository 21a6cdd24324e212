// The last look at the rules that always hold, asked of the process that looks: counts alone, so that nobody has to prove who asks.
import { HttpPool, readBody } from "#platform/http/http-pool.ts";
import type { CheckedRules } from "./checked-rules.ts";

/** Where the process that looks answers, on its operations port. */
export const checkedRulesPath = "/invariants";

/** Undefined where it does not answer in time, or has not come to the end of a look yet. */
export async function readAuditElsewhere(
  address: string,
  timeoutMs: number,
): Promise<CheckedRules | undefined> {
  const pool = new HttpPool({ url: `http://${address}`, tls: undefined, connectionsMax: 1 });
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await pool.request({ method: "GET", path: checkedRulesPath, signal });
    const body = await readBody(answer);
    return answer.statusCode === 200 ? (JSON.parse(body.toString()) as CheckedRules) : undefined;
  } catch {
    return undefined;
  } finally {
    pool.close();
  }
}
