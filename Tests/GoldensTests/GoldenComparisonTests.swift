import Foundation
import HDF5
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("What changed in a golden file is told per case") struct GoldenComparisonTests {
  /// The changes from a doctored file of one case to the file as it is written.
  private func changes(
    from doctor: (inout DoctoredGolden) throws -> Void, of name: String = "f32/single-token/position"
  ) throws -> [CaseChange] {
    let folder = try TemporaryFolder()
    var doctored = DoctoredGolden(recipe: try .bundled("llama-2-7b", name))
    try doctor(&doctored)
    try doctored.write(to: folder.path("old"), original: folder.path("new"))
    return try GoldenComparison.changes(
      from: folder.path("old"), to: folder.path("new"), oldNames: [doctored.caseName, "gone"],
      newNames: [doctored.caseName])
  }

  /// The expected values of Q in the case as it is written.
  private func expectedQuery(_ doctored: DoctoredGolden) throws -> [Double] {
    guard case .stored(let truth) = try Golden(storing: doctored.recipe).content else { return [] }
    return truth.tensors.query.expected
  }

  @Test func equalFilesHaveOnlyTheRemovedCase() throws {
    #expect(try changes { _ in } == [CaseChange(name: "gone", kind: .removed)])
  }

  @Test("Two expected values, by one and by three ULP")
  func expectedValues() throws {
    let changes = try changes { doctored in
      var values = try expectedQuery(doctored)
      values[7] = values[7].nextUp
      values[9] += 3 * values[9].ulp
      doctored.datasets["expected_q"] = .float64(values, shape: [1, 1, 3, 128])
    }
    #expect(changes.map(\.kind) == [.expected(changed: 2, count: 640, largestULP: 3, besides: []), .removed])
    #expect("\(changes[0])".contains("2 of 640 expected values differ, by 3.0 ULP"))
  }

  @Test("A NaN counts as changed")
  func notANumber() throws {
    let changes = try changes { doctored in
      var values = try expectedQuery(doctored)
      values[7] = .nan
      doctored.datasets["expected_q"] = .float64(values, shape: [1, 1, 3, 128])
    }
    #expect(changes.first?.kind == .expected(changed: 1, count: 640, largestULP: .infinity, besides: []))
  }

  @Test(
    "What a changed formula of the frequencies does is counted",
    arguments: ["f32/single-token/position", "f32/single-token/frequency"])
  func formula(_ name: String) throws {
    let changes = try changes(
      from: { doctored in
        let golden = try Golden(storing: doctored.recipe)
        doctored.datasets["/plan/inv_freq"] = .float64(golden.inverseFrequencies.map(\.nextUp), shape: [64])
        if case .frequencies(let given, _, _) = golden.angles {
          doctored.datasets["inv_freq"] = .float32(given.map(\.nextUp), shape: [64])
        }
        var values = try expectedQuery(doctored)
        values[7] = values[7].nextUp
        doctored.datasets["expected_q"] = .float64(values, shape: [1, 1, 3, 128])
      }, of: name)
    #expect(changes.first?.kind == .expected(changed: 1, count: 640, largestULP: 1, besides: [.angles]))
    #expect(
      changes.first.map { "\($0)".hasSuffix(" at most; frequencies or their cosines and sines differ") } == true)
  }

  @Test("Frequencies that change no expected value are told too")
  func frequenciesAlone() throws {
    let changes = try changes { doctored in
      let frequencies = try Golden(storing: doctored.recipe).inverseFrequencies
      doctored.datasets["/plan/inv_freq"] = .float64(frequencies.map(\.nextUp), shape: [64])
    }
    #expect(changes.first?.kind == .expected(changed: 0, count: 640, largestULP: 0, besides: [.angles]))
    #expect(changes.first.map { "\($0)".contains("none of 640 expected values differs; frequencies") } == true)
  }

  @Test("What an edited configuration does is counted, with the convention named")
  func convention() throws {
    func write(base: Double, to path: String) throws -> [String] {
      let plan = ExplicitPlan(
        headDimension: 16, pairs: .rule(.half, output: .half, count: 8, offset: 0), axes: Array(repeating: 0, count: 8),
        axisCount: 1, frequencies: .formula(base: base, dimension: 16, .none))
      _ = try FixtureGenerator([Model(name: "mine", source: "a test", convention: .explicit(plan))]).generate(
        into: path)
      return try Fixtures(path: path).manifest.cases.map(\.name)
    }
    let folder = try TemporaryFolder()
    let names = try write(base: 10_000, to: folder.path("old"))
    _ = try write(base: 12_500, to: folder.path("new"))
    let changes = try GoldenComparison.changes(
      from: folder.path("old/mine.h5"), to: folder.path("new/mine.h5"), oldNames: names, newNames: names)
    #expect(!changes.isEmpty)
    for change in changes {
      guard case .expected(let changed, _, let ulp, let besides) = change.kind else {
        Issue.record("\(change)")
        continue
      }
      #expect(changed > 0 && ulp > 1 && besides.first == .convention, "\(change)")
      #expect("\(change)".contains(" at most; the convention differs"))
    }
  }

  @Test func otherGivensAndUnreadableCases() throws {
    let position = try changes { $0.datasets["position_ids"] = .int64([12], shape: [1, 1]) }
    #expect(position.first?.kind == .givens)
    let unreadable = try changes { $0.datasets["k"] = .missing }
    guard case .unreadable(let reason) = try #require(unreadable.first).kind else {
      Issue.record("\(unreadable)")
      return
    }
    #expect(reason.contains("dataset k"))
  }

  @Test("generate reports one changed value of a file, and repairs it")
  func generate() throws {
    let folder = try TemporaryFolder(), model = try Model.named("gpt2")
    let generator = FixtureGenerator([model])
    _ = try generator.generate(into: folder.path)
    let good = try folder.bytes("gpt2.h5")
    var doctored = DoctoredGolden(recipe: try .bundled("gpt2", "f32/single-token/none"))
    var values = try expectedQuery(doctored)
    values[5] = values[5].nextDown
    doctored.datasets["expected_q"] = .float64(values, shape: [1, 1, 3, 64])
    try doctored.copy(from: folder.path("gpt2.h5"), to: folder.path("doctored"))
    try folder.write(folder.bytes("doctored"), to: "gpt2.h5")
    for changes in [try generator.check(folder.path), try generator.generate(into: folder.path)] {
      let file = try #require(changes.first)
      #expect(file.kind == .changed)
      #expect(file.cases.map(\.name) == [doctored.caseName])
      #expect(file.cases.map(\.kind) == [.expected(changed: 1, count: 320, largestULP: 1, besides: [])])
      #expect(file.text(isCheck: true).hasPrefix("gpt2.h5: differs\n  gpt2/f32/single-token/none: 1 of 320 expected"))
    }
    #expect(try folder.bytes("gpt2.h5") == good)
  }

  @Test("Every case that changed has its line, with the number of its elements and the largest change")
  func everyCase() throws {
    let folder = try TemporaryFolder(), model = try Model.named("gpt2")
    let generator = FixtureGenerator([model])
    _ = try generator.generate(into: folder.path)
    let recipes = Recipe.all(for: model).filter { $0.goldenCase.workload.pattern == .spread }
    for (index, recipe) in recipes.enumerated() {
      guard case .stored(let truth) = try Golden(storing: recipe).content else { continue }
      var doctored = DoctoredGolden(recipe: recipe), values = truth.tensors.query.expected
      for place in 0...index { values[place] += 2 * values[place].ulp }
      let workload = recipe.goldenCase.workload
      let shape = workload.axes(of: .query, headDimension: 64).map(\.count)
      doctored.datasets["expected_q"] = .float64(values, shape: shape)
      try doctored.copy(from: folder.path("gpt2.h5"), to: folder.path("doctored"))
      try FileManager.default.removeItem(atPath: folder.path("gpt2.h5"))
      try FileManager.default.moveItem(atPath: folder.path("doctored"), toPath: folder.path("gpt2.h5"))
    }
    let file = try #require(generator.check(folder.path).first)
    let lines = file.text(isCheck: true).split(separator: "\n").map(String.init)
    #expect(lines.count == recipes.count + 1 && recipes.count > 20)
    for (index, recipe) in recipes.enumerated() {
      let line = try #require(lines.first { $0.hasPrefix("  \(recipe.goldenCase.name): ") })
      #expect(line.contains(": \(index + 1) of ") && line.hasSuffix("by 2.0 ULP of float64 at most"), "\(line)")
    }
  }
}
