public import Backends
public import Goldens
public import RoPE
import Synchronization

/// A mutant as a backend for one case.
public struct MutantBackend: RoPEBackend {
  private let mutant: Mutant
  private let golden: Golden
  private let cache = CosSinCache()
  private let runs: RunCounter
  private let differs = Flag()

  /// The mutant on a case, whose convention it needs to know.
  public init(_ mutant: Mutant, golden: Golden) { self.init(mutant, golden: golden, runs: RunCounter()) }

  /// - Parameter runs: those before, of the same process as it were.
  init(_ mutant: Mutant, golden: Golden, runs: RunCounter) {
    self.mutant = mutant
    self.golden = golden
    self.runs = runs
  }

  public var name: String { "mutant" }
  public var summary: String { mutant.backendSummary }

  /// Whether all runs so far did what the right computation does.
  var isRight: Bool { !differs.isSet }

  public func support(for call: RotationCall) -> Support {
    guard let right = Computation(golden, call: call, memory: [], cache: cache) else {
      return .unsupported(reason: "the golden does not store its tensors")
    }
    var wrong = right
    return mutant.change(&wrong) ? .supported : .unsupported(reason: "the case gives this mistake no room")
  }

  public func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
    let run = runs.next(), before = memory.buffers.map(Array.init)
    guard let right = Computation(golden, call: call, memory: before, cache: cache) else { throw MutantError.notStored }
    var computation = right
    if run > 1 || !mutant.isRightAtFirst { _ = mutant.change(&computation) }
    let places = computation.places
    let rows = computation.rows(places)
    if computation.interference != nil || !zip(rows, right.rows(places)).allSatisfy({ $0.bits == $1.bits }) {
      differs.set()
    }
    for (place, row) in zip(places, rows) {
      let view = place.tensor == .query ? call.query.output : call.key.output
      let first =
        view.offset + place.token / call.sequence * view.strides.batch
        + place.token % call.sequence * view.strides.sequence + place.head * view.strides.head
      for (channel, bits) in row.bits.enumerated() {
        guard computation.isWritten(place, channel) else {
          differs.set()
          continue
        }
        memory.buffers[view.buffer].setBits(bits, at: first + channel * view.strides.channel, type: call.elementType)
      }
    }
    computation.interference?(Interference(memory: memory, call: call, run: run))
    return nil
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
public enum MutantError: Error, CustomStringConvertible {
  /// The golden does not store its tensors.
  case notStored

  public var description: String { "a mutant runs only cases whose golden stores its tensors" }
}
