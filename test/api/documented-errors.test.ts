import assert from "node:assert/strict";
import { it } from "node:test";
import { errorKinds } from "#platform/kit/errors.ts";
import { apiEndpoints } from "../../services/gateway/api.ts";
import { errorTables } from "../../tools/generate-reference.ts";

it("every code that the API documents stands in an error table, with the status it is documented under", async () => {
  const statuses = new Map<string, number>();
  for (const { reasons } of await errorTables())
    for (const [reason, { kind }] of Object.entries(reasons)) statuses.set(reason, errorKinds[kind].http);
  const wrong = apiEndpoints().flatMap(({ id, refusals = {} }) =>
    Object.entries(refusals).flatMap(([status, codes]) =>
      codes.filter((code) => statuses.get(code) !== Number(status)).map((code) => `${id}: ${status} ${code}`),
    ),
  );
  assert.deepEqual(wrong, []);
});
