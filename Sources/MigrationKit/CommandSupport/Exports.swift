@_exported public import MigrationKit
