@_exported public import MigrationKitBase
@_exported public import MigrationKitHTTP
