public import MigrationKit

/// Tests name steps by their keys.
extension JournaledStep: ExpressibleByStringInterpolation {
    public init(stringLiteral key: String) {
        guard let step = JournaledStep(key) else { preconditionFailure("`\(key)` is not a step.") }
        self = step
    }
}
