public import ArgumentParser
public import MigrationKit

extension DumpTransport: ExpressibleByArgument {}
