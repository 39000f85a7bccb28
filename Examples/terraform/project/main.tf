resource "google_project_service" "this" {
  for_each = toset([
    "cloudresourcemanager.googleapis.com", # `mi-migrate audit` looks whether the logs are on
    "iam.googleapis.com",                  # the customer's account and its key
    "logging.googleapis.com",              # `mi-migrate audit` reads the logs
    "storage.googleapis.com",              # the bucket
  ])

  project = var.project_id
  service = each.value

  # Whatever else is in the project may use them, too.
  disable_on_destroy = false
}

# This resource has authority over the configuration of one service only: that of others stays as it is.
resource "google_project_iam_audit_config" "storage" {
  project = var.project_id
  service = "storage.googleapis.com"

  # storage.objects.get and .list: who has read the customer's data.
  audit_log_config {
    log_type         = "DATA_READ"
    exempted_members = var.unlogged_members
  }

  # storage.objects.create and .delete: who has put it there, and who has taken it away.
  audit_log_config {
    log_type         = "DATA_WRITE"
    exempted_members = var.unlogged_members
  }
}
