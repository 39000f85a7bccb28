public import ArgumentParser
public import MigrationKit
import MigrationKitCommandSupport

extension MigrationStep: ExpressibleByArgument {}

/// A step of an import.
struct ImportStep: ExpressibleByArgument {
    var step: MigrationStep

    static let allValueStrings = MigrationStep.ofImport.map(\.rawValue)

    init(step: MigrationStep) { self.step = step }

    init?(argument: String) {
        guard let step = MigrationStep(rawValue: argument), MigrationStep.ofImport.contains(step) else { return nil }
        self.step = step
    }

    var defaultValueDescription: String { step.rawValue }
}
