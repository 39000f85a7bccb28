resource "google_project_service" "this" {
  for_each = toset([
    "cloudresourcemanager.googleapis.com", # `mi-migrate audit` checks whether the logs are on
    "iam.googleapis.com",                  # the customer's account and its key
    "logging.googleapis.com",              # `mi-migrate audit` reads the logs
    "storage.googleapis.com",              # the bucket
  ])

  project = var.project_id
  service = each.value

  # Other resources in the project may use them, too.
  disable_on_destroy = false
}

# This resource controls the configuration of one service only: that of others does not change.
resource "google_project_iam_audit_config" "storage" {
  project = var.project_id
  service = "storage.googleapis.com"

  # storage.objects.get and .list: who has read the customer's data.
  audit_log_config {
    log_type         = "DATA_READ"
    exempted_members = var.unlogged_members
  }

  # storage.objects.create and .delete: who uploaded it, and who deleted it.
  audit_log_config {
    log_type         = "DATA_WRITE"
    exempted_members = var.unlogged_members
  }
}
