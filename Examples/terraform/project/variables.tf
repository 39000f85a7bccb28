variable "project_id" {
  description = "The Google project for the bucket. It must exist and have a billing account."
  type        = string
}

variable "unlogged_members" {
  description = "Accounts whose reads and writes are not logged, such as user:backup@example.com. Preferably none: an audit with gaps proves nothing."
  type        = list(string)
  default     = []
}
