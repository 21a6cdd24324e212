variable "region" {
  description = "Where the shop runs."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is the name of a region, such as eu-central-1."
  }
}

variable "zone" {
  description = "Public hosted zone of Route 53 that exists, as example.com."
  type        = string
}

variable "domain" {
  description = "Where people reach the shop, as shop.example.com."
  type        = string
}

variable "platform" {
  description = "\"eks\" with the chart, or \"ecs\" with Fargate."
  type        = string
  default     = "eks"
}

variable "release" {
  description = "Tag of the images that ECS runs; the chart has its own."
  type        = string
  default     = "0.1.0"
}

variable "admin_email" {
  description = "Address of the shop's first administrator."
  type        = string
}

variable "alarm_emails" {
  description = "Who is told of alarms and of the budget."
  type        = set(string)
  default     = []
}

variable "admin_arns" {
  description = "Roles or users of IAM that administer the cluster."
  type        = set(string)
  default     = []
}

variable "admin_cidrs" {
  description = "Addresses from which the cluster's API is reached; none keeps it inside the VPC."
  type        = list(string)
  default     = []
}

variable "node_autoscaler" {
  description = "\"cluster-autoscaler\", \"karpenter\" or \"none\"."
  type        = string
  default     = "cluster-autoscaler"
}

variable "passwords_number" {
  description = "A higher number exchanges the passwords of PostgreSQL and Redis."
  type        = number
  default     = 1
}

variable "cost_center" {
  description = "Who pays, as a tag on everything."
  type        = string
  default     = "shop"
}
