variable "name" {
  description = "Begins the name of everything that is made, as stoa-prod."
  type        = string
}
