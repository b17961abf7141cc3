import ArgumentParser
import Conformance
import Goldens
import Reports

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows one case: convention, workload, budget and first values.")

  @Argument(help: "The name of the case; 'list' shows all names.")
  var name: String

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tolerances: ToleranceOptions

  func run() throws {
    let settings = try Settings(folder, tolerances)
    let fixtures = try Fixtures(path: settings.fixtures)
    try settings.tolerances.check(against: fixtures.manifest.cases.map(\.name))
    let golden = try fixtures.golden(named: name)
    print(golden.text)
    let rule = try settings.tolerances.rule(for: name)
    print("budget: \(rule.budget.name) (\(rule.origin)) because \(rule.reason)")
    print("  |actual − expected| ≤ \(rule.budget.derivation)")
  }
}
