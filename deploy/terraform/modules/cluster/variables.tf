variable "name" {
  description = "Name of the cluster, as stoa-prod."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version is a minor version, such as \"1.35\"."
  }
}

variable "subnet_ids" {
  description = "Private subnets, in two zones at least."
  type        = list(string)
}

variable "load_balancer_security_group_id" {
  description = "Who may ask the gateway and the storefront."
  type        = string
}

variable "target_group_arns" {
  description = "Where pods of the gateway and the storefront are put."
  type        = list(string)
}

variable "secret_arns" {
  description = "What the External Secrets Operator may read."
  type        = list(string)
}

variable "key_arn" {
  description = "KMS key of Secrets in the cluster's store and at AWS."
  type        = string
}

variable "logs_key_arn" {
  description = "KMS key of the log groups."
  type        = string
}

variable "log_days" {
  description = "How long logs of the control plane are kept."
  type        = number
  default     = 90
}

variable "admin_arns" {
  description = "Roles or users of IAM that administer the cluster."
  type        = set(string)

  validation {
    condition     = alltrue([for arn in var.admin_arns : can(regex("^arn:aws:iam::[0-9]{12}:(role|user)/", arn))])
    error_message = "Administrators are ARNs of roles or users: arn:aws:iam::123456789012:role/platform."
  }
}

variable "admin_cidrs" {
  description = "Addresses from which the cluster's API is reached over the internet; none keeps it inside the VPC."
  type        = list(string)

  validation {
    condition     = alltrue([for cidr in var.admin_cidrs : can(cidrhost(cidr, 0)) && cidr != "0.0.0.0/0"])
    error_message = "admin_cidrs are ranges such as 203.0.113.0/24; the whole internet is not one of them."
  }
}

variable "ami_type" {
  description = "Image of the nodes; its processor has to be that of the shop's images."
  type        = string
  default     = "AL2023_x86_64_STANDARD"

  validation {
    condition     = startswith(var.ami_type, "AL2023_") || startswith(var.ami_type, "BOTTLEROCKET_")
    error_message = "ami_type is one of AL2023_… or BOTTLEROCKET_…, such as AL2023_x86_64_STANDARD."
  }
}

variable "steady" {
  description = "The pool for everything that must go on."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
  })

  validation {
    condition     = var.steady.min >= 1 && var.steady.max >= var.steady.min
    error_message = "The steady pool has at least one node, and max is not below min."
  }
}

variable "spot" {
  description = "The pool of spot machines for what may be interrupted; max = 0 leaves it out."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
  })

  validation {
    condition     = var.spot.max >= var.spot.min && (var.spot.max == 0 || length(var.spot.instance_types) > 1)
    error_message = "A spot pool needs at least two kinds of machines, and max is not below min."
  }
}

variable "node_autoscaler" {
  description = "Who adds and removes nodes."
  type        = string

  validation {
    condition     = contains(["cluster-autoscaler", "karpenter", "none"], var.node_autoscaler)
    error_message = "node_autoscaler is \"cluster-autoscaler\", \"karpenter\" or \"none\"."
  }
}

variable "tags" {
  description = "Tags of what a launch template makes, which the provider's default tags do not reach."
  type        = map(string)
}

variable "is_protected" {
  description = "Whether the cluster is kept from being deleted."
  type        = bool
}
