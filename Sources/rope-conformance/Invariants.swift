import ArgumentParser
import Backends
import Conformance
import Foundation
import HIP
import Models
import RoPE

struct Invariants: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks what every rotation satisfies, on fresh random inputs and without any golden.",
    discussion: """
      Each number is the largest deviation as a multiple of its limit, which follows from the budget that tolerances \
      give a case of the name model/type/invariants/contract. Exit status: 0 if none exceeds 1 and at least one was \
      checked, 1 if not, 2 for bad usage or input.
      """)

  @Option(help: "A bundled model (default: a handful of them, with different features).")
  var model: String?

  @Option(help: "A Hugging Face config.json.")
  var config: String?

  @Option(help: "What inputs and positions follow from (default: another one each time).")
  var seed: UInt64?

  @Option(help: "Only this element type: f32, f16 or bf16 (default: all).")
  var type: ElementType?

  @Option(help: "The device (default: ROPE_DEVICE, or host).")
  var device: String?

  @OptionGroup var tolerances: ToleranceOptions

  /// A part of the head, llama3, YaRN with its factor, LongRoPE, pairs that do not turn, pairs that are written
  /// otherwise than read, and three axes.
  private static let models = [
    "glm-4-9b-chat", "llama-3.1-8b", "qwen2.5-7b-yarn", "phi-4-mini", "gemma-4-e2b-global", "deepseek-v3",
    "qwen2-vl-72b-text",
  ]

  func validate() throws {
    guard model == nil || config == nil else { throw ValidationError("give either --model or --config") }
  }

  private func chosenModels() throws -> [Model] {
    guard let config else { return try (model.map { [$0] } ?? Self.models).map(Model.named) }
    let url = URL(fileURLWithPath: config).standardizedFileURL
    let name = url.deletingLastPathComponent().lastPathComponent
    return try ModelConfig(contentsOf: config).models(named: name, source: config)
  }

  func run() async throws {
    let settings = try await Settings(
      environment: ProcessInfo.processInfo.environment,
      flags: Settings.Flags(
        tolerances: tolerances.rules, tolerancesFile: tolerances.tolerances, device: device))
    let models = try chosenModels().filter { $0.configuration.rotaryDimension > 0 }
    guard !models.isEmpty else {
      throw ValidationError("'\(model ?? config ?? "")' does not rotate: without RoPE there is nothing to check")
    }
    let backend = HIPBackend(device: try Device(named: settings.device ?? "auto"))
    let seed = seed ?? .random(in: 0...UInt64(UInt32.max))
    print(backend.summary)
    print("seed \(seed)")
    var table = InvariantTable()
    for model in models {
      for type in type.map({ [$0] }) ?? ElementType.allCases {
        for (contract, tableType) in Self.contracts(type) {
          let name = tableType.map { "table-\($0.shortName)" } ?? contract.rawValue
          let rule = try settings.tolerances.rule(for: "\(model.name)/\(type.shortName)/invariants/\(name)")
          let run = InvariantRun(
            backend: backend, configuration: model.configuration, elementType: type, contract: contract,
            tableType: tableType, budget: rule.budget, seed: seed)
          table.add(try Invariant.allCases.map(run.check), [model.name, type.shortName, name])
        }
      }
    }
    print(table.text)
    print(table.holds ? "holds" : "does not hold")
    if !table.holds { throw DoesNotConform() }
  }

  /// A table is in the type of the elements, and in float32 beside.
  private static func contracts(_ type: ElementType) -> [(Contract, ElementType?)] {
    [(.position, nil), (.frequency, nil), (.table, nil)] + (type == .float32 ? [] : [(.table, .float32)])
  }
}

/// The results as a table: a line for each model, type and contract, a column for each invariant.
private struct InvariantTable {
  private var lines = [["model", "type", "contract"] + Invariant.allCases.map(\.rawValue)]
  /// What is to say of those that do not hold.
  private var remarks: [String] = []
  private var checked = 0
  private var failures = 0

  var holds: Bool { failures == 0 && checked > 0 }

  mutating func add(_ results: [InvariantResult], _ names: [String]) {
    lines.append(names + results.map(Self.cell))
    for result in results {
      let place = "\(names.joined(separator: "/")), \(result.invariant.rawValue)"
      switch result.outcome {
      case .compared(let found):
        checked += 1
        if result.holds { continue }
        failures += 1
        remarks.append(
          "✗ \(place): \(found.deviation), \(Self.number(found.severity)) times its limit, in the "
            + "\(found.tensor.rawValue), head \(found.head), pair \(found.pair), position \(found.position)")
      case .unsupported(let reason): remarks.append("- \(place): not supported: \(reason)")
      case .failed(let message):
        failures += 1
        remarks.append("✗ \(place): the backend failed: \(message)")
      }
    }
  }

  private static func cell(_ result: InvariantResult) -> String {
    switch result.outcome {
    case .compared(let deviation): (result.holds ? "" : "✗ ") + number(deviation.severity)
    case .unsupported: "unsupported"
    case .failed: "✗ failed"
    }
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? String(format: "%.3g", value) : "infinite"
  }

  /// Columns wide enough for their cells, and then the remarks.
  var text: String {
    let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    let rows = lines.map { cells in
      zip(cells, widths).enumerated().map { column, cell in
        let padding = String(repeating: " ", count: cell.1 - cell.0.count)
        return column < 3 ? cell.0 + padding : padding + cell.0
      }.joined(separator: "  ")
    }
    return (rows + remarks).joined(separator: "\n")
  }
}

extension ElementType: ExpressibleByArgument {
  /// By its short name or its full one.
  public init?(argument: String) {
    guard let type = Self.allCases.first(where: { $0.shortName == argument || $0.rawValue == argument }) else {
      return nil
    }
    self = type
  }
}
