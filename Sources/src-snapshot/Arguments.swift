public import ArgumentParser
public import MigrationKit
import MigrationKitCommandSupport

extension DumpTransport: ExpressibleByArgument {}
extension RewriteProfile: ExpressibleByArgument {}

extension ByteCount: ExpressibleByArgument {
    /// Nil where it is no size; the parser says so.
    public init?(argument: String) { try? self.init(argument) }
}

extension TransferRate: ExpressibleByArgument {
    /// Nil where it is no rate; the parser says so.
    public init?(argument: String) { try? self.init(argument) }
}
