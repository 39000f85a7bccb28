output "snapshot_bucket_name" {
  description = "The bucket, for the customer's upload and the operator's import."
  value       = google_storage_bucket.snapshot.name
}

output "writer_service_account_key" {
  description = "The customer's key: the JSON that `src-snapshot upload -credentials` takes."
  # Google gives it in base64; decoded it can be written to a file as it is.
  value     = base64decode(google_service_account_key.writer.private_key)
  sensitive = true
}
