# Who may open which port to whom: the arrows of deploy/services.json and nothing else.

resource "aws_security_group" "each" {
  for_each = toset(concat(keys(local.workloads), ["databases"]))

  name        = "${var.name}-${each.key}"
  description = "Tasks of ${each.key}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "edge" {
  for_each = local.edges

  security_group_id            = aws_security_group.each[each.value.to].id
  description                  = "${each.value.from} to ${each.value.to}"
  referenced_security_group_id = aws_security_group.each[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "edge" {
  for_each = local.edges

  security_group_id            = aws_security_group.each[each.value.from].id
  description                  = "${each.value.from} to ${each.value.to}"
  referenced_security_group_id = aws_security_group.each[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  for_each = var.target_group_arns

  security_group_id            = aws_security_group.each[each.key].id
  description                  = "Load balancer to the ${each.key}"
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.ports[each.key]
  to_port                      = local.ports[each.key]
}

resource "aws_vpc_security_group_egress_rule" "to_tasks" {
  for_each = var.target_group_arns

  security_group_id            = var.load_balancer_security_group_id
  description                  = "Requests to the ${each.key}"
  referenced_security_group_id = aws_security_group.each[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = local.ports[each.key]
  to_port                      = local.ports[each.key]
}

resource "aws_vpc_security_group_egress_rule" "database" {
  for_each = setunion(local.with_database, ["databases"])

  security_group_id            = aws_security_group.each[each.key].id
  description                  = "PostgreSQL"
  referenced_security_group_id = var.database_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "cache" {
  for_each = local.services

  security_group_id            = aws_security_group.each[each.key].id
  description                  = "Redis"
  referenced_security_group_id = var.cache_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

# Images, logs and secrets, by the endpoints in the VPC.
resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = aws_security_group.each

  security_group_id            = each.value.id
  description                  = "AWS services inside the VPC"
  referenced_security_group_id = var.endpoints_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "layers" {
  for_each = aws_security_group.each

  security_group_id = each.value.id
  description       = "Layers of images, from S3"
  prefix_list_id    = var.s3_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# Only those that have something outside of the shop: payment, mail, rates, a broker.
resource "aws_vpc_security_group_egress_rule" "outside" {
  for_each = local.with_outside

  security_group_id = aws_security_group.each[each.key].id
  description       = "HTTPS to the internet"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "mail" {
  for_each = toset(["465", "587"])

  security_group_id = aws_security_group.each["email"].id
  description       = "Mail to its server"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

# The agent that starts a task reads its secrets and its image. The program in the task has no rights at AWS at all.
data "aws_iam_policy_document" "agent_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

locals {
  secrets_of = merge(
    { for name, needed in local.secrets : name => distinct([for at in needed : at.secret]) },
    { databases = ["stoa-databases"] },
  )
}

data "aws_iam_policy_document" "agent" {
  for_each = local.secrets_of

  # The one act at ECR that cannot be narrowed to a repository.
  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "Pull"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [var.image_arns[each.key == "databases" ? "tools" : each.key]]
  }

  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${data.aws_region.here.region}:${data.aws_caller_identity.this.account_id}:log-group:/${var.name}/${each.key}:*"]
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for name in each.value : var.secret_arns[name]]
  }

  statement {
    sid       = "Unseal"
    actions   = ["kms:Decrypt"]
    resources = [var.key_arn]
  }
}

resource "aws_iam_role" "agent" {
  for_each = local.secrets_of

  name               = "${var.name}-${each.key}-agent"
  assume_role_policy = data.aws_iam_policy_document.agent_trust.json
}

resource "aws_iam_role_policy" "agent" {
  for_each = local.secrets_of

  name   = "start"
  role   = aws_iam_role.agent[each.key].id
  policy = data.aws_iam_policy_document.agent[each.key].json
}
