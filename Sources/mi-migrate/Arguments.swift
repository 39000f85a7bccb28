public import ArgumentParser
public import MigrationKit

extension ImportStep: ExpressibleByArgument {}
