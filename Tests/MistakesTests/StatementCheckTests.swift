import Backends
import Diagnosis
import Foundation
import Goldens
import Judging
import RoPE
import Testing

@testable import Laboratory

/// The check of statements, by statements that no diagnosis made.
@Suite struct StatementCheckTests {
  private static let prompt = "glm-4.5/f32/prompt/position"

  private func planted(_ name: String) throws -> PlantedMistake {
    try #require((PlantedMistake.singles + PlantedMistake.pairsAtOnce).first { $0.name == name }, "\(name)")
  }

  private func check(_ planted: PlantedMistake, _ name: String = prompt) throws -> StatementCheck {
    let (golden, rule) = try Committed.shared.golden(name)
    let backend = PlantedBackend(planted, golden, rule.budget)
    guard case .outputs(let outputs) = try LiveCandidate(backend, runCount: 1).outputs(of: golden) else {
      throw NoOutputs()
    }
    #expect(try Judge(rule).verdict(on: golden, outputs).outcome == .fails)
    return try StatementCheck(planted, golden, outputs, budget: rule.budget)
  }

  private func statement(
    _ changes: [Change], _ tensors: [TensorName] = [.query, .key], _ place: Place? = nil, within: Budget? = nil
  ) -> Statement {
    Statement(tensors: tensors, place: place, cause: .changes(changes, residual: 0, within: within))
  }

  private func mistake(_ name: String, alike: [String] = []) -> Change {
    .mistake(KnownMistake(name: name, summary: "", bugs: [], indistinguishable: alike))
  }

  private func measured(_ change: (Fitted) -> MeasuredChange, _ value: Double) -> Change {
    .measured(change(Fitted(value, uncertainty: value.magnitude * 1e-6)))
  }

  private func place(_ axis: Place.Axis, _ values: [Int], failed: Int = 0, of count: Int = 0) -> Place {
    Place([Place.Values(axis, values, of: 1000)], failedCount: failed, elementCount: count)
  }

  // MARK: Halves of a statement

  @Test("With a planted mistake named, the measured change is checked as well")
  func bothHalves() throws {
    let check = try check(try planted("the other pairing + position -1.0"))
    let right = statement([mistake("pairing-swapped"), measured(MeasuredChange.shift, -1)])
    #expect(try check.contradiction(of: right, among: [right]) == nil)
    #expect(try check.tell([right]))
    for change in [
      measured({ .base($0, instead: 10_000) }, 777), measured(MeasuredChange.gain, 1.5), .measured(.opposite),
    ] {
      let wrong = statement([mistake("pairing-swapped"), change])
      #expect(try check.contradiction(of: wrong, among: [wrong]) != nil, "\(wrong)")
    }
  }

  @Test("One of two mistakes named is true, but does not tell both")
  func oneOfTwo() throws {
    let check = try check(try planted("the other pairing + position -1.0"))
    let one = statement([mistake("pairing-swapped")])
    #expect(try check.contradiction(of: one, among: [one]) == nil)
    #expect(try !check.tell([one]))
  }

