import Goldens
import Judging
import Laboratory
import RoPE
import Testing

@testable import Mistakes

@Suite struct MutantTests {
  @Test("Names are unique, and every id is a published bug")
  func catalogue() {
    #expect(Mutant.all.count >= 130)
    #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
    #expect(Set(Mutant.all.flatMap(\.bugs)).subtracting(Bug.all.map(\.id)).isEmpty)
  }

  @Test("Every published bug is a mutant, but those that no case can show")
  func coverage() {
    let missing = Set(Bug.all.map(\.id)).subtracting(Mutant.all.flatMap(\.bugs))
    #expect(missing == Set(Bug.all.filter { $0.unseenReason != nil }.map(\.id)))
  }

  @Test("A case that is said to catch a bug fails a mutant that has it, for every mutant and bug")
  func flags() throws {
    let committed = try Committed.shared
    for mutant in Mutant.all {
      for bug in mutant.bugs {
        // The first case that the mutant fails is enough. There is none here for a bug that only long sequences show.
        let names = committed.names(flagged: bug)
        guard !names.isEmpty || bug != "B45" else { continue }
        let isCaught = try names.contains { name in
          try KillMatrix(of: [mutant], on: [committed.golden(name)]).rows[0].cells[0].isKill
        }
        #expect(isCaught, "\(mutant.name) and the cases of \(bug)")
      }
    }
  }

  @Test("Without a mistake, the computation of the mutants conforms, correctly rounded")
  func withoutMistake() throws {
    let committed = try Committed.shared, names = committed.names
    for name in stride(from: 0, to: names.count, by: 9).map({ names[$0] }) {
      let (golden, rule) = try committed.golden(name)
      let verdict = try judged(MutantBackend(.right, golden: golden), on: golden, rule).verdict
      #expect(verdict.outcome == .conforms, "\(name)")
      // Products of float64 round twice, which shows only if terms cancel.
      guard golden.goldenCase.workload.pattern != .cancellation else { continue }
      let worst = verdict.accuracy?.worst?.ulpError ?? 0
      #expect(worst < 0.5001, "\(name)")
    }
  }

  @Test("A race in one element of 10,000 is a race in so many elements")
  func race() throws {
    let (golden, rule) = try Committed.shared.golden("gemma-4-e2b-global/f32/batch-left-padded/table")
    let mutant = try Mutant.named("not-deterministic")
    let verdict = try judged(MutantBackend(mutant, golden: golden), on: golden, rule, runCount: 2).verdict
    let workload = golden.goldenCase.workload
    let count = workload.batch * workload.sequence * workload.queryHeads * golden.plan.headDimension
    guard verdict.violations.count == 1, case .notRepeatable(.query, let race) = verdict.violations[0] else {
      Issue.record("\(verdict.violations)")
      return
    }
    #expect(count > 10_000 && race.count == (count + 9_999) / 10_000)
    #expect(race.runCount == 2 && race.pattern == .undecided)
  }
}
