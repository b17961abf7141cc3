import Conformance
import Files
import Foundation
import HDF5
import Judging
import Models
import Reports
import RoPE
import Workers

@testable import Backends
@testable import Goldens

/// What reads bytes from outside.
///
/// Recorded outputs are not here: libhdf5 itself crashes on some damaged files, which is why a child process reads them.
/// The tests of that damage them at random.
enum Reader: String, CaseIterable {
  case config, plan, manifest, golden, report, tolerances, messages, texts

  /// Reads bytes and uses what they say as far as a command does.
  ///
  /// - Throws: the error of the reader.
  func read(_ bytes: Data) throws {
    switch self {
    case .config:
      for model in try ModelConfig(json: bytes, file: "config.json").models { try Self.use(model) }
    case .plan: try Self.use(PlanJSON(json: bytes).model(named: "plan", source: "plan"))
    case .manifest:
      let folder = try Self.scratch.get()
      try AtomicFile("\(folder)/MANIFEST.json").write(bytes)
      try Self.use(CaseLibrary(Fixtures(path: folder)))
    case .golden:
      let file = try File(image: [UInt8](bytes), path: "golden.h5")
      for name in Self.caseNames { _ = try GoldenReader.read(caseNamed: name, in: file) }
    case .report: try Self.use(RunReport(bytes, path: "run.json"))
    case .tolerances:
      let path = "\(try Self.scratch.get())/tolerances.yaml"
      try bytes.write(to: URL(filePath: path))
      let settings = try Settings(environment: [:], flags: .init(tolerancesFile: path, fixtures: "Fixtures"))
      try settings.tolerances.check(against: ["gpt2/f32/prompt/none"])
      _ = try settings.tolerances.rule(for: "gpt2/f32/prompt/none")
    case .messages: try Self.use(Message(kind: UInt32(bytes.first ?? 0), payload: [UInt8](bytes.dropFirst())))
    case .texts: try Self.use(String(decoding: bytes, as: UTF8.self))
    }
  }

  /// A folder in memory, which tools/fuzz removes.
  private static let scratch = Result {
    let path = "/dev/shm/fuzz-readers-\(getpid())"
    try Folder.makeAll(path)
    return path
  }

  /// Cases of the golden file from which tools/fuzz starts.
  private static let caseNames = ["seed/f32/prompt/position", "seed/bf16/prompt/table", "seed/f16/prompt/frequency"]

  private static func use(_ model: Model) throws {
    for length in [1, 1 << 20] { _ = try model.convention.plan(length: length) }
  }

  private static func use(_ library: CaseLibrary) throws {
    let names = library.entries.map(\.name)
    _ = try NameFilter(["*/f32"]).select(from: names)
    _ = Shard.whole.cases(of: library.entries)
  }

  private static func use(_ report: RunReport) throws {
    _ = (report.junit, report.html, report.markdown, report.conclusion(.plain), try report.jsonLines)
    for result in report.cases { _ = (result.text(.plain), result.explanation(.plain)) }
    _ = try RunReport(merging: [("run.json", report)])
  }

  private static func use(_ message: Message) throws {
    var errors: [any Error] = []
    func attempt(_ read: () throws -> Void) { do { try read() } catch { errors.append(error) } }
    attempt { _ = try PluginRequest(message) }
    attempt { _ = try PluginReply(message) }
    attempt { _ = try RecordedRequest(message) }
    attempt { _ = try RecordedReply(message) }
    if errors.count == 4 { throw errors[0] }
  }

  /// Texts of the command line and of environment variables.
  private static func use(_ text: String) throws {
    var errors: [any Error] = []
    func attempt(_ read: () throws -> Void) { do { try read() } catch { errors.append(error) } }
    attempt { _ = try NameFilter([text]).select(from: ["gpt2/f32/prompt/none"]) }
    attempt { _ = try ToleranceRule(parsing: text, origin: "--tolerance") }
    attempt { _ = try Shard(parsing: text) }
    attempt { _ = try BackendChoice(text) }
    attempt { try Settings.checkVariables(of: [text: text]) }
    attempt { _ = try Model.named(text) }
    if let error = errors.first { throw error }
  }
}
