import Backends
import Goldens
import RoPE
import Synchronization

/// A mutant as a backend for one case.
package struct MutantBackend: RoPEBackend {
  private let mutant: Mutant
  private let golden: Golden
  private let shared: MutantCase
  private let runs: RunCounter
  private let differs = Flag()

  /// The mutant on a case, whose convention it needs to know.
  ///
  /// `shared` is what other mutants of the same case computed.
  package init(_ mutant: Mutant, golden: Golden, shared: MutantCase = MutantCase()) {
    self.init(mutant, golden: golden, shared: shared, runs: RunCounter())
  }

  /// `runs` counts those before, as if of the same process.
  init(_ mutant: Mutant, golden: Golden, shared: MutantCase = MutantCase(), runs: RunCounter) {
    self.mutant = mutant
    self.golden = golden
    self.shared = shared
    self.runs = runs
  }

  package var name: String { "mutant" }
  package var summary: String { mutant.backendSummary }

  /// The most elements of a call, at which cosines and sines take 270 MB.
  package static let largestElementCount = 1 << 26

  /// True if every run so far did the same as the right computation.
  package var isRight: Bool { !differs.isSet }

  /// What comes of the mistake in a call.
  package enum Occurrence: Sendable {
    /// An implementation that gets such a call cannot make the mistake, or no mutant can carry the call out.
    case impossible(reason: String)
    /// The implementation has the mistake, which shows only in other calls, such as larger ones.
    case harmless
    /// The mistake can show.
    case possible
  }

  /// What comes of the mistake in a call.
  package func occurrence(in call: RotationCall) -> Occurrence {
    guard call.tokenCount > 0 else {
      return .impossible(reason: "this mistake cannot occur in a call without tokens")
    }
    guard golden.refused == nil else { return .impossible(reason: "mutants have no mistakes in invalid calls") }
    do throws(MutantError) {
      var computation = try right(call, images: [])
      guard mutant.change(&computation) else { return .impossible(reason: "this mistake cannot occur in this case") }
      return computation.isHarmless ? .harmless : .possible
    } catch {
      return .impossible(reason: error.description)
    }
  }

  package func support(for call: RotationCall) -> Support {
    if case .impossible(let reason) = occurrence(in: call) { .unsupported(reason: reason) } else { .supported }
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let read = Set(call.present.map(\.input.buffer)), run = runs.next()
    let right = try right(
      call,
      images: memory.buffers.enumerated().map { index, buffer in
        read.contains(index) ? [UInt8](copying: UnsafeRawBufferPointer(buffer)) : []
      })
    var computation = right
    if run > 1 || !mutant.isRightAtFirst { _ = mutant.change(&computation) }
    let type = call.elementType, sequence = right.call.sequence, outputs = right.call.tensors.map(\.output)
    let isWritten = computation.isWritten, rightBits = shared.outputs(of: right)
    var isSame = computation.interference == nil && isWritten == nil, element = 0
    computation.forEachRow(of: computation.indices) { row, index in
      let bits = row.bits, count = bits.count, view = outputs[index.tensor], buffer = memory.buffers[view.buffer]
      isSame = isSame && rightBits[element..<element + count].elementsEqual(bits)
      element += count
      var channel = 0, place = view.index(token: index.token, head: index.head, sequence: sequence)
      while channel < count {
        if isWritten?(index, channel) ?? true { buffer.setBits(bits[channel], at: place, type: type) }
        channel &+= 1
        place &+= view.strides.channel
      }
    }
    if !isSame { differs.set() }
    computation.interference?(Interference(memory: memory, call: right.call, run: run))
    return nil
  }

  /// The computation without the mistake.
  private func right(_ call: RotationCall, images: [[UInt8]]) throws(MutantError) -> MutantComputation {
    guard let call = call.joint else { throw .notJoint }
    guard call.elementCount <= Self.largestElementCount else { throw .tooLarge(elementCount: call.elementCount) }
    return MutantComputation(golden, call: call, images: images, cache: shared.turns)
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
  }
}

