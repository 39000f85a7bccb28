/// How much of an object is sent, held and fetched at once. A value of the store: what moves fewer bytes, such as a test,
/// has smaller ones.
struct TransferSizes: Sendable {
    /// Google's least for every part but the last.
    var smallestPart: Int64 = 5 << 20
    /// Parts that have to be larger than was chosen are a multiple of this.
    var partStep: Int64 = 1 << 20
    /// What parts that cannot be had again may take of the memory, of all objects together.
    var heldParts: Int64 = 30 << 20
    /// An object up to this size is sent in one piece: a multipart upload would cost two more requests.
    var smallObject = 8 << 20
    /// What a resumable upload sends at once, and keeps until the store has it: a multiple of 256 KiB.
    var piece = 16 << 20
    /// What is fetched at once; a range that fails is fetched again alone.
    var range: Int64 = 8 << 20

    /// A part has the chosen size, or a ten-thousandth of the object and a little more, since nobody knows the size
    /// exactly before the end; parts that are held in memory are smaller, so that several can be on their way.
    func partSize(for expected: Int64?, chosen: Int64, isHeld: Bool) -> Int64 {
        let steps = (expected ?? 0) / Int64(MultipartUpload.partLimit - 100) / partStep + 1
        return max(isHeld ? smallestPart : chosen, steps * partStep, smallestPart)
    }
}
