#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A port of this machine that refuses connections: as long as it is held, no server gets it for its own.
package final class SilentPort: Sendable {
    private let descriptor: Int32
    package let port: Int

    /// - Parameter wanted: A port that a server has just given back (default: any that is free).
    package init(_ wanted: Int = 0) {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        // Connections of the server's that have been closed still count.
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(wanted).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                _ = bind(descriptor, address, size)
                getsockname(descriptor, address, &size)
            }
        }
        (self.descriptor, port) = (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    deinit { close(descriptor) }
}
