// deploy/terraform as it is written: who reaches whom, what is encrypted, who may do what. Each rule is seen to find a fault that is planted.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { parse as parseYaml } from "yaml";
import {
  bodyOf,
  firstOf,
  moduleAt,
  readConfiguration,
  terraformFolder,
  textOf,
  type Configuration,
} from "./configuration.ts";
import { openings } from "./reachability.ts";
import {
  argumentsFit,
  callsFit,
  everythingIsTagged,
  referencesResolve,
  statesAreKept,
  type Rule,
} from "./rules.ts";
import { rightsAreNarrow, secretsStandNowhere, storesAreSafe } from "./rules-of-safety.ts";

const read = (path: string) => readFileSync(join(terraformFolder, path), "utf8");
let shop: Configuration;
before(async () => {
  shop = await readConfiguration();
});

/** The configuration with one text of one file replaced by another. */
const planted = async (path: string, from: string, to: string) => {
  let isThere = false;
  const changed = await readConfiguration((file, text) => {
    if (file !== path || !text.includes(from)) return text;
    isThere = true;
    return text.replace(from, to);
  });
  ok(isThere, `"${from}" is in ${path}`);
  return changed;
};

type Plant = readonly [path: string, from: string, to: string, found: RegExp];
const rules: readonly (readonly [sentence: string, rule: Rule, plants: readonly Plant[]])[] = [
  [
    "every name that an expression uses is there",
    referencesResolve,
    [
      [
        "modules/network/main.tf",
        "vpc_id = aws_vpc.shop.id",
        "vpc_id = aws_vpc.other.id",
        /aws_vpc\.other, which is not there/,
      ],
      ["modules/shop/main.tf", "var.domain", "var.domian", /var\.domian/],
      ["modules/shop/main.tf", "module.network.vpc_id", "module.network.vpc", /module\.network\.vpc,/],
      ["modules/waf/main.tf", "local.managed", "local.manged", /local\.manged/],
    ],
  ],
  [
    "modules get what they want, and nothing else",
    callsFit,
    [
      [
        "modules/shop/main.tf",
        "  nat          = var.nat\n",
        "",
        /nobody uses the variable nat|does not pass/,
      ],
      [
        "modules/shop/main.tf",
        "  key_arn      = module",
        "  keys_arn     = module",
        /passes keys_arn to registry/,
      ],
      ["modules/network/variables.tf", "  default     = 90\n", "", /does not pass flow_log_days to network/],
      [
        "modules/cache/variables.tf",
        '  description = "The VPC."\n',
        "",
        /vpc_id has no type or no description/,
      ],
    ],
  ],
  [
    "arguments are the provider's",
    argumentsFit,
    [
      ["modules/databases/main.tf", "multi_az ", "multi_zone ", /there is no argument multi_zone/],
      [
        "modules/databases/main.tf",
        'storage_type          = "gp3"',
        'address = "x"',
        /address cannot be set/,
      ],
      [
        "modules/network/main.tf",
        '  vpc_id = aws_vpc.shop.id\n\n  tags = { Name = "${var.name}-public" }',
        "  tags = {}",
        /vpc_id is missing/,
      ],
      [
        "modules/edge/cdn.tf",
        "    custom_origin_config {",
        "    custom_origin {",
        /there is no argument custom_origin/,
      ],
    ],
  ],
  [
    "everything has its tags (S4-139)",
    everythingIsTagged,
    [
      ["environments/dev/main.tf", "    cost-center = var.cost_center\n", "", /environments\/dev/],
      ["modules/cluster/nodes.tf", "merge(var.tags, ", "merge({}, ", /makes machines without tags/],
      [
        "modules/ecs/main.tf",
        'propagate_tags                     = "SERVICE"\n',
        "",
        /makes tasks without tags/,
      ],
    ],
  ],
  [
    "states are encrypted and locked, and providers are one version",
    statesAreKept,
    [
      [
        "environments/prod/versions.tf",
        "use_lockfile = true",
        "use_lockfile = false",
        /not encrypted and locked/,
      ],
      ["environments/prod/versions.tf", 'version = "6.66.0"', 'version = ">= 6"', /does not pin aws/],
      ["modules/waf/versions.tf", "~> 6.66", ">= 5", /any version/],
    ],
  ],
  [
    "what keeps or carries data is encrypted, and no database is public (S4-80, S4-86, S4-115..117, S4-124, S4-125)",
    storesAreSafe,
    [
      [
        "modules/databases/main.tf",
        "publicly_accessible    = false",
        "publicly_accessible    = true",
        /primary is public/,
      ],
      ["modules/databases/main.tf", "  storage_encrypted     = true\n", "", /primary is not encrypted/],
      ["modules/databases/main.tf", 'value = "1"', 'value = "0"', /without TLS/],
      ["modules/cache/main.tf", '"required"', '"preferred"', /speaks without TLS/],
      ["modules/registry/main.tf", '"IMMUTABLE"', '"MUTABLE"', /lets a tag change/],
      ["modules/edge/main.tf", '"HTTPS"', '"HTTP"', /speaks without TLS/],
      [
        "modules/edge/logs.tf",
        "  block_public_acls       = true",
        "  block_public_acls       = false",
        /lets the public in/,
      ],
      [
        "modules/cluster/nodes.tf",
        'http_tokens                 = "required"',
        'http_tokens                 = "optional"',
        /rights of the node/,
      ],
    ],
  ],
  [
    "no secret stands in a file or in the state (S4-92, S4-127, S1-51, C39)",
    secretsStandNowhere,
    [
      [
        "modules/databases/main.tf",
        "password_wo         =",
        "password            =",
        /password stands in the state/,
      ],
      [
        "modules/secrets/main.tf",
        'ephemeral "random_password" "lasting"',
        'resource "random_password" "lasting"',
        /keeps a secret in the state/,
      ],
      [
        "modules/cache/main.tf",
        'jsondecode(ephemeral.aws_secretsmanager_secret_version.redis.secret_string)["password"]',
        '"tideline"',
        /is written in the file/,
      ],
      [
        "modules/secrets/main.tf",
        "  description             = each.value",
        '  description             = ephemeral.random_password.lasting["service-key"].result',
        /takes a secret into the state/,
      ],
    ],
  ],
  [
    "rights are narrow (S0-70)",
    rightsAreNarrow,
    [
      ["modules/ecs/access.tf", '["kms:Decrypt"]', '["kms:*"]', /every action/],
      [
        "modules/cluster/roles.tf",
        "resources = var.secret_arns",
        'resources = ["*"]',
        /Read: an action is allowed on everything/,
      ],
      ["modules/edge/logs.tf", 'effect    = "Deny"', 'effect    = "Allow"', /EncryptedOnly/],
    ],
  ],
];

