# CloudFront, where var.cdn says so: keeps what the shop's own headers let it keep, and passes on everything else.

# As long as the shop's Cache-Control says and not a second longer; cookies are no part of what makes two requests the same.
resource "aws_cloudfront_cache_policy" "by_headers" {
  name        = var.name
  comment     = "What the shop's own headers let be kept"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

data "aws_cloudfront_cache_policy" "none" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "everything" {
  name = "Managed-AllViewer"
}

module "cdn_waf" {
  source = "../waf"
  count  = var.cdn ? 1 : 0

  name                 = "${var.name}-cdn"
  scope                = "CLOUDFRONT"
  region               = "us-east-1"
  requests_per_address = var.requests_per_address
}

# CloudFront takes certificates from us-east-1 only. The records that prove the domain are the same there.
resource "aws_acm_certificate" "cdn" {
  count = var.cdn ? 1 : 0

  region            = "us-east-1"
  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_acm_certificate_validation" "cdn" {
  count = var.cdn ? 1 : 0

  region                  = "us-east-1"
  certificate_arn         = aws_acm_certificate.cdn[0].arn
  validation_record_fqdns = [aws_route53_record.validation[var.domain].fqdn]
}

resource "aws_cloudfront_distribution" "shop" {
  count = var.cdn ? 1 : 0

  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.cdn_price_class
  aliases         = [var.domain]
  web_acl_id      = module.cdn_waf[0].arn

  origin {
    origin_id   = "load-balancer"
    domain_name = local.origin

    custom_origin_config {
      http_port                = 80
      https_port               = 443
      origin_protocol_policy   = "https-only"
      origin_ssl_protocols     = ["TLSv1.2"]
      origin_read_timeout      = 60
      origin_keepalive_timeout = 50
    }
  }

  default_cache_behavior {
    target_origin_id         = "load-balancer"
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id = data.aws_cloudfront_origin_request_policy.everything.id
  }

  # Files whose name changes with what is in them, and pictures of goods.
  dynamic "ordered_cache_behavior" {
    for_each = var.cached_paths

    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = "load-balancer"
      viewer_protocol_policy   = "redirect-to-https"
      allowed_methods          = ["GET", "HEAD"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = true
      cache_policy_id          = aws_cloudfront_cache_policy.by_headers.id
      origin_request_policy_id = data.aws_cloudfront_origin_request_policy.everything.id
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.cdn[0].certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.3_2025"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
}

# Shield Standard guards every account for nothing. Advanced is a subscription of a year, made by hand; this puts the shop under it.
resource "aws_shield_protection" "load_balancer" {
  count = var.shield_advanced ? 1 : 0

  name         = "${var.name}-load-balancer"
  resource_arn = aws_lb.shop.arn
}

resource "aws_shield_protection" "cdn" {
  count = var.shield_advanced && var.cdn ? 1 : 0

  name         = "${var.name}-cdn"
  resource_arn = aws_cloudfront_distribution.shop[0].arn
}
