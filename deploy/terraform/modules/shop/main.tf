# The whole picture: each part once, joined. What differs between environments are the values in environments/.

locals {
  # The same facts from which the chart, policies and compose.yaml are made.
  facts     = jsondecode(file("${path.module}/../../../services.json"))
  databases = { for service in local.facts.services : service.name => service.database if service.database != null }
  audited   = toset(flatten([for role in local.facts.roles : [for read in role.reads : read.service]]))
  images    = setunion([for service in local.facts.services : service.name], ["audit", "tools"])
  is_eks    = var.platform == "eks"

  # These read lists and searches from a replica, where there is one.
  has_replica = var.database.replicas > 0
  readers     = toset(["catalog", "order"])

  # Who may open a connection to PostgreSQL and to Redis.
  database_clients = local.is_eks ? { nodes = module.cluster[0].security_group_id } : {
    for name in module.ecs[0].with_database : name => module.ecs[0].security_group_ids[name]
  }
  cache_clients = local.is_eks ? { nodes = module.cluster[0].security_group_id } : {
    for service in local.facts.services : service.name => module.ecs[0].security_group_ids[service.name]
  }

  # From these addresses the shop believes what is said of the client's: the load balancer, and CloudFront behind it.
  trusted_proxies = concat(module.network.public_subnet_cidrs, module.edge.cdn_cidrs)
}

module "keys" {
  source = "../keys"

  name = var.name
}

module "network" {
  source = "../network"

  name         = var.name
  cidr         = var.cidr
  zones        = var.zones
  nat          = var.nat
  endpoints    = var.endpoints
  logs_key_arn = module.keys.logs_key_arn
}

module "edge" {
  source = "../edge"

  name                 = var.name
  vpc_id               = module.network.vpc_id
  public_subnet_ids    = module.network.public_subnet_ids
  zone                 = var.zone
  domain               = var.domain
  cdn                  = var.cdn
  requests_per_address = var.requests_per_address
  shield_advanced      = var.shield_advanced
  is_protected         = var.is_protected
}

module "registry" {
  source = "../registry"

  images       = local.images
  prefix       = var.image_prefix
  key_arn      = module.keys.data_key_arn
  is_protected = var.is_protected
}

module "secrets" {
  source = "../secrets"

  name             = var.name
  key_arn          = module.keys.data_key_arn
  databases        = local.databases
  audited          = local.audited
  database_host    = module.databases.host
  database_port    = module.databases.port
  has_replica      = local.has_replica
  replica_host     = local.has_replica ? module.databases.replica_hosts[0] : ""
  readers          = local.readers
  redis_host       = module.cache.host
  admin_email      = var.admin_email
  passwords_number = var.passwords_number
  is_protected     = var.is_protected
}

module "databases" {
  source = "../databases"

  name                     = var.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = module.network.database_subnet_ids
  clients                  = local.database_clients
  key_arn                  = module.keys.data_key_arn
  instance_class           = var.database.instance_class
  storage_gib              = var.database.storage_gib
  multi_az                 = var.database.multi_az
  replicas                 = var.database.replicas
  backup_days              = var.database.backup_days
  is_protected             = var.is_protected
  master_secret_id         = module.secrets.arns["stoa-postgres"]
  master_secret_version_id = module.secrets.master_version_id
  master_secret_number     = var.passwords_number
}

module "cache" {
  source = "../cache"

  name              = var.name
  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.database_subnet_ids
  clients           = local.cache_clients
  key_arn           = module.keys.data_key_arn
  node_type         = var.cache.node_type
  nodes             = var.cache.nodes
  snapshot_days     = var.cache.snapshot_days
  secret_id         = module.secrets.arns["redis-password"]
  secret_version_id = module.secrets.redis_version_id
  secret_number     = var.passwords_number
}

module "cluster" {
  source = "../cluster"
  count  = local.is_eks ? 1 : 0

  name                            = var.name
  kubernetes_version              = var.kubernetes_version
  subnet_ids                      = module.network.private_subnet_ids
  load_balancer_security_group_id = module.edge.security_group_id
  target_group_arns               = [module.edge.gateway_target_group_arn, module.edge.storefront_target_group_arn]
  secret_arns                     = values(module.secrets.arns)
  key_arn                         = module.keys.data_key_arn
  logs_key_arn                    = module.keys.logs_key_arn
  log_days                        = var.log_days
  admin_arns                      = var.admin_arns
  admin_cidrs                     = var.admin_cidrs
  steady                          = var.steady_nodes
  spot                            = var.spot_nodes
  node_autoscaler                 = var.node_autoscaler
  tags                            = var.tags
  is_protected                    = var.is_protected
}

module "ecs" {
  source = "../ecs"
  count  = local.is_eks ? 0 : 1

  name                            = var.name
  facts                           = local.facts
  vpc_id                          = module.network.vpc_id
  subnet_ids                      = module.network.private_subnet_ids
  load_balancer_security_group_id = module.edge.security_group_id
  database_security_group_id      = module.databases.security_group_id
  cache_security_group_id         = module.cache.security_group_id
  endpoints_security_group_id     = module.network.endpoints_security_group_id
  s3_prefix_list_id               = module.network.s3_prefix_list_id
  target_group_arns = {
    gateway    = module.edge.gateway_target_group_arn
    storefront = module.edge.storefront_target_group_arn
  }
  gateway_request_label = "${module.edge.load_balancer_arn_suffix}/${module.edge.gateway_target_group_arn_suffix}"
  image_urls            = module.registry.urls
  image_arns            = module.registry.arns
  secret_arns           = module.secrets.arns
  key_arn               = module.keys.data_key_arn
  logs_key_arn          = module.keys.logs_key_arn
  log_days              = var.log_days
  release               = var.release
  shop_url              = module.edge.url
  trusted_proxies       = local.trusted_proxies
  settings              = var.settings
  readers               = local.has_replica ? local.readers : []
  sizes                 = var.task_sizes
  spot_services         = var.spot_services
}

module "observability" {
  source = "../observability"

  name                 = var.name
  logs_key_arn         = module.keys.logs_key_arn
  alarm_emails         = var.alarm_emails
  load_balancer        = module.edge.load_balancer_arn_suffix
  gateway_target_group = module.edge.gateway_target_group_arn_suffix
  database             = module.databases.identifier
  cache                = module.cache.id
  web_acl              = module.edge.web_acl_name
  connections_max      = var.database.connections_max
}

module "budget" {
  source = "../budget"

  name          = var.name
  environment   = var.environment
  usd_per_month = var.usd_per_month
  emails        = var.alarm_emails
}
