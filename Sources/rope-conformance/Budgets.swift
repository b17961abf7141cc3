import ArgumentParser
import Conformance
import Goldens
import Judging
import Reports

struct Budgets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints every budget with its formula and derivation, and the cases that each applies to.",
    examples: ["budgets", "budgets --tolerance '** = ulp=2 because this is a trial'"])

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions

  func run() throws {
    let settings = try Settings(folder, tolerances), library = try CaseLibrary(Fixtures(path: settings.fixtures))
    try settings.tolerances.check(against: library.entries.map(\.name))
    let cases = try library.entries.map { try library.goldenCase(named: $0.name) }
    try print(try BudgetTable(settings.tolerances, cases: cases).text)
  }
}
