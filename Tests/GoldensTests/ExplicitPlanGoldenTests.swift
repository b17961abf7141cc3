import Foundation
import HDF5
import Models
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("Goldens of explicit plans") struct ExplicitPlanGoldenTests {
  private static func subject(_ name: String, _ text: String) throws -> Model {
    try PlanJSON(json: Data(text.utf8)).model(named: name, source: "a test")
  }

  /// By rule and formula on two axes, channel by channel with a list, by the length of the call, and without pairs.
  private static func subjects() throws -> [Model] {
    try [
      subject(
        "ruled",
        #"{"head_dim":12,"pairs":{"rule":"interleaved","count":2,"offset":4,"output_rule":"half"},"axes":[0,1],"#
          + #""frequencies":{"base":10000,"rope_type":"linear","factor":8},"attention_factor":1.2}"#),
      subject("listed", #"{"head_dim":6,"pairs":[[0,3],[4,1]],"frequencies":[1,0.01],"attention_factor":1.5}"#),
      subject(
        "dynamic",
        #"{"head_dim":4,"pairs":{"rule":"half","count":2},"frequencies":{"base":100,"rope_type":"dynamic","#
          + #""factor":2,"max_position_embeddings":16}}"#),
      subject("still", #"{"head_dim":4,"pairs":[],"frequencies":[]}"#),
    ]
  }

  @Test("Every case is read back as it was computed, beside the files of others")
  func roundTrip() throws {
    let folder = try TemporaryFolder(), subjects = try Self.subjects()
    for subject in subjects {
      _ = try FixtureGenerator([subject], keepsOthers: true).generate(into: folder.path)
    }
    let fixtures = try Fixtures(path: folder.path)
    #expect(fixtures.manifest.files.map(\.name) == subjects.map { "\($0.name).h5" })
    for subject in subjects {
      for recipe in Recipe.all(for: subject) {
        let read = try fixtures.golden(named: recipe.goldenCase.name)
        #expect(read.goldenCase.convention == subject.convention)
        #expect(try read.isIdentical(to: Golden(storing: recipe)), "\(recipe.goldenCase.name)")
      }
      let check = try FixtureGenerator([subject], keepsOthers: true).check(folder.path)
      #expect(check.allSatisfy { $0.kind == .unchanged })
    }
  }

  @Test("The cases are those that set a convention apart, where they make sense")
  func cases() throws {
    let workloads = try Self.subjects().map { Recipe.all(for: $0).map(\.goldenCase) }
    #expect(workloads.map { Set($0.map(\.contract)) }.prefix(3).allSatisfy { $0 == [.position, .table, .frequency] })
    let hasBackward = workloads.map { $0.contains { $0.workload.name == "backward" } }
    #expect(hasBackward == [true, true, false, false], "outputs paired otherwise, a factor, neither")
    #expect(workloads[2].filter { $0.workload.name.hasPrefix("length-") }.count == 6)
    #expect(workloads[3].allSatisfy { $0.contract == .unrotated } && workloads[3].count == 3)
    // A plan has no known head counts, so the full tier adds no case.
    #expect(try Recipe.all(for: Self.subjects()[0], tier: .full).count == workloads[0].count)
  }

  @Test("A plan with the name of a model that is run through everything is not that model")
  func nameOfAnother() throws {
    let other = try Self.subject("glm-4.5", #"{"head_dim":6,"pairs":[[0,3]],"frequencies":[1]}"#)
    #expect(Recipe.all(for: other).count == 5)
  }

  @Test("The file holds the plan as it was written, and no pairing that is not its own")
  func attributes() throws {
    let folder = try TemporaryFolder(), subject = try Self.subjects()[0]
    let recipe = try #require(Recipe.all(for: subject).first)
    _ = try GoldenWriter.write([recipe], of: subject, to: folder.path("file"))
    let file = try File(opening: folder.path("file")), root = try file.root()
    let attributes = try root.group("cases/\(recipe.goldenCase.name)").attributes()
    #expect(
      try attributes.string("configuration")
        == #"{"attention_factor":1.2,"axes":[0,1],"axis_count":2,"frequencies":{"base":10000,"dimension":4,"#
        + #""factor":8,"rope_type":"linear"},"head_dim":12,"pairs":{"count":2,"offset":4,"output_rule":"half","#
        + #""rule":"interleaved"}}"#)
    #expect(try root.attributes().string("configuration") == attributes.string("configuration"))
    #expect(try attributes.int("head_dim") == 12 && attributes.double("attention_factor") == 1.2)
    let names = try attributes.names()
    #expect(!["pairing", "output_pairing", "rotary_dim", "rotary_offset", "base"].contains(where: names.contains))
  }

  @Test("A plan in a file that contradicts itself, or its arrays, is refused")
  func doctored() throws {
    let subject = try Self.subjects()[1]
    let recipe = try #require(Recipe.all(for: subject).first)
    let good = try #require(subject.convention.explicitPlan)
    func expect(_ words: String, _ change: (inout ExplicitPlan) -> Void) throws {
      var doctored = DoctoredGolden(recipe: recipe, subject: subject), plan = good
      change(&plan)
      doctored.attributes["configuration"] = .text(try GoldenFormat.json(plan))
      let error = try doctored.error()
      #expect("\(error)".contains(words) && "\(error)".contains("doctored.h5"), "\(error)")
    }
    try expect("channel 0 is read a second time") { $0.pairs = .list([$0.first, $0.first]) }
    try expect("axes[1] 4") { $0.axes = [0, 4] }
    try expect("axis_count 0") { $0.axisCount = 0 }
    try expect("frequencies with 1 numbers") { $0.frequencies = .list([1]) }
    try expect("head dimension 0") { $0.headDimension = 0 }
    try expect("contract position does not fit rotary dimension 0") { $0.pairs = .list([]) }
    try expect("/plan: it differs from the plan") { $0.pairs = .rule(.half, output: .half, count: 2, offset: 0) }
    try expect("inv_freq or attention_factor") { $0.frequencies = .list([1, 0.02]) }
    try expect("head_dim") { $0.headDimension = 7 }
  }
}

extension Convention {
  fileprivate var explicitPlan: ExplicitPlan? { if case .explicit(let plan) = self { plan } else { nil } }
}

extension ExplicitPlan {
  /// Channels 0 and 3 alone.
  fileprivate var first: PairedChannels {
    PairedChannels(input: Plan.Channels(0, 3), output: Plan.Channels(0, 3))
  }
}
