/// Something that is shown to the operator once, and neither logged nor kept: a link to set a password with.
package struct OperatorSecret: Sendable {
    /// What it is, as the beginning of a line that ends with it.
    package var what: String
    /// What is shown.
    package var text: Secret

    /// Takes a secret, and shows it.
    package typealias Handler = @Sendable (OperatorSecret) throws -> Void

    /// Makes a secret; see the properties.
    package init(what: String, text: Secret) { (self.what, self.text) = (what, text) }
}
