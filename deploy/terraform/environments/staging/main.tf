# As production is made, half as large: what is tried here is what goes there.

provider "aws" {
  region = var.region

  default_tags {
    tags = local.tags
  }
}

locals {
  tags = {
    application = "stoa"
    environment = "staging"
    managed-by  = "terraform"
    cost-center = var.cost_center
  }
}

module "shop" {
  source = "../../modules/shop"

  name         = "stoa-staging"
  environment  = "staging"
  image_prefix = "staging/ecommerce/"
  zones        = 2
  nat          = "one"
  cdn          = true
  is_protected = false
  log_days     = 30

  database = {
    instance_class  = "db.t4g.medium"
    storage_gib     = 20
    multi_az        = true
    replicas        = 0
    backup_days     = 7
    connections_max = 300
  }
  cache = { node_type = "cache.t4g.micro", nodes = 2, snapshot_days = 1 }

  steady_nodes = { instance_types = ["m7i.large"], min = 2, max = 4 }
  spot_nodes   = { instance_types = ["m7i.large", "m6i.large", "m6a.large"], min = 0, max = 2 }

  usd_per_month = 900

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
