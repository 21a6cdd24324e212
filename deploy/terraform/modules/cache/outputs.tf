output "host" {
  description = "Name of the primary; it stays when a replica takes over."
  value       = aws_elasticache_replication_group.shop.primary_endpoint_address
}

output "id" {
  description = "Names the cache in metrics."
  value       = aws_elasticache_replication_group.shop.replication_group_id
}

output "security_group_id" {
  description = "Where 6379 is open to the services."
  value       = aws_security_group.cache.id
}
