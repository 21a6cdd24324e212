variable "name" {
  description = "Name of the list and of its metrics."
  type        = string
}

variable "scope" {
  description = "REGIONAL for a load balancer, CLOUDFRONT for a distribution."
  type        = string

  validation {
    condition     = contains(["REGIONAL", "CLOUDFRONT"], var.scope)
    error_message = "scope is REGIONAL or CLOUDFRONT."
  }
}

variable "region" {
  description = "Where the list lives; lists of CloudFront are in us-east-1 only."
  type        = string
}

variable "requests_per_address" {
  description = "Requests that one address may send in five minutes; 0 counts nobody."
  type        = number

  validation {
    condition     = var.requests_per_address == 0 || var.requests_per_address >= 10
    error_message = "The rate rule needs at least 10 requests in five minutes, or 0 to be left out."
  }
}
