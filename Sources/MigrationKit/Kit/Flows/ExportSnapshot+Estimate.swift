internal import MigrationKitFoundation
internal import NIOCore
import Synchronization

/// `src-snapshot run --dry-run`: what an export would do.
extension ExportSnapshot {
    /// How long each side is measured.
    private static let measuringTime = Duration.seconds(1)

    /// Measures for a second how fast each database can be read, and how fast the bucket takes bytes; nothing stays there.
    ///
    /// - Returns: What an export would do, and how long it may take.
    /// - Throws: ``MigrationError`` as ``run()`` does before it sends anything, or if the bucket refuses.
    package func estimate() async throws -> ExportEstimate {
        let servers = try await preflight()
        do {
            return try await HeldInstant.with(
                dumpers, serverMajors: servers.mapValues(\.serverMajor), lockTimeout: lockTimeout, onEvent: onEvent
            ) { held in
                var databases: [ExportEstimate.Estimated] = []
                for dumper in dumpers {
                    guard let snapshot = held.snapshots[dumper.database], let server = servers[dumper.database] else {
                        continue
                    }
                    databases.append(try await estimated(dumper, snapshot, server))
                }
                return ExportEstimate(databases: databases, bucketBytesPerSecond: try await measureBucket())
            }
        } catch let lost as HeldInstant.Lost { throw lost.error }
    }

    private func estimated(
        _ dumper: PgDump, _ snapshot: HeldSnapshot, _ server: DumpPreflight
    ) async throws -> ExportEstimate.Estimated {
        onEvent(
            .notice(
                .init(
                    .measuringDatabase, "Measuring how fast \(dumper.database.rawValue) can be read.",
                    ["database": .init(dumper.database.rawValue)])))
        let lanes = lanes(snapshot, server)
        let reading = try await ParallelDump(
            source: dumper, held: snapshot, lanes: lanes, turns: Turns(jobs), lockTimeout: lockTimeout, onEvent: onEvent
        ).measure(for: Self.measuringTime)
        // Text is longer than what the server keeps of it, and shorter: the tables that were read tell for all.
        let bytes = Int64(Double(snapshot.tableBytes) * (reading?.bytesPerStoredByte ?? 1))
        return ExportEstimate.Estimated(
            database: dumper.database, serverMajor: server.serverMajor, bytes: bytes,
            objects: partSize.map { 3 + max(1, Int(bytes / $0) + 1) } ?? 1, connections: lanes,
            bytesPerSecond: reading?.bytesPerSecond)
    }

    /// An upload that is given up after a second: a stream that throws leaves nothing in a store.
    private func measureBucket() async throws -> Double {
        onEvent(
            .notice(
                .init(
                    .measuringBucket, "Measuring how fast \(store.location) takes bytes.",
                    ["location": .init(store.location)])))
        struct Enough: Error {}
        let start = ContinuousClock.now
        let sent = Mutex<(bytes: Int64, time: Duration)>((0, .zero))
        let piece = ByteBuffer(bytes: (0..<ByteBuffer.chunkSize).map { _ in UInt8.random(in: 0...255) })
        let stream = ByteStream {
            if ContinuousClock.now - start > Self.measuringTime { throw Enough() }
            return piece
        }
        let upload = ObjectUpload(
            stream: stream, expectedSize: 1 << 30,
            onProgress: { bytes in sent.withLock { $0 = (bytes, ContinuousClock.now - start) } },
            onNotice: { onEvent(.warning($0)) })
        do {
            _ = try await store.put(AttemptName(startedAt: Date()).object("measure"), upload)
        } catch is Enough {}
        return sent.withLock { $0.time > .zero ? Double($0.bytes) / ($0.time / .seconds(1)) : 0 }
    }
}
