output "role_arn" {
  description = "The role."
  value       = aws_iam_role.pod.arn
}
