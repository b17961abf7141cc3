import ArgumentParser
import Conformance
import Goldens
import Judging
import Reports

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows one case: convention, workload, budget and first values.",
    examples: ["show glm-4.5/bf16/ragged/frequency"])

  @Argument(help: ArgumentHelp("Name of the case; 'list' shows all names.", valueName: "case"))
  var name: String

  @OptionGroup var folder: FixturesOption
  @OptionGroup var tier: TierOption
  @OptionGroup var tolerances: ToleranceOptions

  func run() throws {
    let settings = try Settings(folder, tolerances)
    try print(try tier.library(settings).golden(named: name).text)
    let rule = try settings.tolerances.rule(for: name)
    try print("budget: \(rule.budget.name) (\(rule.origin)) because \(rule.reason)")
    try print("  |actual − expected| ≤ \(rule.budget.derivation)")
  }
}
