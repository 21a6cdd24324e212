output "arn" {
  description = "The list, to be put before a load balancer or a distribution."
  value       = aws_wafv2_web_acl.shop.arn
}

output "name" {
  description = "Its name in metrics."
  value       = aws_wafv2_web_acl.shop.name
}
