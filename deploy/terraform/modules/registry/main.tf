# A repository for each image. A tag never changes what it names, and what is pushed is scanned.

resource "aws_ecr_repository" "image" {
  for_each = var.images

  name                 = "${var.prefix}${each.key}"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.is_protected

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "image" {
  for_each = aws_ecr_repository.image

  repository = each.value.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Images without a tag go after two weeks: layers of builds that were replaced."
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
      action       = { type = "expire" }
    }]
  })
}
