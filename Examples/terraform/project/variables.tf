variable "project_id" {
  description = "The Google project that the bucket will be in. It exists, and has a billing account."
  type        = string
}

variable "unlogged_members" {
  description = "Accounts whose reads and writes are not logged, such as user:backup@example.com. Best none: an audit with holes proves nothing."
  type        = list(string)
  default     = []
}
