variable "name" {
  description = "Name of the database server, as stoa-prod."
  type        = string
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Database subnets, in two zones at least."
  type        = list(string)
}

variable "clients" {
  description = "Security groups that may open 5432, by whose they are."
  type        = map(string)
}

variable "key_arn" {
  description = "KMS key of storage and insights."
  type        = string
}

variable "postgres_major" {
  description = "Major version of PostgreSQL."
  type        = string
  default     = "17"

  validation {
    condition     = can(tonumber(var.postgres_major)) && try(tonumber(var.postgres_major) >= 15, false)
    error_message = "The shop needs PostgreSQL 15 or newer, said as its major version: \"17\"."
  }
}

variable "instance_class" {
  description = "Size of the server."
  type        = string

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "Classes of RDS begin with \"db.\", such as db.t4g.medium."
  }
}

variable "storage_gib" {
  description = "Storage in GiB to begin with."
  type        = number
  default     = 20

  validation {
    condition     = var.storage_gib >= 20
    error_message = "Storage of the kind gp3 begins at 20 GiB."
  }
}

variable "storage_max_gib" {
  description = "How far storage may grow by itself."
  type        = number
  default     = 200
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over when the server or its zone fails."
  type        = bool
}

variable "replicas" {
  description = "How many servers for reading stand beside."
  type        = number

  validation {
    condition     = var.replicas >= 0 && var.replicas <= 5
    error_message = "A primary has 0 to 5 replicas here."
  }
}

variable "backup_days" {
  description = "How many days back the server can be restored to any second."
  type        = number

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "RDS keeps automated backups for 1 to 35 days; none at all would also forbid replicas."
  }
}

variable "is_protected" {
  description = "Whether the server is kept from being deleted and leaves a last snapshot."
  type        = bool
}

variable "master_username" {
  description = "Name of the superuser."
  type        = string
  default     = "stoa"
}

variable "master_secret_id" {
  description = "Secret with POSTGRES_PASSWORD of the superuser."
  type        = string
}

variable "master_secret_version_id" {
  description = "Its version, so that it is there before it is read."
  type        = string
}

variable "master_secret_number" {
  description = "Counts exchanges of the password: a higher number sends the secret's password to the server."
  type        = number
}
