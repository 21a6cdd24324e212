variable "name" {
  description = "Before the name of each secret, as stoa-prod."
  type        = string
}

variable "key_arn" {
  description = "KMS key of the secrets."
  type        = string
}

variable "databases" {
  description = "Name of each service's database."
  type        = map(string)
}

variable "audited" {
  description = "Services whose databases the audit reads."
  type        = set(string)

  validation {
    condition     = alltrue([for service in var.audited : contains(keys(var.databases), service)])
    error_message = "The audit can read only what has a database."
  }
}

variable "readers" {
  description = "Services that read lists from a replica, where there is one."
  type        = set(string)
}

variable "master_username" {
  description = "Name of the account that may make databases and roles."
  type        = string
  default     = "stoa"
}

variable "database_host" {
  description = "Name of the primary."
  type        = string
}

variable "database_port" {
  description = "Port of PostgreSQL."
  type        = number
}

variable "has_replica" {
  description = "Whether there is a replica to read from."
  type        = bool
}

variable "replica_host" {
  description = "Its name; empty without one."
  type        = string
}

variable "redis_host" {
  description = "Name of Redis' primary."
  type        = string
}

variable "admin_email" {
  description = "Address of the first admin."
  type        = string
}

variable "passwords_number" {
  description = "Counts exchanges of the passwords of PostgreSQL and Redis."
  type        = number

  validation {
    condition     = var.passwords_number >= 1
    error_message = "The first passwords have number 1, the next ones 2."
  }
}

variable "is_protected" {
  description = "Whether a secret that is deleted can be had back for 30 days."
  type        = bool
}
