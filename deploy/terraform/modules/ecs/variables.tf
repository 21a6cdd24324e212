variable "name" {
  description = "Name of the cluster and beginning of all names, as stoa-prod."
  type        = string
}

variable "facts" {
  description = "deploy/services.json: services, their ports, connections, databases and secrets."
  type        = any
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets."
  type        = list(string)
}

variable "load_balancer_security_group_id" {
  description = "Who may ask the gateway and the storefront."
  type        = string
}

variable "database_security_group_id" {
  description = "Where PostgreSQL is."
  type        = string
}

variable "cache_security_group_id" {
  description = "Where Redis is."
  type        = string
}

variable "endpoints_security_group_id" {
  description = "Where AWS's own services are."
  type        = string
}

variable "s3_prefix_list_id" {
  description = "Addresses of S3."
  type        = string
}

variable "target_group_arns" {
  description = "Target groups of the load balancer, by service."
  type        = map(string)
}

variable "gateway_request_label" {
  description = "Load balancer and target group of the gateway, as the metric of requests per target names them."
  type        = string
}

variable "image_urls" {
  description = "Repositories, by image."
  type        = map(string)
}

variable "image_arns" {
  description = "ARNs of the repositories, by image."
  type        = map(string)
}

variable "secret_arns" {
  description = "Secrets, by the name that they have in the chart."
  type        = map(string)
}

variable "key_arn" {
  description = "KMS key of the secrets."
  type        = string
}

variable "logs_key_arn" {
  description = "KMS key of the log groups."
  type        = string
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number
}

variable "release" {
  description = "Tag of the images, such as 0.1.0."
  type        = string

  validation {
    condition     = var.release != "latest" && can(regex("^[0-9A-Za-z][0-9A-Za-z._-]*$", var.release))
    error_message = "release is the tag of one release, such as 0.1.0; \"latest\" names another image every day."
  }
}

variable "architecture" {
  description = "Processor of the images."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture is X86_64 or ARM64, as the images were built."
  }
}

variable "shop_url" {
  description = "Where people reach the shop."
  type        = string
}

variable "trusted_proxies" {
  description = "Ranges of addresses whose word on the client's address is believed."
  type        = list(string)
}

variable "readers" {
  description = "Services that read lists and searches from a replica."
  type        = set(string)
}

variable "settings" {
  description = "Further settings of the program, for all tasks."
  type        = map(string)
}

variable "size" {
  description = "Size of a task and how many there are, unless var.sizes says otherwise. 256 units are a quarter of a processor."
  type = object({
    cpu    = number
    memory = number
    min    = number
    max    = number
  })
  default = { cpu = 256, memory = 512, min = 2, max = 2 }
}

variable "sizes" {
  description = "What is different for a service."
  type = map(object({
    cpu    = optional(number)
    memory = optional(number)
    min    = optional(number)
    max    = optional(number)
  }))
}

variable "spot_services" {
  description = "Services whose tasks may be interrupted at any time, for a third of the price."
  type        = set(string)
}
