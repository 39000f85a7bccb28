public import ArgumentParser
public import MigrationKit

extension MigrationStep: ExpressibleByArgument {}
