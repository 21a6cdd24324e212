# As many tasks as are needed: by processor for the services, by requests for the gateway.

locals {
  scaled = { for name, size in local.size : name => size if size.max > size.min }
}

resource "aws_appautoscaling_target" "each" {
  for_each = local.scaled

  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.shop.name}/${aws_ecs_service.each[each.key].name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

resource "aws_appautoscaling_policy" "cpu" {
  for_each = { for name, size in local.scaled : name => size if name != "gateway" }

  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.each[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.each[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.each[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 70
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

# More than 100 requests per second and task: the metric counts minutes.
resource "aws_appautoscaling_policy" "requests" {
  for_each = { for name, size in local.scaled : name => size if name == "gateway" }

  name               = "requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.each[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.each[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.each[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = 6000
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = var.gateway_request_label
    }
  }
}
