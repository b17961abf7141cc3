import Backends
import Conformance
import Diagnosis
import Judging
import Mistakes
import RoPE
import Synchronization
import Testing

@testable import Goldens

@Suite(.timeLimit(.minutes(30))) struct RunComparisonTests {
  @Test("Other bits in a second run, or in a third")
  func repetition() throws {
    try SpoiledCase.check([
      SpoiledCase(
        name: "second run", workload: SpoiledCase.plain, budget: "atol=1,rtol=0",
        spoil: { run in
          guard run.number == 2 else { return }
          run.change(run.call.key.output, run.index(run.call.key.output, batch: 1, token: 1, head: 1, channel: 2)) {
            $0 ^ 1
          }
        },
        violation: {
          $0.isUnrepeated(.key, [ElementIndex(batch: 1, token: 1, head: 1, channel: 2)], runs: [2])
        }),
      SpoiledCase(
        name: "third run", workload: SpoiledCase.plain, budget: "atol=1,rtol=0",
        spoil: { run in
          guard run.number == 3 else { return }
          let view = run.call.query.output
          for head in 0..<2 { run.change(view, run.index(view, token: 2, head: head, channel: 4)) { $0 ^ 1 } }
        },
        violation: {
          $0.isUnrepeated(
            .query,
            [
              ElementIndex(batch: 0, token: 2, head: 0, channel: 4),
              ElementIndex(batch: 0, token: 2, head: 1, channel: 4),
            ], runs: [3])
        }),
    ])
  }

  @Test("What a later run leaves out is told beside that the runs differ")
  func laterUnwritten() throws {
    let leaving = FaultyBackend(spoil: { run in
      guard run.number == 2 else { return }
      run.unwrite(run.call.query.output, run.index(run.call.query.output, channel: 3))
    })
    let found = try diagnosed(Golden.make(SpoiledCase.plain), leaving), violations = found.verdict.violations
    let place = ElementIndex(batch: 0, token: 0, head: 0, channel: 3)
    #expect(violations.count == 2 && found.statements.isEmpty)
    #expect(violations.first == .notWritten(tensor: .query, count: 1, first: place))
    #expect(violations.last?.isUnrepeated(.query, [place], runs: [2]) == true)
  }

  @Test("A race that differs from run to run is one violation, with every element that differs in any of them")
  func race() throws {
    let golden = try Golden.make(SpoiledCase.plain)
    let racing = FaultyBackend(spoil: { run in
      let view = run.call.query.output
      for token in 0..<run.number where run.number > 1 {
        for channel in 2..<6 { run.change(view, run.index(view, token: token, channel: channel)) { $0 ^ 1 } }
      }
    })
    let found = try verdict(golden, racing, budget: "atol=1e9,rtol=0")
    let race = try #require(found.disagreement(.query))
    #expect(found.violations.count == 1, "\(found.violations)")
    #expect(race.count == 12 && race.runCount == 3 && race.pattern == .nonDeterminism)
    #expect(race.places.map(\.token) == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(race.places.map(\.channel) == [2, 3, 4, 5, 2, 3, 4, 5])
    #expect(race.runs.map(\.run) == [2, 3] && race.runs.map(\.count) == [8, 12])
  }

  @Test("Later runs that agree look like state, one that differs alone does not; the runs are judged by themselves")
  func state() throws {
    for workload in [SpoiledCase.plain, SpoiledCase.sampled] {
      func race(_ isWrong: @escaping @Sendable (Int) -> Bool) throws -> RunDisagreement? {
        let backend = FaultyBackend(spoil: { run in
          guard isWrong(run.number) else { return }
          let view = run.call.key.output
          // One channel rotates; the other is copied.
          for channel in [3, 7] { run.change(view, run.index(view, token: 1, channel: channel)) { $0 ^ 0x40_0000 } }
        })
        let found = try verdict(Golden.make(workload), backend)
        #expect(found.disagreements.count == 1, "\(found.violations)")
        return found.disagreement(.key)
      }
      let later = try race { $0 > 1 }, first = try race { $0 == 1 }, last = try race { $0 == 3 }
      #expect(later?.pattern == .state && later?.runs.map(\.run) == [2, 3])
      #expect(later?.wrongCounts == .init(first: 0, later: 2))
      #expect(first?.pattern == .state && first?.wrongCounts == .init(first: 2, later: 0))
      #expect(last?.pattern == .nonDeterminism && last?.runs.map(\.run) == [3])
      #expect(last?.wrongCounts == .init(first: 0, later: 2))
    }
  }

  @Test("A run in which a copied element is not written is not right")
  func notWritten() throws {
    for workload in [SpoiledCase.plain, SpoiledCase.sampled] {
      for (number, counts) in [
        (1, RunDisagreement.WrongCounts(first: 1, later: 0)), (2, .init(first: 0, later: 1)),
      ] {
        let backend = FaultyBackend(spoil: { run in
          guard run.number == number else { return }
          run.unwrite(run.call.key.output, run.index(run.call.key.output, token: 1, channel: 7))
        })
        let found = try verdict(Golden.make(workload), backend)
        #expect(found.disagreement(.key)?.wrongCounts == counts, "\(found.violations)")
      }
    }
  }

  @Test("What differs first in another run than the one that is judged has no counts")
  func notJudged() throws {
    let backend = FaultyBackend(spoil: { run in
      guard run.number > 1 else { return }
      let view = run.number == 2 ? run.call.query.output : run.call.key.output
      run.change(view, run.index(view, channel: 3)) { $0 ^ 1 }
    })
    let found = try verdict(Golden.make(SpoiledCase.plain), backend)
    let query = try #require(found.disagreement(.query)), key = try #require(found.disagreement(.key))
    #expect(query.wrongCounts == .init(first: 0, later: 0) && key.wrongCounts == nil)
    #expect(query.pattern == .nonDeterminism && key.runs.map(\.run) == [3])
    #expect(found.violations.count == 2 && found.differentRun == 2)
  }

  @Test("As many runs as asked for", arguments: [1, 2, 5])
  func runCount(_ count: Int) throws {
    for workload in [SpoiledCase.plain, SpoiledCase.sampled] {
      let golden = try Golden.make(workload), runs = Mutex(0)
      let backend = FaultyBackend(spoil: { run in runs.withLock { $0 = run.number } })
      #expect(try verdict(golden, backend, runCount: count).outcome == .conforms)
      #expect(runs.withLock { $0 } == count)
    }
  }

  /// Does the same as another backend, except in some runs.
  private struct Sometimes: RoPEBackend {
    let usual: any RoPEBackend
    let other: any RoPEBackend
    let isOther: @Sendable (Int) -> Bool
    private let runs = Runs()

    private final class Runs: Sendable {
      let count = Atomic(0)
    }

    init(_ usual: any RoPEBackend, but other: any RoPEBackend, in isOther: @escaping @Sendable (Int) -> Bool) {
      self.usual = usual
      self.other = other
      self.isOther = isOther
    }

    var name: String { "sometimes" }
    var summary: String { "a test" }

    func support(for call: RotationCall) throws -> Support { try usual.support(for: call) }

    func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
      let run = runs.count.add(1, ordering: .relaxed).newValue
      return try (isOther(run) ? other : usual).rotate(call, in: memory)
    }
  }

  @Test("A mistake of later calls is named where no later run has the bits of the first again, and not where one has")
  func canBeState() throws {
    let golden = try Golden.make(Workload("plain", .withRoPE, sequence: 3, heads: (3, 2)), Golden.full)
    let mutant = try #require(Mutant.all.first { $0.name == "rotary-halved-at-each-call" })
    func mistakes(in isWrong: @escaping @Sendable (Int) -> Bool) throws -> [String?] {
      // The mutant is wrong from its second call on, so the first is made here.
      let wrong = MutantBackend(mutant, golden: golden)
      _ = try verdict(golden, wrong, runCount: 1)
      let found = try diagnosed(golden, Sometimes(ReferenceBackend(), but: wrong, in: isWrong))
      return found.statements.map(\.cause.mistakes.first?.name)
    }
    #expect(try mistakes { $0 > 1 } == ["rotary-halved-at-each-call"])
    #expect(try mistakes { $0 == 2 } != ["rotary-halved-at-each-call"])
    #expect(try mistakes { $0 == 3 } != ["rotary-halved-at-each-call"])
  }
}
