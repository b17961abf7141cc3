import ArgumentParser
import Conformance
import Devices
import Foundation
import Judging
import Laboratory
import Reports

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures the speed of the kernel beside a copy of the same bytes on the same device.",
    discussion: """
      Prints, for each shape, the time of one launch, bytes moved per second, that rate as a share of a copy's, and for \
      a few tokens the time as a multiple of that of an empty kernel's launch; on the host, how many times as fast as a \
      plain loop in C it is. A name is model/type/phase/pairing/layout/contract.
      """)

  @Option(help: "auto, host, amd, nvidia, or amd:1 and so on (default: ROPE_DEVICE, or auto).")
  var device: String?

  @Option(
    name: .customLong("shape"),
    help: "Only shapes whose name fits: * is any run of characters but /, ** any run at all. May be repeated.")
  var shapes: [String] = []

  @Option(help: "How often each time is taken (default: 15, or 3 with --quick).")
  var samples: Int?

  @Option(help: "Begin no other shape after so many seconds; the rest is reported as not measured.")
  var timeLimit: Double?

  @Flag(help: "Only a few shapes of each kind.")
  var quick = false

  @Flag(help: "Print the names of the shapes and measure nothing.")
  var list = false

  @Option(help: "Write JSON Lines to this file while the measurement goes on; docs/bench.schema.json describes them.")
  var json: String?

  @Option(help: "Measure nothing; print the file that --json wrote as tables in Markdown.")
  var from: String?

  @Option(help: "The day of the measurement, for the tables of --from.")
  var date: String?

  func validate() throws {
    if let samples, !(1...1_000).contains(samples) {
      throw ValidationError("--samples \(samples): must be at least 1 and at most 1000")
    }
    if let timeLimit, !(timeLimit > 0) { throw ValidationError("--time-limit \(timeLimit): must be above 0") }
    if from != nil, date == nil { throw ValidationError("--from needs --date, which the tables name") }
    if from == nil, date != nil { throw ValidationError("--date goes with --from") }
  }

  private func chosen() throws -> [BenchmarkShape] {
    let all = quick ? BenchmarkShape.quick : BenchmarkShape.all
    let names = Set(
      try CasePattern.select(shapes, from: all.map(\.name), as: ("--shape", "shapes"), list: "--list"))
    return all.filter { names.contains($0.name) }
  }

  func run() throws {
    if let from, let date { return print(try BenchmarkTable(contentsOf: from).markdown(date: date)) }
    let chosen = try chosen()
    if list { return print(chosen.map(\.name).joined(separator: "\n")) }
    let asked = device ?? ProcessInfo.processInfo.environment["ROPE_DEVICE"] ?? "auto"
    var run = try BenchmarkRun(
      device: Device(named: asked), samples: samples ?? (quick ? 3 : 15), packageVersion: RunHeader.packageVersion)
    let file = try json.map { path in try LineFile(path: path) }
    try file?.add(BenchmarkRecord.header(run.header).line)
    let terminal = Terminal()
    terminal.print(run.header.description)
    terminal.print(run.header.compiler)
    terminal.print(BenchmarkResult.heading)
    let start = ContinuousClock.now
    for shape in chosen {
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      let result =
        timeLimit.map { elapsed > $0 } ?? false
        ? BenchmarkResult(notMeasured: shape, reason: "the time limit was over") : try run.measure(shape)
      try file?.add(BenchmarkRecord.result(result).line)
      terminal.print(result.text)
    }
  }
}
