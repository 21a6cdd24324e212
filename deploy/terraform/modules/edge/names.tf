# Names and certificates. The zone exists already: whoever owns the domain has delegated it.

data "aws_route53_zone" "shop" {
  name         = var.zone
  private_zone = false
}

locals {
  # CloudFront reaches the load balancer under a name of its own.
  origin = "origin.${var.domain}"
}

resource "aws_acm_certificate" "shop" {
  domain_name               = var.domain
  subject_alternative_names = [local.origin]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.shop.domain_validation_options : option.domain_name => option
  }

  zone_id         = data.aws_route53_zone.shop.zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  records         = [each.value.resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "shop" {
  certificate_arn         = aws_acm_certificate.shop.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_route53_record" "shop" {
  zone_id = data.aws_route53_zone.shop.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = var.cdn ? aws_cloudfront_distribution.shop[0].domain_name : aws_lb.shop.dns_name
    zone_id                = var.cdn ? aws_cloudfront_distribution.shop[0].hosted_zone_id : aws_lb.shop.zone_id
    evaluate_target_health = !var.cdn
  }
}

resource "aws_route53_record" "origin" {
  zone_id = data.aws_route53_zone.shop.zone_id
  name    = local.origin
  type    = "A"

  alias {
    name                   = aws_lb.shop.dns_name
    zone_id                = aws_lb.shop.zone_id
    evaluate_target_health = true
  }
}
