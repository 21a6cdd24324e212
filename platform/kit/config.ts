// Settings: declared once with type, default and sentence; read once; every fault reported at once; secrets never print.

/** A value that must not be seen: it prints as *** everywhere; `reveal()` is the one way to it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return "***";
  }
  toJSON(): string {
    return "***";
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "***";
  }
}

/** One declared setting. `T` is the type it has once it is read. */
export interface Setting<T> {
  readonly doc: string;
  readonly type: string;
  readonly defaultText: string | undefined;
  readonly aliases: readonly string[];
  /** Throws an Error whose message completes "NAME …". */
  read(text: string | undefined): T;
}

export type Settings = { readonly [name: string]: Setting<unknown> };
export type ConfigOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

interface Options<T> {
  readonly default?: T;
  readonly doc: string;
  /** Other names that are accepted, in order, when the first is not set. */
  readonly aliases?: readonly string[];
}

/** Values of the example files and seeds of this field that must never guard anything real. */
const exampleSecrets = new Set([
  "changeme123",
  "changeme",
  "redis123",
  "password",
  "secret",
  "admin",
  "example",
  "your-secret-key",
]);

/** The kinds of settings there are. */
export const setting = {
  /** `check` throws a ConfigError of its own sentences where a pattern says too little. */
  text(
    options: Options<string> & { pattern?: RegExp; shape?: string; check?: (text: string) => void },
  ): Setting<string> {
    return declare("text", options, options.default, (text) => {
      if (options.pattern && !options.pattern.test(text))
        throw new Error(`must be ${options.shape ?? String(options.pattern)}`);
      options.check?.(text);
      return text;
    });
  },
  optionalText(options: { doc: string; aliases?: readonly string[] }): Setting<string | undefined> {
    return {
      ...declare("text", options, "", (text) => text),
      read: (text) => (text === "" ? undefined : text),
    };
  },
  integer(options: Options<number> & { min?: number; max?: number }): Setting<number> {
    const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
    return declare("integer", options, options.default?.toString(), (text) => {
      const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      if (!(value >= min && value <= max)) throw new Error(`must be a whole number from ${min} to ${max}`);
      return value;
    });
  },
  port(options: Options<number>): Setting<number> {
    return { ...setting.integer({ ...options, min: 0, max: 65535 }), type: "port" };
  },
  flag(options: Options<boolean>): Setting<boolean> {
    return declare("true|false", options, options.default?.toString(), (text) => {
      if (/^(true|1|on|yes)$/i.test(text)) return true;
      if (/^(false|0|off|no)$/i.test(text)) return false;
      throw new Error("must be true or false");
    });
  },
  choice<const T extends string>(values: readonly T[], options: Options<T>): Setting<T> {
    return declare(values.join("|"), options, options.default, (text) => {
      const value = values.find((candidate) => candidate === text);
      if (value === undefined) throw new Error(`must be one of ${values.join(", ")}`);
      return value;
    });
  },
  url(options: Options<string> & { schemes: readonly string[] }): Setting<string> {
    return declare("url", options, options.default, (text) => checkedUrl(text, options.schemes));
  },
  optionalUrl(options: {
    doc: string;
    schemes: readonly string[];
    aliases?: readonly string[];
  }): Setting<string | undefined> {
    const base = declare("url", options, "", (text) => checkedUrl(text, options.schemes));
    return {
      ...base,
      read: (text) => (text === undefined || text === "" ? undefined : checkedUrl(text, options.schemes)),
    };
  },
  optionalChoice<const T extends string>(
    values: readonly T[],
    options: { doc: string; aliases?: readonly string[] },
  ): Setting<T | undefined> {
    const choice = setting.choice(values, options);
    return { ...choice, defaultText: "", read: (text) => (text ? choice.read(text) : undefined) };
  },
  /** Text that never shows. What it may be is for its user to decide. */
  hiddenText(options: { doc: string; aliases?: readonly string[] }): Setting<Secret | undefined> {
    return {
      ...declare("secret", options, "", (text) => text),
      read: (text) => (text === undefined || text === "" ? undefined : new Secret(text)),
    };
  },
  /** A secret that may be absent. Example values of the field are refused. */
  optionalSecret(options: { doc: string; aliases?: readonly string[] }): Setting<Secret | undefined> {
    return {
      ...declare("secret", options, "", (text) => text),
      read: (text) => (text === undefined || text === "" ? undefined : checkedSecret(text)),
    };
  },
};

/** Where settings come from: the environment of the process, or a plain object in tests. */
export type Environment = { readonly [name: string]: string | undefined };

/** Raised by readConfig with one line for each fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The settings are not usable:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** Reads all settings at once and freezes them. Throws one ConfigError that names every fault; values of secrets never show. */
export function readConfig<S extends Settings>(settings: S, environment: Environment): ConfigOf<S> {
  const faults: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, declared] of Object.entries(settings)) {
    const source = [name, ...declared.aliases].find((candidate) => isSaid(declared, environment[candidate]));
    try {
      config[name] = declared.read(source === undefined ? declared.defaultText : environment[source]);
    } catch (error) {
      if (error instanceof ConfigError) faults.push(...error.faults);
      else
        faults.push(
          `${source ?? name} ${error instanceof Error ? error.message : String(error)}. ${declared.doc}`,
        );
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config) as ConfigOf<S>;
}

/** The value that Kubernetes gives to <SERVICE>_PORT for every Service: never a number, so never meant for us. */
export function isInjectedPort(value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value);
}

function isSaid({ type }: Setting<unknown>, text: string | undefined): boolean {
  return text !== undefined && text !== "" && !(type === "port" && isInjectedPort(text));
}

/** A setting's value as people may see it: secrets and the passwords in URLs as ***. */
export function printableSetting(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value !== "string") return value instanceof Secret ? value.toString() : JSON.stringify(value);
  const hasNoPassword = URL.parse(value)?.password === "";
  return hasNoPassword ? value : value.replace(/^([a-z][a-z+.-]*:\/\/[^:@/?#]*):[^@]*@/i, "$1:***@");
}

/** Identity; it exists so that TypeScript keeps each setting's type. */
export function defineConfig<S extends Settings>(settings: S): S {
  return settings;
}

/** True for the well-known example passwords; starting with one outside embedded mode is refused. */
export function isExampleSecret(value: string): boolean {
  return exampleSecrets.has(value.toLowerCase());
}

function declare<T>(
  type: string,
  options: Omit<Options<unknown>, "default">,
  fallback: string | undefined,
  parse: (text: string) => T,
): Setting<T> {
  return {
    doc: options.doc,
    type,
    defaultText: fallback,
    aliases: options.aliases ?? [],
    read: (text) => {
      if (text === undefined) throw new Error("is required");
      return parse(text);
    },
  };
}

function checkedUrl(text: string, schemes: readonly string[]): string {
  const url = URL.parse(text);
  if (!url || !schemes.includes(url.protocol.replace(":", "")))
    throw new Error(`must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`);
  return text;
}

function checkedSecret(text: string): Secret {
  if (isExampleSecret(text))
    throw new Error("is an example value that anyone can look up; choose a secret of your own");
  return new Secret(text);
}
