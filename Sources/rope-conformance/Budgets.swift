import ArgumentParser
import Conformance
import Goldens
import Reports

struct Budgets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints every budget with its formula and derivation, and the one of each contract and element type.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions

  func run() throws {
    let settings = try Settings(folder, tolerances)
    let names = try Fixtures(path: settings.fixtures).manifest.cases.map(\.name)
    try settings.tolerances.check(against: names)
    print(try BudgetTable(settings.tolerances, caseNames: names).text)
  }
}
