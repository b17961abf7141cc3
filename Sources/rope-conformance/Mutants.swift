import ArgumentParser
import Conformance
import Goldens
import Reports
import RoPE

struct Mutants: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs known mistakes through the goldens and prints which cases find them.",
    discussion: "Exit status: 1 if a mistake goes unseen under a contract in which it computes something wrong.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var cases: CaseOptions
  @OptionGroup var tolerances: ToleranceOptions

  @Option(help: "Only this mutant, with every case on which it computes something wrong.")
  var mutant: String?

  func run() async throws {
    let chosen = Mutant.all.filter { mutant == nil || $0.name == mutant }
    guard !chosen.isEmpty else {
      let names = Mutant.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--mutant '\(mutant ?? "")' is none of \(names)")
    }
    let settings = try await Settings(folder, tolerances)
    let fixtures = try Fixtures(path: settings.fixtures)
    let names = fixtures.manifest.cases.map(\.name)
    try settings.tolerances.check(against: names)
    let goldens = try cases.select(from: names).map { name in
      (golden: try fixtures.golden(named: name), rule: try settings.tolerances.rule(for: name))
    }
    let bar = ProgressBar()
    let matrix = try KillMatrix(of: chosen, on: goldens) { bar.show(done: $0, total: $1) }
    bar.clear()
    let table = KillTable(matrix)
    print(mutant.map(table.text(ofMutant:)) ?? table.text)
    for (mutant, contract) in matrix.survivors {
      print("not found: \(mutant.name) under the contract \(contract.rawValue)")
    }
    for mutant in matrix.unseen { print("no case gives room for \(mutant.name)") }
    if !matrix.survivors.isEmpty || !matrix.unseen.isEmpty { throw DoesNotConform() }
  }
}
