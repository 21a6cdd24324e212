# Redis (Valkey) for carts and for what replicas count together: over TLS, with a password, two zones, a snapshot a day.

resource "aws_elasticache_subnet_group" "shop" {
  name        = var.name
  description = "Database subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_security_group" "cache" {
  name        = "${var.name}-cache"
  description = "Redis from the services"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-cache" }
}

resource "aws_vpc_security_group_ingress_rule" "cache" {
  for_each = var.clients

  security_group_id            = aws_security_group.cache.id
  description                  = "Redis from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_parameter_group" "shop" {
  name        = var.name
  family      = "valkey8"
  description = "A full Redis refuses; it throws no cart away"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }
}

ephemeral "aws_secretsmanager_secret_version" "redis" {
  secret_id  = var.secret_id
  version_id = var.secret_version_id
}

resource "aws_elasticache_replication_group" "shop" {
  replication_group_id = var.name
  description          = "Carts and shared limits of ${var.name}"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.node_type
  port                 = 6379
  parameter_group_name = aws_elasticache_parameter_group.shop.name

  num_cache_clusters         = var.nodes
  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1

  subnet_group_name  = aws_elasticache_subnet_group.shop.name
  security_group_ids = [aws_security_group.cache.id]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token_wo              = jsondecode(ephemeral.aws_secretsmanager_secret_version.redis.secret_string)["password"]
  auth_token_wo_version      = var.secret_number

  snapshot_retention_limit   = var.snapshot_days
  snapshot_window            = "03:00-04:00"
  maintenance_window         = "sun:05:00-sun:06:00"
  auto_minor_version_upgrade = true
}
