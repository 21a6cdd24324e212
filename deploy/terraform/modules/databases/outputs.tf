output "host" {
  description = "Name of the primary; it stays when the standby takes over."
  value       = aws_db_instance.primary.address
}

output "port" {
  description = "Port of PostgreSQL."
  value       = aws_db_instance.primary.port
}

output "replica_hosts" {
  description = "Names of the servers for reading."
  value       = [for replica in aws_db_instance.replica : replica.address]
}

output "identifier" {
  description = "Names the primary in metrics."
  value       = aws_db_instance.primary.identifier
}

output "security_group_id" {
  description = "Where 5432 is open to the services."
  value       = aws_security_group.database.id
}
