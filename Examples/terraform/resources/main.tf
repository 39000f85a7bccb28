# Names of buckets are known to the whole world; the suffix keeps this one from being guessed or taken.
resource "random_id" "suffix" {
  byte_length = 4
}

resource "google_storage_bucket" "snapshot" {
  project  = var.project_id
  name     = "${var.customer}-snapshot-${random_id.suffix.hex}"
  location = var.location

  # Who may do what is said below, for the whole bucket and nowhere else; and nobody can open it to the world.
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  # The seven days that the customer is promised are an end, so they are a lifecycle rule: objects are gone afterwards,
  # whoever forgets them. A retention policy would be the opposite, a beginning: nothing could be deleted before its
  # time, not even at the customer's wish or after an upload that failed, and nothing would be deleted then either.
  # That objects are not replaced and do not vanish during the migration comes from the roles below: nobody among them
  # may delete, which replacing needs as well.
  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = var.retention_days
    }
  }

  # Parts of uploads that were never completed are no objects: the rule above does not see them, and they cost for ever.
  # The same number of days, so that an upload that is taken up again after a weekend finds its parts.
  lifecycle_rule {
    action {
      type = "AbortIncompleteMultipartUpload"
    }
    condition {
      age = var.retention_days
    }
  }

  # What was deleted is gone at once, not after the week that Google would keep it by default.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  force_destroy = var.destroys_objects
}

# The customer's account: it can create objects in this bucket, and that is all it can do anywhere.
resource "google_service_account" "writer" {
  project      = var.project_id
  account_id   = "${var.customer}-writer-${random_id.suffix.hex}"
  display_name = "Uploads the snapshot of ${var.customer}"
}

resource "google_service_account_key" "writer" {
  service_account_id = google_service_account.writer.name
}

resource "google_storage_bucket_iam_member" "writer" {
  bucket = google_storage_bucket.snapshot.name
  role   = "roles/storage.objectCreator"
  member = google_service_account.writer.member

  # The journal is the operators': who could write there could say that an import was done.
  condition {
    title      = "not-the-journal"
    expression = "!resource.name.startsWith(\"projects/_/buckets/${google_storage_bucket.snapshot.name}/objects/mi-migrate/\")"
  }
}

# Cloud SQL reads the dumps as the instance's own account, whoever asks it to import them.
resource "google_storage_bucket_iam_member" "cloud_sql" {
  bucket = google_storage_bucket.snapshot.name
  role   = "roles/storage.objectViewer"
  member = "serviceAccount:${var.cloud_sql_service_account}"
}

# Operators verify the snapshot and read the journal …
resource "google_storage_bucket_iam_member" "operator_reads" {
  for_each = toset(var.operators)

  bucket = google_storage_bucket.snapshot.name
  role   = "roles/storage.objectViewer"
  member = each.value
}

# … and write to it. Its entries are objects that are created and never replaced, so that this role is enough.
resource "google_storage_bucket_iam_member" "operator_writes" {
  for_each = toset(var.operators)

  bucket = google_storage_bucket.snapshot.name
  role   = "roles/storage.objectCreator"
  member = each.value
}
