/// How a scratch server sorts text. What holds in one order need not hold in another: range partitions, CHECKs and
/// exclusion constraints on text.
enum ScratchCollation: String {
    /// By the locale en_US.UTF-8, as new instances of Cloud SQL do.
    case locale
    /// By ICU, as en-US.
    case icu
    /// By the bytes.
    case bytes

    /// Whether what the rehearsal says of sorted text holds for an instance.
    func finding(in place: String) -> Finding {
        let name = "collation"
        return switch self {
        case .locale:
            Finding(name, in: place, .pass, "Text is sorted as in Cloud SQL: en_US.UTF-8.")
        case .icu:
            Finding(
                name, in: place, .pass,
                "Text is sorted by ICU's en-US, nearly as in Cloud SQL: the locale en_US.UTF-8 is not installed here.")
        case .bytes:
            Finding(
                name, in: place, .warn,
                "Text is sorted by its bytes, not as in Cloud SQL: the locale en_US.UTF-8 is not installed here, "
                    + "and this PostgreSQL has no ICU. Partitions and constraints that depend on the order of text are "
                    + "not tested.",
                remedy: "Install the locale, such as with `localedef -i en_US -f UTF-8 en_US.UTF-8`, or use PostgreSQL "
                    + "15 or later with --postgres-major, and rehearse again.")
        }
    }
}
