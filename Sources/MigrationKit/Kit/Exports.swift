@_exported public import MigrationKitBase
@_exported public import MigrationKitGoogleCloud
@_exported public import MigrationKitHTTP
@_exported public import MigrationKitPostgresDump
@_exported public import MigrationKitSourcegraphAPI
