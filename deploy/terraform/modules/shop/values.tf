# What the chart has to know of all this: `helm install --values profiles/prod.yaml --values aws.yaml`.

output "values" {
  description = "Values for the chart's profile prod."
  value       = local.is_eks ? yamlencode(local.values) : ""
}

output "target_group_bindings" {
  description = "Objects by which the AWS Load Balancer Controller puts pods behind the load balancer."
  value       = local.is_eks ? join("---\n", [for binding in local.bindings : yamlencode(binding)]) : ""
}

locals {
  values = {}

  bindings = [
    for service, at in {
      gateway    = { arn = module.edge.gateway_target_group_arn, port = "http" }
      storefront = { arn = module.edge.storefront_target_group_arn, port = 80 }
      } : {
      apiVersion = "elbv2.k8s.aws/v1beta1"
      kind       = "TargetGroupBinding"
      metadata   = { name = service, namespace = var.namespace }
      spec = {
        serviceRef     = { name = service, port = at.port }
        targetGroupARN = at.arn
        targetType     = "ip"
      }
    }
  ]
}
