import Conformance
import Foundation
import Judging
import RoPE
import Testing

@testable import Goldens
@testable import Reports

@Suite struct VerdictTests {
  private static let element = ElementIndex(batch: 1, token: 2, head: 3, channel: 4)

  private static func disagreement(
    _ pattern: RunDisagreement.Pattern, _ wrongCounts: RunDisagreement.WrongCounts?
  ) -> RunDisagreement {
    RunDisagreement(
      runCount: 4, count: 5, places: [element, ElementIndex(batch: 1, token: 2, head: 3, channel: 5)],
      runs: [.init(run: 2, count: 1, first: element), .init(run: 4, count: 5, first: element)], pattern: pattern,
      wrongCounts: wrongCounts)
  }

  /// Every kind of violation, with both values of each part that may be absent.
  private static let violations: [Violation] = [
    .backendFailed(message: "out of \"memory\"\nat a/b"),
    .evidence(message: "device 'cpu' did the work, 'host' was asked"),
    .notWritten(tensor: .query, count: 1, first: element),
    .notCopied(
      tensor: TensorName(rawValue: "value"), count: 1 << 40, first: element,
      expected: ElementBits(type: .bfloat16, bits: 0xFFC1), actual: ElementBits(type: .bfloat16, bits: 0x8000)),
    .writtenOutside(buffer: "query input", region: "guard before the tensor", byte: 255, before: 0, after: 255),
    .notRepeatable(tensor: .key, disagreement(.state, .init(first: 0, later: 7))),
    .notRepeatable(tensor: .query, disagreement(.nonDeterminism, nil)),
    .notRepeatable(tensor: .query, disagreement(.undecided, .init(first: 1, later: 0))),
    .notConfined(tensor: .key, count: 2, first: element, actual: ElementBits(type: .float32, bits: 0xFF80_0000)),
    .rowsDiffer(tensor: .key, count: 3, first: element, equalRow: 0),
    .notRefused(message: "carried out a call"),
  ]

  private func verdict(
    _ violations: [Violation], remarks: [Remark] = [], unsupported reason: String? = nil, deviceWork: DeviceWork? = nil
  ) throws -> Verdict {
    Verdict(
      Recipe.make(SpoiledCase.plain, Golden.partial, .bfloat16, contract: .table).goldenCase,
      rule: try ToleranceRule(parsing: "*/** = atol=1e-3,rtol=0 because a test says so", origin: "--tolerance"),
      accuracy: nil, violations: violations, remarks: remarks, unsupportedReason: reason, deviceWork: deviceWork)
  }

  /// A verdict after its way through a report, and its line there.
  private func read(_ verdict: Verdict) throws -> (verdict: Verdict, line: Data) {
    let line = try ReportRecord.case(CaseReport(verdict)).line
    guard case .case(let report) = try ReportRecord(line: line) else { throw CocoaError(.coderReadCorrupt) }
    #expect(try ReportRecord.case(report).line == line)
    return (report.verdict, line)
  }

  @Test("A verdict with every kind of violation is read from a report as it was written")
  func violations() throws {
    #expect(Set(Self.violations.map(\.kind)) == Set(Violation.Kind.allCases))
    var work = DeviceWork()
    for _ in 0..<3 { work.add(milliseconds: 0.1) }
    for violation in Self.violations {
      let verdict = try verdict([violation])
      #expect(try read(verdict).verdict == verdict)
    }
    let all = try verdict(Self.violations, deviceWork: work)
    let (found, line) = try read(all)
    #expect(found == all && found.outcome == .fails && found.disagreements.count == 3)
    // The line also has the violation in words, for readers.
    let text = String(decoding: line, as: UTF8.self)
    #expect(text.contains("buffer 'query input' changed outside the outputs (guard before the tensor)"))
    let bits = ElementBits(type: .bfloat16, bits: 0x7FC1), other = ElementBits(type: .bfloat16, bits: 0xFFC0)
    for kind in Remark.Kind.allCases {
      let remark = Remark(kind, tensor: .key, count: 3, first: Self.element, expected: bits, actual: other)
      let remarked = try verdict([], remarks: [remark])
      #expect(try read(remarked).verdict == remarked && remarked.remarks == [remark])
    }
    #expect(all.isLooserThanProfile)
    let unsupported = try verdict([], unsupported: "no such layout")
    #expect(try read(unsupported).verdict == unsupported)
  }

  @Test(
    "Accuracy is read from a report as it was written, with numbers that JSON does not have",
    arguments: [0x7FC0_0000, 0xFF80_0000, 0x3F80_0000, 0] as [UInt32])
  func accuracy(_ bits: UInt32) throws {
    let golden = try Golden.make(SpoiledCase.plain)
    let element = ElementIndex(batch: 1, token: 2, head: 4, channel: 3)
    let backend = FaultyBackend(spoil: { run in run.change(.query, element) { _ in bits } })
    let spoiled = try JudgingTests.verdict(golden, backend)
    let written = try #require(spoiled.accuracy?.worst)
    let found = try read(spoiled).verdict, worst = try #require(found.accuracy?.worst)
    #expect(found == spoiled && found.outcome == .fails && found.accuracy?.failedCount == 1)
    #expect(found.accuracy?.grade == spoiled.grade)
    #expect(worst.tensor == .query && worst.element == written.element && worst.pair == written.pair)
    #expect(worst.position == written.position && worst.expected == written.expected && worst.actual.bits == bits)
    #expect(worst.limit == written.limit && worst.severity == written.severity && worst.ulpError == written.ulpError)
    #expect(worst.conforms == written.conforms)
  }

  @Test("A report that contradicts itself, or that has a violation of another kind, is an error")
  func contradictions() throws {
    let text = String(decoding: try read(verdict(Self.violations)).line, as: UTF8.self)
    for (written, other) in [("\"outcome\":\"fails\"", "\"outcome\":\"conforms\""), ("\"rows differ\"", "\"rows\"")] {
      #expect(text.contains(written))
      let changed = text.replacing(written, with: other)
      #expect(throws: DecodingError.self) { try ReportRecord(line: Data(changed.utf8)) }
    }
  }
}
