output "host" {
  description = "Where images are pushed to and pulled from."
  value       = split("/", values(aws_ecr_repository.image)[0].repository_url)[0]
}

output "arns" {
  description = "The repositories, by image."
  value       = { for name, repository in aws_ecr_repository.image : name => repository.arn }
}

output "urls" {
  description = "Addresses of the repositories, by image."
  value       = { for name, repository in aws_ecr_repository.image : name => repository.repository_url }
}
