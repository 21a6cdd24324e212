variable "region" {
  description = "Where the state is kept."
  type        = string
  default     = "us-east-1"
}

variable "state_bucket" {
  description = "Name of the bucket of Terraform's state; names of buckets are one in all the world."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "A bucket's name has 3 to 63 small letters, digits, dots and hyphens."
  }
}

variable "count_costs" {
  description = "Whether costs are counted by tags; true once an environment has been running for a day, in the account that pays."
  type        = bool
  default     = false
}

variable "cost_center" {
  description = "Who pays, as a tag on everything."
  type        = string
  default     = "shop"
}
