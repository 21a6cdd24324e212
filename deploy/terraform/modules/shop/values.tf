# What the chart has to know of all this: `helm install --values profiles/prod.yaml --values aws.yaml`.

output "values" {
  description = "Values for the chart's profile prod."
  value       = local.is_eks ? yamlencode(local.values) : ""
}

output "target_group_bindings" {
  description = "Objects by which the AWS Load Balancer Controller puts pods behind the load balancer."
  value       = local.is_eks ? join("---\n", [for binding in local.bindings : yamlencode(binding)]) : ""
}

locals {
  read_urls = {
    for service in local.readers : service =>
    { valueFrom = { secretKeyRef = { name = "stoa-databases", key = "${service}-database-read-url" } } }
  }
  redis_url = { valueFrom = { secretKeyRef = { name = "stoa-redis", key = "url" } } }

  values = {
    environment = var.environment
    shop        = { url = module.edge.url }
    image       = { registry = module.registry.host, prefix = var.image_prefix }

    # The External Secrets Operator brings every secret from Secrets Manager, under the names that the chart knows.
    secrets = {
      make = false
      external = {
        enabled = true
        store   = { kind = "ClusterSecretStore", name = "aws" }
      }
      keys      = { remoteKey = module.secrets.names["stoa-keys"] }
      databases = { remoteKey = module.secrets.names["stoa-databases"] }
      postgres  = { remoteKey = module.secrets.names["stoa-postgres"] }
      redis     = { remoteKey = module.secrets.names["stoa-redis"] }
      admin     = { remoteKey = module.secrets.names["stoa-admin"] }
      apiKeys   = { remoteKey = module.secrets.names["api-keys"] }
    }

    postgres = { enabled = false }
    externalDatabases = {
      host    = module.databases.host
      port    = module.databases.port
      sslMode = "verify-full"
      # RDS' authorities, which no system knows: docs/operate/aws.md says how this comes about.
      ca   = { configMap = "rds-ca", key = "ca.crt" }
      make = true
    }

    defaults = { env = { REDIS_URL = local.redis_url } }
    services = {
      cart    = { env = { CART_REDIS_URL = local.redis_url } }
      gateway = { autoscaling = { maxReplicas = 10 } }
      catalog = { env = local.has_replica ? { CATALOG_DATABASE_READ_URL = local.read_urls["catalog"] } : {} }
      order   = { env = local.has_replica ? { ORDER_DATABASE_READ_URL = local.read_urls["order"] } : {} }
    }

    # The load balancer is no controller of the cluster: it comes from the public subnets, straight to the pods.
    networkPolicy = {
      clients        = [for cidr in module.network.public_subnet_cidrs : { ipBlock = { cidr = cidr } }]
      trustedProxies = local.trusted_proxies
    }

    spot = {
      enabled      = var.spot_nodes.max > 0
      nodeSelector = { "stoa.shop/pool" = "spot" }
      tolerations  = [{ key = "stoa.shop/spot", operator = "Equal", value = "true", effect = "NoSchedule" }]
    }
  }

  bindings = [
    for service, at in {
      gateway    = { arn = module.edge.gateway_target_group_arn, port = "http" }
      storefront = { arn = module.edge.storefront_target_group_arn, port = 80 }
      } : {
      apiVersion = "elbv2.k8s.aws/v1beta1"
      kind       = "TargetGroupBinding"
      metadata   = { name = service, namespace = var.namespace }
      spec = {
        serviceRef     = { name = service, port = at.port }
        targetGroupARN = at.arn
        targetType     = "ip"
      }
    }
  ]
}
