/// Something that is shown to the operator once, and neither logged nor kept: a link to set a password with.
public struct OperatorSecret: Sendable {
    /// What it is, as the beginning of a line that ends with it.
    public var what: String
    /// What is shown.
    public var text: Secret

    /// Takes a secret, and shows it.
    public typealias Handler = @Sendable (OperatorSecret) throws -> Void

    /// Makes a secret; see the properties.
    public init(what: String, text: Secret) { (self.what, self.text) = (what, text) }
}
