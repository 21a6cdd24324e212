import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { appError, isReason } from "#platform/kit/errors.ts";
import { RedisUrl } from "#platform/redis/redis-url.ts";
import { openSharedStore } from "#platform/redis/replica-store.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { skipWithout } from "#platform/testing/outside-program.ts";
import { startTestRedis } from "#platform/testing/redis.ts";
import { GuessLimit } from "./guess-limit.ts";

const skip = skipWithout("redis-server", "redis-cli");

test(
  "passwords that are guessed at several replicas count together, and right ones cost nothing",
  { skip },
  async () => {
    const server = await startTestRedis();
    const replica = async () => {
      const url = new RedisUrl(server.url);
      const store = await openSharedStore({ url, connections: 1, clock: systemClock, log: silentLog });
      after(async () => await store.close());
      return new GuessLimit(systemClock, { perMinuteMax: 30, perHourMax: 6 }, store);
    };
    const replicas = [await replica(), await replica(), await replica()];
    const guess = async (index: number, isRight: boolean) =>
      await replicas[index % 3]?.attempt(
        { address: "192.0.2.1", account: "ada@example.com" },
        async () => {
          if (!isRight) await Promise.reject(appError("unauthenticated", "CREDENTIALS_INVALID"));
        },
        (error) => isReason(error, "CREDENTIALS_INVALID"),
      );
    for (let index = 0; index < 9; index += 1) await guess(index, true);
    for (let index = 0; index < 6; index += 1)
      await assert.rejects(guess(index, false), { reason: "CREDENTIALS_INVALID" });
    for (let index = 0; index < 3; index += 1)
      await assert.rejects(guess(index, true), { reason: "RATE_LIMITED" });
  },
);
