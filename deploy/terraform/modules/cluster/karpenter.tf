# Node autoscaling, the other way: Karpenter starts machines of the size that waiting pods need, and hears of interruptions from a queue.

locals {
  has_karpenter = var.node_autoscaler == "karpenter"
  regional_ec2  = "arn:aws:ec2:${data.aws_region.here.region}"
  interruptions = local.has_karpenter ? {
    spot       = { source = "aws.ec2", type = "EC2 Spot Instance Interruption Warning" }
    rebalance  = { source = "aws.ec2", type = "EC2 Instance Rebalance Recommendation" }
    state      = { source = "aws.ec2", type = "EC2 Instance State-change Notification" }
    scheduled  = { source = "aws.health", type = "AWS Health Event" }
    capacities = { source = "aws.ec2", type = "EC2 Capacity Reservation Instance Interruption Warning" }
  } : {}
}

data "aws_iam_policy_document" "karpenter" {
  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeCapacityReservations",
      "ec2:DescribeImages",
      "ec2:DescribeInstances",
      "ec2:DescribeInstanceStatus",
      "ec2:DescribeInstanceTypeOfferings",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplates",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSpotPriceHistory",
      "ec2:DescribeSubnets",
      "iam:ListInstanceProfiles",
      "pricing:GetProducts",
    ]
    resources = ["*"]
  }

  statement {
    sid     = "Start"
    actions = ["ec2:RunInstances", "ec2:CreateFleet"]
    resources = [
      "${local.regional_ec2}::image/*",
      "${local.regional_ec2}::snapshot/*",
      "${local.regional_ec2}:*:capacity-reservation/*",
      "${local.regional_ec2}:*:security-group/*",
      "${local.regional_ec2}:*:subnet/*",
    ]
  }

  statement {
    sid     = "StartWithTag"
    actions = ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:CreateTags"]
    resources = [
      "${local.regional_ec2}:*:fleet/*",
      "${local.regional_ec2}:*:instance/*",
      "${local.regional_ec2}:*:launch-template/*",
      "${local.regional_ec2}:*:network-interface/*",
      "${local.regional_ec2}:*:spot-instances-request/*",
      "${local.regional_ec2}:*:volume/*",
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes.io/cluster/${var.name}"
      values   = ["owned"]
    }
  }

  statement {
    sid     = "OwnMachines"
    actions = ["ec2:RunInstances", "ec2:CreateFleet", "ec2:TerminateInstances", "ec2:DeleteLaunchTemplate", "ec2:CreateTags"]
    resources = [
      "${local.regional_ec2}:*:instance/*",
      "${local.regional_ec2}:*:launch-template/*",
    ]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/kubernetes.io/cluster/${var.name}"
      values   = ["owned"]
    }
  }

  statement {
    sid       = "GiveNodesTheirRole"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.node.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ec2.amazonaws.com"]
    }
  }

  statement {
    sid = "InstanceProfiles"
    actions = [
      "iam:AddRoleToInstanceProfile",
      "iam:CreateInstanceProfile",
      "iam:DeleteInstanceProfile",
      "iam:GetInstanceProfile",
      "iam:RemoveRoleFromInstanceProfile",
      "iam:TagInstanceProfile",
    ]
    resources = ["arn:aws:iam::${data.aws_caller_identity.this.account_id}:instance-profile/${var.name}*"]
  }

  statement {
    sid       = "Cluster"
    actions   = ["eks:DescribeCluster"]
    resources = [local.cluster_arn]
  }

  statement {
    sid       = "Images"
    actions   = ["ssm:GetParameter"]
    resources = ["arn:aws:ssm:${data.aws_region.here.region}::parameter/aws/service/*"]
  }

  dynamic "statement" {
    for_each = aws_sqs_queue.interruptions

    content {
      sid       = "Interruptions"
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueUrl"]
      resources = [statement.value.arn]
    }
  }
}

module "karpenter" {
  source = "../pod-role"
  count  = local.has_karpenter ? 1 : 0

  name            = "${var.name}-karpenter"
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "kube-system"
  service_account = "karpenter"
  policy          = data.aws_iam_policy_document.karpenter.json
}

resource "aws_sqs_queue" "interruptions" {
  count = local.has_karpenter ? 1 : 0

  name                      = "${var.name}-interruptions"
  message_retention_seconds = 300
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "interruptions" {
  count = local.has_karpenter ? 1 : 0

  statement {
    sid       = "EventsWrite"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.interruptions[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue_policy" "interruptions" {
  count = local.has_karpenter ? 1 : 0

  queue_url = aws_sqs_queue.interruptions[0].id
  policy    = data.aws_iam_policy_document.interruptions[0].json
}

resource "aws_cloudwatch_event_rule" "interruption" {
  for_each = local.interruptions

  name          = "${var.name}-${each.key}"
  description   = each.value.type
  event_pattern = jsonencode({ source = [each.value.source], "detail-type" = [each.value.type] })
}

resource "aws_cloudwatch_event_target" "interruption" {
  for_each = local.interruptions

  rule = aws_cloudwatch_event_rule.interruption[each.key].name
  arn  = aws_sqs_queue.interruptions[0].arn
}
