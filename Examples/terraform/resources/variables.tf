variable "project_id" {
  description = "The Google project that the bucket is made in: the output of the module `project`."
  type        = string
}

variable "customer" {
  description = "The customer, as part of names: 3 to 14 lower-case letters, digits and hyphens."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,12}[a-z0-9]$", var.customer))
    error_message = "The customer has to be 3 to 14 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "location" {
  description = "Where the bucket is. That of the Cloud SQL instance makes imports fast and keeps the data in its region."
  type        = string
  default     = "US"
}

variable "cloud_sql_service_account" {
  description = "The Cloud SQL instance's own service account, which reads the dumps when they are imported."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@]+\\.iam\\.gserviceaccount\\.com$", var.cloud_sql_service_account))
    error_message = "Give the address alone, as `gcloud sql instances describe` shows it under serviceAccountEmailAddress."
  }
}

variable "operators" {
  description = "Who verifies the snapshot and runs the migration: members such as user:operator@example.com or group:operators@example.com."
  type        = list(string)

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@", member))])
    error_message = "Each operator has to be user:, group: or serviceAccount: and an address."
  }
}

variable "retention_days" {
  description = "So many days after its upload an object is deleted, the journal's too. More than the migration takes."
  type        = number
  default     = 7

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "A whole number of days, at least one."
  }
}

variable "destroys_objects" {
  description = "Whether `terraform destroy` may delete a bucket that still holds objects. Set it once the migration is over."
  type        = bool
  default     = false
}
