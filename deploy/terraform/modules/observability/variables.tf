variable "name" {
  description = "Begins the names of alarms, as stoa-prod."
  type        = string
}

variable "logs_key_arn" {
  description = "KMS key of the topic."
  type        = string
}

variable "alarm_emails" {
  description = "Who is told of alarms."
  type        = set(string)
}

variable "load_balancer" {
  description = "The load balancer, as metrics name it."
  type        = string
}

variable "gateway_target_group" {
  description = "The gateway's target group, as metrics name it."
  type        = string
}

variable "database" {
  description = "Identifier of the primary."
  type        = string
}

variable "cache" {
  description = "Identifier of the cache."
  type        = string
}

variable "web_acl" {
  description = "Name of the web access list that counts addresses."
  type        = string
}

variable "errors_per_minute" {
  description = "From how many errors a minute somebody is told."
  type        = number
  default     = 10
}

variable "p95_seconds" {
  description = "From which time to answer somebody is told."
  type        = number
  default     = 1
}

variable "connections_max" {
  description = "From how many connections to PostgreSQL somebody is told."
  type        = number
}
