package import NIOCore
package import NIOHTTP1
package import TestSupport

/// An answer before it is sent.
package struct FakeResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders = [:]
    package var body = ByteBuffer()

    package init(status: Int, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func json(_ status: Int = 200, _ headers: HTTPHeaders = [:], body: AnyJSON) -> Self {
        Self(status: status, headers: headers, body: ByteBuffer(string: body.text))
            .adding("Content-Type", "application/json; charset=UTF-8")
    }

    package static func xml(_ status: Int = 200, _ headers: HTTPHeaders = [:], body: String) -> Self {
        let body = "<?xml version='1.0' encoding='UTF-8'?>" + body
        return Self(status: status, headers: headers, body: ByteBuffer(string: body))
            .adding("Content-Type", "application/xml; charset=UTF-8")
    }

    package func adding(_ name: String, _ value: String) -> Self {
        var response = self
        response.headers.add(name: name, value: value)
        return response
    }
}
