import ArgumentParser
import Conformance
import Files
import Foundation
import Goldens
import Judging
import Laboratory
import Mistakes
import Reports

struct Mutants: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Runs known mistakes through the goldens and prints which cases find them.",
    discussion: """
      Exit status: 1 if no case finds a mistake under a contract in which it can occur, or fewer than three cases find \
      it without a stated reason. Of chosen cases, only mistakes count that compute something wrong in them.
      """,
    examples: ["mutants --case 'glm-4.5/**'", "mutants --mutant sine-negated", "mutants --diagnose 10"])

  @OptionGroup var folder: FixturesOption
  @OptionGroup var cases: CaseOptions
  @OptionGroup var tolerances: ToleranceOptions

  @Option(help: "Only this mutant, with every case on which it computes something wrong.")
  var mutant: String?

  @Option(
    help: ArgumentHelp(
      "Diagnose each mutant on up to this many cases that find it, and print whether it was named.",
      valueName: "count"))
  var diagnose: Int?

  @Flag(
    help: """
      Instead, plant mistakes that the catalogue does not have in cases chosen for it, and print what the diagnosis says \
      and whether it is true.
      """)
  var planted = false

  /// The share of diagnoses that must name the planted mistake.
  private static let neededShare = 0.95

  func validate() throws {
    if let diagnose, diagnose < 1 { throw ValidationError("--diagnose \(diagnose): must be at least 1") }
    if planted, mutant != nil || diagnose != nil {
      throw ValidationError("--planted plants mistakes of its own: leave out --mutant and --diagnose")
    }
  }

  func run() throws {
    let chosen = try mutant.map { [try BackendChoice.mutant($0)] } ?? Mutant.all
    let settings = try Settings(folder, tolerances)
    let fixtures = try Fixtures(path: settings.fixtures)
    let library = try CaseLibrary(fixtures), names = library.entries.map(\.name)
    try settings.tolerances.check(against: names)
    if planted { return try plant(library, settings.tolerances) }
    let goldens = try cases.select(from: names).map { name in
      (golden: try library.golden(named: name), rule: try settings.tolerances.rule(for: name))
    }
    let isSeen = try kill(chosen, goldens)
    let isNamed = try diagnose.map { try name(chosen, goldens, limit: $0) } ?? true
    if !isSeen || !isNamed { throw DoesNotConform() }
  }

  private typealias Goldens = [(golden: Golden, rule: ToleranceRule)]

  /// Prints the kill matrix.
  ///
  /// - Returns: true if no mutant goes undetected, or is found by too few cases.
  private func kill(_ mutants: [Mutant], _ goldens: Goldens) throws -> Bool {
    let bar = ProgressBar(), clock = ContinuousClock(), start = clock.now
    let matrix = try {
      defer { bar.clear() }
      return try KillMatrix(of: mutants, on: goldens) { bar.show(done: $0, total: $1) }
    }()
    note(matrix, seconds: (clock.now - start) / .seconds(1))
    let table = KillTable(matrix), failures = table.failures(inAllCases: cases.filter().isOfAll)
    let isShown = matrix.unseen.count < mutants.count
    if isShown { try print(mutant.map(table.text(ofMutant:)) ?? "\(table.text)\n\n\(table.summary)") }
    if !failures.isEmpty { try print(failures) }
    if let unseen = table.unseen { try print(unseen) }
    return isShown && failures.isEmpty
  }

  /// Tells the time on standard error, because a page in docs repeats what standard output says.
  private func note(_ matrix: KillMatrix, seconds: Double) {
    guard matrix.elementCount > 0 else { return }
    let millions = Double(matrix.elementCount) / 1e6
    let text = String(
      format: "%.0f million elements in %.0f s: %.1f million a second", millions, seconds, millions / seconds)
    StandardStream.error.tryToPrint(text)
  }

  /// Prints what the diagnosis says about each mutant.
  ///
  /// - Returns: true if it names enough of them.
  private func name(_ mutants: [Mutant], _ goldens: Goldens, limit: Int) throws -> Bool {
    let bar = ProgressBar()
    let trial = try {
      defer { bar.clear() }
      return try DiagnosisTrial(of: mutants, on: goldens, limit: limit) { bar.show(done: $0, total: $1) }
    }()
    let table = DiagnosisTable(trial)
    try print("\n\(table.text)\n\n\(table.summary)")
    return trial.namedShare >= Self.neededShare
  }

  /// Prints what the diagnosis says about planted mistakes.
  private func plant(_ library: CaseLibrary, _ tolerances: Tolerances) throws {
    let names = try cases.select(from: PlantedTrial.caseNames), bar = ProgressBar()
    let trial = try {
      defer { bar.clear() }
      return try PlantedTrial(
        on: names.map { (try library.golden(named: $0), try tolerances.rule(for: $0)) }
      ) { bar.show(done: $0, total: $1) }
    }()
    let table = PlantedTable(trial)
    try print(table.text)
    if !table.isGood { throw DoesNotConform() }
  }
}
