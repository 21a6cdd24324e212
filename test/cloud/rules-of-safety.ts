// Encryption, secrets and rights.
import {
  bodyOf,
  firstOf,
  listOf,
  textOf,
  referencesIn,
  type Block,
  type Body,
  type Configuration,
  type Json,
} from "./configuration.ts";
import { where, type Rule } from "./rules.ts";

type Wish = readonly [
  sentence: string,
  holds: (body: Body, block: Block, configuration: Configuration) => boolean,
];
const is = (name: string, value: Json) => (body: Body) => body[name] === value;
const has = (name: string) => (body: Body) => body[name] !== undefined && body[name] !== "";
const isReplica = (body: Body) => body["replicate_source_db"] !== undefined;

/** What each kind of store has to say of itself. */
const wishes: Readonly<Record<string, readonly Wish[]>> = {
  aws_db_instance: [
    ["is not encrypted", is("storage_encrypted", true)],
    ["has no key of ours", (body) => isReplica(body) || has("kms_key_id")(body)],
    ["is public", is("publicly_accessible", false)],
    ["has no security group of ours", has("vpc_security_group_ids")],
    ["takes connections without TLS", has("parameter_group_name")],
    ["has no backups", (body) => isReplica(body) || has("backup_retention_period")(body)],
    ["is outside of the database subnets", (body) => isReplica(body) || has("db_subnet_group_name")(body)],
  ],
  aws_db_parameter_group: [
    [
      "takes connections without TLS",
      (body) =>
        listOf(body["parameter"]).some(
          (one) => bodyOf(one)["name"] === "rds.force_ssl" && bodyOf(one)["value"] === "1",
        ),
    ],
  ],
  aws_elasticache_replication_group: [
    ["is not encrypted", is("at_rest_encryption_enabled", true)],
    [
      "speaks without TLS",
      (body) => body["transit_encryption_enabled"] === true && body["transit_encryption_mode"] === "required",
    ],
    ["has no key of ours", has("kms_key_id")],
    ["has no password", has("auth_token_wo")],
    ["is outside of the database subnets", has("subnet_group_name")],
  ],
  aws_ecr_repository: [
    ["lets a tag change what it names", is("image_tag_mutability", "IMMUTABLE")],
    ["is not scanned", (body) => firstOf(body["image_scanning_configuration"])["scan_on_push"] === true],
    ["has no key of ours", (body) => has("kms_key")(firstOf(body["encryption_configuration"]))],
  ],
  aws_cloudwatch_log_group: [
    ["has no key of ours", has("kms_key_id")],
    ["keeps logs for ever", has("retention_in_days")],
  ],
  aws_secretsmanager_secret: [["has no key of ours", has("kms_key_id")]],
  aws_sns_topic: [["has no key of ours", has("kms_master_key_id")]],
  aws_sqs_queue: [["is not encrypted", is("sqs_managed_sse_enabled", true)]],
  aws_kms_key: [["does not rotate", is("enable_key_rotation", true)]],
  aws_launch_template: [
    [
      "has disks that are not encrypted",
      (body) => firstOf(firstOf(body["block_device_mappings"])["ebs"])["encrypted"] === true,
    ],
    [
      "lets pods ask for the rights of the node",
      (body) => firstOf(body["metadata_options"])["http_tokens"] === "required",
    ],
  ],
  aws_eks_cluster: [
    [
      "keeps Secrets unsealed",
      (body) => listOf(firstOf(body["encryption_config"])["resources"]).includes("secrets"),
    ],
    ["keeps no log of who did what", (body) => listOf(body["enabled_cluster_log_types"]).includes("audit")],
  ],
  aws_lb: [["keeps no log", (body) => firstOf(body["access_logs"])["enabled"] === true]],
  aws_lb_listener: [
    ["speaks without TLS", (body) => body["protocol"] === "HTTPS" && body["port"] === 443],
    ["takes old TLS", (body) => /TLS13-1-3-2021-06/.test(textOf(body["ssl_policy"]))],
  ],
  aws_s3_bucket: [
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_policy",
  ].map((type): Wish => [
    `has no ${type}`,
    (_, { address }, configuration) =>
      [...configuration.values()].some(({ blocks }) =>
        blocks.some((other) => other.type === type && other.body["bucket"] === `\${${address}.id}`),
      ),
  ]),
  aws_s3_bucket_public_access_block: [
    [
      "lets the public in",
      (body) =>
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"].every(
          (name) => body[name] === true,
        ),
    ],
  ],
};

