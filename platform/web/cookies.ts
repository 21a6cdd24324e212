/** Cookies of one request and those its answer sets; all are for servers only (`HttpOnly`) and for this site (`SameSite=Lax`). */
export class Cookies {
  readonly #received: ReadonlyMap<string, string>;
  readonly #set = new Map<string, string>();
  readonly #isSecure: boolean;

  constructor(header: string | undefined, isSecure: boolean) {
    this.#received = parseCookies(header ?? "");
    this.#isSecure = isSecure;
  }

  get(name: string): string | undefined {
    return this.#received.get(name);
  }

  set(name: string, value: string, { maxAgeSeconds = cookieSeconds, path = "/" }: CookieOptions = {}): void {
    const attributes = `Max-Age=${maxAgeSeconds}; Path=${path}; HttpOnly; SameSite=Lax${this.#isSecure ? "; Secure" : ""}`;
    this.#set.set(`${name};${path}`, `${name}=${encodeURIComponent(value)}; ${attributes}`);
  }

  expire(name: string, path = "/"): void {
    this.set(name, "", { maxAgeSeconds: 0, path });
  }

  expireAll(): void {
    for (const name of this.#received.keys()) this.expire(name);
  }

  /** One Set-Cookie line each. */
  lines(): string[] {
    return [...this.#set.values()];
  }
}

/** How long a cookie lives and where it is sent: two days and the whole origin, unless said otherwise. */
export interface CookieOptions {
  readonly maxAgeSeconds?: number;
  readonly path?: string;
}

/** Two days. */
export const cookieSeconds = 172_800;

/** A name that could break a Set-Cookie line is passed over; of two equal names the first counts. */
function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(0, at)).trim();
    if (!/^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name) || cookies.has(name)) continue;
    cookies.set(
      name,
      decoded(
        pair
          .slice(at + 1)
          .trim()
          .replace(/^"(.*)"$/, "$1"),
      ),
    );
  }
  return cookies;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
