import ArgumentParser
import Backends
import Conformance
import Files
import Foundation
import Goldens
import Invariants
import Judging
import Models
import Reports
import RoPE

struct InvariantsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invariants",
    abstract: "Checks properties of every rotation on fresh random inputs, without goldens.",
    discussion: """
      Without --model, --config or --plan, checks a few bundled models with different features. Each number is the \
      largest deviation as a multiple of its limit. The limit follows from the budget that the tolerances give a case \
      named model/type/invariants/contract. Exit status: 0 if no number exceeds 1 and at least one was checked, \
      otherwise 1; 2 for bad usage or input.
      """,
    examples: [
      "invariants --model glm-4.5 --type f32 --seed 1",
      "invariants --backend plugin:path/to/libmine.so",
    ])

  @OptionGroup var convention: ConventionOptions

  @OptionGroup var backend: BackendOptions
  @OptionGroup var limits: LimitOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Seed for random inputs and positions, 0 to 2^64 - 1 (default: a new one each time).", valueName: "number"))
  var seed: UInt64?

  @Option(help: "Only this element type: f32, f16 or bf16 (default: all).")
  var type: ElementType?

  @OptionGroup var tolerances: ToleranceOptions

  /// Together they have a partly rotated head, llama3, YaRN with its factor, LongRoPE, pairs that do not turn, pairs
  /// that are written in another order than read, and three axes.
  private static let models = [
    "glm-4-9b-chat", "llama-3.1-8b", "qwen2.5-7b-yarn", "phi-4-mini", "gemma-4-e2b-global", "deepseek-v3",
    "qwen2-vl-72b-text",
  ]

  func validate() throws {
    guard convention.count <= 1 else { throw ValidationError("give one of --config, --model and --plan") }
  }

  private func subjects() throws -> [Model] {
    guard convention.count > 0 else { return try Self.models.map(Model.named) }
    let given = try convention.models(), rotating = given.filter { $0.convention.rotaryDimension > 0 }
    guard !rotating.isEmpty else {
      let names = given.map(\.name).joined(separator: ", ")
      throw ValidationError("'\(names)' does not rotate: without RoPE there is nothing to check")
    }
    return rotating
  }

  func run() throws {
    if limits.inProcess { try WaitingParent.waitForChild() }
    let settings = try Settings(
      environment: ProcessInfo.processInfo.environment,
      flags: Settings.Flags(
        tolerances: tolerances.rules, tolerancesFile: tolerances.tolerances, device: backend.device,
        backend: backend.backend))
    let subjects = try subjects(), backends = try backend.backends(settings, limits, length: InvariantTrial.length)
    let seed = seed ?? .random(in: 0...UInt64(UInt32.max))

    UnfinishedRun.begin()
    defer { UnfinishedRun.end() }
    try print(backends(subjects[0].convention).summary.visible)
    try print("seed \(seed)")
    let sweep = InvariantSweep(
      tolerances: settings.tolerances, types: type.map { [$0] } ?? ElementType.allCases, seed: seed)
    var table = InvariantTable(), problems: [String] = []
    for subject in subjects {
      let backend = backends(subject.convention)
      defer { problems += (backend as? any ProblemNotingBackend)?.finish().filter { !problems.contains($0) } ?? [] }
      for entry in try sweep.entries(of: subject.name, subject.convention, backend: backend) {
        table.add(entry.results, of: entry.name)
      }
    }
    try print(table.text)
    try print(table.conclusion)
    for problem in problems { try print("✗ problem: \(problem)") }
    if !table.holds || !problems.isEmpty { throw DoesNotConform() }
  }
}

extension ElementType: ExpressibleByArgument {
  /// Reads the short name or the full name.
  public init?(argument: String) {
    guard let type = Self.allCases.first(where: { $0.shortName == argument || $0.rawValue == argument }) else {
      return nil
    }
    self = type
  }
}