/** Whatever keeps something is encrypted, and whatever listens says so over TLS. */
export const storesAreSafe: Rule = (configuration) =>
  [...configuration.values()].flatMap((module) =>
    module.blocks.flatMap((block) =>
      (block.kind === "resource" ? (wishes[block.type] ?? []) : []).flatMap(([sentence, holds]) =>
        holds(block.body, block, configuration) ? [] : [`${where(module, block)} ${sentence}.`],
      ),
    ),
  );

/** Arguments whose value would stand in the state, and kinds of resources that keep one there. */
const inTheState = new Set([
  "password",
  "auth_token",
  "secret_string",
  "secret_binary",
  "master_password",
  "passwords",
  "secret_key",
]);
const keptInState = new Set(["random_password", "random_string", "tls_private_key", "aws_iam_access_key"]);

/** No secret is written down, in the files or in the state. */
export const secretsStandNowhere: Rule = (configuration) =>
  [...configuration.values()].flatMap((module) =>
    module.blocks.flatMap((block) => {
      if (block.kind === "resource" && keptInState.has(block.type))
        return [`${where(module, block)} keeps a secret in the state.`];
      return Object.entries(block.body).flatMap(([name, value]) => {
        if (inTheState.has(name))
          return [`${where(module, block)}: ${name} stands in the state; use its write-only twin.`];
        const isFromEphemeral = referencesIn(value).some(({ name: to }) => to.startsWith("ephemeral."));
        if (name.endsWith("_wo") && !isFromEphemeral)
          return [`${where(module, block)}: ${name} is written in the file.`];
        if (!name.endsWith("_wo") && block.kind === "resource" && isFromEphemeral)
          return [`${where(module, block)}: ${name} takes a secret into the state.`];
        return [];
      });
    }),
  );

/** What only tells of machines and names; reading secrets, objects and parameters is no mere look. */
const isLooking = (action: string) =>
  /^(?!secretsmanager|kms|s3|ssm|sts)[a-z0-9-]+:(Describe|List|Get)\w*$/.test(action);

/** No statement gives everything on everything: `*` stands for resources only where one can but look. */
export const rightsAreNarrow: Rule = (configuration) =>
  [...configuration.values()].flatMap((module) => {
    // In the policy of a key, "*" is the key itself.
    const ofKeys = new Set(
      module.blocks
        .filter(({ type }) => type === "aws_kms_key")
        .flatMap(({ body }) => referencesIn(body["policy"] ?? null).map(({ name }) => name)),
    );
    return module.blocks
      .filter(({ type }) => type === "aws_iam_policy_document")
      .flatMap((block) => {
        const statements = [
          ...listOf(block.body["statement"]),
          ...listOf(bodyOf(block.body["dynamic"])["statement"]).flatMap((one) =>
            listOf(bodyOf(one)["content"]),
          ),
        ].map(bodyOf);
        return statements.flatMap((statement) => {
          if (statement["effect"] === "Deny") return [];
          const actions = listOf(statement["actions"]).map(textOf);
          const resources = listOf(statement["resources"]).map(textOf);
          const say = (what: string) => [
            `${where(module, block)}, ${textOf(statement["sid"] ?? "a statement")}: ${what}`,
          ];
          const isOfKey =
            [...ofKeys].some((name) => name === block.address) ||
            block.address === "data.aws_iam_policy_document.data";
          if (isOfKey && module.folder === "modules/keys") return [];
          if (actions.some((action) => /(^|:)\*$/.test(action))) return say("every action is allowed.");
          if (resources.includes("*") && !actions.every(isLooking))
            return say("an action is allowed on everything.");
          const isOpen = listOf(statement["principals"]).some((one) =>
            listOf(bodyOf(one)["identifiers"]).includes("*"),
          );
          return isOpen ? say("anybody may do it.") : [];
        });
      });
  });
