import ArgumentParser
import Conformance
import Files
import Foundation
import Goldens
import Mistakes
import Models
import Reports

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists cases, bundled models, model types, mutants or published bugs.",
    examples: ["list --case 'glm-4.5/bf16/**'", "list --flag B48", "list --models"])

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tier: TierOption
  @OptionGroup var cases: CaseOptions
  @OptionGroup var last: LastFailedOption
  @OptionGroup var backend: BackendOptions

  @Option(help: ArgumentHelp("Only cases that catch this bug, such as B48; --bugs lists the ids.", valueName: "bug"))
  var flag: String?

  @Flag(help: "Instead, list the bundled models.")
  var models = false

  @Flag(help: "Instead, list the values of model_type that a config.json can have.")
  var modelTypes = false

  @Flag(help: "Instead, list the mutants with the mistake that each makes.")
  var mutants = false

  @Flag(help: "Instead, print tables of the published bugs and the cases that catch them, in Markdown.")
  var bugs = false

  mutating func validate() throws {
    let others = [("--models", models), ("--model-types", modelTypes), ("--mutants", mutants), ("--bugs", bugs)]
      .filter(\.1).map(\.0)
    let asksForCases = flag != nil || !cases.filter().isOfAll || last.lastFailed
    if others.count > 1 { throw ValidationError("\(others.joined(separator: " and ")): give one of them") }
    if let other = others.first, asksForCases {
      throw ValidationError("\(other) does not go with --flag, --case, --exclude and --last-failed")
    }
    if backend.backend != nil || backend.device != nil, !last.lastFailed {
      throw ValidationError("--backend and --device go with --last-failed: which cases there are depends on neither")
    }
    flag = flag?.uppercased()
    guard let flag, !Bug.all.contains(where: { $0.id == flag }) else { return }
    throw ValidationError("--flag '\(flag)' is not a bug of the catalogue; 'list --bugs' shows them")
  }

  func run() throws {
    if models { return try Model.bundled.forEach { try print($0.name) } }
    if modelTypes { return try Model.types.forEach { try print($0) } }
    if mutants { return try Mutant.all.forEach { try print("\($0.name): \($0.summary)") } }
    let library = try tier.library(folder.path)
    if bugs { return try print(BugTable(library.fixtures.manifest).text) }
    let names = library.entries.filter { entry in flag.map(entry.flags.contains) ?? true }.map(\.name)
    if names.isEmpty, let reason = Bug.all.first(where: { $0.id == flag })?.unseenReason {
      StandardStream.error.tryToPrint("no case catches \(flag ?? ""): \(reason)")
      return
    }
    let chosen = try cases.filter(failures: failures()).select(from: library.entries.map(\.name))
    let known = Set(names), both = chosen.filter(known.contains)
    guard let flag, both.isEmpty else { return try both.forEach { try print($0) } }
    StandardStream.error.tryToPrint(
      "none of the \(chosen.count) cases that these patterns match catches \(flag); \(names.count) others do")
  }

  /// The record of the cases to which the list is confined; nil for all cases.
  private func failures() throws -> FailureRecord? {
    guard last.lastFailed else { return nil }
    return try backend.failures(Settings(folder, device: backend.device, backend: backend.backend))
  }
}
