variable "name" {
  description = "Begins the name of everything that is made, as stoa-prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "The name has 2 to 21 small letters, digits and hyphens and begins with a letter: load balancers and target groups are named after it."
  }
}

variable "vpc_id" {
  description = "The VPC."
  type        = string
}

variable "public_subnet_ids" {
  description = "Where the load balancer stands."
  type        = list(string)
}

variable "zone" {
  description = "Public hosted zone of Route 53, as example.com."
  type        = string
}

variable "domain" {
  description = "Where people reach the shop, as shop.example.com."
  type        = string
}

variable "cdn" {
  description = "Whether CloudFront stands before the load balancer."
  type        = bool
}

variable "cdn_price_class" {
  description = "Where CloudFront answers: PriceClass_100 is North America and Europe, PriceClass_All everywhere."
  type        = string
  default     = "PriceClass_100"

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.cdn_price_class)
    error_message = "cdn_price_class is PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "cached_paths" {
  description = "What CloudFront may keep, as the headers of the shop say."
  type        = list(string)
  default     = ["/static/*", "/files/*"]
}

variable "requests_per_address" {
  description = "Requests that one address may send in five minutes before it is turned away."
  type        = number
  default     = 6000
}

variable "shield_advanced" {
  description = "Whether the account has Shield Advanced and the shop shall be under it."
  type        = bool
  default     = false
}

variable "is_protected" {
  description = "Whether the load balancer and its logs are kept from being deleted."
  type        = bool
}

variable "access_log_days" {
  description = "How long access logs are kept."
  type        = number
  default     = 90
}
