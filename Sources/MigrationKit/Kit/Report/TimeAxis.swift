/// Where times stand on an axis that shows work in proportion and makes every long break the same short gap.
struct TimeAxis {
    /// A stretch of the axis.
    struct Stretch {
        /// Seconds since 1970.
        var times: ClosedRange<Double>
        /// Hundredths of the axis.
        var places: ClosedRange<Double>
    }

    /// Where somebody was at work.
    private(set) var work: [Stretch] = []
    /// The breaks between.
    private(set) var breaks: [Stretch] = []

    /// A break that is shorter than this part of the work is shown as it is.
    private static let shownBreak = 0.04
    /// What a break takes of the axis, and what all of them may.
    private static let (breakWidth, breaksWidth) = (4.0, 40.0)

    /// - Parameter times: When somebody was at work, in any order.
    init(_ times: [ClosedRange<Double>]) {
        let stretches = Self.joined(times.sorted { $0.lowerBound < $1.lowerBound })
        guard let first = stretches.first else { return }
        let sum = stretches.reduce(0) { $0 + $1.length }
        let gap = min(Self.breakWidth, Self.breaksWidth / Double(max(1, stretches.count - 1)))
        let room = 100 - gap * Double(stretches.count - 1)
        var place = 0.0
        var end = first.lowerBound
        for stretch in stretches {
            if stretch.lowerBound > end {
                breaks.append(Stretch(times: end...stretch.lowerBound, places: place...(place + gap)))
                place += gap
            }
            let width = sum > 0 ? room * stretch.length / sum : room / Double(stretches.count)
            work.append(Stretch(times: stretch, places: place...(place + width)))
            place += width
            end = stretch.upperBound
        }
    }

    private static func joined(_ sorted: [ClosedRange<Double>]) -> [ClosedRange<Double>] {
        let sum = merged(sorted, within: 0).reduce(0) { $0 + $1.length }
        return merged(sorted, within: max(1, sum * shownBreak))
    }

    private static func merged(_ sorted: [ClosedRange<Double>], within gap: Double) -> [ClosedRange<Double>] {
        sorted.reduce(into: []) { merged, next in
            guard let last = merged.last, next.lowerBound - last.upperBound <= gap else { return merged.append(next) }
            merged[merged.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
        }
    }

    /// Where a time stands, in hundredths of the axis.
    func place(_ time: Double) -> Double {
        let all = (work + breaks).sorted { $0.places.lowerBound < $1.places.lowerBound }
        guard let stretch = all.first(where: { time <= $0.times.upperBound }) else { return all.isEmpty ? 0 : 100 }
        let length = stretch.times.length
        let part = length > 0 ? max(0, time - stretch.times.lowerBound) / length : 0
        return stretch.places.lowerBound + part * stretch.places.length
    }

    /// Where a label begins or ends with its time, so that it does not stand out beyond the axis.
    static let ends = (left: 12.0, right: 88.0)

    /// Times to write beside the axis, from left to right, none nearer to another than there is room for.
    ///
    /// - Parameter distance: The room that a label takes, in hundredths of the axis.
    func ticks(distance: Double) -> [(time: Double, place: Double)] {
        var ticks: [(time: Double, place: Double)] = []
        func middle(_ place: Double) -> Double {
            place < Self.ends.left ? place + distance / 2 : place > Self.ends.right ? place - distance / 2 : place
        }
        func add(_ time: Double) {
            let place = place(time)
            let isFree = ticks.allSatisfy { abs(middle($0.place) - middle(place)) >= distance }
            if isFree { ticks.append((time, place)) }
        }
        if let first = work.first { add(first.times.lowerBound) }
        if let last = work.last { add(last.times.upperBound) }
        for stretch in work { add(stretch.times.lowerBound) }
        for stretch in work {
            let step = Self.step(stretch.times.length * distance / max(stretch.places.length, 0.01))
            var time = (stretch.times.lowerBound / step).rounded(.up) * step
            while time < stretch.times.upperBound {
                add(time)
                time += step
            }
        }
        return ticks.sorted { $0.place < $1.place }
    }

    /// A step that people count by, of at least so many seconds.
    private static func step(_ seconds: Double) -> Double {
        let steps: [Double] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200]
        return steps.first { $0 >= seconds } ?? (seconds / 86400).rounded(.up) * 86400
    }
}

extension ClosedRange<Double> {
    fileprivate var length: Double { upperBound - lowerBound }
}
