variable "prefix" {
  description = "Begins the name of every repository."
  type        = string
  default     = "ecommerce/"
}

variable "images" {
  description = "Names of the images: the services, audit, tools."
  type        = set(string)
}

variable "key_arn" {
  description = "KMS key of the images."
  type        = string
}

variable "is_protected" {
  description = "Whether a repository that holds images is kept from being deleted."
  type        = bool
}
