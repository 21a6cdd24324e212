# The shop: three zones, everything twice at least, kept from being deleted.

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    application = "stoa"
    environment = "prod"
    managed-by  = "terraform"
    cost-center = var.cost_center
  }
}

module "shop" {
  source = "../../modules/shop"

  name         = "stoa-prod"
  environment  = "prod"
  image_prefix = "ecommerce/"
  zones        = 3
  nat          = "per-zone"
  cdn          = true
  is_protected = true
  log_days     = 90

  database = {
    instance_class  = "db.m7g.large"
    storage_gib     = 100
    multi_az        = true
    replicas        = 1
    backup_days     = 30
    connections_max = 600
  }
  cache = { node_type = "cache.t4g.small", nodes = 2, snapshot_days = 7 }

  steady_nodes = { instance_types = ["m7i.large"], min = 3, max = 10 }
  spot_nodes   = { instance_types = ["m7i.large", "m6i.large", "m6a.large", "m5.large"], min = 0, max = 6 }

  usd_per_month = 2000

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
