/** Kubernetes' quantities as numbers. */

const powers: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Bytes: `128Mi` is 134217728. */
export function bytesOf(quantity: string | number): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)([kMGT]i?|Ki)?$/.exec(String(quantity)) ?? [];
  const power = powers[unit];
  if (number === "" || power === undefined) throw new Error(`${quantity} is no quantity of bytes.`);
  return Number(number) * power;
}

/** Processors: `100m` is 0.1. */
export function coresOf(quantity: string | number): number {
  const [, number = "", milli] = /^(\d+(?:\.\d+)?)(m)?$/.exec(String(quantity)) ?? [];
  if (number === "") throw new Error(`${quantity} is no quantity of processors.`);
  return milli ? Number(number) / 1000 : Number(number);
}
