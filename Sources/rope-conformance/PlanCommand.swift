import ArgumentParser
import Foundation
import Models
import Reference
import Reports
import RoPE

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Shows the rotary convention of a config.json, of a bundled model or of an explicit plan, pair by pair.",
    discussion: "Exit status: 1 if it differs from the model of --check-against, 2 for bad usage or input.",
    examples: ["plan --model glm-4.5", "plan --config path/to/config.json --check-against glm-4.5"])

  @OptionGroup var convention: ConventionOptions

  @Option(help: ArgumentHelp("Only the layers of this kind, such as local.", valueName: "name"))
  var kind: String?

  @Option(help: ArgumentHelp("Print how the plan differs from that of this bundled model.", valueName: "model"))
  var checkAgainst: String?

  @Option(
    help: ArgumentHelp(
      "Largest position of a call plus one; dynamic NTK and LongRoPE depend on it.", valueName: "count"))
  var length = 1

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print every pair.")
  var all = false

  func validate() throws {
    guard convention.count == 1 else { throw ValidationError("give one of --config, --model and --plan") }
    guard length >= 1 else { throw ValidationError("--length \(length): must be at least 1") }
    if kind != nil, convention.config == nil {
      throw ValidationError("--kind goes with --config; a model's name has its kind")
    }
  }

  func run() throws {
    let reports = try reports()
    guard let checkAgainst else {
      try print(try json ? Self.json(reports) : reports.map { $0.text(all: all) }.joined(separator: "\n\n"))
      return
    }
    guard let report = reports.first, reports.count == 1 else {
      throw ValidationError("--check-against needs one kind of layer; choose one of them with --kind")
    }
    let differences = report.differences(from: try Self.report(Model.named(checkAgainst), length: length))
    if json {
      try print(try Self.json(["differences": differences]))
    } else {
      try print(report.text(all: all))
      try print("\n" + (differences.isEmpty ? "the same as \(checkAgainst)" : "differs from \(checkAgainst):"))
      for difference in differences { try print("  \(difference)") }
    }
    if !differences.isEmpty { throw DoesNotConform() }
  }

  private func reports() throws -> [PlanReport] {
    if let plan = convention.plan {
      return [try Self.report(PlanJSON(contentsOf: plan).model(named: plan, source: plan), length: length)]
    }
    guard let config = convention.config else {
      return try convention.model.map { [try Self.report(Model.named($0), length: length)] } ?? []
    }
    let read = try ModelConfig(contentsOf: config)
    let models = read.models.filter { kind == nil || $0.kind == kind }
    guard !models.isEmpty else {
      let names = read.models.compactMap(\.kind)
      throw ValidationError(
        "--kind '\(kind ?? "")': \(config) has no layers of this kind; "
          + (names.isEmpty ? "it has one kind, without a name" : "its kinds are \(names.joined(separator: ", "))"))
    }
    return try models.map { try Self.report($0, length: length) }
  }

  private static func report(_ model: Model, length: Int) throws -> PlanReport {
    let plan = try model.convention.plan(length: length), tables = ExactTables(plan)
    return PlanReport(
      of: model, plan: plan, frequencies: tables.inverseFrequencies(), attentionFactor: tables.attentionFactor())
  }

  private static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
