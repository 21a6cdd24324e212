variable "name" {
  description = "Name of the budget."
  type        = string
}

variable "environment" {
  description = "Value of the tag \"environment\" whose costs are counted."
  type        = string
}

variable "usd_per_month" {
  description = "What may be spent in a month."
  type        = number

  validation {
    condition     = var.usd_per_month > 0
    error_message = "A budget is more than nothing."
  }
}

variable "emails" {
  description = "Who is told."
  type        = set(string)
}