  @Test("What Q and K have is told only if each of them has a statement that tells it")
  func oneInEach() throws {
    let check = try check(try planted("0.5 times the result, only in query + not rotated, only in key"))
    let query = statement([measured(MeasuredChange.gain, 0.5)], [.query])
    let key = statement([mistake("key-left-out")], [.key])
    for statement in [query, key] { #expect(try check.contradiction(of: statement, among: [query, key]) == nil) }
    #expect(try check.tell([query, key]))
    #expect(try !check.tell([query]))
    #expect(try !check.tell([]), "no diagnosis")
  }

  @Test("A mistake that a statement cannot tell from the named one must give the outputs too")
  func alternatives() throws {
    let check = try check(try planted("not rotated"))
    for (alike, isTrue) in [([], true), (["frequencies-zero"], true), (["negated"], false)] {
      let said = statement([mistake("nothing-rotated", alike: alike)])
      #expect(try (check.contradiction(of: said, among: [said]) == nil) == isTrue, "\(alike)")
    }
  }

  @Test("A planted mistake leaves no rounding")
  func remainder() throws {
    let (check, wider) = (try check(try planted("not rotated")), try #require(Budget.named.first))
    let said = statement([mistake("nothing-rotated")], within: wider)
    #expect(try check.contradiction(of: said, among: [said]) == "says that rounding remains")
  }

  // MARK: Numbers

  @Test("A number that is the one of the right computation says nothing of a mistake")
  func rightNumber() throws {
    let check = try check(try planted("1.0000005 times the result"))
    let wrong = statement([measured(MeasuredChange.gain, 1)])
    #expect(try check.contradiction(of: wrong, among: [wrong])?.hasSuffix("is right") ?? false)
    let right = statement([.measured(.gain(Fitted(1.0000005, uncertainty: 1e-8)))])
    #expect(try check.contradiction(of: right, among: [right]) == nil)
    #expect(try check.tell([right]))
  }

  @Test("A number of the planted kind is right to its last digit")
  func digits() throws {
    let check = try check(try planted("1.01 times the result"))
    let wrong = statement([.measured(.gain(Fitted(1.0103, uncertainty: 1e-5)))])
    #expect(try check.contradiction(of: wrong, among: [wrong])?.hasPrefix("the number") ?? false)
  }

  @Test("A number that one angle gives is not proved by it")
  func undetermined() throws {
    let name = "glm-4.5/f32/single-token/position", golden = try Committed.shared.golden(name).golden
    let negated = try planted("-1.0 times the position").pair(3)
    let check = try check(negated, name), angle = check.call.angle(.query, 0, 3)
    let place = place(.pair, [3])
    let fitted = statement([measured(MeasuredChange.frequencyMultiple, 2 * .pi / angle - 1)], [.query, .key], place)
    #expect(
      try check.contradiction(of: fitted, among: [fitted]) == "fits as many numbers as there are angles",
      "\(golden.positions)")
    let right = statement([.measured(.opposite)], [.query, .key], place)
    #expect(try check.contradiction(of: right, among: [right]) == nil)
    #expect(try check.tell([right]))
  }

  @Test("Positions are those that the backend is given, which are negated in a backward call")
  func backward() throws {
    let check = try check(try planted("position -1.0"), "glm-4.5/f32/backward/position")
    let right = statement([mistake("position-minus-one")]), wrong = statement([mistake("position-plus-one")])
    #expect(try check.contradiction(of: right, among: [right]) == nil)
    #expect(try check.contradiction(of: wrong, among: [wrong]) != nil)
  }

  // MARK: Places

  @Test("A place of copied elements has at most twice those that were planted, and the counts that it says")
  func copies() throws {
    let name = "chatglm3-6b/f32/heads-grouped/position", golden = try Committed.shared.golden(name).golden
    let check = try check(try planted("one bit of each copied element, head 1 of Q"), name)
    let copied = golden.runningPlan.passThroughChannels
    let tokens = golden.goldenCase.workload.tokenCount, heads = golden.goldenCase.workload.queryHeads
    func confined(_ heads: Place.Values?, failed: Int, of count: Int) -> Statement {
      Statement(
        tensors: [.query],
        place: Place(
          [Place.Values(.channel, copied, of: golden.plan.headDimension)] + [heads].compactMap(\.self),
          failedCount: failed, elementCount: count), cause: .confined)
    }
    let wrong = tokens * copied.count, one = Place.Values(.head, [1], of: heads)
    let right = confined(one, failed: wrong, of: wrong)
    #expect(try check.contradiction(of: right, among: [right]) == nil)
    #expect(try check.tell([right]))
    for (statement, reason) in [
      (confined(nil, failed: wrong, of: heads * wrong), "planted"), (confined(one, failed: 1, of: wrong), "not 1 of"),
    ] {
      #expect(try check.contradiction(of: statement, among: [statement])?.contains(reason) ?? false, "\(statement)")
    }
  }

  @Test("Errors of one element are neither everywhere nor rounding")
  func oneElement() throws {
    let check = try check(try planted("three times the limit, one element"))
    for cause in [Cause.unknown, .rounding(try #require(Budget.named.last), like: nil)] {
      let said = Statement(tensors: [.query], cause: cause)
      #expect(try check.contradiction(of: said, among: [said]) != nil)
      #expect(
        try check.contradiction(of: Statement(tensors: [.key], cause: cause), among: [])
          == "names a tensor that is right")
    }
  }

  @Test("Two mistakes in places of one tensor need a statement each, and each must be right of its place")
  func places() throws {
    let check = try check(try planted("2.0 times the result, tokens from 2 on + zero, tokens before 2"))
    let tensors = [TensorName.query, .key]
    let doubled = statement([measured(MeasuredChange.gain, 2)], tensors, place(.token, [2, 3, 4]))
    let zero = statement([.measured(.zero)], tensors, place(.token, [0, 1]))
    let both = [doubled, zero]
    for said in both { #expect(try check.contradiction(of: said, among: both) == nil, "\(said)") }
    #expect(try check.tell(both))
    #expect(try !check.tell([zero]))
    #expect(try check.contradiction(of: doubled, among: [doubled])?.hasSuffix("is wrong outside the place") ?? false)
    let all = statement([measured(MeasuredChange.gain, 2)])
    #expect(try check.contradiction(of: all, among: [all]) != nil)
  }

  // MARK: Rounding

  @Test("Rounding is true of frequencies that were rounded, under a budget that holds, and only like what rounds so")
  func rounding() throws {
    let name = "llama-2-7b/f32/position-grid/position"
    let check = try check(try planted("frequencies by a power in float32"), name)
    let wide = try #require(Budget.named.first { $0.name == "float32-angle-c48" })
    func said(_ budget: Budget, like name: String?) -> Statement {
      let like = name.map { KnownMistake(name: $0, summary: "", bugs: [], indistinguishable: []) }
      return Statement(tensors: [.query, .key], cause: .rounding(budget, like: like))
    }
    let right = said(wide, like: nil)
    #expect(try check.contradiction(of: right, among: [right]) == nil)
    #expect(try check.tell([right]))
    let guessed = said(wide, like: "running-product")
    #expect(try check.contradiction(of: guessed, among: [guessed]) != nil)
  }

  // MARK: The table

  @Test("A table is good if every plant fails a case and has a diagnosis whose first statement is true")
  func table() {
    func isGood(failing: Int = 3, truths: Int = 3, told: Int = 3, falsehoods: [String] = []) -> Bool {
      var row = PlantedTrial.Row(name: "one", isPair: false)
      (row.failing, row.truths, row.told, row.falsehoods) = (failing, truths, told, falsehoods)
      return PlantedTable(PlantedTrial([row], isWhole: true)).isGood
    }
    #expect(isGood())
    #expect(!isGood(failing: 0, truths: 0, told: 0), "planted in no case")
    #expect(!isGood(truths: 2), "one case has no diagnosis")
    #expect(!isGood(told: 2))
    #expect(!isGood(falsehoods: ["false"]))
  }
}
