import Dispatch
import Foundation
import Goldens
import RoPE
import Synchronization

/// Judges the outputs of a long sequence whose inputs follow from a seed, token by token, on every core.
struct SampledJudge: Sendable {
  let golden: Golden
  let rows: Golden.SampledRows
  let budget: Budget
  /// The bits of an element that was not written, which is another matter; nil where no bits say so.
  let unwritten: UInt32?

  /// The outputs of some tokens of one tensor, `[tokens, heads, D]`; called from any thread.
  typealias TokenOutputs = @Sendable (TensorName, Range<Int>) throws -> ElementArray

  /// Tokens that a diagnosis looks at, around the worst.
  private static let excerpt = 8
  /// Tokens that are judged at a time.
  private static let slab = 256

  private var stream: SampledStream { SampledStream(golden.goldenCase, plan: golden.plan) }

  /// Checks that the stored rows are those that the reference computes here.
  func checkRows() throws(GoldenError) {
    let exact = stream.exactRows()
    let counts = stream.tokenCounts
    for (index, token) in rows.tokens.enumerated() {
      let query = exact.rows(ofToken: token, isKey: false), key = exact.rows(ofToken: token, isKey: true)
      guard rows.expectedQuery[index * counts.query..<(index + 1) * counts.query].elementsEqual(query.expected),
        rows.expectedKey[index * counts.key..<(index + 1) * counts.key].elementsEqual(key.expected)
      else { throw .sampledRow(caseName: golden.goldenCase.name, token: token) }
    }
  }

  /// How the outputs compare with the exact ones, and what does not hold in them that must.
  ///
  /// - Throws: what `outputs` throws.
  func result(_ outputs: TokenOutputs) throws -> CaseResult {
    let findings = try findings(outputs)
    return CaseResult(
      accuracy: findings.accuracy, wrongCopyCounts: findings.wrongCopyCounts,
      violations: findings.violations(of: golden.goldenCase))
  }

  /// Says what is wrong with outputs, where something exceeds its limit.
  ///
  /// - Parameters:
  ///   - result: theirs.
  ///   - followsRight: whether an earlier run on the same inputs was right.
  /// - Throws: what `outputs` throws.
  private func diagnose(_ result: inout CaseResult, followsRight: Bool = false, _ outputs: TokenOutputs) throws {
    guard let worst = result.accuracy?.worst, !worst.conforms else { return }
    let near = tokens(around: worst.place.token)
    result.diagnosis = try diagnostician(near, outputs, followsRight: followsRight)?.diagnosis()
    // Of a golden's own tokens, which include both sides of every power of two, the errors show where they begin.
    result.profile = try diagnostician(Set(near).union(rows.tokens).sorted(), outputs)?.profile()
  }

  /// Adds how later runs differ from the one that has a result, and what is wrong with either.
  ///
  /// - Parameters:
  ///   - first: the outputs that the result is of.
  ///   - different: those of the first run that differs; nil where none does.
  /// - Throws: what `first` and `different` throw.
  func add(
    _ comparison: RunComparison, to result: inout CaseResult, first: TokenOutputs, different: TokenOutputs?,
    diagnoses: Bool
  ) throws {
    let isRight = result.conforms
    var later = try different.map { try self.result($0) }
    if diagnoses {
      try diagnose(&result, first)
      if let different, var found = later {
        try diagnose(&found, followsRight: isRight && comparison.canBeState, different)
        later = found
      }
    }
    result.add(comparison, later: later, of: golden.goldenCase)
  }

  private func findings(_ outputs: TokenOutputs) throws -> SlabJudge.Findings {
    let count = golden.goldenCase.workload.sequence, stream = stream
    let total = Mutex(SlabJudge.Findings(plan: golden.plan, unwritten: unwritten))
    let failure = Mutex<(any Error)?>(nil), next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: ProcessInfo.processInfo.activeProcessorCount) { _ in
      var worker = SlabJudge(golden: golden, stream: stream, budget: budget, unwritten: unwritten)
      while true {
        let first = next.add(Self.slab, ordering: .relaxed).oldValue
        guard first < count, failure.withLock({ $0 == nil }) else { break }
        let tokens = first..<min(first + Self.slab, count)
        do {
          for tensor in [TensorName.query, .key] {
            let elements = try outputs(tensor, tokens), size = elements.bytes.count / tokens.count
            elements.bytes.withUnsafeBytes { bytes in
              for (index, token) in tokens.enumerated() {
                let row = UnsafeRawBufferPointer(rebasing: bytes[index * size..<(index + 1) * size])
                worker.judge(tensor, token: token, output: row)
              }
            }
          }
        } catch {
          failure.withLock { $0 = $0 ?? error }
        }
      }
      total.withLock { $0.merge(worker.findings) }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return total.withLock { $0 }
  }

  /// Consecutive tokens that a diagnosis looks at; whether others are wrong in another way is left open.
  private func tokens(around token: Int) -> [Int] {
    let count = golden.goldenCase.workload.sequence
    let first = max(0, min(token - Self.excerpt / 2, count - Self.excerpt))
    return Array(first..<min(first + Self.excerpt, count))
  }

  /// Finds what is wrong with some tokens, ascending, as if there were no others.
  private func diagnostician(
    _ tokens: [Int], _ outputs: TokenOutputs, followsRight: Bool = false
  ) throws -> Diagnostician? {
    let part = stream.excerpt(of: golden, tokens: tokens), type = golden.goldenCase.elementType
    guard case .stored(let tensors) = part.content else { return nil }
    func output(_ tensor: TensorName) throws -> ElementArray {
      ElementArray(type: type, bytes: try tokens.flatMap { try outputs(tensor, $0..<$0 + 1).bytes })
    }
    func tensor(_ buffer: Int, heads: Int) -> RotatedTensor {
      let strides = part.goldenCase.workload.strides(heads: heads, headDimension: part.plan.headDimension)
      let view = TensorView(buffer: buffer, strides: strides)
      return RotatedTensor(heads: heads, input: view, output: view)
    }
    let call = RotationCall(
      plan: part.plan, elementType: type, batch: 1, sequence: tokens.count,
      angles: tensors.angles, query: tensor(0, heads: part.goldenCase.workload.queryHeads),
      key: tensor(1, heads: part.goldenCase.workload.keyHeads))
    return Diagnostician(
      part, budget: budget, call: call, memory: [tensors.query.bytes, tensors.key.bytes],
      outputs: Outputs(query: try output(.query), key: try output(.key)), unwritten: unwritten,
      followsRight: followsRight)
  }

  /// Calls back for slabs of tokens on every core, in any order.
  static func forEachSlab(of count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    DispatchQueue.concurrentPerform(iterations: (count + slab - 1) / slab) { index in
      body(index * slab..<min((index + 1) * slab, count))
    }
  }
}
