import Backends
import Diagnosis
import Foundation
import Judging
import Laboratory
import RoPE
import Testing

@testable import Goldens
@testable import Mistakes

@Suite struct DiagnosisTests {
  private func statements(_ mutant: Mutant, _ name: String) throws -> [Statement] {
    let (golden, rule) = try Committed.shared.golden(name)
    return try judged(MutantBackend(mutant, golden: golden), on: golden, rule).diagnosis?.statements ?? []
  }

  @Test(
    "A planted mistake is named, for both tensors",
    arguments: [
      ("pairing-swapped", "glm-4.5/f32/prompt/position"),
      ("attention-factor-missing", "qwen2.5-7b-yarn/f32/prompt/position"),
      ("first-row-for-batch", "chatglm3-6b/f32/batch/frequency"),
      ("base-1000042", "glm-4.5/f32/prompt/position"),
      ("in-place-read-after-write", "glm-4-9b-chat/f32/in-place/position"),
    ])
  func planted(_ mistake: String, _ name: String) throws {
    let found = try statements(.named(mistake), name)
    #expect(found.name(mistake))
    #expect(found.map(\.tensors) == [[.query, .key]])
    guard case .changes(let changes, let residual, within: nil) = try #require(found.first).cause else {
      Issue.record("\(found)")
      return
    }
    #expect(changes.count == 1 && residual < 0.1)
  }

  @Test("A mistake of convention is the convention that was computed, and that which is needed")
  func conventions() throws {
    let found = try statements(.named("base-1000042"), "glm-4.5/f32/prompt/position")
    let mistake = try #require(found.first?.cause.mistakes.first)
    #expect(mistake.computed == ["base 1000042.0, scaling none"])
    #expect(mistake.needed == ["base 1000000.0, scaling none"])
    let other = try statements(.named("sine-negated"), "glm-4.5/f32/prompt/position")
    #expect(try #require(other.first?.cause.mistakes.first).computed == nil)
  }

  @Test("What was not written supports nothing: the rest is right, or is what a mistake computes")
  func unwritten() throws {
    let name = "glm-4.5/f32/prompt/position"
    #expect(try statements(.named("unwritten"), name).isEmpty)
    let later = Mutant(.output, "later", [], isRightAtFirst: true, "writes nothing in later runs") { computation in
      computation.isWritten = { _, _ in false }
      return true
    }
    let (golden, rule) = try Committed.shared.golden(name)
    let verdict = try judged(MutantBackend(later, golden: golden), on: golden, rule).verdict
    #expect(
      verdict.violations.contains { if case .notWritten(.key, 640, _) = $0 { true } else { false } },
      "\(verdict.violations)")
    let partly = Mutant(.output, "partly", [], "pairs the other way and leaves a token out") { computation in
      let swapped = (try? Mutant.named("pairing-swapped"))?.change(&computation) ?? false
      computation.isWritten = { place, _ in place.token != 1 }
      return swapped
    }
    let found = try statements(partly, name)
    #expect(found.name("pairing-swapped"), "\(found)")
  }

  @Test(
    "A mistake that only later runs show is named of the first of them",
    arguments: [
      ("rotary-halved-at-each-call", "glm-4.5/f32/prompt/position", "B11"),
      ("cache-rounded-at-first-use", "glm-4.5/f32/prompt/position", "B25"),
      ("frequencies-kept-from-last-call", "llama-3.1-8b/f32/prompt/position", "B59"),
    ])
  func later(_ mistake: String, _ name: String, _ bug: String) throws {
    let found = try statements(.named(mistake), name)
    #expect(found.map(\.run) == [2])
    #expect(found.first?.cause.mistakes.map(\.name) == [mistake])
    #expect(found.first?.cause.mistakes.map(\.bugs) == [[bug]])
  }

  @Test("Bits that change without a wrong element have no diagnosis, and so no bug")
  func notDeterministic() throws {
    // In 16 bits, the changed bit is more than rounding allows.
    for name in ["glm-4.5/f32/prompt/position", "glm-4-9b-chat/f16/prompt/table-f32"] {
      let found = try statements(.named("not-deterministic"), name)
      #expect(found.isEmpty, "\(name): \(found)")
    }
  }

  @Test("A mistake in K alone is stated of K alone")
  func keyAlone() throws {
    let found = try statements(.named("key-heads-read-head-0"), "chatglm3-6b/f32/heads-grouped/position")
    #expect(found.name("key-heads-read-head-0"))
    #expect(found.map(\.tensors) == [[.key]])
  }

  @Test("Another mistake in Q than in K gives two statements")
  func two() throws {
    let both = Mutant(.output, "both", [], "negates Q and leaves K out") { computation in
      let type = computation.type
      _ = computation.leaveOut { row, _ in row.tensor == .key }
      let channels = computation.runningPlan.pairs.flatMap { [$0.output.first, $0.output.second] }
      computation.adjustment = { row, place in
        guard place.tensor == .query else { return }
        for channel in channels {
          row.set(channel, to: -row.output[channel], bits: type.bits(rounding: -row.output[channel]))
        }
      }
      return true
    }
    let found = try statements(both, "llama-2-7b/f32/prompt/position")
    #expect(found.map(\.tensors) == [[.query], [.key]])
    #expect(found.map { $0.cause.mistakes.map(\.name) } == [["negated"], ["nothing-rotated"]])
  }

  @Test("Rounding is called rounding, with the computation that rounds so")
  func rounding() throws {
    let found = try statements(.named("arithmetic-in-element-type"), "llama-2-7b/bf16/prompt/frequency")
    guard case .rounding(let budget, let like) = try #require(found.first).cause else {
      Issue.record("\(found)")
      return
    }
    #expect(budget.name == "storage-arithmetic")
    #expect(like?.name == "arithmetic-in-element-type")
  }

  @Test("Noise within a wider budget is rounding, and like no known computation")
  func noise() throws {
    let noisy = Mutant(.output, "noisy", [], "is two units off everywhere") { computation in
      let type = computation.type
      let channels = computation.runningPlan.pairs.flatMap { [$0.output.first, $0.output.second] }
      computation.adjustment = { row, _ in
        for channel in channels { row.set(channel, toBits: row.bits[channel] ^ 1, type) }
      }
      return true
    }
    let found = try statements(noisy, "llama-2-7b/bf16/prompt/frequency")
    guard case .rounding(_, like: nil) = try #require(found.first).cause else {
      Issue.record("\(found)")
      return
    }
  }

  @Test("What is no known mistake is located: one head, one pair")
  func confined() throws {
    let odd = Mutant(.output, "odd", [], "is wrong in pair 3 of head 1 of Q") { computation in
      let pair = computation.runningPlan.pairs[3], type = computation.type
      computation.adjustment = { row, place in
        guard place.tensor == .query, place.head == 1 else { return }
        for channel in [pair.output.first, pair.output.second] {
          row.set(channel, to: row.output[channel] + 0.5, bits: type.bits(rounding: row.output[channel] + 0.5))
        }
      }
      return true
    }
    let found = try statements(odd, "llama-2-7b/f32/prompt/position")
    let statement = try #require(found.first)
    #expect(statement.tensors == [.query])
    #expect(statement.cause == .confined, "\(found)")
    #expect(statement.place?[.head] == [1])
    #expect(statement.place?[.pair] == [3])
    #expect(statement.place?[.token] == nil)
  }

  @Test("What is wrong everywhere and no known mistake is unknown")
  func unknown() throws {
    let odd = Mutant(.output, "odd", [], "adds a half") { computation in
      let channels = computation.runningPlan.pairs.flatMap { [$0.output.first, $0.output.second] },
        type = computation.type
      computation.adjustment = { row, _ in
        for channel in channels {
          row.set(channel, to: row.output[channel] + 0.5, bits: type.bits(rounding: row.output[channel] + 0.5))
        }
      }
      return true
    }
    let found = try statements(odd, "llama-2-7b/f32/prompt/position")
    #expect(found.map(\.cause) == [.unknown] && found.map(\.tensors) == [[.query, .key]], "\(found)")
    #expect(found.first?.place?.failedCount == found.first?.place?.elementCount)
  }

  @Test("A case that conforms has no diagnosis")
  func conforming() throws {
    let (golden, rule) = try Committed.shared.golden("llama-2-7b/f32/prompt/position")
    #expect(try judged(MutantBackend(.right, golden: golden), on: golden, rule).diagnosis == nil)
  }

  @Test("The profile counts every rotated element along every axis, and those that fail")
  func profile() throws {
    let (golden, rule) = try Committed.shared.golden("llama-2-7b/f32/prompt/position")
    let backend = MutantBackend(try .named("last-pair-left-out"), golden: golden)
    let (verdict, diagnosis) = try judged(backend, on: golden, rule)
    let profile = try #require(diagnosis?.profile), accuracy = try #require(verdict.accuracy)
    for axis in ErrorProfile.Axis.allCases {
      let groups = profile.series.filter { $0.axis == axis }.flatMap(\.groups)
      #expect(groups.reduce(0) { $0 + $1.elementCount } == accuracy.elementCount)
      #expect(groups.reduce(0) { $0 + $1.failedCount } == accuracy.failedCount)
    }
    let pairs = try #require(profile.series.first { $0.axis == .pair })
    #expect(pairs.groups.filter { $0.failedCount > 0 }.map(\.value) == [63])
  }

  @Test(
    "A diagnosis is read from a report as it was written",
    arguments: [
      ("base-1000042", "glm-4.5/f32/prompt/position"),
      ("arithmetic-in-element-type", "llama-2-7b/bf16/prompt/frequency"),
      ("rotary-halved-at-each-call", "glm-4.5/f32/prompt/position"),
      ("last-head-left-out", "llama-2-7b/f32/prompt/position"),
      ("one-element-off", "llama-2-7b/f32/prompt/position"),
    ])
  func coding(_ mistake: String, _ name: String) throws {
    let (golden, rule) = try Committed.shared.golden(name)
    let found = try #require(try judged(MutantBackend(.named(mistake), golden: golden), on: golden, rule).diagnosis)
    let encoder = JSONEncoder(), decoder = JSONDecoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let statements = try encoder.encode(found.statements)
    #expect(try decoder.decode([Statement].self, from: statements) == found.statements)
    let text = try #require(found.statements.first?.description)
    #expect(String(decoding: statements, as: UTF8.self).contains(text), "for readers")
    #expect(try decoder.decode(ErrorProfile.self, from: encoder.encode(found.profile)) == found.profile)
  }

  @Test("Of a computed case all tokens are diagnosed, in the first run and in the first that differs")
  func computed() throws {
    let (stored, rule) = try Committed.shared.golden("glm-4.5/f32/prompt/position")
    for (mistake, run) in [("pairing-swapped", nil), ("rotary-halved-at-each-call", 2)] as [(String, Int?)] {
      let backend = MutantBackend(try .named(mistake), golden: stored)
      guard case .outputs(let outputs) = try LiveCandidate(backend, runCount: 3).outputs(of: stored) else {
        throw NoOutputs()
      }
      let golden = try Golden(computing: Recipe(goldenCase: stored.goldenCase, positions: stored.positions))
      let verdict = try Judge(rule).verdict(on: golden, outputs)
      let found = try #require(try Diagnostician().diagnosis(of: verdict, on: golden, outputs))
      #expect(found.statements.name(mistake) && found.statements.map(\.run) == [run], "\(found.statements)")
      #expect(found.profile?.series.isEmpty == false)
    }
  }
}
