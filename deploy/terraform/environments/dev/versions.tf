terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "6.66.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "3.9.1"
    }
  }

  # Bucket, region and key come from backend.hcl. The lock is a file beside the state: two people cannot apply at once.
  backend "s3" {
    key          = "stoa/dev/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }
}
