import Foundation
import HDF5
import Models
import RoPE
import Testing

@testable import Backends
@testable import Conformance
@testable import Goldens

@Suite("Recorded outputs of long sequences") struct SampledTests {
  private let golden: Golden
  private let rule: ToleranceRule
  /// No multiple of what is judged at a time.
  private static let count = 600

  init() throws {
    let model = try Model.named("glm-4.5")
    let workload = Workload("s", .largeSequence, sequence: Self.count, heads: (2, 1), isSampled: true)
    golden = try GoldenGenerator.golden(
      for: Recipe(
        goldenCase: Case(
          model: model.name, convention: .configuration(model.configuration), workload: workload,
          elementType: .float16, contract: .position, tableType: nil), positions: (0..<Int64(Self.count)).map { $0 }))
    rule = try ToleranceRule(parsing: "** = correctly-rounded because it is", origin: "test")
  }

  /// The exact result, rounded once, with some elements of K changed.
  private func outputs(changing indices: [Int] = []) throws -> OutputsFile {
    let exact = SampledStream(golden.goldenCase, plan: golden.plan).exactRows()
    let copied = Set(golden.plan.passThroughChannels)
    func tensor(heads: Int, isKey: Bool) -> OutputsFile.Tensor {
      var bytes: [UInt8] = []
      for token in 0..<Self.count {
        let rows = exact.rows(ofToken: token, isKey: isKey)
        var output = rows.input
        for index in rows.expected.indices where !copied.contains(index % 128) {
          output[index] = rows.input.type.bits(rounding: rows.expected[index])
        }
        bytes += output.bytes
      }
      if isKey { for index in indices { bytes[2 * index] ^= 1 } }
      return .init(type: .float16, shape: [1, Self.count, heads, 128], bytes: bytes)
    }
    var file = OutputsFile(of: [], checksum: "0a")
    file.cases = [
      .init(
        name: golden.goldenCase.name, query: tensor(heads: 2, isKey: false), key: tensor(heads: 1, isKey: true))
    ]
    return file
  }

  private func verdict(_ files: [OutputsFile], limits: ProcessLimits?) throws -> Verdict {
    let folder = try TemporaryFolder(), reader = RecordedReader(limits: limits)
    let runs = try files.enumerated().map { index, file in
      try file.write(to: folder.path("\(index).h5"))
      return try RecordedOutputs(path: folder.path("\(index).h5"), reader: reader)
    }
    let run = RecordedCaseRun(golden: golden, runs: runs, budget: rule.budget, diagnoses: true)
    return Verdict(try run.run(), on: golden, rule: rule)
  }

  @Test("Every token is judged, in this process and in another", arguments: [true, false])
  func judged(_ isolates: Bool) throws {
    let limits = isolates ? ProcessLimits() : nil
    let right = try verdict([outputs()], limits: limits)
    #expect(right.outcome == .conforms, "\(right)")
    #expect(right.accuracy?.elementCount == Self.count * 3 * 64)
    // One rotated element and a copied one, of the last tokens.
    let wrong = try verdict([outputs(changing: [597 * 128 + 5, 599 * 128 + 70])], limits: limits)
    #expect(wrong.accuracy?.failedCount == 1)
    #expect(wrong.accuracy?.worst?.place == ElementPlace(batch: 0, token: 597, head: 0, channel: 5))
    let copied = ElementPlace(batch: 0, token: 599, head: 0, channel: 70)
    guard case .notCopied(.key, 1, copied, _, _) = wrong.violations.first, wrong.violations.count == 1 else {
      Issue.record("\(wrong.violations)")
      return
    }
  }

  private func race(_ files: [OutputsFile]) throws -> (verdict: Verdict, race: RunDisagreement?) {
    let found = try verdict(files, limits: nil)
    let races = found.violations.compactMap { if case .notRepeatable(.key, let race) = $0 { race } else { nil } }
    return (found, races.count == 1 ? races.first : nil)
  }

  private func place(_ index: Int) -> ElementPlace {
    ElementPlace(batch: 0, token: index / 128, head: 0, channel: index % 128)
  }

  @Test("Runs that differ are told, with the first places of any run")
  func races() throws {
    let later = [300, 70_000, 70_001]
    let (found, race) = try race([outputs(), outputs(changing: [300]), outputs(changing: later)])
    #expect(found.violations.count == 1 && found.accuracy?.failedCount == 0)
    #expect(race?.count == 3 && race?.places == later.map(place) && race?.runCount == 3)
    #expect(race?.runs == [.init(run: 2, count: 1, first: place(300)), .init(run: 3, count: 3, first: place(300))])
    #expect(race?.pattern == .nonDeterminism && race?.wrongCounts == .init(first: 0, later: 1))
    // What changes from run to run is no rounding.
    #expect(found.diagnosis == nil)
  }

  @Test("Later runs that agree look like state, though a part of them alone differs; the first may be the wrong one")
  func state() throws {
    let wrong = try outputs(changing: [300, 70_000]), right = try outputs()
    let (found, race) = try race([wrong, right, right])
    // The second of the two is copied.
    #expect(found.accuracy?.failedCount == 1)
    // Counted once, though a diagnosis reads some tokens again.
    #expect(race?.count == 2 && race?.runs.map(\.count) == [2, 2])
    #expect(race?.pattern == .state && race?.wrongCounts == .init(first: 2, later: 0))
    #expect(found.diagnosis?.statements.map(\.run) == [nil])
    let (_, mixed) = try self.race([right, outputs(changing: [300]), outputs(changing: [70_000])])
    #expect(mixed?.pattern == .nonDeterminism)
  }

  @Test("A later run that says something else fails")
  func disagreement() throws {
    var other = try outputs()
    other.cases[0] = .init(name: golden.goldenCase.name, attributes: ["unsupported": "tired"])
    let found = try verdict([outputs(), other], limits: nil)
    #expect(found.violations == [.backendFailed(message: "in run 2: not supported: tired")])
  }
}
