# ECS Fargate, the alternative to a cluster of one's own: a task per service, found by name, sized and joined as deploy/services.json says.

data "aws_caller_identity" "this" {}

data "aws_region" "here" {}

locals {
  # What runs: every service, and the audit.
  workloads = merge(
    {
      for service in var.facts.services : service.name => {
        command   = ["serve", service.name]
        ports     = service.ports
        databases = service.database == null ? {} : { "${upper(service.name)}_DATABASE_URL" = "${service.name}-database-url" }
      }
    },
    {
      for role in var.facts.roles : role.name => {
        command   = role.command
        ports     = role.ports
        databases = { for read in role.reads : read.setting => "audit-${read.service}-database-url" }
      } if role.name == "audit"
    },
  )

  # Who calls whom, and on which port: one entry for each arrow in ARCHITECTURE.md.
  ports = { for name, workload in local.workloads : name => try(workload.ports.http, workload.ports.grpc, null) }
  edges = merge([
    for service in var.facts.services : {
      for connection in service.connections : "${service.name}-${connection.to}" => {
        from = service.name
        to   = connection.to
        port = local.ports[connection.to]
      }
    }
  ]...)

  with_database = toset([for name, workload in local.workloads : name if length(workload.databases) > 0])
  with_outside  = toset([for service in var.facts.services : service.name if length(service.outside) > 0])
  services      = toset([for service in var.facts.services : service.name])

  size = {
    for name in keys(local.workloads) : name => merge(
      var.size,
      { for part, number in try(var.sizes[name], {}) : part => number if number != null },
    )
  }

  # Where everybody is.
  addresses = {
    for service in var.facts.services : "${upper(service.name)}_URL" => (
      contains(keys(service.ports), "http")
      ? "http://${service.name}.${var.name}.internal:${service.ports.http}"
      : "dns:///${service.name}.${var.name}.internal:${service.ports.grpc}"
    )
  }
}

resource "aws_ecs_cluster" "shop" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}

resource "aws_ecs_cluster_capacity_providers" "shop" {
  cluster_name       = aws_ecs_cluster.shop.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
}

resource "aws_service_discovery_private_dns_namespace" "shop" {
  name        = "${var.name}.internal"
  description = "Names of the services"
  vpc         = var.vpc_id
}

resource "aws_service_discovery_service" "each" {
  for_each = local.services

  name = each.key

  # Every task has an address of its own in the name: callers share their calls among them.
  dns_config {
    namespace_id   = aws_service_discovery_private_dns_namespace.shop.id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 5
    }
  }
}

resource "aws_cloudwatch_log_group" "each" {
  for_each = local.workloads

  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_ecs_service" "each" {
  for_each = local.workloads

  name            = each.key
  cluster         = aws_ecs_cluster.shop.id
  task_definition = aws_ecs_task_definition.each[each.key].arn
  desired_count   = each.key == "audit" ? 1 : local.size[each.key].min

  # A new task is ready before an old one goes.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = contains(keys(var.target_group_arns), each.key) ? 60 : null
  availability_zone_rebalancing      = "ENABLED"
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true

  # A release whose tasks do not become healthy is taken back by ECS itself.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  capacity_provider_strategy {
    capacity_provider = contains(var.spot_services, each.key) ? "FARGATE_SPOT" : "FARGATE"
    weight            = 1
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.each[each.key].id]
    assign_public_ip = false
  }

  dynamic "service_registries" {
    for_each = contains(local.services, each.key) ? [aws_service_discovery_service.each[each.key].arn] : []

    content {
      registry_arn = service_registries.value
    }
  }

  dynamic "load_balancer" {
    for_each = contains(keys(var.target_group_arns), each.key) ? [var.target_group_arns[each.key]] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = each.key
      container_port   = local.ports[each.key]
    }
  }

  lifecycle {
    # Scaling decides how many there are.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_ecs_cluster_capacity_providers.shop]
}
