internal import Synchronization

/// The secrets that this process has read: programs may repeat them in any form, where no field's name gives them away.
///
/// What ``Swift/String/redacted`` returns has none of them, as they are or as JSON, a URL, compose or a shell write them.
enum KnownSecrets {
    private static let known = Mutex<[UInt8: [[UInt8]]]>([:])
    /// What is short, or a word without a digit or a sign, would be taken out of every sentence that has it: `sourcegraph`.
    private static func isWord(_ text: String) -> Bool {
        text.utf8.count < 8 || (text.utf8.count < 12 && text.utf8.allSatisfy(\.isLowercaseLetter))
    }

    /// Remembers a secret.
    static func add(_ text: String) {
        guard !isWord(text) else { return }
        known.withLock { known in
            for form in Set(forms(of: text)) {
                guard let first = form.first, known[first]?.contains(form) != true else { continue }
                known[first, default: []].append(form)
                // A form may be the beginning of another.
                known[first]?.sort { $0.count > $1.count }
            }
        }
    }

    private static func forms(of text: String) -> [[UInt8]] {
        let json = (try? JSONText.encode(text, pretty: false)).map { String($0.dropFirst().dropLast()) }
        return [
            text, json, json?.replacing("/", with: #"\/"#), text.percentEncoded(keeping: ""),
            text.replacing("$", with: "$$"),
            text.replacing("'", with: #"'\''"#), text.replacing("'", with: "''"),
        ]
        .compactMap { $0.map { Array($0.utf8) } }
    }

    /// Where they are in a text.
    static func find(in bytes: [UInt8]) -> [Range<Int>] {
        let known = known.withLock { $0 }
        guard !known.isEmpty else { return [] }
        var found: [Range<Int>] = []
        var index = 0
        while index < bytes.count {
            let here = known[bytes[index]]?.first { form in
                let end = index + form.count
                return end <= bytes.count && bytes[index..<end].elementsEqual(form)
            }
            if let here { found.append(index..<index + here.count) }
            index += here?.count ?? 1
        }
        return found
    }
}

extension Secret {
    /// A secret whose text is from now on taken out of all that is printed, logged or recorded.
    package init(known text: String) {
        KnownSecrets.add(text)
        self.init(text)
    }
}

extension UInt8 {
    fileprivate var isLowercaseLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
}
