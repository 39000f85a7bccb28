public import ArgumentParser
public import MigrationKit
import MigrationKitCommandSupport

extension MigrationStep: ExpressibleByArgument {}
