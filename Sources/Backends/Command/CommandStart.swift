import Files
import Foundation
import Goldens
import Judging
import Workers

/// Starts a program on the inputs of some cases, once for each run.
struct CommandStart: Sendable {
  let program: CommandProgram
  let library: CaseLibrary
  let runCount: Int
  let limits: WorkerLimits
  let reader: RecordedReader

  enum Result {
    /// Every run ended with status 0, and its outputs could be opened; one value for each run.
    case ended([RecordedOutputs])
    /// A run ended badly, or left nothing that can be opened: the reason, and the cases that it recorded nevertheless.
    case failed(reason: String, recorded: Set<String>)
  }

  /// `scratch` is the folder for inputs and outputs, needed as long as the result is.
  ///
  /// - Throws: if goldens cannot be read or inputs cannot be written.
  func run(_ names: [String], in scratch: ScratchFolder) throws -> Result {
    let inputs = "\(try scratch.folder("inputs"))/inputs.h5"
    var file = try InputsFile(creating: inputs, goldens: library.fixtures.checksum)
    for name in names { try file.add(library.golden(named: name)) }
    try file.close()
    let before = Self.signature(of: inputs)
    var runs: [RecordedOutputs] = []
    for run in 1...runCount {
      let outputs = "\(try scratch.folder("run-\(run)"))/outputs.h5"
      let end = program.run(inputs: inputs, outputs: outputs, caseCount: names.count, limits: limits)
      var reason = end.map { "the program \($0)" }
      if reason == nil, Self.signature(of: inputs) != before { reason = "the program changed its inputs file" }
      let recorded = open(outputs)
      switch (reason, recorded) {
      case (nil, .success(let outputs)): runs.append(outputs)
      case (nil, .failure(let error)):
        return failed("the program ended with status 0, but its outputs cannot be used: \(error)", run, [])
      case (let reason?, .success(let outputs)): return failed(reason, run, outputs.header.caseNames)
      case (let reason?, .failure): return failed(reason, run, [])
      }
    }
    return .ended(runs)
  }

  private func failed(_ reason: String, _ run: Int, _ recorded: [String]) -> Result {
    .failed(reason: run == 1 ? reason : "in run \(run): \(reason)", recorded: Set(recorded))
  }

  private func open(_ path: String) -> Swift.Result<RecordedOutputs, RecordedError> {
    Swift.Result { () throws(RecordedError) in
      guard FileManager.default.fileExists(atPath: path) else { throw RecordedError("the file does not exist") }
      let outputs = try RecordedOutputs(path: path, reader: reader)
      guard outputs.header.goldens == library.fixtures.checksum else {
        throw RecordedError("its attribute goldens differs from that of the inputs")
      }
      return outputs
    }
  }

  /// A value that changes when the file is written or replaced.
  private static func signature(of path: String) -> [NSObject] {
    let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
    return [.size, .modificationDate, .systemFileNumber].compactMap { attributes[$0] as? NSObject }
  }
}
