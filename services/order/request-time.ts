import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import { invalid } from "#platform/kit/errors.ts";

/** From the year 1 to 9999, as the contract of timestamps has it. */
const secondsMin = -62_135_596_800n;
const secondsMax = 253_402_300_799n;

export function dateOf(path: string, timestamp: Timestamp | undefined): Date | undefined {
  if (!timestamp) return undefined;
  const { seconds, nanos } = timestamp;
  if (seconds < secondsMin || seconds > secondsMax || nanos < 0 || nanos > 999_999_999)
    throw invalid([{ path, message: "must be a time in the years 1 to 9999" }]);
  return timestampDate(timestamp);
}
