output "project_id" {
  description = "The project, for the module `resources`. Available once its APIs and its audit logs are enabled."
  value       = var.project_id
  depends_on  = [google_project_service.this, google_project_iam_audit_config.storage]
}
