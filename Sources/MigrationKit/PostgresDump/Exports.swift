@_exported public import MigrationKitBase
