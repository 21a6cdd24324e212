output "url" {
  description = "Where people reach the shop."
  value       = module.edge.url
}

output "registry" {
  description = "Where images are pushed to."
  value       = module.registry.host
}

output "make_databases" {
  description = "Command that makes the databases on ECS; with the chart its own job does."
  value       = one([for ecs in module.ecs : ecs.make_databases])
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = local.is_eks ? module.cluster[0].name : module.ecs[0].cluster_name
}
