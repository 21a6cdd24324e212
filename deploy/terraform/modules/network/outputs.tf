output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.shop.id
}

output "cidr" {
  description = "Its addresses."
  value       = aws_vpc.shop.cidr_block
}

output "zones" {
  description = "Availability zones in use."
  value       = local.zones
}

output "public_subnet_ids" {
  description = "For the load balancer."
  value       = [for subnet in aws_subnet.public : subnet.id]
}

output "public_subnet_cidrs" {
  description = "Where requests come from that the load balancer passes on."
  value       = [for subnet in aws_subnet.public : subnet.cidr_block]
}

output "private_subnet_ids" {
  description = "For nodes, pods and tasks."
  value       = [for subnet in aws_subnet.private : subnet.id]
}

output "database_subnet_ids" {
  description = "For RDS and ElastiCache."
  value       = [for subnet in aws_subnet.database : subnet.id]
}

output "endpoints_security_group_id" {
  description = "Where AWS's own services are reached on 443."
  value       = aws_security_group.endpoints.id
}

output "s3_prefix_list_id" {
  description = "Addresses of S3, from which image layers come."
  value       = aws_vpc_endpoint.s3.prefix_list_id
}
