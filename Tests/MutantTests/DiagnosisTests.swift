import Backends
import Goldens
import RoPE
import Testing

@testable import Conformance

@Suite struct DiagnosisTests {
  private func diagnosis(_ mutant: Mutant, _ name: String) throws -> Diagnosis? {
    let (golden, rule) = try Committed.shared.golden(name)
    return try ConformanceRun(backend: MutantBackend(mutant, golden: golden)).verdict(on: golden, rule: rule).diagnosis
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
    let found = try #require(try diagnosis(.named(mistake), name))
    #expect(found.names(mistake))
    #expect(found.statements.map(\.tensors) == [[.query, .key]])
    #expect(try #require(found.statements.first?.cause.mistake).residualSeverity < 0.1)
  }

  @Test("A mistake of convention is the convention that was computed, and that which is needed")
  func conventions() throws {
    let found = try #require(try diagnosis(.named("base-1000042"), "glm-4.5/f32/prompt/position"))
    let mistaken = try #require(found.statements.first?.cause.mistake?.convention)
    #expect(mistaken.computed.configuration?.base == 1_000_042)
    #expect(mistaken.needed.configuration?.base == 1_000_000)
    let other = try #require(try diagnosis(.named("sine-negated"), "glm-4.5/f32/prompt/position"))
    #expect(other.statements.first?.cause.mistake?.convention == nil)
  }

  @Test("What was not written supports nothing: the rest is right, or is what a mistake computes")
  func unwritten() throws {
    let name = "glm-4.5/f32/prompt/position"
    #expect(try diagnosis(.named("unwritten"), name) == nil)
    let later = Mutant(.output, "later", [], isRightAtFirst: true, "writes nothing in later runs") { computation in
      computation.isWritten = { _, _ in false }
      return true
    }
    let (golden, rule) = try Committed.shared.golden(name)
    let verdict = try ConformanceRun(backend: MutantBackend(later, golden: golden)).verdict(on: golden, rule: rule)
    #expect(
      verdict.violations.contains { if case .notWritten(.key, 640, _) = $0 { true } else { false } },
      "\(verdict.violations)")
    let partly = Mutant(.output, "partly", [], "pairs the other way and leaves a token out") { computation in
      let swapped = (try? Mutant.named("pairing-swapped"))?.change(&computation) ?? false
      computation.isWritten = { place, _ in place.token != 1 }
      return swapped
    }
    #expect(try #require(try diagnosis(partly, name)).names("pairing-swapped"))
  }

  @Test(
    "A mistake that only later runs show is named of the first of them",
    arguments: [
      ("rotary-halved-at-each-call", "glm-4.5/f32/prompt/position", "B11"),
      ("cache-rounded-at-first-use", "glm-4.5/f32/prompt/position", "B25"),
      ("frequencies-kept-from-last-call", "llama-3.1-8b/f32/prompt/position", "B59"),
    ])
  func later(_ mistake: String, _ name: String, _ bug: String) throws {
    let found = try #require(try diagnosis(.named(mistake), name))
    #expect(found.statements.map(\.run) == [2])
    #expect(found.statements.first?.cause.mistake?.name == mistake)
    #expect(found.statements.first?.cause.mistake?.bugs == [bug])
  }

  @Test("Bits that change without a wrong element have no diagnosis, and so no bug")
  func notDeterministic() throws {
    // In 16 bits, one bit more than rounding allows.
    for name in ["glm-4.5/f32/prompt/position", "glm-4-9b-chat/f16/prompt/table-f32"] {
      #expect(try diagnosis(.named("not-deterministic"), name) == nil, "\(name)")
    }
  }

  @Test("A mistake in K alone is stated of K alone")
  func keyAlone() throws {
    let found = try #require(
      try diagnosis(.named("key-heads-read-head-0"), "chatglm3-6b/f32/heads-grouped/position"))
    #expect(found.names("key-heads-read-head-0"))
    #expect(found.statements.map(\.tensors) == [[.key]])
  }

  @Test("Another mistake in Q than in K gives two statements")
  func two() throws {
    let both = Mutant(.output, "both", [], "negates Q and leaves K out") { computation in
      let type = computation.type
      computation.isRotated = { place, _ in place.tensor == .query }
      let channels = computation.runningPlan.pairs.flatMap { [$0.output.first, $0.output.second] }
      computation.adjustment = { row, place in
        guard place.tensor == .query else { return }
        for channel in channels {
          row.set(channel, to: -row.output[channel], bits: type.bits(rounding: -row.output[channel]))
        }
      }
      return true
    }
    let found = try #require(try diagnosis(both, "llama-2-7b/f32/prompt/position"))
    #expect(found.statements.map(\.tensors) == [[.query], [.key]])
    #expect(found.statements.map { $0.cause.mistake?.name } == ["negated", "nothing-rotated"])
  }

  @Test("Rounding is called rounding, with the computation that rounds so")
  func rounding() throws {
    let found = try #require(
      try diagnosis(.named("arithmetic-in-element-type"), "llama-2-7b/bf16/prompt/frequency"))
    guard case .rounding(let budget, let like) = try #require(found.statements.first).cause else {
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
    let found = try #require(try diagnosis(noisy, "llama-2-7b/bf16/prompt/frequency"))
    guard case .rounding(_, like: nil) = try #require(found.statements.first).cause else {
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
    let found = try #require(try diagnosis(odd, "llama-2-7b/f32/prompt/position"))
    let statement = try #require(found.statements.first)
    #expect(statement.tensors == [.query])
    guard case .confined(let places) = statement.cause else {
      Issue.record("\(found)")
      return
    }
    #expect(places.first { $0.axis == .head }?.values == [1])
    #expect(places.first { $0.axis == .pair }?.values == [3])
    #expect(!places.contains { $0.axis == .position })
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
    let found = try #require(try diagnosis(odd, "llama-2-7b/f32/prompt/position"))
    #expect(found.statements == [Diagnosis.Statement(tensors: [.query, .key], cause: .unknown)])
  }

  @Test("A case that conforms has no diagnosis")
  func conforming() throws {
    #expect(try diagnosis(.right, "llama-2-7b/f32/prompt/position") == nil)
  }

  @Test("The profile counts every rotated element along every axis, and those that fail")
  func profile() throws {
    let (golden, rule) = try Committed.shared.golden("llama-2-7b/f32/prompt/position")
    let backend = MutantBackend(try .named("last-pair-left-out"), golden: golden)
    let verdict = try ConformanceRun(backend: backend).verdict(on: golden, rule: rule)
    let profile = try #require(verdict.profile), accuracy = try #require(verdict.accuracy)
    for axis in ErrorProfile.Axis.allCases {
      let groups = profile.series.filter { $0.axis == axis }.flatMap(\.groups)
      #expect(groups.reduce(0) { $0 + $1.elementCount } == accuracy.elementCount)
      #expect(groups.reduce(0) { $0 + $1.failedCount } == accuracy.failedCount)
    }
    let pairs = try #require(profile.series.first { $0.axis == .pair })
    #expect(pairs.groups.filter { $0.failedCount > 0 }.map(\.value) == [63])
  }
}
