import Conformance
import HDF5
import Judging
import RoPE
import TestSupport
import Testing

@testable import Backends
@testable import Goldens

@Suite("Recorded calls that must be refused", .timeLimit(.minutes(30))) struct RecordedRefusalTests {
  private let golden: Golden
  /// The right outputs of the twin, and any of the invalid call.
  private let twin: OutputsFile.Outputs
  private let invalid: OutputsFile.Outputs

  init() throws {
    let recipe = try #require(
      CallCases.recipes().first { $0.goldenCase.name == "glm-4-9b-chat/f32/row-beyond-table/table" })
    golden = try Golden(computing: recipe)
    let file = OutputsFile(of: [golden], checksum: "0a")
    var outputs = file.cases[0]
    invalid = outputs
    outputs.name = "glm-4-9b-chat/f32/row-beyond-table-twin/table"
    twin = outputs
  }

  private func report(_ cases: [OutputsFile.Outputs]) throws -> CaseReport {
    let folder = try TemporaryFolder()
    var file = OutputsFile(of: [golden], checksum: "0a")
    file.cases = cases
    try file.write(to: folder.path("0.h5"))
    let outputs = try RecordedOutputs(path: folder.path("0.h5"), reader: RecordedReader(limits: nil))
    return try runner(Recordings(runs: [outputs])).report(on: golden)
  }

  private func marked(_ attribute: String) -> OutputsFile.Outputs {
    OutputsFile.Outputs(name: invalid.name, attributes: [attribute: "no such row"])
  }

  @Test("Marked as unsupported or failed, it was refused", arguments: ["unsupported", "failed"])
  func refused(_ attribute: String) throws {
    let report = try report([twin, marked(attribute)])
    #expect(report.outcome == .conforms, "\(report)")
  }

  @Test("Outputs are no refusal, whatever their form, and nothing is none either")
  func notRefused() throws {
    let value = "table row 103 of a table of 3 rows"
    let carriedOut = try report([twin, invalid]).verdict
    #expect(carriedOut.violations == [.notRefused(message: "carried out a call that must be refused: \(value)")])
    var half = invalid
    half.key = nil
    guard case .notRefused(let message) = try report([twin, half]).verdict.violations.first else {
      Issue.record("half of the outputs is a refusal")
      return
    }
    #expect(message.hasPrefix("did not refuse a call that must be refused (\(value)): "))
    #expect(
      try report([twin]).verdict.violations == [
        .backendFailed(message: "nothing is recorded for a call that must be refused: \(value)")
      ])
  }

  @Test("Without right outputs of the twin, a refusal counts for nothing")
  func twinIsWrong() throws {
    var wrong = twin
    wrong.query?.bytes[3] ^= 0x40
    for twin in [wrong, OutputsFile.Outputs(name: twin.name, attributes: ["unsupported": "never"])] {
      let report = try report([twin, marked("unsupported")])
      #expect(report.outcome == .unsupported, "\(report)")
    }
  }

  @Test("The file of inputs has the invalid call and its twin, with the same tensors")
  func inputs() throws {
    let folder = try TemporaryFolder(), path = folder.path("inputs.h5")
    var inputs = try InputsFile(creating: path, goldens: "0a")
    try inputs.add(golden)
    try inputs.close()
    let file = try File(opening: path), root = try file.root()
    func rows(_ name: String) throws -> [Int32] { try root.read("cases/\(name)/table_rows", shape: [1, 3]) }
    #expect(try rows(invalid.name) == [0, 103, 2] && rows(twin.name) == [0, 1, 2])
    func query(_ name: String) throws -> [Float] { try root.read("cases/\(name)/q", shape: [1, 3, 3, 128]) }
    #expect(try query(invalid.name) == query(twin.name))
    #expect(try root.dataset("cases/\(twin.name)/cos").shape == [3, 32])
    #expect(try root.group("cases/\(invalid.name)").attributes().string("twin") == twin.name)
  }

  @Test("Recorded twins are no unknown cases")
  func known() throws {
    let library = try CaseLibrary(.ofPackage(), tier: .full)
    let names = library.recordedNames(of: [invalid.name, "gpt2/f32/prompt/none"])
    #expect(names == [invalid.name, twin.name, "gpt2/f32/prompt/none"])
  }
}
