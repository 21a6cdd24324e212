output "arns" {
  description = "Each secret by its name in the chart: what may be read."
  value       = { for name, secret in aws_secretsmanager_secret.shop : name => secret.arn }
}

output "names" {
  description = "What each secret is called in Secrets Manager."
  value       = { for name, secret in aws_secretsmanager_secret.shop : name => secret.name }
}

output "master_version_id" {
  description = "The version of stoa-postgres to read, so that it is there before it is read."
  value       = aws_secretsmanager_secret_version.postgres.version_id
}

output "redis_version_id" {
  description = "The version of redis-password to read, so that it is there before it is read."
  value       = aws_secretsmanager_secret_version.redis_password.version_id
}
