variable "name" {
  description = "Name of the role."
  type        = string
}

variable "cluster_name" {
  description = "The EKS cluster."
  type        = string
}

variable "namespace" {
  description = "Namespace of the account."
  type        = string
}

variable "service_account" {
  description = "The ServiceAccount whose pods have the rights."
  type        = string
}

variable "policy" {
  description = "The rights, as the JSON of a policy."
  type        = string
}
