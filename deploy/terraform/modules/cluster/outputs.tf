output "name" {
  description = "Name of the cluster, for aws eks update-kubeconfig."
  value       = aws_eks_cluster.shop.name
}

output "security_group_id" {
  description = "Of nodes and pods."
  value       = aws_eks_cluster.shop.vpc_config[0].cluster_security_group_id
}

output "node_role_arn" {
  description = "Role of the nodes; Karpenter's node class names it."
  value       = aws_iam_role.node.arn
}

output "interruption_queue" {
  description = "Queue in which Karpenter hears of interruptions."
  value       = one([for queue in aws_sqs_queue.interruptions : queue.name])
}
