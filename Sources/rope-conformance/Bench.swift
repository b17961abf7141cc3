import ArgumentParser
import Conformance
import Devices
import Files
import Foundation
import Judging
import Laboratory
import Reports

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the speed of the kernel and compares it with a copy of the same bytes on the same device.",
    discussion: """
      For each shape, prints the time of one launch, the bytes moved per second, and that rate as a share of a copy's. \
      For a few tokens, also prints the time as a multiple of the launch of an empty kernel. On the host, also prints how \
      many times as fast as a plain loop in C the kernel is. A shape is named model/type/phase/pairing/layout/contract.
      """,
    examples: [
      "bench --quick", "bench --shape 'llama-3.1-8b/**' --json bench.jsonl",
      "bench --from bench.jsonl --date 2026-01-31",
    ])

  @Option(
    help: ArgumentHelp(
      "auto, host, amd, nvidia, or one such as amd:1 (default: ROPE_DEVICE, or auto).",
      valueName: "name"),
    completion: .list(["auto", "host", "amd", "nvidia"]))
  var device: String?

  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp(
      """
      Only shapes whose name, or its first components, match: * matches any text without /, ** any text, {a,b} either \
      text. May be repeated.
      """,
      valueName: "pattern"))
  var shapes: [String] = []

  @Option(help: ArgumentHelp("How often each time is measured (default: 15, or 3 with --quick).", valueName: "count"))
  var samples: Int?

  @Option(
    help: ArgumentHelp(
      "Start no other shape after this many seconds; the rest are reported as not measured.", valueName: "seconds"))
  var timeLimit: Double?

  @Flag(help: "Measure only a few shapes of each kind.")
  var quick = false

  @Flag(help: "Print the names of the shapes and measure nothing.")
  var list = false

  @Option(
    help: ArgumentHelp(
      "Write JSON Lines to this file during the measurement; docs/bench.schema.json describes them.",
      valueName: "file"), completion: .file())
  var json: String?

  @Option(
    help: ArgumentHelp(
      "Measure nothing; print tables in Markdown from a file that --json wrote.", valueName: "file"),
    completion: .file())
  var from: String?

  @Option(help: "Day of the measurement, for the tables of --from.")
  var date: String?

  func validate() throws {
    if let samples, !(1...1_000).contains(samples) {
      throw ValidationError("--samples \(samples): must be at least 1 and at most 1000")
    }
    if let timeLimit, !(timeLimit > 0) { throw ValidationError("--time-limit \(timeLimit): must be above 0") }
    if from != nil, date == nil { throw ValidationError("--from needs --date, the day that the tables state") }
    if from == nil, date != nil { throw ValidationError("--date goes with --from") }
  }

  private func chosen() throws -> [BenchmarkShape] {
    let all = quick ? BenchmarkShape.quick : BenchmarkShape.all
    let words = NameFilter.Words(pattern: "--shape", names: "shapes", list: "--list")
    let names = Set(try NameFilter(shapes, words: words).select(from: all.map(\.name)))
    return all.filter { names.contains($0.name) }
  }

  func run() throws {
    if let from, let date { return try print(try BenchmarkTable(contentsOf: from).markdown(date: date)) }
    let chosen = try chosen()
    if list { return try print(chosen.map(\.name).joined(separator: "\n")) }
    let asked = device ?? ProcessInfo.processInfo.environment["ROPE_DEVICE"] ?? "auto"
    var run = try BenchmarkRun(
      device: Device(named: asked), samples: samples ?? (quick ? 3 : 15), packageVersion: RunHeader.packageVersion)
    let file = try json.map { path in try LineFile(path: path) }
    try file?.add(BenchmarkRecord.header(run.header).line)
    let terminal = Terminal()
    try terminal.print(run.header.description)
    try terminal.print(run.header.compiler)
    try terminal.print(BenchmarkResult.heading)
    let start = ContinuousClock.now
    for shape in chosen {
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      let result =
        timeLimit.map { elapsed > $0 } ?? false
        ? BenchmarkResult(notMeasured: shape, reason: "the time limit had passed") : try run.measure(shape)
      try file?.add(BenchmarkRecord.result(result).line)
      try terminal.print(result.text)
    }
  }
}
