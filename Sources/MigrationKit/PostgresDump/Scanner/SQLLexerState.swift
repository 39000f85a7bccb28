/// What the SQL lexer has to remember from one byte to the next.
struct SQLLexerState {
    enum State: UInt8 {
        case plain
        /// After a `-` or a `/` that may open a comment.
        case dash, slash
        case lineComment
        /// Inside `/* … */`; after a `*` that may close it; after a `/` that may nest another.
        case blockComment, blockStar, blockSlash
        /// Inside `'…'`; after a backslash in an E-string; after a `'` that may be doubled.
        case quote, quoteEscape, quoteEnd
        case doubleQuote
        /// Collecting the tag after a `$`; inside the body; after a `$` in it that may begin the closing tag.
        case dollarTag, dollarBody, dollarEnd
        /// After a `:`, what psql takes for the name of a variable, such as the `n` of `a[1:n]`.
        case variable
        /// A backslash command, up to the end of the line.
        case meta
    }

    var state = State.plain
    /// A token of a statement has come and its `;` has not.
    var inStatement = false

    var parenthesisDepth = 0
    var commentDepth = 0
    /// Depth of `BEGIN ATOMIC … END` and the CASEs inside it, within which a `;` ends no statement.
    var atomicDepth = 0

    /// Backslash escapes hold in the open string.
    var escapes = false
    /// An E-string has just closed; on a following line a `'` goes on with it, escapes included.
    var continuation = Continuation.none
    enum Continuation: UInt8 { case none, closed, nextLine }

    /// What stands directly before the next byte: a number, or a `:` that is not the second of a `::`.
    var before = Before.other
    enum Before: UInt8 { case number, colon, other }
    /// The word being read stands directly behind a number.
    var wordFollowsNumber = false
    /// A `;` of a `BEGIN ATOMIC … END` body has come.
    var hasInnerSemicolon = false

    var dollarTag: [UInt8] = []
    var dollarMatched = 0

    var word = Word()
    /// How many unquoted words the statement has had, and the head of a CREATE FUNCTION or PROCEDURE among the first.
    var wordCount = 0
    var routineHead: (UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0)

    /// The unquoted word being read: its length and its first eight bytes in lower case.
    struct Word {
        var length = 0
        var prefix: UInt64 = 0

        @inline(__always)
        mutating func append(_ byte: UInt8) {
            if length < 8 { prefix |= UInt64(byte | 0x20) << (UInt64(length) * 8) }
            length += 1
        }

        func matches(_ keyword: StaticString) -> Bool {
            guard length == keyword.utf8CodeUnitCount else { return false }
            var expected: UInt64 = 0
            for index in 0..<min(8, length) {
                expected |= UInt64(keyword.utf8Start[index]) << (UInt64(index) * 8)
            }
            return prefix == expected
        }
    }

    /// A new statement begins with the next token.
    mutating func resetStatement() {
        inStatement = false
        parenthesisDepth = 0
        atomicDepth = 0
        wordCount = 0
        routineHead = (0, 0, 0, 0)
        continuation = .none
        before = .other
        hasInnerSemicolon = false
    }

    /// The word is complete: what it means for where the statement ends.
    ///
    /// psql 14 and later keep `;` inside the SQL-standard body of a CREATE FUNCTION or PROCEDURE; so must we.
    mutating func endWord() {
        defer {
            word = Word()
            wordCount += 1
        }
        continuation = .none
        if wordCount < 4 {
            var mark: UInt8 = 0
            if word.matches("create") { mark = .init(ascii: "c") }
            if word.matches("or") { mark = .init(ascii: "o") }
            if word.matches("replace") { mark = .init(ascii: "r") }
            if word.matches("function") || word.matches("procedure") { mark = .init(ascii: "f") }
            switch wordCount {
            case 0: routineHead.0 = mark
            case 1: routineHead.1 = mark
            case 2: routineHead.2 = mark
            default: routineHead.3 = mark
            }
        }
        guard isRoutine, parenthesisDepth == 0 else { return }
        if word.matches("begin") {
            atomicDepth += 1
        } else if atomicDepth > 0, word.matches("case") {
            atomicDepth += 1
        } else if atomicDepth > 0, word.matches("end") {
            atomicDepth -= 1
        }
    }

    private var isRoutine: Bool {
        let (c, o, r, f): (UInt8, UInt8, UInt8, UInt8) = (
            .init(ascii: "c"), .init(ascii: "o"), .init(ascii: "r"), .init(ascii: "f")
        )
        return routineHead.0 == c
            && (routineHead.1 == f || (routineHead.1 == o && routineHead.2 == r && routineHead.3 == f))
    }
}
