variable "project_id" {
  description = "The Google project in which the bucket is created: the output of the module `project`."
  type        = string
}

variable "customer" {
  description = "The customer, as part of names: 3 to 14 lowercase letters, digits and hyphens."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,12}[a-z0-9]$", var.customer))
    error_message = "The customer must be 3 to 14 lowercase letters, digits and hyphens, starting with a letter."
  }
}

variable "location" {
  description = "The bucket's location. Use that of the Cloud SQL instance: imports are faster, and the data stays in its region."
  type        = string
  default     = "US"
}

variable "cloud_sql_service_account" {
  description = "The Cloud SQL instance's own service account, which reads the dumps during an import."
  type        = string

  validation {
    condition     = can(regex("^[^@:]+@[^@]+\\.iam\\.gserviceaccount\\.com$", var.cloud_sql_service_account))
    error_message = "Use only the address, as `gcloud sql instances describe` shows it under serviceAccountEmailAddress."
  }
}

variable "operators" {
  description = "Who verifies the snapshot and runs the migration: members such as user:operator@example.com or group:operators@example.com."
  type        = list(string)

  validation {
    condition     = alltrue([for member in var.operators : can(regex("^(user|group|serviceAccount):[^@]+@", member))])
    error_message = "Each operator must be user:, group: or serviceAccount:, followed by an address."
  }
}

variable "retention_days" {
  description = "Objects, including the journal, are deleted this many days after their upload. Must be longer than the migration."
  type        = number
  default     = 7

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "Must be a whole number of days, at least one."
  }
}

variable "destroys_objects" {
  description = "Whether `terraform destroy` can delete a bucket that still contains objects. Set it once the migration is over."
  type        = bool
  default     = false
}
