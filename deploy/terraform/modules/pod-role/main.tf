# Rights of one account of the cluster at AWS, by EKS Pod Identity: no key is stored anywhere.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "pod" {
  name               = var.name
  description        = "Pods of ${var.namespace}/${var.service_account}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "pod" {
  name   = "rights"
  role   = aws_iam_role.pod.id
  policy = var.policy
}

resource "aws_eks_pod_identity_association" "pod" {
  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = var.service_account
  role_arn        = aws_iam_role.pod.arn
}
