variable "name" {
  description = "Begins the name of everything that is made, as stoa-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "The name has 2 to 21 small letters, digits and hyphens and begins with a letter."
  }
}

variable "environment" {
  description = "dev, staging or prod: the tag by which costs are counted, and the label of the chart."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment is dev, staging or prod."
  }
}

variable "platform" {
  description = "What the services run on: \"eks\" with the chart, or \"ecs\" with Fargate."
  type        = string
  default     = "eks"

  validation {
    condition     = contains(["eks", "ecs"], var.platform)
    error_message = "platform is \"eks\" or \"ecs\"."
  }
}

variable "cidr" {
  description = "Addresses of the VPC."
  type        = string
  default     = "10.0.0.0/16"
}

variable "zones" {
  description = "How many availability zones are used."
  type        = number
}

variable "nat" {
  description = "\"per-zone\" survives the loss of a zone; \"one\" costs a third."
  type        = string
}

variable "endpoints" {
  description = "AWS services that are reached inside the VPC; ECS needs these six, EKS can do with NAT."
  type        = set(string)
  default     = ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "kms", "sts"]
}

variable "zone" {
  description = "Public hosted zone of Route 53 that exists, as example.com."
  type        = string
}

variable "domain" {
  description = "Where people reach the shop, as shop.example.com."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "domain is a name such as shop.example.com."
  }
}

variable "cdn" {
  description = "Whether CloudFront stands before the load balancer."
  type        = bool
}

variable "requests_per_address" {
  description = "Requests that one address may send in five minutes before it is turned away."
  type        = number
  default     = 6000
}

variable "shield_advanced" {
  description = "Whether the account has Shield Advanced (3,000 USD a month) and the shop shall be under it."
  type        = bool
  default     = false
}

variable "image_prefix" {
  description = "Begins the names of the repositories; environments of one account need one each."
  type        = string
  default     = "ecommerce/"
}

variable "release" {
  description = "Tag of the images that ECS runs; the chart has its own."
  type        = string
  default     = "0.1.0"
}

variable "settings" {
  description = "Further settings of the program for tasks of ECS, such as { SHOP_NAME = \"Tideline\" }."
  type        = map(string)
  default     = {}
}

variable "database" {
  description = "Size of PostgreSQL."
  type = object({
    instance_class  = string
    storage_gib     = number
    multi_az        = bool
    replicas        = number
    backup_days     = number
    connections_max = number
  })
}

variable "cache" {
  description = "Size of Redis."
  type = object({
    node_type     = string
    nodes         = number
    snapshot_days = number
  })
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
  default     = "1.35"
}

variable "steady_nodes" {
  description = "The pool of nodes for everything that must go on."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
  })
  default = { instance_types = ["m7i.large"], min = 3, max = 8 }
}

variable "spot_nodes" {
  description = "The pool of spot machines for what may be interrupted; max = 0 leaves it out."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
  })
  default = { instance_types = ["m7i.large", "m6i.large", "m6a.large"], min = 0, max = 4 }
}

variable "node_autoscaler" {
  description = "Who adds and removes nodes: \"cluster-autoscaler\", \"karpenter\" or \"none\"."
  type        = string
  default     = "cluster-autoscaler"
}

variable "admin_arns" {
  description = "Roles or users of IAM that administer the cluster."
  type        = set(string)
  default     = []
}

variable "admin_cidrs" {
  description = "Addresses from which the cluster's API is reached over the internet; none keeps it inside the VPC."
  type        = list(string)
  default     = []
}

variable "task_sizes" {
  description = "Tasks of ECS: how many, and how large, where it is not two of 256 units and 512 MiB."
  type = map(object({
    cpu    = optional(number)
    memory = optional(number)
    min    = optional(number)
    max    = optional(number)
  }))
  default = {
    gateway = { min = 3, max = 10 }
    user    = { min = 2, max = 5 }
    catalog = { min = 2, max = 5 }
    order   = { min = 2, max = 5 }
  }
}

variable "spot_services" {
  description = "Services whose tasks of ECS may be interrupted at any time: the shop sells without them."
  type        = set(string)
  default     = ["ad", "recommendation"]
}

variable "admin_email" {
  description = "Address of the shop's first administrator."
  type        = string
}

variable "alarm_emails" {
  description = "Who is told of alarms and of the budget."
  type        = set(string)
}

variable "usd_per_month" {
  description = "What may be spent in a month before somebody is told."
  type        = number
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 days and some longer times."
  }
}

variable "passwords_number" {
  description = "Counts exchanges of the passwords of PostgreSQL and Redis."
  type        = number
  default     = 1
}

variable "is_protected" {
  description = "Whether databases, cluster, load balancer, images and secrets are kept from being deleted."
  type        = bool
}

variable "tags" {
  description = "Tags of what the provider's default tags do not reach."
  type        = map(string)
}

variable "namespace" {
  description = "Namespace of the shop in the cluster."
  type        = string
  default     = "ecommerce"
}
