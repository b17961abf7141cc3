import Backends
import Goldens
import RoPE
import Synchronization

/// A mutant as a backend for one case.
package struct MutantBackend: RoPEBackend {
  private let mutant: Mutant
  private let golden: Golden
  private let cache = CosSinCache()
  private let runs: RunCounter
  private let differs = Flag()

  /// The mutant on a case, whose convention it needs to know.
  package init(_ mutant: Mutant, golden: Golden) { self.init(mutant, golden: golden, runs: RunCounter()) }

  /// `runs` counts those before, as if of the same process.
  init(_ mutant: Mutant, golden: Golden, runs: RunCounter) {
    self.mutant = mutant
    self.golden = golden
    self.runs = runs
  }

  package var name: String { "mutant" }
  package var summary: String { mutant.backendSummary }

  /// True if every run so far did the same as the right computation.
  package var isRight: Bool { !differs.isSet }

  package func support(for call: RotationCall) -> Support {
    guard call.tokenCount > 0 else { return .unsupported(reason: "this mistake cannot occur in a call without tokens") }
    guard golden.refused == nil else { return .unsupported(reason: "mutants have no mistakes in invalid calls") }
    do throws(MutantError) {
      var computation = try right(call, images: [])
      return mutant.change(&computation) ? .supported : .unsupported(reason: "this mistake cannot occur in this case")
    } catch {
      return .unsupported(reason: error.description)
    }
  }

  package func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let run = runs.next(), right = try right(call, images: memory.buffers.map(Array.init))
    var computation = right
    if run > 1 || !mutant.isRightAtFirst { _ = mutant.change(&computation) }
    let indices = computation.indices
    let rows = computation.rows(indices)
    if computation.interference != nil || !zip(rows, right.rows(indices)).allSatisfy({ $0.bits == $1.bits }) {
      differs.set()
    }
    for (index, row) in zip(indices, rows) {
      let view = right.call.tensors[index.tensor].output
      let first = view.index(token: index.token, head: index.head, sequence: right.call.sequence)
      for (channel, bits) in row.bits.enumerated() {
        guard computation.isWritten(index, channel) else {
          differs.set()
          continue
        }
        memory.buffers[view.buffer].setBits(bits, at: first + channel * view.strides.channel, type: call.elementType)
      }
    }
    computation.interference?(Interference(memory: memory, call: right.call, run: run))
    return nil
  }

  /// The computation without the mistake.
  private func right(_ call: RotationCall, images: [[UInt8]]) throws(MutantError) -> MutantComputation {
    guard case .stored = golden.content else { throw .notStored }
    guard let call = call.joint else { throw .notJoint }
    return MutantComputation(golden, call: call, images: images, cache: cache)
  }

  private final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
  }
}

/// Counts runs from 1.
final class RunCounter: Sendable {
  private let count = Atomic(0)

  func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// A mutant cannot run a case.
package enum MutantError: Error, CustomStringConvertible {
  /// The golden does not store its tensors.
  case notStored
  /// Q or K is absent, or has a length or angles of its own.
  case notJoint

  package var description: String {
    switch self {
    case .notStored: "the golden does not store its tensors"
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

  /// Changes the lowest bit of an output element; `index` counts channels, then heads, then tokens.
  func flipLowestBit(_ tensor: RotatedTensor, at index: Int) {
    let (row, channel) = index.quotientAndRemainder(dividingBy: call.plan.headDimension)
    let (token, head) = row.quotientAndRemainder(dividingBy: tensor.heads)
    let element =
      tensor.output.index(token: token, head: head, sequence: call.sequence) + channel * tensor.output.strides.channel
    let type = call.elementType, buffer = memory.buffers[tensor.output.buffer]
    buffer.setBits(UnsafeRawBufferPointer(buffer).bits(at: element, type: type) ^ 1, at: element, type: type)
  }
}
