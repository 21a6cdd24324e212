# One VPC over several availability zones: public subnets for the load balancer and NAT, private ones for whatever runs, and database
# subnets that lead nowhere.

data "aws_availability_zones" "usable" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_region" "here" {}

locals {
  zones = slice(data.aws_availability_zones.usable.names, 0, var.zones)
  # Zone name to its number, from which every address range follows.
  zone_numbers = { for number, zone in local.zones : zone => number }
  nat_zones    = var.nat == "per-zone" ? toset(local.zones) : toset([local.zones[0]])
}

resource "aws_vpc" "shop" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = var.name }
}

# Whoever forgets to name a security group gets one that lets nothing through.
resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.shop.id
}

resource "aws_internet_gateway" "shop" {
  vpc_id = aws_vpc.shop.id

  tags = { Name = var.name }
}

# Public: the load balancer and NAT, nothing else. 10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24
resource "aws_subnet" "public" {
  for_each = local.zone_numbers

  vpc_id                  = aws_vpc.shop.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 8, each.value)
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-public-${each.key}" }
}

# Private: nodes, pods and tasks. 10.0.16.0/20, 10.0.32.0/20, 10.0.48.0/20
resource "aws_subnet" "private" {
  for_each = local.zone_numbers

  vpc_id            = aws_vpc.shop.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 4, each.value + 1)

  tags = { Name = "${var.name}-private-${each.key}" }
}

# Databases: no way out. 10.0.128.0/24, 10.0.129.0/24, 10.0.130.0/24
resource "aws_subnet" "database" {
  for_each = local.zone_numbers

  vpc_id            = aws_vpc.shop.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.cidr, 8, each.value + 128)

  tags = { Name = "${var.name}-database-${each.key}" }
}

resource "aws_eip" "nat" {
  for_each = local.nat_zones

  domain = "vpc"

  tags = { Name = "${var.name}-nat-${each.key}" }
}

resource "aws_nat_gateway" "zone" {
  for_each = local.nat_zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${var.name}-${each.key}" }

  depends_on = [aws_internet_gateway.shop]
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.shop.id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.shop.id
}

resource "aws_route_table_association" "public" {
  for_each = local.zone_numbers

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = local.zone_numbers

  vpc_id = aws_vpc.shop.id

  tags = { Name = "${var.name}-private-${each.key}" }
}

# With one NAT gateway for all zones, its zone takes the way out of the others along when it fails.
resource "aws_route" "nat" {
  for_each = local.zone_numbers

  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.zone[var.nat == "per-zone" ? each.key : local.zones[0]].id
}

resource "aws_route_table_association" "private" {
  for_each = local.zone_numbers

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_route_table" "database" {
  vpc_id = aws_vpc.shop.id

  tags = { Name = "${var.name}-database" }
}

resource "aws_route_table_association" "database" {
  for_each = local.zone_numbers

  subnet_id      = aws_subnet.database[each.key].id
  route_table_id = aws_route_table.database.id
}
