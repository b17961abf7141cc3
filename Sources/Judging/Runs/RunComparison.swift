import Goldens
import RoPE

/// The differences of later runs from the first in one tensor.
struct RunComparison: Sendable {
  /// The largest number of elements that a violation names.
  private static let placeCount = 8

  private let tensor: TensorExtent
  private let headDimension: Int
  /// For each slab in which any run differs, a bit for each element that does.
  ///
  /// The keys are the slabs' first elements.
  private var differs: [Int: [UInt64]] = [:]
  /// For each run from the second on, the number of elements that differ, and the first of them.
  private var runs: [(count: Int, first: Int?)] = []
  /// True if all runs from the second on have the same bits.
  private var laterAgree = true

  init(_ tensor: TensorExtent, headDimension: Int) {
    self.tensor = tensor
    self.headDimension = headDimension
  }

  /// Compares the next run with the first.
  ///
  /// - Returns: the elements of the run that were not written, sought only in slabs that differ from the first run.
  /// - Throws: ``OutputError``.
  mutating func compare(run: Int, _ outputs: some OutputSource) throws -> ElementTally {
    let hasSecond = run > 2 && runs[0].count > 0, comparison = self
    let slabs = try Slabs([tensor], headDimension: headDimension).forEach(worker: { [Slab]() }) { slabs, _, tokens in
      if let slab = try comparison.slab(tokens, run: run, hasSecond: hasSecond, outputs) { slabs.append(slab) }
    }.flatMap(\.self).sorted { $0.start < $1.start }
    note(slabs, run: run, hasSecond: hasSecond)
    return slabs.reduce(into: ElementTally()) { $0.merge($1.missing) }
  }

  /// The differences of a run in some tokens.
  private struct Slab: Sendable {
    /// The index of its first element in the tensor.
    let start: Int
    /// A bit for each element that differs from the first run's; empty if none does.
    var bits: [UInt64] = []
    var missing = ElementTally()
    /// True if it has the bits of the second run, or was not compared with it.
    var agreesWithSecond = true
  }

  /// - Returns: nil if the run has the bits of the first and of the second.
  private func slab(_ tokens: Range<Int>, run: Int, hasSecond: Bool, _ outputs: some OutputSource) throws -> Slab? {
    let first = try outputs.rows(run: 1, tensor.name, tokens), later = try outputs.rows(run: run, tensor.name, tokens)
    var slab = Slab(start: tokens.lowerBound * tensor.heads * headDimension)
    if hasSecond { slab.agreesWithSecond = try outputs.rows(run: 2, tensor.name, tokens).hasBytes(of: later) }
    guard !first.hasBytes(of: later) else { return slab.agreesWithSecond ? nil : slab }
    slab.bits = Array(repeating: 0, count: (first.count + 63) / 64)
    for index in 0..<first.count {
      if first[index] != later[index] { slab.bits[index / 64] |= 1 << UInt64(index % 64) }
      if later[index] == outputs.unwritten { slab.missing.add(element(slab.start + index)) }
    }
    return slab
  }

  private mutating func note(_ slabs: [Slab], run: Int, hasSecond: Bool) {
    let count = slabs.reduce(0) { $0 + $1.bits.bitCount }
    let first = slabs.lazy.compactMap { slab in slab.bits.firstIndices(1).first.map { slab.start + $0 } }.first
    runs.append((count, first))
    // Runs are compared with the second run if it differs from the first, and otherwise with the first.
    if run > 2 { laterAgree = laterAgree && (hasSecond ? slabs.allSatisfy(\.agreesWithSecond) : count == 0) }
    for slab in slabs where !slab.bits.isEmpty {
      differs[slab.start] = differs[slab.start].map { zip($0, slab.bits).map(|) } ?? slab.bits
    }
  }

  private func element(_ index: Int) -> ElementIndex {
    let row = index / headDimension
    return tensor.element(token: row / tensor.heads, head: row % tensor.heads, channel: index % headDimension)
  }

  /// The first run that differs, counted from 1; nil if none does.
  var firstDifferent: Int? { runs.firstIndex { $0.count > 0 }.map { $0 + 2 } }

  /// The disagreement of the runs; nil if there is none.
  ///
  /// `wrongCounts` are those of the first run and of the first that differs, if that was judged.
  func disagreement(_ wrongCounts: RunDisagreement.WrongCounts?) -> RunDisagreement? {
    guard firstDifferent != nil else { return nil }
    var places: [ElementIndex] = []
    for (start, bits) in differs.sorted(by: { $0.key < $1.key }) where places.count < Self.placeCount {
      places += bits.firstIndices(Self.placeCount - places.count).map { element(start + $0) }
    }
    let count = differs.values.reduce(0) { $0 + $1.bitCount }
    return RunDisagreement(
      runCount: runs.count + 1, count: count, places: places,
      runs: runs.enumerated().compactMap { index, run in
        run.first.map { .init(run: index + 2, count: run.count, first: element($0)) }
      },
      pattern: runs.count == 1 ? .undecided : laterAgree ? .state : .nonDeterminism, wrongCounts: wrongCounts)
  }
}

extension ElementArray {
  fileprivate func hasBytes(of other: ElementArray) -> Bool {
    bytes.withUnsafeBytes { mine in other.bytes.withUnsafeBytes { mine.hasBytes(of: $0) } }
  }
}

extension [UInt64] {
  /// The number of bits that are set.
  fileprivate var bitCount: Int { reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The indices of the first bits that are set, at most `count`, ascending.
  fileprivate func firstIndices(_ count: Int) -> [Int] {
    var found: [Int] = []
    for (index, word) in enumerated() where word != 0 {
      for bit in 0..<64 where word & 1 << UInt64(bit) != 0 {
        guard found.count < count else { return found }
        found.append(64 * index + bit)
      }
    }
    return found
  }
}
