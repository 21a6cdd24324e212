# For trying things: two zones, one NAT gateway, one small server of each kind, spot machines; it may be lost.

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    application = "stoa"
    environment = "dev"
    managed-by  = "terraform"
    cost-center = var.cost_center
  }
}

module "shop" {
  source = "../../modules/shop"

  name         = "stoa-dev"
  environment  = "dev"
  image_prefix = "dev/ecommerce/"
  zones        = 2
  nat          = "one"
  cdn          = false
  # Endpoints in two zones cost more here than what passes NAT; tasks of ECS have no other way.
  endpoints = var.platform == "eks" ? [] : ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms", "sts"]

  is_protected = false
  log_days     = 14

  database = {
    instance_class  = "db.t4g.micro"
    storage_gib     = 20
    multi_az        = false
    replicas        = 0
    backup_days     = 1
    connections_max = 70
  }
  cache = { node_type = "cache.t4g.micro", nodes = 1, snapshot_days = 1 }

  steady_nodes = { instance_types = ["t3a.large"], min = 1, max = 3 }
  spot_nodes   = { instance_types = ["t3a.large", "t3.large", "m6a.large"], min = 0, max = 3 }

  # One task of each, all on spot capacity but those that take money.
  task_sizes = {
    for service in ["ad", "admin", "cart", "catalog", "checkout", "currency", "email", "gateway", "order", "payment",
    "recommendation", "shipping", "storefront", "user"] : service => { min = 1, max = 1 }
  }
  spot_services = ["ad", "admin", "catalog", "currency", "recommendation", "storefront"]

  usd_per_month = 400

  domain           = var.domain
  zone             = var.zone
  platform         = var.platform
  release          = var.release
  node_autoscaler  = var.node_autoscaler
  admin_email      = var.admin_email
  alarm_emails     = var.alarm_emails
  admin_arns       = var.admin_arns
  admin_cidrs      = var.admin_cidrs
  passwords_number = var.passwords_number
  tags             = local.tags
}
