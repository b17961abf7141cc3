import Backends
import Foundation
import RoPE
import Testing

@testable import Conformance
@testable import Diagnosis
@testable import Goldens
@testable import Judging
@testable import Reports

/// A report on a case, with every part that it can have.
func report(
  _ name: String = "glm-4.5/f32/batch/position", elementType: ElementType = .float32, failedCount: Int = 3,
  expected: Double = 0.5, actual: UInt32 = 0x3F80_0000, diagnosis: [Statement] = [], violations: [Violation] = [],
  remarks: [Remark] = [], unsupported: String? = nil, grade: String? = nil, profile: ErrorProfile? = nil,
  reason: String = "a test says so",
  budget: String = "float32-exact-angle", deviceWork: DeviceWork? = nil, seconds: Double? = nil
) throws -> CaseReport {
  var accuracy = Accuracy()
  accuracy.elementCount = 10
  accuracy.failedCount = failedCount
  accuracy.correctlyRoundedCount = 5
  accuracy.signedErrorSum = -1
  accuracy.signedErrorCount = 10
  accuracy.worst = Finding(
    tensor: .key, element: ElementIndex(batch: 1, token: 0, head: 2, channel: 3), pair: 1, position: 1000,
    expected: expected, actual: ElementBits(type: elementType, bits: actual),
    scale: expected.isFinite
      ? ErrorScale(type: elementType, expected: expected, magnitude: 1, angleSensitivity: 1, angle: 1) : nil,
    budget: try Budget(named: failedCount == 0 ? "atol=100,rtol=0" : "atol=1e-7,rtol=0"))
  let verdict = Verdict(
    Case(
      model: "test", convention: .configuration(.pairs(.half)),
      workload: Workload("test", .batch, batch: 2, sequence: 1, heads: (3, 3)), elementType: elementType,
      contract: .position, tableType: nil),
    rule: try ToleranceRule(parsing: "** = \(budget) because \(reason)", origin: "test"),
    accuracy: unsupported == nil ? accuracy : nil, violations: violations, remarks: remarks,
    unsupportedReason: unsupported, deviceWork: deviceWork)
  let isEmpty = diagnosis.isEmpty && profile == nil
  return try CaseReport(
    verdict, diagnosis: isEmpty ? nil : Diagnosis(statements: diagnosis, profile: profile), seconds: seconds
  ).renamed(name, grade: grade.map(Budget.init(named:)))
}

extension CaseReport {
  /// The report under another name and with another grade, read from a file, because no run gives such a verdict.
  fileprivate func renamed(_ name: String, grade: Budget?) throws -> CaseReport {
    let line = try JSONSerialization.jsonObject(with: ReportRecord.case(self).line)
    var values = try #require(line as? [String: Any])
    let parts = name.split(separator: "/").map(String.init)
    values["name"] = name
    values["model"] = parts.first
    values["contract"] = parts.last
    values["grade"] = grade.map { ["name": $0.name, "derivation": $0.derivation] }
    guard case .case(let renamed) = try ReportRecord(line: JSONSerialization.data(withJSONObject: values)) else {
      throw CocoaError(.coderReadCorrupt)
    }
    return renamed
  }
}

extension Statement {
  static let mistake = Statement(
    tensors: [.key],
    cause: .changes(
      [
        .mistake(
          KnownMistake(
            name: "pairing-swapped", summary: "pairs the channels 2i and 2i+1 where i and i+n belong together",
            bugs: ["B04", "B06"], indistinguishable: ["output-pairing-swapped"],
            computed: ["pairs interleaved: channel 2i with channel 2i + 1"],
            needed: ["pairs half: channel i with channel i + 32"]))
      ], residual: 0.31))
  static let measured = Statement(
    tensors: [.query],
    place: Place([.init(.head, [1, 2, 3], of: 4)], failedCount: 500, elementCount: 512),
    cause: .changes(
      [.measured(.otherBatchRow(0)), .measured(.gain(Fitted(1.5000002, uncertainty: 3e-7)))], residual: 0.25))
  static let confined = Statement(
    tensors: [.query, .key],
    place: Place(
      [.init(.head, [3], of: 4), .init(.token, [7, 512, 513, 514], of: 1024)], failedCount: 100, elementCount: 512),
    cause: .confined)
  static let unknown = Statement(
    tensors: [.query], place: Place([], failedCount: 310, elementCount: 20_672), cause: .unknown)
  static let rounding = Statement(tensors: [.query, .key], cause: .rounding(Budget.named[7], like: nil))
}

