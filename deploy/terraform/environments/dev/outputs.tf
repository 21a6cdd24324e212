output "url" {
  description = "Where people reach the shop."
  value       = module.shop.url
}

output "registry" {
  description = "Where images are pushed to."
  value       = module.shop.registry
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = module.shop.cluster_name
}

output "values" {
  description = "Values of this environment for the chart: terraform output -raw values > aws.yaml"
  value       = module.shop.values
}

output "target_group_bindings" {
  description = "Objects that put pods behind the load balancer: terraform output -raw target_group_bindings | kubectl apply -f -"
  value       = module.shop.target_group_bindings
}

output "make_databases" {
  description = "Command that makes the databases on ECS."
  value       = module.shop.make_databases
}
