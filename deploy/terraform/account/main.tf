# What an AWS account has once, before any environment: a place for Terraform's state, and the tags by which costs are counted.
#
#   terraform init && terraform apply -var state_bucket=example-stoa-terraform
#
# Its own state stays in this folder until the bucket is there; then `terraform init -migrate-state` with a backend "s3" of its own.

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    application = "stoa"
    environment = "account"
    managed-by  = "terraform"
    cost-center = var.cost_center
  }
}

resource "aws_kms_key" "state" {
  description             = "Terraform's state of the shop"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "state" {
  name          = "alias/stoa-terraform"
  target_key_id = aws_kms_key.state.key_id
}

resource "aws_s3_bucket" "state" {
  bucket = var.state_bucket

  lifecycle {
    prevent_destroy = true
  }
}

# Every state that there was can be had back.
resource "aws_s3_bucket_versioning" "state" {
  bucket = aws_s3_bucket.state.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "state" {
  bucket = aws_s3_bucket.state.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.state.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "state" {
  bucket = aws_s3_bucket.state.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "state" {
  statement {
    sid       = "EncryptedOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.state.arn, "${aws_s3_bucket.state.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "state" {
  bucket = aws_s3_bucket.state.id
  policy = data.aws_iam_policy_document.state.json
}

# AWS knows a tag for costs a day after something has it, and counts from then on.
resource "aws_ce_cost_allocation_tag" "each" {
  for_each = var.count_costs ? toset(["application", "environment", "cost-center"]) : toset([])

  tag_key = each.key
  status  = "Active"
}
