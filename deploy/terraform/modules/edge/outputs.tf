output "security_group_id" {
  description = "The load balancer's; who is behind it lets nobody else in."
  value       = aws_security_group.load_balancer.id
}

output "load_balancer_arn_suffix" {
  description = "Names the load balancer in metrics."
  value       = aws_lb.shop.arn_suffix
}

output "gateway_target_group_arn" {
  description = "Where the gateway's pods or tasks are put."
  value       = aws_lb_target_group.gateway.arn
}

output "gateway_target_group_arn_suffix" {
  description = "Names it in metrics."
  value       = aws_lb_target_group.gateway.arn_suffix
}

output "storefront_target_group_arn" {
  description = "Where the storefront's pods or tasks are put."
  value       = aws_lb_target_group.storefront.arn
}

output "url" {
  description = "Where people reach the shop."
  value       = "https://${var.domain}"
}

output "cdn_cidrs" {
  description = "Addresses of CloudFront, when it stands in front: what it says of clients is believed."
  value       = var.cdn ? [for entry in data.aws_ec2_managed_prefix_list.cloudfront.entries : entry.cidr] : []
}

output "web_acl_name" {
  description = "Names the list that counts addresses in metrics."
  value       = var.cdn ? module.cdn_waf[0].name : module.waf.name
}