/// What all mutants of one case need: cosines and sines, and the outputs of the right computation.
package final class MutantCase: Sendable {
  let turns = CosSinCache()
  private let known = Mutex<[UInt32]?>(nil)

  /// Nothing computed so far.
  package init() {}

  /// The bits that the right computation of the case writes, row after row.
  func outputs(of right: MutantComputation) -> [UInt32] {
    if let known = known.withLock({ $0 }) { return known }
    var bits: [UInt32] = []
    bits.reserveCapacity(right.call.elementCount)
    right.forEachRow(of: right.indices) { row, _ in bits += row.bits }
    known.withLock { $0 = bits }
    return bits
  }
}

extension JointCall {
  /// Elements of both tensors.
  fileprivate var elementCount: Int {
    tokenCount * (query.heads + key.heads) * plan.headDimension
  }
}

/// Counts runs from 1.
final class RunCounter: Sendable {
  private let count = Atomic(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// A mutant cannot run a case.
package enum MutantError: Error, CustomStringConvertible {
  /// A mutant keeps every cosine and sine of a call in memory.
  case tooLarge(elementCount: Int)
  /// Q or K is absent, or has a length or angles of its own.
  case notJoint

  package var description: String {
    switch self {
    case .tooLarge(let count):
      "mutants rotate up to \(MutantBackend.largestElementCount) elements in one call; this one has \(count)"
    case .notJoint: "mutants rotate Q and K together, by the same angles"
    }
  }
}

/// A known mistake as a candidate: each case has a backend of its own, which knows the case's convention.
package struct MutantCandidate: Candidate {
  private let mutant: Mutant
  private let runCount: Int

  /// Each case is run `runCount` times.
  package init(_ mutant: Mutant, runCount: Int) {
    self.mutant = mutant
    self.runCount = runCount
  }

  package var name: String { mutant.backendName }
  package var deviceName: String? { nil }
  package var summary: String { mutant.backendSummary }
  package var problems: [String] { [] }

  package func notChecked(of cases: [Manifest.Entry]) -> [String] { [] }

  package func outputs(of golden: Golden) throws -> CandidateOutputs {
    try LiveCandidate(MutantBackend(mutant, golden: golden), runCount: runCount).outputs(of: golden)
  }
}

/// The memory of a call, for a mistake that writes outside its outputs.
struct Interference {
  let memory: CallMemory
  let call: JointCall
  /// The number of the run on this memory, from 1.
  let run: Int

  /// Changes the byte at an offset from the first element of a view, or from the end of its last if `isBehind`.
  func flipByte(_ view: TensorView, heads: Int, offset: Int, isBehind: Bool = false) {
    let size = call.elementType.byteCount
    var byte = view.offset * size + offset
    if isBehind {
      let last =
        view.strides.index(token: call.tokenCount - 1, head: heads - 1, sequence: call.sequence)
        + (call.plan.headDimension - 1) * view.strides.channel
      byte += (last + 1) * size
    }
    let buffer = memory.buffers[view.buffer]
    guard buffer.indices.contains(byte) else { return }
    buffer[byte] ^= 0x55
  }

  /// Changes the lowest bit of one in 10,000 elements of Q, others in each run after the first.
  func race() {
    guard run > 1 else { return }
    let row = call.plan.headDimension
    for element in stride(from: run % row, to: call.tokenCount * call.query.heads * row, by: 10_000) {
      flipLowestBit(call.query, at: element)
    }
  }

  /// Changes the lowest bit of an output element; `index` counts channels, then heads, then tokens.
  private func flipLowestBit(_ tensor: RotatedTensor, at index: Int) {
    let (row, channel) = index.quotientAndRemainder(dividingBy: call.plan.headDimension)
    let (token, head) = row.quotientAndRemainder(dividingBy: tensor.heads)
    let element =
      tensor.output.index(token: token, head: head, sequence: call.sequence) + channel * tensor.output.strides.channel
    let type = call.elementType, buffer = memory.buffers[tensor.output.buffer]
    buffer.setBits(UnsafeRawBufferPointer(buffer).bits(at: element, type: type) ^ 1, at: element, type: type)
  }
}
