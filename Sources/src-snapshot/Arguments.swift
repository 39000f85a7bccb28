public import ArgumentParser
public import MigrationKit

extension DumpTransport: ExpressibleByArgument {}
extension RewriteProfile: ExpressibleByArgument {}

extension TransferRate: ExpressibleByArgument {
    /// Nil where it is no rate; the parser says so.
    public init?(argument: String) { try? self.init(argument) }
}
