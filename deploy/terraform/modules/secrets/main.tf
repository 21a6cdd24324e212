# Every secret of the shop, in Secrets Manager, by the names and keys that the chart reads. All are made while Terraform runs and stand in no state.

locals {
  secrets = {
    "stoa-keys"      = "With this the services prove who they are to each other; it belongs to the data"
    "stoa-postgres"  = "Account that may make databases and roles"
    "stoa-databases" = "Where each service and the audit enter their database, and as whom"
    "redis-password" = "Password of Redis, before it is known where Redis is"
    "stoa-redis"     = "Where Redis is entered"
    "stoa-admin"     = "The first admin"
    "api-keys"       = "Keys of programs for goods and for orders, and of the payment firm"
  }
  # Whose passwords are exchanged together with those of PostgreSQL and Redis.
  accounts = concat(
    ["postgres", "redis"],
    keys(var.databases),
    [for service in var.audited : "audit-${service}"],
  )
  server = "${var.database_host}:${var.database_port}"
}

resource "aws_secretsmanager_secret" "shop" {
  for_each = local.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.is_protected ? 30 : 0
}

# Letters and digits only, so that they stand in URLs as they are.
ephemeral "random_password" "lasting" {
  for_each = toset(["service-key", "admin", "product", "order", "payment"])

  length  = 43
  special = false
}

ephemeral "random_password" "exchanged" {
  for_each = toset(local.accounts)

  length  = 43
  special = false
}

# What is written once: version 1 for ever, so that no later run changes it, nor what somebody put there instead.
resource "aws_secretsmanager_secret_version" "keys" {
  secret_id                = aws_secretsmanager_secret.shop["stoa-keys"].id
  secret_string_wo         = jsonencode({ "service-key" = ephemeral.random_password.lasting["service-key"].result })
  secret_string_wo_version = 1
}

resource "aws_secretsmanager_secret_version" "admin" {
  secret_id = aws_secretsmanager_secret.shop["stoa-admin"].id
  secret_string_wo = jsonencode({
    email    = var.admin_email
    password = ephemeral.random_password.lasting["admin"].result
  })
  secret_string_wo_version = 1
}

resource "aws_secretsmanager_secret_version" "api_keys" {
  secret_id = aws_secretsmanager_secret.shop["api-keys"].id
  secret_string_wo = jsonencode({
    PRODUCT_API_KEY = ephemeral.random_password.lasting["product"].result
    ORDER_API_KEY   = ephemeral.random_password.lasting["order"].result
    PAYMENT_API_KEY = ephemeral.random_password.lasting["payment"].result
  })
  secret_string_wo_version = 1
}

# The two passwords that servers are told come first: RDS and ElastiCache read them from here.
resource "aws_secretsmanager_secret_version" "postgres" {
  secret_id = aws_secretsmanager_secret.shop["stoa-postgres"].id
  secret_string_wo = jsonencode({
    POSTGRES_USER     = var.master_username
    POSTGRES_PASSWORD = ephemeral.random_password.exchanged["postgres"].result
    POSTGRES_DB       = "postgres"
  })
  secret_string_wo_version = var.passwords_number
}

resource "aws_secretsmanager_secret_version" "redis_password" {
  secret_id                = aws_secretsmanager_secret.shop["redis-password"].id
  secret_string_wo         = jsonencode({ password = ephemeral.random_password.exchanged["redis"].result })
  secret_string_wo_version = var.passwords_number
}

# Read back, because each run makes other random passwords, and only those that were written count.
ephemeral "aws_secretsmanager_secret_version" "postgres" {
  secret_id  = aws_secretsmanager_secret.shop["stoa-postgres"].id
  version_id = aws_secretsmanager_secret_version.postgres.version_id
}

ephemeral "aws_secretsmanager_secret_version" "redis_password" {
  secret_id  = aws_secretsmanager_secret.shop["redis-password"].id
  version_id = aws_secretsmanager_secret_version.redis_password.version_id
}

# Then, when it is known where the servers are, the URLs.
resource "aws_secretsmanager_secret_version" "databases" {
  secret_id = aws_secretsmanager_secret.shop["stoa-databases"].id
  secret_string_wo = jsonencode(merge(
    {
      "database-url" = join("", [
        "postgres://${var.master_username}:",
        jsondecode(ephemeral.aws_secretsmanager_secret_version.postgres.secret_string)["POSTGRES_PASSWORD"],
        "@${local.server}/postgres",
      ])
    },
    {
      for service, database in var.databases : "${service}-database-url" =>
      "postgres://stoa_${service}:${ephemeral.random_password.exchanged[service].result}@${local.server}/${database}"
    },
    {
      for service in var.audited : "audit-${service}-database-url" =>
      "postgres://stoa_${service}_reader:${ephemeral.random_password.exchanged["audit-${service}"].result}@${local.server}/${var.databases[service]}"
    },
    {
      for service in var.readers : "${service}-database-read-url" =>
      "postgres://stoa_${service}:${ephemeral.random_password.exchanged[service].result}@${var.replica_host}:${var.database_port}/${var.databases[service]}"
      if var.has_replica
    },
  ))
  secret_string_wo_version = var.passwords_number
}

resource "aws_secretsmanager_secret_version" "redis" {
  secret_id = aws_secretsmanager_secret.shop["stoa-redis"].id
  secret_string_wo = jsonencode({
    password = jsondecode(ephemeral.aws_secretsmanager_secret_version.redis_password.secret_string)["password"]
    url = join("", [
      "rediss://:",
      jsondecode(ephemeral.aws_secretsmanager_secret_version.redis_password.secret_string)["password"],
      "@${var.redis_host}:6379",
    ])
  })
  secret_string_wo_version = var.passwords_number
}
