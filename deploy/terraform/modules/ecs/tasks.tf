# What is in a task: one container that can change nothing of itself, and secrets that only the agent that starts it can read.

locals {
  settings = merge(local.addresses, var.settings, {
    SHOP_URL = var.shop_url
    # RDS refuses connections without TLS.
    DATABASE_SSLMODE = "require"
    # Eleven services with up to five tasks of six connections each stay below what the smallest server of RDS allows for production.
    DATABASE_POOL_MAX = "6"
    # Pictures of goods are in PostgreSQL: tasks have no folder that stays.
    FILES_PROVIDER = "database"
    # /data is the one folder that the container may write, and it goes with the task.
    TMPDIR = "/data"
    # Longer than the load balancer and DNS take to notice, below stopTimeout together.
    DRAIN_DELAY_SECONDS = "10"
    DRAIN_SECONDS       = "10"
    TRUSTED_PROXIES     = join(",", var.trusted_proxies)
  })
  # Who has to know which secret: setting to the secret's name and the key in it.
  secrets = {
    for name, workload in local.workloads : name => merge(
      { for setting, key in workload.databases : setting => { secret = "stoa-databases", key = key } },
      name == "audit" ? {} : {
        SERVICE_KEY = { secret = "stoa-keys", key = "service-key" }
        REDIS_URL   = { secret = "stoa-redis", key = "url" }
      },
      contains(var.readers, name) ? {
        "${upper(name)}_DATABASE_READ_URL" = { secret = "stoa-databases", key = "${name}-database-read-url" }
      } : {},
      name == "cart" ? { CART_REDIS_URL = { secret = "stoa-redis", key = "url" } } : {},
      name == "user" ? {
        ADMIN_EMAIL    = { secret = "stoa-admin", key = "email" }
        ADMIN_PASSWORD = { secret = "stoa-admin", key = "password" }
      } : {},
    )
  }
  container = {
    essential              = true
    user                   = "1001:1001"
    readonlyRootFilesystem = true
    privileged             = false
    stopTimeout            = 30
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    mountPoints            = [{ sourceVolume = "data", containerPath = "/data", readOnly = false }]
  }
}

resource "aws_ecs_task_definition" "each" {
  for_each = local.workloads

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = local.size[each.key].cpu
  memory                   = local.size[each.key].memory
  execution_role_arn       = aws_iam_role.agent[each.key].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "data"
  }

  container_definitions = jsonencode([merge(local.container, {
    name         = each.key
    image        = "${var.image_urls[each.key]}:${var.release}"
    command      = each.value.command
    portMappings = [for port in distinct(values(each.value.ports)) : { containerPort = port, protocol = "tcp" } if port != null]
    environment = [
      for setting, value in merge(local.settings, { REPLICAS = tostring(local.size[each.key].max) }) :
      { name = setting, value = value }
    ]
    secrets = [
      for setting, at in local.secrets[each.key] : { name = setting, valueFrom = "${var.secret_arns[at.secret]}:${at.key}::" }
    ]
    healthCheck = {
      command     = ["CMD", "node", "/app/bin/healthcheck.mjs"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.each[each.key].name
        awslogs-region        = data.aws_region.here.region
        awslogs-stream-prefix = var.release
        mode                  = "non-blocking"
      }
    }
  })])
}

# Makes the databases and roles that the URLs name; run once before the first release and after an exchange of passwords.
resource "aws_cloudwatch_log_group" "databases" {
  name              = "/${var.name}/databases"
  retention_in_days = var.log_days
  kms_key_id        = var.logs_key_arn
}

locals {
  all_database_urls = merge(
    { DATABASE_URL = "database-url" },
    [for workload in local.workloads : workload.databases]...
  )
}

resource "aws_ecs_task_definition" "databases" {
  family                   = "${var.name}-databases"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.agent["databases"].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "data"
  }

  container_definitions = jsonencode([merge(local.container, {
    name        = "databases"
    image       = "${var.image_urls["tools"]}:${var.release}"
    command     = ["databases", "make"]
    environment = [for setting in ["DATABASE_SSLMODE", "TMPDIR"] : { name = setting, value = local.settings[setting] }]
    secrets = [
      for setting, key in local.all_database_urls : { name = setting, valueFrom = "${var.secret_arns["stoa-databases"]}:${key}::" }
    ]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.databases.name
        awslogs-region        = data.aws_region.here.region
        awslogs-stream-prefix = var.release
      }
    }
  })])
}
