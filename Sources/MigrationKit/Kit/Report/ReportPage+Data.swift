/// The databases: what was dumped, what was changed on the way, and whether it arrived.
extension ReportPage {
    var data: Section {
        let body: HTML =
            report.databases.isEmpty
            ? Self.empty("Nothing is known about the databases yet.")
            : "\(instant)\(HTML.all(report.databases.map(database)))"
        return Section(id: "data", title: "Data", body: body)
    }

    private var instant: HTML {
        guard report.databases.contains(where: { $0.dump != nil }) else { return "" }
        let sentence = report.instant?.sentence ?? SnapshotInstant.unknown
        return "<p class=\"remark\">\(sentence)</p>\n"
    }

    private func database(_ database: DatabaseReport) -> HTML {
        """
        <article class="card">
        <h3>\(database.database.importedName) \(verdict(database.proof))</h3>
        \(alarm(database.proof))
        \(dump(database))
        \(stages(database))
        \(proof(database.proof))
        \(rewrites(database))
        </article>

        """
    }

    private func verdict(_ proof: ContentProof?) -> HTML {
        guard let proof else { return Self.chip("no proof yet", .quiet) }
        guard proof.isEqual else { return Self.chip("differs", .bad) }
        return proof.countsOnly ? Self.chip("rows counted", .look) : Self.chip("proven equal", .good)
    }

    private func dump(_ database: DatabaseReport) -> HTML {
        guard let dump = database.dump else { return "" }
        let migrations = dump.migrations.map { state in
            "\(state.schema): \(Self.count(state.applied)) applied"
                + (state.unfinished.isEmpty ? "" : ", unfinished: \(state.unfinished.joined(separator: ", "))")
        }
        return Self.facts([
            ("Size in the bucket", .text("\(Quantity.bytes(dump.bytes)) in \(Self.count(dump.parts, "object"))")),
            ("Uploaded", dump.uploadedAt.map { Self.time($0, TimeText.seconds) }),
            ("Tables", .text(Self.count(dump.tables))), ("Rows", .text(Self.count(dump.rows))),
            ("Sequences", .text(Self.count(dump.sequences))),
            ("Dumped from", dump.serverVersion.map { .text("PostgreSQL \($0)") }),
            ("Dumped by", dump.pgDumpVersion.map { .text("pg_dump \($0)") }),
            ("Sourcegraph", dump.sourcegraphVersion.map(HTML.text)),
            ("Schema migrations", migrations.isEmpty ? nil : .text(migrations.joined(separator: "; "))),
            ("Extensions", dump.extensions.isEmpty ? nil : .text(dump.extensions.joined(separator: ", "))),
        ])
    }

    private func stages(_ database: DatabaseReport) -> HTML {
        let facts = database.stages.compactMap { stage -> (String, HTML?)? in
            func text(_ seconds: Double?) -> String? { seconds.map { Quantity.duration(.seconds($0)) } }
            let estimate = text(stage.estimatedSeconds).map { "estimated \($0)" }
            let both = [text(stage.seconds), estimate].compactMap(\.self)
            return ("Time for \(stage.name)", .text(both.joined(separator: ", ")))
        }
        guard !facts.isEmpty else { return "" }
        let basis = database.estimatedBy.map { [("Estimated", HTML.text($0))] } ?? []
        return Self.facts(facts + basis)
    }

    // MARK: Proof

    /// What is not as it was dumped, before all that is known besides.
    private func alarm(_ proof: ContentProof?) -> HTML {
        guard let proof else { return "" }
        let differing = proof.tables.filter { !$0.isEqual }
        let others: HTML =
            proof.otherDifferences.isEmpty
            ? "" : "<ul class=\"bad\">\(.all(proof.otherDifferences.map { "<li>\($0)</li>" }))</ul>"
        let tables: HTML =
            differing.isEmpty
            ? ""
            : "<p>\(Self.count(differing.count, "table")) differing from the dump:</p>"
                + rows(differing, proof.countsOnly)
        return others + tables
    }

    private func proof(_ proof: ContentProof?) -> HTML {
        guard let proof else { return Self.empty("What was imported has not been proven yet.") }
        let (shown, rest) = Self.limited(proof.tables)
        let kind = proof.countsOnly ? "counted, contents not compared" : "counted and compared by content digest"
        let summary =
            "\(Self.count(proof.tables.count, "table")), \(Self.count(proof.rows)) rows: \(kind)"
        let sequences: HTML =
            proof.otherDifferences.isEmpty
            ? "<p>Sequences match, extensions are installed, all indexes are valid.</p>" : ""
        return sequences + Self.folded("\(summary)", rows(shown, proof.countsOnly) + rest)
    }

    private func rows(_ tables: [ContentProof.Table], _ countsOnly: Bool) -> HTML {
        let columns = [
            Column(title: "Table"), Column(title: "Dumped", isNumber: true), Column(title: "Imported", isNumber: true),
            Column(title: "Result"),
        ]
        let rows = tables.map { table -> [HTML] in
            [
                "<code>\(table.table.description)</code>", .text(Self.count(table.dumped)),
                .text(table.imported.map { Self.count($0) } ?? "–"),
                table.isEqual
                    ? Self.chip(countsOnly ? "same count" : "equal", .good)
                    : Self.chip(table.imported == nil ? "missing" : "differs", .bad),
            ]
        }
        return Self.table("Tables", columns, rows)
    }

    // MARK: Rewrites

    private func rewrites(_ database: DatabaseReport) -> HTML {
        guard let dump = database.dump else { return "" }
        let counts = database.rewriteCounts.map { "\($0.rule.rawValue) \(Self.count($0.count))" }
        guard !counts.isEmpty else {
            return dump.profile == .none
                ? Self.empty("The dump was uploaded unchanged.")
                : Self.empty("No statement had to be commented out.")
        }
        let (shown, rest) = Self.limited(dump.rewrites)
        let columns = [Column(title: "Rule"), Column(title: "Line", isNumber: true), Column(title: "Statement")]
        let rows = shown.map { rewrite -> [HTML] in
            [
                .text(rewrite.rule.rawValue), .text(Self.count(rewrite.position.line)),
                "<code>\(rewrite.statement)</code>",
            ]
        }
        let summary =
            "\(Self.count(dump.rewrites.count, "statement")) commented out for the destination: "
            + counts.joined(separator: ", ")
        return Self.folded("\(summary)", Self.table("Statements", columns, rows) + rest)
    }
}
