import ArgumentParser
import Conformance
import Foundation
import Goldens
import HIP
import Reports

struct Large: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Judges cases too large for files: a million tokens, and more than 2^31 elements.",
    discussion: """
      Inputs and exact results are computed while they are needed, on all cores, and every element is judged. \
      glm-4-9b-chat/f32/million/position needs 3.0 GiB on the device, glm-4-9b-chat/bf16/beyond-int32/position 9.0 GiB; \
      so much of the host's memory, too, where the device is the host. Exit status: 0 if all conform, 1 if not, 2 for \
      bad usage or too little memory.
      """)

  @OptionGroup var cases: CaseOptions
  @OptionGroup var tolerances: ToleranceOptions

  @Option(help: "auto, host, amd, nvidia, or amd:1 and so on (default: ROPE_DEVICE, or auto).")
  var device: String?

  func run() throws {
    let settings = try Settings(FixturesOption.parse([]), tolerances, device: device)
    let judge = StreamedRun(device: try Device(named: settings.device ?? "auto"))
    let goldens = try Golden.large()
    let selected = try cases.select(from: goldens.map(\.goldenCase.name))
    let terminal = Terminal()
    terminal.print(judge.summary)
    var conforms = true
    for golden in goldens where selected.contains(golden.goldenCase.name) {
      let start = ContinuousClock.now
      let verdict = try judge.verdict(on: golden, rule: settings.tolerances.rule(for: golden.goldenCase.name))
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      terminal.print(CaseReport(verdict, of: golden.goldenCase, seconds: seconds).text(terminal.style))
      terminal.print("  \(golden.goldenCase.workload.tokenCount) tokens in \(String(format: "%.1f", seconds)) s")
      conforms = conforms && verdict.outcome == .conforms
    }
    if !conforms { throw DoesNotConform() }
  }
}