for (const [sentence, rule, plants] of rules)
  describe(sentence, () => {
    test("in all modules", () => deepStrictEqual(rule(shop), []));
    for (const [path, from, to, found] of plants)
      test(`a fault in ${path} is found: ${from.trim().slice(0, 60)}`, async () => {
        match(rule(await planted(path, from, to)).join("\n"), found);
      });
  });

describe("who may open which port to whom (S4-01, S4-79, S4-81, S4-86, S4-115, S1-53, S1-54)", () => {
  const loadBalancer = "edge/aws_security_group.load_balancer";
  const [nodes, tasks] = ["cluster/aws_eks_cluster.shop", "ecs/aws_security_group.each"];
  const [database, cache] = ["databases/aws_security_group.database", "cache/aws_security_group.cache"];
  const expected = [
    `internet → ${loadBalancer} 443`,
    `cloudfront → ${loadBalancer} 443`,
    // The gateway and the storefront.
    `${loadBalancer} → ${nodes} 3000`,
    `${loadBalancer} → ${nodes} 8080`,
    `${loadBalancer} → ${tasks} local.ports[each.key]`,
    // The arrows of deploy/services.json.
    `${tasks} → ${tasks} each.value.port`,
    `${nodes} → ${database} 5432`,
    `${tasks} → ${database} 5432`,
    `${nodes} → ${cache} 6379`,
    `${tasks} → ${cache} 6379`,
    "network/aws_subnet.private → network/aws_security_group.endpoints 443",
  ].sort();

  test("is this and nothing else", () => deepStrictEqual(openings(shop, "ingress"), expected));

  test("a port that is opened to the internet is found", async () => {
    const changed = await planted(
      "modules/databases/main.tf",
      "referenced_security_group_id = each.value",
      'cidr_ipv4 = "0.0.0.0/0"',
    );
    ok(openings(changed, "ingress").includes(`internet → ${database} 5432`));
  });

  test("rules stand alone: none is inside of a group, where others cannot see it", () => {
    for (const { blocks } of shop.values())
      for (const { type, address, body } of blocks)
        if (/^aws_(default_)?security_group$/.test(type)) ok(!body["ingress"] && !body["egress"], address);
  });

  test("tasks reach the internet only by HTTPS and mail", () => {
    const outside = openings(shop, "egress").filter((line) => line.includes("→ internet"));
    deepStrictEqual(
      outside,
      ["443", "465", "587"].map((port) => `${tasks} → internet ${port}`),
    );
  });

  test("the database subnets lead nowhere", () => {
    const routes = moduleAt(shop, "modules/network").blocks.filter(({ type }) => type === "aws_route");
    for (const { body } of routes) ok(!textOf(body["route_table_id"]).includes("aws_route_table.database"));
  });
});

