import { backupCommands } from "./backup-commands.ts";
import { json, type CommandTable } from "./command.ts";
import { wait } from "./wait.ts";

/** Every command: what may be said to it, what people are told about it, and how to load it when it is wanted. */
export const commands: CommandTable = {
  serve: {
    doc: "Runs the whole shop, one process a service, one service, or a part of the shop, until Ctrl-C or SIGTERM",
    arguments: [
      {
        name: "role",
        doc: "all (the default), split, backend, audit, or the name of one service",
        isOptional: true,
        completes: "role",
      },
    ],
    options: { quiet: { doc: "One service alone does not say when it is ready; its operations port does." } },
    examples: [
      ["serve all", "The whole shop in one process, with a PostgreSQL of its own"],
      ["serve split", "The same shop, with a process for each service"],
      ["serve cart", "One service alone, as a cluster runs it"],
      ["serve backend", "All services but the storefront in one process, on an outside database"],
    ],
    load: async () => (await import("./serve.ts")).serve,
  },
  migrate: {
    doc: "Brings every database up to date and ends",
    more: ["Safe beside a running shop, and to repeat."],
    options: {
      plan: {
        doc: "Tells what is missing, which locks it takes on which tables and about how long, and changes no table",
      },
      ...json,
      ...wait,
    },
    examples: [
      ["migrate", "Applies what is missing, and says how much that was for each service"],
      ["migrate --plan", "Tells before an upgrade what it would do to the data that is there"],
      ["migrate --wait 600", "The same, where the server may still be starting"],
    ],
    load: async () => (await import("./migrate.ts")).migrate,
  },
  seed: {
    doc: "Writes the first data (demo catalogue, first admin) and ends",
    more: ["What is there already stays as it is."],
    examples: [["seed", "Fills a new shop"]],
    load: async () => (await import("./seed.ts")).seed,
  },
  import: {
    doc: "Adds or updates products from a file, with progress",
    more: [
      "Also beside a running shop, and safe to repeat: what is so already is not written.",
      "A line that cannot be read costs that line: it is named, kept in a report, and the command ends with code 1.",
      "docs/import-export.md says which columns there are.",
    ],
    arguments: [{ name: "file", doc: "a file .csv, .json or .ndjson", completes: "file" }],
    options: {
      strict: { doc: "Stops at the first line that is wrong, and writes nothing more." },
      encoding: { doc: "What the file is written in, where that cannot be seen.", value: "name" },
      report: { doc: "Where lines that are left out go; else <file>.left-out.csv.", value: "file" },
      ...json,
    },
    examples: [
      ["import products.csv", "Takes in a table"],
      ["import products.ndjson --strict", "Stops at the first wrong line"],
      ["import old.csv --encoding windows-1251", "A table of an old program"],
    ],
    load: async () => (await import("./import.ts")).importProducts,
  },
  export: {
    doc: "Writes all products or orders to a file, or to where it is piped, with progress",
    more: [
      "Safe beside a running shop: it reads everything as it is at one moment.",
      "An import takes products back unchanged. docs/import-export.md says which columns there are.",
    ],
    arguments: [{ name: "what", doc: "products or orders", choices: ["products", "orders"] }],
    options: {
      format: {
        doc: "csv, ndjson or, of products, json; else what the file is called, else csv.",
        value: "format",
        choices: ["csv", "ndjson", "json"],
      },
      out: { doc: "The file to write; else it goes to the standard output.", value: "file" },
    },
    examples: [
      ["export products --out products.csv", "A table for a spreadsheet"],
      ["export orders --format ndjson", "Each order on a line, as the REST API shows it"],
    ],
    load: async () => (await import("./export.ts")).exportAll,
  },
  search: {
    doc: "Works on the index of the search engine",
    commands: {
      rebuild: {
        doc: "Tells the search engine of CATALOG_SEARCH of every product anew, with progress",
        more: ["Safe to repeat, and beside a running shop."],
        examples: [["search rebuild", "Fills an empty or doubtful index"]],
        load: async () => (await import("./search.ts")).rebuildSearch,
      },
    },
  },
  carts: {
    doc: "Looks after where carts are kept",
    commands: {
      move: {
        doc: "Moves the carts of a running shop from one store to the other, with progress",
        more: [
          "Safe to repeat, and beside a running shop: what was moved is not moved again, and nothing is lost when it ends halfway.",
          "The cart service has to run with CART_MOVE_FROM first; docs/operate/redis.md has all the steps.",
        ],
        options: {
          from: { doc: "Where carts are.", value: "store", choices: ["postgres", "redis"] },
          to: { doc: "Where they go.", value: "store", choices: ["postgres", "redis"] },
        },
        examples: [
          ["carts move --from postgres --to redis", "To the Redis of CART_REDIS_URL"],
          ["carts move --from redis --to postgres", "Back into the database"],
        ],
        load: async () => (await import("./carts.ts")).moveCarts,
      },
    },
  },
  check: {
    doc: "Checks every rule about money, stock and orders on the books of all services",
    more: ["Safe beside a running shop: it only reads. Ends with code 1 when a rule does not hold."],
    options: json,
    examples: [
      ["check", "One line for each rule"],
      ["check --json", "The findings for a program"],
    ],
    load: async () => (await import("./check.ts")).check,
  },
  ...backupCommands,
  rollout: {
    doc: "Rolls out a version of a service on Kubernetes step by step, judges it, and takes a bad one back",
    more: [
      "A version that fails more often than the one before, or is three times slower, is taken back within a minute; the command ends with code 1.",
      "Runs kubectl and helm; what it keeps is in the release's values, so it may be killed and said again. docs/operate/rollouts.md has all of it.",
    ],
    arguments: [
      {
        name: "service",
        doc: "a service; or status, promote or back with a service behind it",
        completes: "service",
      },
      {
        name: "which",
        doc: "the service of status (all without it), promote or back",
        isOptional: true,
        completes: "service",
      },
    ],
    options: {
      to: { doc: "The version to roll out: the tag of an image, or its digest sha256:….", value: "tag" },
      strategy: {
        doc: "The way that is expected; another one in the release's values is refused.",
        value: "strategy",
        choices: ["rolling", "blueGreen", "canary"],
      },
      pause: { doc: "Ends after each step that is judged; stoa rollout promote goes on." },
      observe: { doc: "How many seconds a step must look well (60).", value: "seconds" },
      requests: {
        doc: "How many requests the new version must have answered before a step counts (50).",
        value: "count",
      },
      "without-proof": { doc: "Goes on where too few requests come to judge by." },
      try: {
        doc: "A command of your own that tries a blue-green preview; code 0 lets it go on.",
        value: "command",
      },
      prometheus: { doc: "Judges by this Prometheus; else the pods' own /metrics are read.", value: "url" },
      release: { doc: "The helm release (stoa).", value: "name" },
      namespace: { doc: "Its namespace; else that of the context.", value: "name" },
      context: { doc: "The context of kubectl; else the current one.", value: "name" },
      chart: { doc: "A chart to use; else the one that the release was installed from.", value: "folder" },
    },
    examples: [
      ["rollout storefront --to 1.4.0", "A canary: 10 %, 50 %, 100 %"],
      ["rollout gateway --to 1.4.0 --pause", "Starts the other colour, tries it and waits"],
      ["rollout status", "How all services stand"],
      ["rollout promote gateway", "Goes on: switches the traffic, or ends the old colour"],
      ["rollout back gateway", "Gives the traffic back to the version before"],
    ],
    load: async () => (await import("./rollout.ts")).rollout,
    anySettings: true,
  },
  tasks: {
    doc: "Looks after the waiting work of services",
    commands: {
      list: {
        doc: "Shows how waiting work stands and what was given up; of one name, what waits too",
        arguments: taskWords(),
        options: json,
        examples: [
          ["tasks list", "All services"],
          ["tasks list email send-mail", "What the email service has still to send"],
        ],
        load: async () => (await import("./tasks.ts")).listAll,
      },
      retry: {
        doc: "Makes work that was given up due again",
        arguments: taskWords(),
        examples: [["tasks retry email", "Every mail that was given up is tried again"]],
        load: async () => (await import("./tasks.ts")).retryAll,
      },
    },
  },
  config: {
    doc: "Checks the settings of all services or of one, or shows them without secrets",
    arguments: [
      {
        name: "service",
        doc: "what this service alone, or the back end in one process, would read",
        isOptional: true,
        completes: "service",
      },
    ],
    options: {
      check: { doc: "Names every fault at once, and ends with code 1 when there is one." },
      print: { doc: "Shows the values in force, secrets as ***." },
      ...json,
    },
    examples: [
      ["config --check", "Whether the whole shop could start with these settings"],
      ["config --check cart", "Whether the cart service alone could"],
      ["config --print --json", "All values in force, for a program"],
    ],
    load: async () => (await import("./config.ts")).config,
    anySettings: true,
  },
  admin: {
    doc: "Looks after the people who run the shop",
    commands: {
      create: {
        doc: "Makes an admin and prints the password once",
        more: [
          "Of an address that has an account already it asks first, or refuses where nobody can answer.",
        ],
        arguments: [{ name: "email", doc: "the address that signs in" }],
        options: {
          "reset-password": {
            doc: "Makes an admin of an account that is there, with a new password, and ends its sessions.",
          },
        },
        examples: [
          ["admin create ada@example.com", "A new admin"],
          [
            "admin create ada@example.com --reset-password",
            "A way back in for someone who lost the password",
          ],
        ],
        load: async () => (await import("./admin.ts")).createAdminAccount,
      },
    },
  },
  user: {
    doc: "Looks after the accounts of customers",
    commands: {
      erase: {
        doc: "Forgets a person everywhere but where the law keeps the order",
        more: ["Safe to repeat, and beside a running shop. It cannot be undone."],
        arguments: [{ name: "email", doc: "the address of the person" }],
        examples: [["user erase ada@example.com", "Forgets Ada"]],
        load: async () => (await import("./user.ts")).eraseUser,
      },
    },
  },
  databases: {
    doc: "Looks after the databases of a server that others may not change",
    commands: {
      make: {
        doc: "Makes the databases and roles that the services' URLs name, and readers for the audit",
        more: [
          "DATABASE_URL names an account that may; <SERVICE>_DATABASE_URL and AUDIT_<SERVICE>_DATABASE_URL say what is made.",
          "Safe beside a running shop, and to repeat.",
        ],
        options: wait,
        examples: [
          ["databases make", "What compose.yaml does before any service starts"],
          ["databases make --wait 600", "The same, where the server may still be starting"],
        ],
        load: async () => (await import("./databases.ts")).makeDatabases,
      },
    },
  },
  secrets: {
    doc: "Looks after the secrets of a shop that runs in containers",
    commands: {
      make: {
        doc: "Makes a random secret for everything that needs one, in files or as Secrets of a cluster",
        more: [
          "What is there already stays as it is. Read with NAME_FILE settings, such as SERVICE_KEY_FILE.",
        ],
        arguments: [
          {
            name: "folder",
            doc: "where the files go, such as ./secrets",
            isOptional: true,
            completes: "folder",
          },
        ],
        options: clusterOptions(),
        examples: [
          ["secrets make ./secrets", "What compose.yaml reads"],
          ["secrets make --kubernetes", "In a pod of a cluster: what its shop reads"],
        ],
        load: async () => (await import("./secrets.ts")).makeSecrets,
        anySettings: true,
      },
    },
  },
  manifests: {
    doc: "Prints the objects of a shop on Kubernetes, without Helm",
    more: [
      "The same objects as the chart in deploy/helm/stoa makes of the same values. Nothing is read from a cluster or changed in one.",
      "What only the chart knows (a mesh, certificates, a Gateway) is refused with a sentence.",
    ],
    options: {
      profile: { doc: "A profile of the chart: s0 to s4, dev or prod.", value: "name" },
      values: { doc: "A file with further values, over those of the profile.", value: "file" },
      namespace: {
        doc: "Where the objects stand unless the values say it; ecommerce without it.",
        value: "name",
      },
      release: { doc: "What the release is called; stoa without it.", value: "name" },
    },
    examples: [
      ["manifests --profile s1", "Three tiers: pages, one back end, one database"],
      [
        "manifests --profile dev --namespace shop | kubectl apply -f -",
        "A small shop in a namespace that is there",
      ],
    ],
    load: async () => (await import("./manifests.ts")).manifests,
    anySettings: true,
  },
  new: {
    doc: "Makes a project of your own: a shop file, an example extension, a theme",
    more: ["It touches no file that is there."],
    arguments: [{ name: "folder", doc: "the folder to make, which names the shop too", completes: "folder" }],
    examples: [["new my-shop", "A project in ./my-shop"]],
    load: async () => (await import("./new.ts")).newShop,
    anySettings: true,
  },
  completion: {
    doc: "Prints what lets a shell complete these commands",
    arguments: [{ name: "shell", doc: "the shell to complete in", choices: ["bash", "zsh", "fish"] }],
    examples: [
      ["completion bash > ~/.local/share/bash-completion/completions/stoa", "For bash"],
      ['completion zsh > "${fpath[1]}/_stoa"', "For zsh"],
      ["completion fish > ~/.config/fish/completions/stoa.fish", "For fish"],
    ],
    load: async () => (await import("./completion.ts")).completion,
    anySettings: true,
  },
};

