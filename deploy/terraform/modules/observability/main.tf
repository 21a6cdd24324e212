# What wakes somebody, and one page that shows the shop, its servers and its costs.

data "aws_region" "here" {}

locals {
  # Statistic over one minute; an alarm needs as many minutes as its "for" says.
  alarms = {
    "errors-of-the-shop" = {
      text      = "More than 1 % of the answers are errors of the shop itself. Look at /api/health and the logs of the gateway."
      namespace = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum"
      dimension = { LoadBalancer = var.load_balancer }, above = var.errors_per_minute, below = null, for = 3
    }
    "nobody-answers" = {
      text      = "The load balancer finds no gateway that is ready. Look at the gateway's pods or tasks."
      namespace = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum"
      dimension = { LoadBalancer = var.load_balancer, TargetGroup = var.gateway_target_group }, above = null, below = 1, for = 2
    }
    "database-is-busy" = {
      text      = "PostgreSQL has used more than 80 % of its processor for ten minutes. Look at Performance Insights for the statement."
      namespace = "AWS/RDS", metric = "CPUUtilization", statistic = "Average"
      dimension = { DBInstanceIdentifier = var.database }, above = 80, below = null, for = 10
    }
    "database-is-full" = {
      text      = "PostgreSQL has less than 5 GiB of storage left. Raise storage_max_gib before it is read-only."
      namespace = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum"
      dimension = { DBInstanceIdentifier = var.database }, above = null, below = 5368709120, for = 5
    }
    "database-connections" = {
      text      = "PostgreSQL has more connections than planned. Compare DATABASE_POOL_MAX times replicas with docs/operate/databases.md."
      namespace = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum"
      dimension = { DBInstanceIdentifier = var.database }, above = var.connections_max, below = null, for = 5
    }
    "redis-is-full" = {
      text      = "Redis uses more than 80 % of its memory. When it is full carts can be read but not changed; take a larger node."
      namespace = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum"
      dimension = { ReplicationGroupId = var.cache }, above = 80, below = null, for = 5
    }
  }
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.logs_key_arn
}

# Each address gets one mail that asks whether it wants these.
resource "aws_sns_topic_subscription" "mail" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_metric_alarm" "each" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimension
  period              = 60
  evaluation_periods  = each.value.for
  threshold           = coalesce(each.value.above, each.value.below)
  comparison_operator = each.value.above == null ? "LessThanThreshold" : "GreaterThanThreshold"
  treat_missing_data  = each.key == "nobody-answers" ? "breaching" : "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# One in twenty answers takes longer than this.
resource "aws_cloudwatch_metric_alarm" "slow" {
  alarm_name          = "${var.name}-slow"
  alarm_description   = "One in twenty answers takes longer than ${var.p95_seconds} s. Look at the traces, and at what is busy."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  extended_statistic  = "p95"
  dimensions          = { LoadBalancer = var.load_balancer }
  period              = 60
  evaluation_periods  = 5
  threshold           = var.p95_seconds
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

locals {
  charts = [
    { title = "Requests and errors", metrics = [
      ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.load_balancer, { stat = "Sum" }],
      ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.load_balancer, { stat = "Sum" }],
    ] },
    { title = "Time to answer", metrics = [
      ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer, { stat = "p50" }],
      ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer, { stat = "p95" }],
    ] },
    { title = "PostgreSQL: processor and connections", metrics = [
      ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database, { stat = "Average" }],
      ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database, { stat = "Maximum", yAxis = "right" }],
    ] },
    { title = "PostgreSQL: disk", metrics = [
      ["AWS/RDS", "ReadIOPS", "DBInstanceIdentifier", var.database, { stat = "Average" }],
      ["AWS/RDS", "WriteIOPS", "DBInstanceIdentifier", var.database, { stat = "Average" }],
      ["AWS/RDS", "FreeStorageSpace", "DBInstanceIdentifier", var.database, { stat = "Minimum", yAxis = "right" }],
    ] },
    { title = "Turned away by the firewall", metrics = [
      ["AWS/WAFV2", "BlockedRequests", "WebACL", var.web_acl, "Rule", "ALL", "Region", data.aws_region.here.region, { stat = "Sum" }],
    ] },
    { title = "Costs of the account this month (USD)", region = "us-east-1", metrics = [
      ["AWS/Billing", "EstimatedCharges", "Currency", "USD", { stat = "Maximum", period = 21600 }],
    ] },
  ]
}

resource "aws_cloudwatch_dashboard" "shop" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for number, chart in local.charts : {
      type   = "metric"
      x      = (number % 2) * 12
      y      = floor(number / 2) * 6
      width  = 12
      height = 6
      properties = {
        title   = chart.title
        region  = try(chart.region, data.aws_region.here.region)
        view    = "timeSeries"
        period  = 60
        metrics = chart.metrics
      }
    }]
  })
}
