import NIOCore
import NIOHTTP1

/// An answer before it is sent.
struct FakeResponse: Sendable {
    var status: Int
    var headers: HTTPHeaders = [:]
    var body = ByteBuffer()

    static func json(_ status: Int = 200, _ headers: HTTPHeaders = [:], body: JSONValue) -> Self {
        Self(status: status, headers: headers, body: ByteBuffer(string: body.text))
            .adding("Content-Type", "application/json; charset=UTF-8")
    }

    static func xml(_ status: Int = 200, _ headers: HTTPHeaders = [:], body: String) -> Self {
        let body = "<?xml version='1.0' encoding='UTF-8'?>" + body
        return Self(status: status, headers: headers, body: ByteBuffer(string: body))
            .adding("Content-Type", "application/xml; charset=UTF-8")
    }

    func adding(_ name: String, _ value: String) -> Self {
        var response = self
        response.headers.add(name: name, value: value)
        return response
    }
}
