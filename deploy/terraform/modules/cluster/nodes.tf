# Two pools: one that stays, and one of spot machines for work that may be interrupted. Pods go there only if they say that they can.

data "aws_iam_policy_document" "node_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  name               = "${var.name}-node"
  assume_role_policy = data.aws_iam_policy_document.node_trust.json
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "node" {
  name_prefix            = "${var.name}-"
  description            = "Nodes of ${var.name}: encrypted disks, no metadata for pods"
  update_default_version = true

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = 40
      encrypted             = true
      delete_on_termination = true
    }
  }

  # One hop: a pod cannot ask for the rights of its node.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  # The provider's default tags do not reach what a template makes.
  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = "${var.name}-node" })
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eks_node_group" "steady" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "steady"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  ami_type        = var.ami_type
  capacity_type   = "ON_DEMAND"
  instance_types  = var.steady.instance_types

  scaling_config {
    min_size     = var.steady.min
    desired_size = var.steady.min
    max_size     = var.steady.max
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  lifecycle {
    # The autoscaler decides how many there are.
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}

resource "aws_eks_node_group" "spot" {
  count = var.spot.max > 0 ? 1 : 0

  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "spot"
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = var.subnet_ids
  ami_type        = var.ami_type
  capacity_type   = "SPOT"
  # Several sizes: a pool with one is interrupted as a whole.
  instance_types = var.spot.instance_types
  labels         = { "stoa.shop/pool" = "spot" }

  taint {
    key    = "stoa.shop/spot"
    value  = "true"
    effect = "NO_SCHEDULE"
  }

  scaling_config {
    min_size     = var.spot.min
    desired_size = var.spot.min
    max_size     = var.spot.max
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_iam_role_policy_attachment.node]
}

locals {
  addons = {
    # The engine that holds the chart's NetworkPolicies.
    vpc-cni                = { enableNetworkPolicy = "true" }
    kube-proxy             = {}
    coredns                = {}
    eks-pod-identity-agent = {}
    aws-ebs-csi-driver     = {}
    metrics-server         = {}
  }
}

data "aws_eks_addon_version" "newest" {
  for_each = local.addons

  addon_name         = each.key
  kubernetes_version = aws_eks_cluster.shop.version
}

resource "aws_eks_addon" "each" {
  for_each = local.addons

  cluster_name                = aws_eks_cluster.shop.name
  addon_name                  = each.key
  addon_version               = data.aws_eks_addon_version.newest[each.key].version
  configuration_values        = length(each.value) == 0 ? null : jsonencode(each.value)
  resolve_conflicts_on_update = "OVERWRITE"

  depends_on = [aws_eks_node_group.steady]
}
