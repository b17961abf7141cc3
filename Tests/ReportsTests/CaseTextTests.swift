import Conformance
import Foundation
import Goldens
import RoPE
import Testing

@testable import Diagnosis
@testable import Judging
@testable import Reports

@Suite struct CaseTextTests {
  @Test("The text of a verdict: numbers, worst element, budget, grade, diagnosis, integrity")
  func whole() throws {
    let text = try report(
      actual: 0x3F80_0000, diagnosis: [.mistake], violations: [.evidence(message: "the device counted 3 tokens of 4")],
      remarks: [Remark.every[0]], grade: "relative-0.1%"
    ).text
    #expect(
      text == """
        ✗ glm-4.5/f32/batch/position
          accuracy: 3 of 10 elements exceed float32-exact-angle; 5 are correctly rounded
            mean signed error -0.100 ULP
          worst: key[batch 1, token 0, head 2, channel 3], pair 1, position 1000
            expected 0.5 (0x3F000000), exactly 0.5
            actual   1.0 (0x3F800000)
            error 8.39e+06 ULP, 5e+06 times the limit 1e-07
          budget: float32-exact-angle (test) because a test says so
          grade: relative-0.1%
          diagnosis: key matches pairing-swapped (B04, B06): pairs the channels 2i and 2i+1 where i and i+n belong \
        together; residual 0.31 of the limit; this case cannot tell it from output-pairing-swapped
            the outputs have pairs interleaved: channel 2i with channel 2i + 1
            the model needs pairs half: channel i with channel i + 32
          integrity: the device counted 3 tokens of 4
          remark: 2 copied NaNs have other bits than the input, first key[batch 0, token 1, head 2, channel 3]: \
        expected nan (0x7F800001), actual nan (0x7FC00000)
        """)
  }

  @Test("Runs that differ: which, what it looks like and which are right, a line each, and one line for programs")
  func runs() throws {
    let element = ElementIndex(batch: 0, token: 1, head: 2, channel: 3)
    func lines(
      _ runs: [Int], of runCount: Int, _ pattern: RunDisagreement.Pattern, _ counts: RunDisagreement.WrongCounts?
    ) -> [String] {
      let race = RunDisagreement(
        runCount: runCount, count: 20, places: Array(repeating: element, count: 8),
        runs: runs.map { .init(run: $0, count: 17, first: element) }, pattern: pattern, wrongCounts: counts)
      return Violation.notRepeatable(tensor: .key, race).lines
    }
    let state = lines([2, 3], of: 3, .state, .init(first: 0, later: 1))
    let first = "run 2 of 3 differs from run 1 in 17 elements, first key[batch 0, token 1, head 2, channel 3]"
    #expect(
      state == [
        first,
        "runs 2 and 3 have the same bits: this looks like state that the first run leaves behind, not like a race",
        "run 1 is right by itself; in run 2, 1 element is wrong",
      ])
    let violation = Violation.notRepeatable(tensor: .key, .state(at: element))
    #expect(violation.description == violation.lines.joined(separator: "; "))
    let text = try report(violations: [.notRepeatable(tensor: .query, .state(at: element))]).text
    #expect(text.contains("\n  integrity: run 2 of 3 differs from run 1 in 1 element, first query["))
    #expect(text.contains("\n    runs 2 and 3 have the same bits: "))
    #expect(lines([2, 3, 4, 5], of: 5, .state, nil)[1].hasPrefix("runs 2 to 5 have the same bits: "))
    #expect(
      lines([3], of: 3, .nonDeterminism, .init(first: 2, later: 0)) == [
        first.replacing("run 2", with: "run 3"),
        "1 of the 2 later runs has the bits of run 1: this looks like non-determinism, such as a race, "
          + "or like state that begins later",
        "in run 1, 2 elements are wrong; run 3 is right by itself",
      ])
    let race = lines([2, 3], of: 3, .nonDeterminism, .init(first: 0, later: 0))
    #expect(race[1].hasPrefix("the later runs also differ from each other, in 20 elements in total: "))
    #expect(race[2] == "runs 1 and 2 are both right by themselves")
    let two = lines([2], of: 2, .undecided, .init(first: 1, later: 4))
    #expect(
      two[1] == "two runs cannot distinguish a race from state that the first run leaves behind: use three or more")
    #expect(two[2] == "in run 1, 1 element is wrong; in run 2, 4 elements are wrong")
  }

  @Test("Every cause in words")
  func causes() {
    #expect(
      Statement.rounding.description
        == "query and key are right except for too much rounding: storage-arithmetic holds")
    #expect(
      Statement.confined.description
        == "every failed element of query and key is in head 3 of 4 and in positions 7, 512 to 514 of 1024; "
        + "no known mistake matches this")
    #expect(Statement.unknown.description == "query matches no known mistake; the errors are everywhere")
    #expect(
      Statement.unknown.of(run: 2).description
        == "in run 2, query matches no known mistake; the errors are everywhere")
    let many = Region(axis: .pair, values: (0..<20).map { Double(2 * $0) }, valueCount: 64)
    #expect(many.description == "20 of 64 pairs, such as 0, 2, 4, 6, 8, 10")
    #expect(Region(axis: .batchRow, values: [7, 8], valueCount: 3).description.hasPrefix("batch rows "))
  }

  @Test("Conforming and unsupported cases are one line and why")
  func others() throws {
    #expect(try report(unsupported: "no bfloat16").text == "– glm-4.5/f32/batch/position: unsupported: no bfloat16")
    #expect(try report(failedCount: 0).text.hasPrefix("✓ glm-4.5/f32/batch/position\n"))
  }

  @Test("A message of a backend cannot colour the terminal, and colours are only where they are asked for")
  func controls() throws {
    let report = try ReportsTests.report(violations: Violation.every)
    #expect(!report.text(.plain).contains("\u{1B}"))
    #expect(report.text(.plain).contains("the backend failed: it\\u{1B}[31m said \"<no> & never\""))
    let coloured = report.text(.coloured)
    #expect(coloured.contains("\u{1B}[31;1m✗ glm-4.5/f32/batch/position\u{1B}[0m"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == report.text(.plain))
    #expect(!coloured.contains("\u{1B}[31m said"))
  }

  @Test("An explanation has the derivation, and the error along every axis with neighbours together")
  func explanation() throws {
    let errors = (0..<47).map { position in (Double(position), Double(position) / 10) }
    let profile = ErrorProfile.spread(.position, errors + [(47.0, Double.infinity)])
    let text = try report(diagnosis: [.rounding], grade: "storage-arithmetic", profile: profile, seconds: 2)
      .explanation(.plain)
    #expect(text.contains("float32-exact-angle\n  |actual − expected| ≤ ½ulp + 8·2⁻²⁴·M"))
    #expect(text.components(separatedBy: "storage-arithmetic\n  |actual − expected| ≤ ").count == 2)
    #expect(text.contains("  time: 2 s"))
    let rows = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
    #expect(rows.contains(["query", "by", "position", "elements", "fail", "error", "/", "limit", "ULP"]))
    #expect(rows.contains(["10", "to", "11", "16", "4", "1.1", "2.2"]))
    #expect(rows.contains(["46", "to", "47", "16", "8", "infinite", "infinite"]))
  }
}
