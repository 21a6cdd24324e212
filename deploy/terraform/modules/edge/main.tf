# The load balancer: TLS ends here, a web access list stands before it, and requests go to the gateway and the storefront.

data "aws_region" "here" {}

# Through which addresses CloudFront asks its origins.
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

locals {
  # What the gateway answers; everything else is a page of the storefront. A rule may name five paths.
  gateway_paths = {
    10 = ["/api", "/api/*", "/admin", "/admin/*", "/files/*"]
    20 = ["/docs", "/docs/*", "/openapi.json", "/.well-known/*"]
  }
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "HTTPS from the internet to the load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-load-balancer" }
}

# Behind the CDN, only the CDN may ask.
resource "aws_vpc_security_group_ingress_rule" "cdn" {
  count = var.cdn ? 1 : 0

  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTPS from CloudFront"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "internet" {
  count = var.cdn ? 0 : 1

  security_group_id = aws_security_group.load_balancer.id
  description       = "HTTPS from everywhere"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_lb" "shop" {
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  security_groups            = [aws_security_group.load_balancer.id]
  subnets                    = var.public_subnet_ids
  enable_deletion_protection = var.is_protected
  drop_invalid_header_fields = true
  # Shorter than the 72 s for which the shop keeps a connection: else requests would go into ones that it is closing.
  idle_timeout = 60

  access_logs {
    bucket  = aws_s3_bucket.logs.bucket
    prefix  = "load-balancer"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.logs]
}

resource "aws_lb_target_group" "gateway" {
  name                 = "${var.name}-gateway"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = 3000
  deregistration_delay = 30

  health_check {
    path                = "/ready"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_target_group" "storefront" {
  name                 = "${var.name}-storefront"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = 8080
  deregistration_delay = 30

  health_check {
    path                = "/ready"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.shop.arn
  port              = 443
  protocol          = "HTTPS"
  # TLS 1.3; CloudFront is also let in with 1.2.
  ssl_policy      = var.cdn ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : "ELBSecurityPolicy-TLS13-1-3-2021-06"
  certificate_arn = aws_acm_certificate_validation.shop.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.storefront.arn
  }
}

resource "aws_lb_listener_rule" "gateway" {
  for_each = local.gateway_paths

  listener_arn = aws_lb_listener.https.arn
  priority     = tonumber(each.key)

  condition {
    path_pattern {
      values = each.value
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.gateway.arn
  }
}

module "waf" {
  source = "../waf"

  name   = "${var.name}-load-balancer"
  scope  = "REGIONAL"
  region = data.aws_region.here.region
  # Behind the CDN every request comes from its addresses; there the CDN's own list counts.
  requests_per_address = var.cdn ? 0 : var.requests_per_address
}

resource "aws_wafv2_web_acl_association" "load_balancer" {
  resource_arn = aws_lb.shop.arn
  web_acl_arn  = module.waf.arn
}
