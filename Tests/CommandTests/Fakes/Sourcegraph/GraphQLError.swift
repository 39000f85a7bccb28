/// An error in an answer.
struct GraphQLError: Error, Sendable, Equatable {
    /// A step from the data's top: a field's key, or an element's number.
    enum Step: Sendable, Equatable {
        case key(String)
        case index(Int)
    }

    var message: String
    var locations: [GraphQLLocation] = []
    var path: [Step] = []

    var json: JSONValue {
        var object: [String: JSONValue] = ["message": .string(message)]
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