extension Configuration {
  fileprivate static func pairs(_ pairing: Pairing) -> Configuration {
    Configuration(headDimension: 64, rotaryDimension: 64, pairing: pairing, base: 1e4)
  }
}

extension Violation {
  /// One violation of each kind.
  static let every: [Violation] = {
    let element = ElementIndex(batch: 0, token: 1, head: 2, channel: 3)
    func bits(_ bits: UInt32) -> ElementBits { ElementBits(type: .float32, bits: bits) }
    return [
      .backendFailed(message: "it\u{1B}[31m said \"<no> & never\""),
      .evidence(message: "the device counted 3 tokens of 4"),
      .notWritten(tensor: .query, count: 2, first: element),
      .notCopied(tensor: .key, count: 2, first: element, expected: bits(0), actual: bits(0x7FC0_0000)),
      .writtenOutside(buffer: "key output", region: "guard", byte: 7, before: 0xA5, after: 0),
      .notRepeatable(tensor: .query, .state(at: element)),
      .notConfined(tensor: .key, count: 1, first: element, actual: bits(0x7F80_0000)),
      .rowsDiffer(tensor: .key, count: 4, first: element, equalRow: 0),
      .notRefused(message: "carried out a call that must be refused: table row 3 of a table of 3 rows"),
    ]
  }()
}

extension Remark {
  /// A remark of each kind.
  static let every = Kind.allCases.map { kind in
    Remark(
      kind, tensor: .key, count: 2, first: ElementIndex(batch: 0, token: 1, head: 2, channel: 3),
      expected: ElementBits(type: .float32, bits: 0x7F80_0001), actual: ElementBits(type: .float32, bits: 0x7FC0_0000))
  }
}

extension RunDisagreement {
  /// A disagreement in which two later runs agree.
  static func state(at element: ElementIndex) -> RunDisagreement {
    RunDisagreement(
      runCount: 3, count: 1, places: [element], runs: [2, 3].map { .init(run: $0, count: 1, first: element) },
      pattern: .state, wrongCounts: .init(first: 0, later: 1))
  }
}

extension ErrorProfile {
  /// Q and K along one axis, with a severity for each value.
  static func spread(_ axis: Axis, _ severities: [(value: Double, severity: Double)]) -> ErrorProfile {
    ErrorProfile(
      series: TensorName.rotated.map { tensor in
        Series(
          tensor: tensor, axis: axis,
          groups: severities.map {
            var group = Group(value: $0.value)
            group.elementCount = 8
            group.failedCount = $0.severity > 1 ? 4 : 0
            group.largestSeverity = $0.severity
            group.largestUlpError = 2 * $0.severity
            return group
          })
      })
  }
}

extension RunReport {
  /// A run of the given cases.
  static func of(_ cases: [CaseReport]) -> RunReport {
    var report = RunReport(
      RunHeader(
        backend: .init(name: "test", device: "nowhere", summary: "A kernel of <tests> & \"quotes\""),
        tolerances: cases.first.map { [$0.verdict.rule] } ?? [], goldens: String(repeating: "0a", count: 32),
        caseCount: cases.count))
    for result in cases { report.add(result) }
    return report
  }

  /// A case that conforms, cases that fail in every way, and one that is not supported; a quarter of a second each.
  static func mixed() throws -> RunReport {
    let statements: [[Statement]] = [[.mistake], [.confined, .measured], [.unknown], [.rounding]]
    let failing = try statements.enumerated().map { index, statement in
      try report(
        "glm-4.5/f32/fails-\(index)/position", diagnosis: statement,
        profile: .spread(.position, [(0, 0), (1, 0.5), (1000, 40), (2000, .infinity)]), seconds: 0.25)
    }
    return try of(
      [report("glm-4.5/f32/right/table", failedCount: 0, grade: "correctly-rounded", seconds: 0.25)] + failing
        + [
          report(
            expected: .nan, actual: 0xFF80_0000, violations: Violation.every, remarks: Remark.every, seconds: 0.25),
          report(
            "glm-4.5/bf16/odd/table-f32", elementType: .bfloat16, unsupported: "no <bfloat16>", seconds: 0.25),
        ])
  }

  /// The report as `run --json` writes it.
  func jsonLines() throws -> [Data] {
    try ([.header(header)] + cases.map(ReportRecord.case) + [.summary(summary)]).map { try $0.line }
  }
}

func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
