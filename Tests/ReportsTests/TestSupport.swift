import Backends
import Foundation
import Goldens
import RoPE
import Testing

@testable import Conformance
@testable import Reports

/// A verdict with everything that a verdict can have.
func verdict(
  _ name: String = "glm-4.5/f32/batch/position", elementType: ElementType = .float32, failedCount: Int = 3,
  expected: Double = 0.5, actual: UInt32 = 0x3F80_0000, diagnosis: [Diagnosis.Statement] = [],
  violations: [Violation] = [], unsupported: String? = nil, grade: String? = nil, profile: ErrorProfile? = nil,
  reason: String = "a test says so", deviceWork: DeviceWork? = nil
) throws -> Verdict {
  var accuracy = Accuracy()
  accuracy.elementCount = 10
  accuracy.failedCount = failedCount
  accuracy.correctlyRoundedCount = 5
  accuracy.worst = Finding(
    tensor: .key, place: ElementPlace(batch: 1, token: 0, head: 2, channel: 3), pair: 1, position: 1000,
    type: elementType, expected: expected, actual: actual,
    scale: ErrorScale(type: elementType, expected: expected, magnitude: 1, angleSensitivity: 1, angle: 1),
    budget: try Budget(named: failedCount == 0 ? "atol=100,rtol=0" : "atol=1e-7,rtol=0"))
  return Verdict(
    caseName: name, section: .batch, elementType: elementType,
    rule: try ToleranceRule(parsing: "** = float32-exact-angle because \(reason)", origin: "test"),
    accuracy: unsupported == nil ? accuracy : nil, violations: violations, unsupportedReason: unsupported,
    grade: try grade.map(Budget.init(named:)), diagnosis: diagnosis.isEmpty ? nil : Diagnosis(statements: diagnosis),
    profile: profile, deviceWork: deviceWork)
}

extension Diagnosis.Statement {
  static let mistake = Diagnosis.Statement(
    tensors: [.key],
    cause: .mistake(
      Diagnosis.KnownMistake(
        name: "pairing-swapped", summary: "pairs the channels 2i and 2i+1 where i and i+n belong together",
        bugs: ["B04", "B06"], indistinguishable: ["output-pairing-swapped"],
        convention: Diagnosis.Mistaken(
          computed: .configuration(.pairs(.interleaved)), needed: .configuration(.pairs(.half))),
        residual: 3e-8, residualSeverity: 0.31)))
  static let confined = Diagnosis.Statement(
    tensors: [.query, .key],
    cause: .confined([
      Diagnosis.Place(axis: .head, values: [3], valueCount: 4),
      Diagnosis.Place(axis: .position, values: [7, 512, 513, 514], valueCount: 1024),
    ]))
  static let unknown = Diagnosis.Statement(tensors: [.query], cause: .unknown)
  static let rounding = Diagnosis.Statement(tensors: [.query, .key], cause: .rounding(Budget.named[5], like: nil))
}

extension Configuration {
  fileprivate static func pairs(_ pairing: Pairing) -> Configuration {
    Configuration(headDimension: 64, rotaryDimension: 64, pairing: pairing, base: 1e4)
  }
}

extension Violation {
  /// One of each kind.
  static let every: [Violation] = {
    let place = ElementPlace(batch: 0, token: 1, head: 2, channel: 3)
    return [
      .backendFailed(message: "it\u{1B}[31m said \"<no> & never\""),
      .evidence(message: "the device counted 3 tokens of 4"),
      .notWritten(tensor: .query, count: 2, first: place),
      .notCopied(tensor: .key, count: 2, first: place, expected: 0, actual: 0x7FC0_0000),
      .writtenOutside(buffer: "key output", region: "guard", byte: 7, before: 0xA5, after: 0),
      .notRepeatable(tensor: .query, .state(at: place)),
      .notConfined(tensor: .key, count: 1, first: place, actual: 0x7F80_0000),
      .rowsDiffer(tensor: .key, count: 4, first: place, equalRow: 0),
    ]
  }()
}

extension RunDisagreement {
  /// Two later runs that agree.
  static func state(at place: ElementPlace) -> RunDisagreement {
    RunDisagreement(
      runCount: 3, count: 1, places: [place], runs: [2, 3].map { .init(run: $0, count: 1, first: place) },
      pattern: .state, wrongCounts: .init(first: 0, later: 1))
  }
}

extension ErrorProfile {
  /// Q and K along one axis, with a severity for each value.
  static func spread(_ axis: Axis, _ severities: [(value: Int64, severity: Double)]) -> ErrorProfile {
    ErrorProfile(
      series: [TensorName.query, .key].map { tensor in
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
  /// A run of these verdicts, each of which took a quarter of a second.
  static func of(_ verdicts: [Verdict]) -> RunReport {
    var report = RunReport(
      RunHeader(
        backend: .init(name: "test", device: "nowhere", summary: "A kernel of <tests> & \"quotes\""),
        tolerances: verdicts.first.map { [ToleranceReport($0.rule)] } ?? [],
        goldens: String(repeating: "0a", count: 32), caseCount: verdicts.count))
    for verdict in verdicts { report.add(CaseReport(verdict, seconds: 0.25)) }
    return report
  }

  /// A case that conforms, cases that fail in every way, and one that is not supported.
  static func mixed() throws -> RunReport {
    let statements: [Diagnosis.Statement] = [.mistake, .confined, .unknown, .rounding]
    let failing = try statements.enumerated().map { index, statement in
      try verdict(
        "glm-4.5/f32/fails-\(index)/position", diagnosis: [statement],
        profile: .spread(.position, [(0, 0), (1, 0.5), (1000, 40), (2000, .infinity)]))
    }
    return try of(
      [verdict("glm-4.5/f32/right/table", failedCount: 0, grade: "correctly-rounded")] + failing
        + [
          verdict(expected: .nan, actual: 0xFF80_0000, violations: Violation.every),
          verdict("glm-4.5/bf16/odd/table-f32", elementType: .bfloat16, unsupported: "no <bfloat16>"),
        ])
  }

  /// The report as `run --json` writes it.
  func jsonLines() throws -> [Data] {
    try ([.header(header)] + cases.map(ReportRecord.case) + [.summary(summary)]).map { try $0.line }
  }
}

/// An empty folder for one test.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reports-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
