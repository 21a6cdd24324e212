# Who in the cluster may do what at AWS. Each has an account of its own and the least that its work needs.

locals {
  cluster_arn = aws_eks_cluster.shop.arn
}

data "aws_iam_policy_document" "pod_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

# Volumes of databases inside the cluster, for whoever wants them.
resource "aws_iam_role" "volumes" {
  name               = "${var.name}-volumes"
  assume_role_policy = data.aws_iam_policy_document.pod_trust.json
}

resource "aws_iam_role_policy_attachment" "volumes" {
  role       = aws_iam_role.volumes.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
}

resource "aws_eks_pod_identity_association" "volumes" {
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "kube-system"
  service_account = "ebs-csi-controller-sa"
  role_arn        = aws_iam_role.volumes.arn
}

# The AWS Load Balancer Controller puts pods into the two target groups and takes them out; it makes no load balancers here.
data "aws_iam_policy_document" "targets" {
  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstances",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcs",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "Register"
    actions   = ["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]
    resources = var.target_group_arns
  }
}

module "load_balancer_controller" {
  source = "../pod-role"

  name            = "${var.name}-load-balancer-controller"
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "kube-system"
  service_account = "aws-load-balancer-controller"
  policy          = data.aws_iam_policy_document.targets.json
}

# The External Secrets Operator reads the shop's secrets and no others.
data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "Read"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = var.secret_arns
  }

  statement {
    sid       = "Unseal"
    actions   = ["kms:Decrypt"]
    resources = [var.key_arn]
  }
}

module "external_secrets" {
  source = "../pod-role"

  name            = "${var.name}-external-secrets"
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "external-secrets"
  service_account = "external-secrets"
  policy          = data.aws_iam_policy_document.secrets.json
}

# Node autoscaling, one way: the Cluster Autoscaler sets the size of the two pools.
data "aws_iam_policy_document" "autoscaler" {
  statement {
    sid = "Look"
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:GetInstanceTypesFromInstanceRequirements",
      "eks:DescribeNodegroup",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "Scale"
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["arn:aws:autoscaling:${data.aws_region.here.region}:${data.aws_caller_identity.this.account_id}:autoScalingGroup:*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/eks:cluster-name"
      values   = [var.name]
    }
  }
}

module "cluster_autoscaler" {
  source = "../pod-role"
  count  = var.node_autoscaler == "cluster-autoscaler" ? 1 : 0

  name            = "${var.name}-cluster-autoscaler"
  cluster_name    = aws_eks_cluster.shop.name
  namespace       = "kube-system"
  service_account = "cluster-autoscaler"
  policy          = data.aws_iam_policy_document.autoscaler.json
}
