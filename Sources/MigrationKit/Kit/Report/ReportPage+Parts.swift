internal import MigrationKitFoundation

/// What sections are made of.
extension ReportPage {
    /// How something is to be taken; the page shows it as a colour beside a word.
    enum Tone: String {
        case good, look, bad, busy, quiet

        /// As a class. A `switch`, for only literals are markup.
        var name: HTML {
            switch self {
            case .good: "good"
            case .look: "look"
            case .bad: "bad"
            case .busy: "busy"
            case .quiet: "quiet"
            }
        }
    }

    /// A word with its colour.
    static func chip(_ word: String, _ tone: Tone) -> HTML { "<span class=\"chip \(tone.name)\">\(word)</span>" }

    /// A column of a table.
    struct Column {
        var title: String
        var isNumber = false
    }

    /// A table in a box of its own, which scrolls where the screen is narrower; where it has many columns, each row is a
    /// list there.
    ///
    /// - Parameter over: Rows of which nobody needs more than the first two cells, until they are touched.
    static func table(_ caption: String, _ columns: [Column], _ rows: [[HTML]], over: Set<Int> = []) -> HTML {
        let heads = columns.map { column -> HTML in
            column.isNumber
                ? "<th scope=\"col\" class=\"number\">\(column.title)</th>" : "<th scope=\"col\">\(column.title)</th>"
        }
        let lines = rows.enumerated().map { number, row -> HTML in
            let cells = zip(columns, row).enumerated().map { index, cell -> HTML in
                let (column, content) = cell
                return index == 0
                    ? "<th scope=\"row\">\(content)</th>"
                    : column.isNumber
                        ? "<td class=\"number\" data-label=\"\(column.title)\">\(content)</td>"
                        : "<td data-label=\"\(column.title)\">\(content)</td>"
            }
            return over.contains(number)
                ? "<tr class=\"over\" tabindex=\"0\">\(.all(cells))</tr>\n" : "<tr>\(.all(cells))</tr>\n"
        }
        let opening: HTML = columns.count > 4 ? "<table class=\"wide\">" : "<table>"
        return """
            <div class="scroll" role="region" aria-label="\(caption)" tabindex="0">\(opening)
            <thead><tr>\(.all(heads))</tr></thead>
            <tbody>
            \(.all(lines))</tbody>
            </table></div>

            """
    }

    /// Something that is folded away, unless it is short or should be seen.
    static func folded(_ summary: HTML, isOpen: Bool = false, _ body: HTML) -> HTML {
        isOpen
            ? "<details open><summary>\(summary)</summary>\n\(body)</details>\n"
            : "<details><summary>\(summary)</summary>\n\(body)</details>\n"
    }

    /// Facts, each with its name. Those that are not known are left out.
    static func facts(_ facts: [(name: String, value: HTML?)]) -> HTML {
        let items = facts.compactMap { fact in
            fact.value.map { value -> HTML in "<div><dt>\(fact.name)</dt><dd>\(value)</dd></div>\n" }
        }
        return items.isEmpty ? "" : "<dl class=\"facts\">\n\(.all(items))</dl>\n"
    }

    /// What may be long, such as a program's last lines: folded if it is.
    static func longText(_ text: String) -> HTML {
        guard text.utf8.count > 240 else { return "<span class=\"wrap\">\(text)</span>" }
        return """
            <details class="inline"><summary>\(String(text.prefix(160))) …</summary>\
            <span class="wrap">\(text)</span></details>
            """
    }

    /// A note where a section has nothing to show yet.
    static func empty(_ text: String) -> HTML { "<p class=\"empty\">\(text)</p>" }

    // MARK: Quantities

    /// A time for a person, as an element that programs can read.
    static func time(_ time: Date, _ text: (Date) -> String = TimeText.exact) -> HTML {
        "<time datetime=\"\(text(time))\">\(TimeText.secondsInWords(time))</time>"
    }

    static func duration(_ seconds: Double) -> String { Quantity.duration(.seconds(min(max(seconds, 0), 1e12))) }

    static func count(_ number: Int) -> String { Quantity.count(number) }

    static func rate(_ rate: Double) -> String { "\(Quantity.bytes(Int64(min(max(rate, 0), 1e18))))/s" }

    /// `1 table`, `2 tables`.
    static func count(_ number: Int, _ noun: String) -> String { "\(count(number)) \(noun)\(number == 1 ? "" : "s")" }

    /// More lines than a person reads; the rest is in the JSON.
    static let lineLimit = 5000

    /// As many as there is room for, and what is said of the rest.
    static func limited<Element>(_ elements: [Element]) -> (shown: [Element], rest: HTML) {
        let rest = elements.count - lineLimit
        guard rest > 0 else { return (elements, "") }
        return (
            Array(elements.prefix(lineLimit)),
            "<p class=\"remark\">And \(count(rest)) more: <code>mi-migrate report -o report.json</code> has them all.</p>"
        )
    }
}
