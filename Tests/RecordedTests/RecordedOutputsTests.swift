import Conformance
import Diagnosis
import Judging
import Models
import RoPE
import TestSupport
import Testing
import Workers

@testable import Backends
@testable import Goldens

@Suite("Recorded outputs of long sequences", .timeLimit(.minutes(30))) struct RecordedOutputsTests {
  private let golden: Golden
  /// Not a multiple of the tokens judged at a time.
  private static let count = 600

  init() throws {
    golden = try Self.golden(Workload("s", .largeSequence, sequence: Self.count, heads: (2, 1), isSampled: true))
  }

  private static func golden(_ workload: Workload) throws -> Golden {
    let model = try Model.named("glm-4.5")
    return try Golden(
      computing: Recipe(
        goldenCase: Case(
          model: model.name, convention: model.convention, workload: workload,
          elementType: .float16, contract: .position, tableType: nil),
        positions: Positions((0..<workload.tokenCount).map { Double($0) })))
  }

  /// The exact result, rounded once, with some elements of K changed.
  private func outputs(of golden: Golden? = nil, changing indices: [Int] = []) -> OutputsFile {
    OutputsFile(of: [golden ?? self.golden], checksum: "0a").changing(0) { outputs in
      for index in indices { outputs.key?.bytes[2 * index] ^= 1 }
    }
  }

  private func report(
    _ files: [OutputsFile], on golden: Golden? = nil, limits: WorkerLimits? = nil
  ) throws -> CaseReport {
    let folder = try TemporaryFolder(), reader = RecordedReader(limits: limits)
    let runs = try files.enumerated().map { index, file in
      try file.write(to: folder.path("\(index).h5"))
      return try RecordedOutputs(path: folder.path("\(index).h5"), reader: reader)
    }
    return try runner(Recordings(runs: runs), diagnoses: true).report(on: golden ?? self.golden)
  }

  @Test("Every token is judged, in this process and in another", arguments: [true, false])
  func judged(_ isolates: Bool) throws {
    let limits = isolates ? WorkerLimits() : nil
    let right = try report([outputs()], limits: limits)
    #expect(right.outcome == .conforms, "\(right)")
    #expect(right.verdict.accuracy?.elementCount == Self.count * 3 * 64)
    // One rotated element and one copied element, in the last tokens.
    let wrong = try report([outputs(changing: [597 * 128 + 5, 599 * 128 + 70])], limits: limits).verdict
    #expect(wrong.accuracy?.failedCount == 1)
    #expect(wrong.accuracy?.worst?.element == ElementIndex(batch: 0, token: 597, head: 0, channel: 5))
    let copied = ElementIndex(batch: 0, token: 599, head: 0, channel: 70)
    guard case .notCopied(.key, 1, copied, _, _) = wrong.violations.first, wrong.violations.count == 1 else {
      Issue.record("\(wrong.violations)")
      return
    }
  }

  @Test("In every layout, an element of a slab that spans rows of the batch is judged where it lies")
  func layouts() throws {
    let workloads = [
      Workload("bshd", .batch, batch: 3, sequence: 100, heads: (3, 2)),
      Workload("bhsd", .batch, batch: 3, sequence: 100, heads: (3, 2), layout: .bhsd),
      Workload("thd", .ragged, sequence: 300, heads: (3, 2), layout: .thd, sequenceLengths: [100, 200]),
    ]
    for workload in workloads {
      let golden = try Self.golden(workload)
      #expect(try report([outputs(of: golden)], on: golden).outcome == .conforms, "\(workload.name)")
      for (token, head) in [(0, 1), (99, 1), (100, 0), (127, 1), (128, 0), (299, 1)] {
        let strides = workload.strides(of: .key, headDimension: 128)
        let index = strides.index(token: token, head: head, sequence: workload.sequence) + 9
        let wrong = try report([outputs(of: golden, changing: [index])], on: golden).verdict
        let element = ElementIndex(
          batch: token / workload.sequence, token: token % workload.sequence, head: head, channel: 9)
        #expect(wrong.accuracy?.failedCount == 1 && wrong.violations.isEmpty, "\(workload.name), token \(token)")
        #expect(wrong.accuracy?.worst?.element == element && wrong.accuracy?.worst?.tensor == .key)
      }
    }
  }

  private func race(_ files: [OutputsFile]) throws -> (report: CaseReport, race: RunDisagreement?) {
    let found = try report(files)
    let races = found.verdict.violations.compactMap { violation in
      if case .notRepeatable(.key, let race) = violation { race } else { nil }
    }
    return (found, races.count == 1 ? races.first : nil)
  }

  private func place(_ index: Int) -> ElementIndex {
    ElementIndex(batch: 0, token: index / 128, head: 0, channel: index % 128)
  }

  @Test("Runs that differ are told, with the first places of any run")
  func races() throws {
    let later = [300, 70_000, 70_001]
    let (found, race) = try race([outputs(), outputs(changing: [300]), outputs(changing: later)])
    #expect(found.verdict.violations.count == 1 && found.verdict.accuracy?.failedCount == 0)
    #expect(race?.count == 3 && race?.places == later.map(place) && race?.runCount == 3)
    #expect(race?.runs == [.init(run: 2, count: 1, first: place(300)), .init(run: 3, count: 3, first: place(300))])
    #expect(race?.pattern == .nonDeterminism && race?.wrongCounts == .init(first: 0, later: 1))
    // A change from run to run is not rounding.
    #expect(found.statements.isEmpty)
  }

  @Test("Later runs that agree look like state, though a part of them alone differs; the first may be the wrong one")
  func state() throws {
    let wrong = outputs(changing: [300, 70_000]), right = outputs()
    let (found, race) = try race([wrong, right, right])
    // The second of the two elements is copied.
    #expect(found.verdict.accuracy?.failedCount == 1)
    // Elements count once, though a diagnosis reads some tokens again.
    #expect(race?.count == 2 && race?.runs.map(\.count) == [2, 2])
    #expect(race?.pattern == .state && race?.wrongCounts == .init(first: 2, later: 0))
    #expect(found.statements.map(\.run) == [nil])
    let (_, mixed) = try self.race([right, outputs(changing: [300]), outputs(changing: [70_000])])
    #expect(mixed?.pattern == .nonDeterminism)
  }

  @Test("A later run that says something else fails")
  func disagreement() throws {
    let other = outputs().changing(0) { $0 = .init(name: $0.name, attributes: ["unsupported": "tired"]) }
    let found = try report([outputs(), other]).verdict
    #expect(found.violations == [.backendFailed(message: "in run 2: not supported: tired")])
  }
}
