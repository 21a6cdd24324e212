output "security_group_ids" {
  description = "Of the tasks, by service."
  value       = { for name, group in aws_security_group.each : name => group.id }
}

output "with_database" {
  description = "Who enters PostgreSQL."
  value       = setunion(local.with_database, ["databases"])
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.shop.name
}

output "make_databases" {
  description = "Command that makes the databases and roles; it may be repeated."
  value = join(" ", [
    "aws ecs run-task --cluster ${aws_ecs_cluster.shop.name} --launch-type FARGATE",
    "--task-definition ${aws_ecs_task_definition.databases.family}",
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", var.subnet_ids)}],securityGroups=[${aws_security_group.each["databases"].id}],assignPublicIp=DISABLED}'",
  ])
}
