variable "name" {
  description = "Name of the cache, as stoa-prod."
  type        = string

  validation {
    condition     = length(var.name) <= 40
    error_message = "ElastiCache takes names of up to 40 characters."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Database subnets."
  type        = list(string)
}

variable "clients" {
  description = "Security groups that may open 6379, by whose they are."
  type        = map(string)
}

variable "key_arn" {
  description = "KMS key of what is kept."
  type        = string
}

variable "node_type" {
  description = "Size of a node."
  type        = string

  validation {
    condition     = startswith(var.node_type, "cache.")
    error_message = "Sizes of ElastiCache begin with \"cache.\", such as cache.t4g.small."
  }
}

variable "nodes" {
  description = "The primary and its replicas; two or more survive the loss of one."
  type        = number

  validation {
    condition     = var.nodes >= 1 && var.nodes <= 6
    error_message = "A replication group has 1 to 6 nodes."
  }
}

variable "snapshot_days" {
  description = "How many daily snapshots are kept."
  type        = number
}

variable "secret_id" {
  description = "Secret with {password, url}."
  type        = string
}

variable "secret_version_id" {
  description = "Its version, so that it is there before it is read."
  type        = string
}

variable "secret_number" {
  description = "Counts exchanges of the password."
  type        = number
}