/** The chart says these; each is what the chart's own parts are called. */
function clusterOptions() {
  return {
    kubernetes: { doc: "Makes Secrets in the namespace of the pod that this runs in, in place of files." },
    only: {
      doc: "Which, of keys, postgres, databases, redis, rabbitmq, admin and api-keys; else all.",
      value: "list",
    },
    postgres: { doc: "Where PostgreSQL is; else postgres-service:5432.", value: "host:port" },
    "postgres-user": { doc: "Its account that may make databases; else postgres.", value: "name" },
    "postgres-database": { doc: "The database that account enters; else postgres.", value: "name" },
    "postgres-secret": {
      doc: "The Secret with that account's password, where somebody else made it; else stoa-postgres.",
      value: "name",
    },
    redis: { doc: "Where Redis is; else redis:6379.", value: "host:port" },
    rabbitmq: { doc: "Where RabbitMQ is; else rabbitmq:5672.", value: "host:port" },
    "admin-email": {
      doc: "Whom the first admin's password is for; else admin@example.com.",
      value: "address",
    },
    labels: { doc: "What the Secrets are marked with.", value: "name=value,…" },
  } as const;
}

function taskWords() {
  return [
    { name: "service", doc: "only its work", isOptional: true, completes: "service" },
    { name: "name", doc: "only work of this name", isOptional: true },
    { name: "key", doc: "only the work with this key", isOptional: true },
  ] as const;
}
