output "topic_arn" {
  description = "Where alarms go; what pages people subscribes to it."
  value       = aws_sns_topic.alarms.arn
}
