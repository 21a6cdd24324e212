output "data_key_arn" {
  description = "Encrypts databases, cache, secrets, images and volumes."
  value       = aws_kms_key.data.arn
}

output "logs_key_arn" {
  description = "Encrypts logs and alarms."
  value       = aws_kms_key.logs.arn
}
