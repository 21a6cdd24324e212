variable "name" {
  description = "Begins the name of everything that is made, as stoa-prod."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && endswith(var.cidr, "/16")
    error_message = "The VPC needs a range of IPv4 addresses of the size /16, such as 10.0.0.0/16: the subnets are cut from it."
  }
}

variable "zones" {
  description = "How many availability zones are used."
  type        = number
  default     = 3

  validation {
    condition     = contains([2, 3], var.zones)
    error_message = "Use two or three availability zones: the load balancer and the database need two, and subnets are cut for three."
  }
}

variable "nat" {
  description = "\"per-zone\" survives the loss of a zone; \"one\" costs a third."
  type        = string
  default     = "per-zone"

  validation {
    condition     = contains(["one", "per-zone"], var.nat)
    error_message = "nat is \"one\" or \"per-zone\"."
  }
}

variable "endpoints" {
  description = "AWS services that are reached inside the VPC, by the last part of their endpoint's name."
  type        = set(string)
}

variable "flow_log_days" {
  description = "How long flow logs are kept."
  type        = number
  default     = 90
}

variable "logs_key_arn" {
  description = "KMS key of the log groups."
  type        = string
}
