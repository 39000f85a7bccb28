package import TestSupport

/// An error in an answer.
package struct GraphQLError: Error, Sendable, Equatable {
    /// A step from the data's top: a field's key, or an element's number.
    package enum Step: Sendable, Equatable {
        case key(String)
        case index(Int)
    }

    package var message: String
    package var locations: [GraphQLLocation] = []
    package var path: [Step] = []

    package var json: AnyJSON {
        var object: [String: AnyJSON] = ["message": .string(message)]
        if !locations.isEmpty {
            object["locations"] = .array(
                locations.map { ["line": .integer(Int64($0.line)), "column": .integer(Int64($0.column))] })
        }
        if !path.isEmpty {
            object["path"] = .array(
                path.map { step in
                    switch step {
                    case .key(let key): .string(key)
                    case .index(let index): .integer(Int64(index))
                    }
                })
        }
        return .object(object)
    }
}
