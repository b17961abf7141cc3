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
        together (this case cannot tell it from output-pairing-swapped); error 0.31 of the limit after this
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
        == "query and key exceed their limits by no more than rounding does: storage-arithmetic holds")
    #expect(
      Statement.confined.description
        == "query and key (head 3 of 4, tokens 7, 512 to 514 of 1024): 100 of 512 elements there are wrong, "
        + "all others are within their limits; no known mistake matches")
    let unknown = "query: 310 of 20672 elements are wrong; no known mistake matches"
    #expect(Statement.unknown.description == unknown)
    #expect(Statement.unknown.of(run: 2).description == "in run 2, \(unknown)")
    let large = Statement(
      tensors: [.query], place: Place([], failedCount: 1, elementCount: 4), cause: .unknown, isCompared: false)
    #expect(large.description == "query: 1 of 4 elements is wrong; not compared with known mistakes")
    let doubled = Statement(
      tensors: [.key], cause: .changes([.measured(.multiple(Fitted(2, uncertainty: 1e-6)))], residual: 0.5),
      alternatives: [.shift(Fitted(11, uncertainty: 1e-5))])
    #expect(
      doubled.description
        == "key turns by 2 (to 6 digits) times the position (this case cannot tell whether it turns by a position that "
        + "is 11 (to 6 digits) more than given); error 0.5 of the limit after this")
    let near = Statement(
      tensors: [.key], cause: .changes([.measured(.gain(Fitted(1.00000048, uncertainty: 4e-8)))], residual: 0.5))
    #expect(near.description.hasPrefix("key is 1 + 5e-07 (to 1 digit) times the result; "), "\(near)")
    #expect(
      Statement.measured.description
        == "query (heads from 1 on) turns every row of the batch by the positions of row 0, "
        + "and is 1.5 (to 6 digits) times the result; error 0.25 of the limit after this")
    guard case .changes(let changes, let residual, _) = Statement.measured.cause else {
      Issue.record("\(Statement.measured)")
      return
    }
    let wider = Statement(
      tensors: [.query, .key], cause: .changes(changes.reversed(), residual: residual, within: Budget.named[7]))
    #expect(
      wider.description
        == "query and key are 1.5 (to 6 digits) times the result, and turn every row of the batch by the positions "
        + "of row 0; what remains is rounding: storage-arithmetic holds")
  }

  @Test(
    "Every place in words",
    arguments: [
      (.init(.head, [3], of: 4), "head 3 of 4"), (.init(.batchRow, [1, 2], of: 3), "batch rows from 1 on"),
      (.init(.token, Array(1024..<2100), of: 2100), "tokens from 1024 on"),
      (.init(.pair, Array(0..<8), of: 64), "pairs before 8"),
      (.init(.output, [1], of: 2), "the second output of each pair"),
      (.init(.head, (0..<32).filter { $0 % 4 > 0 }, of: 32), "heads 1 to 3 of each 4"),
      (.init(.channel, (0..<64).filter { $0 % 2 == 0 }, of: 64), "copied channels 0 of each 2"),
      (.init(.positionAxis, [0, 2], of: 3), "position axes 0, 2 of 3"),
      (.init(.row, Array(256..<300), of: 300), "heads of tokens from 256 on"),
      (.init(.token, [1, 2, 4, 7, 11, 16, 22, 29], of: 40), "8 of 40 tokens, such as 1 to 2, 4, 7, 11, 16, 22"),
    ] as [(Place.Values, String)])
  func places(_ values: Place.Values, _ text: String) {
    #expect(values.description == text)
    #expect(
      Place([values, .init(.head, [0], of: 2)], failedCount: 1, elementCount: 1).description == "\(text), head 0 of 2")
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