describe("the picture of the fifth seed", () => {
  const blockOf = (folder: string, address: string) => {
    const block = moduleAt(shop, folder).blocks.find((one) => one.address === address);
    ok(block, `${folder}: ${address}`);
    return block.body;
  };
  const valueIn = (environment: string, name: string) =>
    moduleAt(shop, `environments/${environment}`).calls.get("shop")?.[name];

  test("a VPC 10.0.0.0/16 with public, private and database subnets in several zones (S4-78, S4-79, S4-81, S4-86)", () => {
    strictEqual(moduleAt(shop, "modules/network").variables.get("cidr")?.["default"], "10.0.0.0/16");
    for (const kind of ["public", "private", "database"])
      strictEqual(blockOf("modules/network", `aws_subnet.${kind}`)["for_each"], "${local.zone_numbers}");
    strictEqual(valueIn("prod", "zones"), 3);
  });

  test("the gateway has three tasks; user, product and order two to five (S4-82..85)", () => {
    const sizes = bodyOf(moduleAt(shop, "modules/shop").variables.get("task_sizes")?.["default"]);
    strictEqual(bodyOf(sizes["gateway"])["min"], 3);
    for (const service of ["user", "catalog", "order"])
      deepStrictEqual(sizes[service], { min: 2, max: 5 }, service);
    strictEqual(valueIn("prod", "task_sizes"), undefined);
  });

  test("production has PostgreSQL 15 or newer in two zones, backups and a replica (S4-86, S4-88, S4-89, S4-105, S1-81, S1-111)", () => {
    const database = bodyOf(valueIn("prod", "database"));
    deepStrictEqual([database["multi_az"], database["replicas"], database["backup_days"]], [true, 1, 30]);
    ok(Number(moduleAt(shop, "modules/databases").variables.get("postgres_major")?.["default"]) >= 15);
    strictEqual(valueIn("prod", "is_protected"), true);
  });

  test("a database for each service, users_db, products_db and orders_db among them (S4-87)", () => {
    match(
      read("modules/shop/main.tf"),
      /databases = \{ for service in local\.facts\.services : service\.name => service\.database/,
    );
    const { services } = JSON.parse(readFileSync(join(terraformFolder, "../services.json"), "utf8")) as {
      readonly services: readonly { readonly database: string | null }[];
    };
    for (const name of ["users_db", "products_db", "orders_db"])
      ok(
        services.some(({ database }) => database === name),
        name,
      );
  });

  test("a firewall with a rate rule before the load balancer and the CDN, Shield by value (S4-115)", () => {
    ok(blockOf("modules/edge", "aws_wafv2_web_acl_association.load_balancer"));
    match(read("modules/waf/main.tf"), /rate_based_statement/);
    strictEqual(
      blockOf("modules/edge", "aws_cloudfront_distribution.shop")["web_acl_id"],
      "${module.cdn_waf[0].arn}",
    );
    strictEqual(
      blockOf("modules/edge", "aws_shield_protection.load_balancer")["count"],
      "${var.shield_advanced ? 1 : 0}",
    );
  });

  test("registry, logs, secrets, keys, names and CDN (S4-90..95)", () => {
    for (const [folder, address] of [
      ["modules/registry", "aws_ecr_repository.image"],
      ["modules/ecs", "aws_cloudwatch_log_group.each"],
      ["modules/observability", "aws_cloudwatch_metric_alarm.each"],
      ["modules/secrets", "aws_secretsmanager_secret.shop"],
      ["modules/keys", "aws_kms_key.data"],
      ["modules/edge", "aws_route53_record.shop"],
      ["modules/edge", "aws_cloudfront_distribution.shop"],
      ["modules/edge", "aws_acm_certificate.shop"],
    ] as const)
      ok(blockOf(folder, address));
  });

  test("viewers need TLS 1.3, and the origin is asked over TLS alone (S4-116)", () => {
    const cdn = blockOf("modules/edge", "aws_cloudfront_distribution.shop");
    strictEqual(firstOf(cdn["viewer_certificate"])["minimum_protocol_version"], "TLSv1.3_2025");
    strictEqual(
      firstOf(firstOf(cdn["origin"])["custom_origin_config"])["origin_protocol_policy"],
      "https-only",
    );
  });

  test("spot machines for what may be interrupted, and nodes that come and go (S1-117, S1-118)", () => {
    strictEqual(blockOf("modules/cluster", "aws_eks_node_group.spot")["capacity_type"], "SPOT");
    ok(blockOf("modules/cluster", "data.aws_iam_policy_document.autoscaler"));
    ok(blockOf("modules/cluster", "data.aws_iam_policy_document.karpenter"));
  });

  test("costs are counted by environment and told before they are too high (S4-139)", () => {
    ok(blockOf("modules/budget", "aws_budgets_budget.month"));
    match(read("modules/observability/main.tf"), /EstimatedCharges/);
  });
});

describe("what Terraform hands to the chart", () => {
  const chart = join(terraformFolder, "../helm/stoa");
  /** As far as values of the chart are named one by one; what is a list or free there has no names of its own. */
  const pathsOf = (value: unknown, known: unknown, path = ""): string[] => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
    const names = typeof known === "object" && known !== null && !Array.isArray(known) ? known : {};
    if (Object.keys(names).length === 0) return [path];
    return Object.entries(value).flatMap(([name, inner]) =>
      name in names
        ? pathsOf(inner, (names as Record<string, unknown>)[name], `${path}.${name}`)
        : [`${path}.${name} is no value of the chart`],
    );
  };

  test("are values that the chart has", () => {
    const values = parseYaml(readFileSync(join(chart, "values.yaml"), "utf8")) as {
      readonly defaults: object;
      readonly services: Record<string, object>;
    };
    for (const [name, own] of Object.entries(values.services))
      values.services[name] = { ...values.defaults, ...own };
    const handed = moduleAt(shop, "modules/shop").locals.get("values");
    const paths = pathsOf(handed, values);
    deepStrictEqual(
      paths.filter((path) => path.endsWith("of the chart")),
      [],
    );
    ok(paths.length > 20, "they are read");
    ok(
      pathsOf({ shop: { adress: "" } }, values)
        .join()
        .endsWith("of the chart"),
      "a misspelt one is found",
    );
  });

  test("are secrets by their names in Secrets Manager, with the keys that the chart reads (S4-104)", () => {
    const secrets = read("modules/secrets/main.tf");
    for (const key of [
      "service-key",
      "database-url",
      "-database-url",
      "POSTGRES_USER",
      "POSTGRES_PASSWORD",
      "POSTGRES_DB",
    ])
      ok(secrets.includes(key), key);
    for (const key of ["PRODUCT_API_KEY", "ORDER_API_KEY", "PAYMENT_API_KEY"]) ok(secrets.includes(key), key);
  });
});
