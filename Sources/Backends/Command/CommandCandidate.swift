import Goldens
import Judging
import Workers

/// A program that reads files of inputs and writes recorded outputs, many cases per start.
package struct CommandCandidate: Candidate {
  package let name = "command"
  package let summary: String
  package var deviceName: String? { nil }
  package var problems: [String] { history.problems }

  private let history = CommandHistory()
  private let runCount: Int
  private let batches: [String: CommandBatch]

  /// Limits of a batch: its cases, and its elements of Q and K unless it has a single case.
  private static let batchCaseCount = 128
  private static let batchElementCount = 1 << 24

  /// Prepares runs of a program on some cases.
  ///
  /// The program is started `runCount` times on each batch, to find races and state; at least once. `limits` apply to
  /// each start, with its seconds for each case, and to the process that reads the outputs. If `isolatesReading`,
  /// outputs are read in a process of their own. `library` holds the goldens, and `cases` are those that will be asked
  /// for, in order.
  package init(
    _ program: CommandProgram, runCount: Int, limits: WorkerLimits, isolatesReading: Bool = true,
    library: CaseLibrary, cases: [Manifest.Entry]
  ) {
    precondition(runCount >= 1, "runCount must be at least 1, but is \(runCount)")
    self.runCount = runCount
    summary = "command: \(program.text)"
    let start = CommandStart(
      program: program, library: library, runCount: runCount, limits: limits,
      reader: RecordedReader(limits: isolatesReading ? limits : nil))
    var batches: [String: CommandBatch] = [:]
    for names in Self.batches(of: cases) {
      let batch = CommandBatch(names, start: start, history: history)
      for name in names { batches[name] = batch }
    }
    self.batches = batches
  }

  private static func batches(of cases: [Manifest.Entry]) -> [[String]] {
    var batches: [[String]] = [], elementCount = 0
    for entry in cases {
      elementCount += entry.elementCount
      let isFull = elementCount > batchElementCount || (batches.last?.count ?? batchCaseCount) == batchCaseCount
      if batches.isEmpty || isFull {
        batches.append([])
        elementCount = entry.elementCount
      }
      batches[batches.count - 1].append(entry.name)
    }
    return batches
  }

  package func notChecked(of cases: [Manifest.Entry]) -> [String] {
    (runCount > 1 ? [] : ["races: the program is started once for each case"]) + RecordedCandidate.notChecked
  }

  package func outputs(of golden: Golden) throws -> CandidateOutputs {
    let name = golden.goldenCase.name
    guard let batch = batches[name] else { throw UnannouncedCaseError.notPrepared(caseName: name) }
    return switch try batch.outcome(of: name) {
    case .failed(let reason): .failed(reason: reason)
    case .outputs(let runs, let scratch): RecordedSource(golden, runs: runs, owner: scratch).answer
    }
  }
}

/// The error for a case that is judged without having been announced.
package enum UnannouncedCaseError: Error, Equatable, CustomStringConvertible {
  case notPrepared(caseName: String)

  package var description: String {
    switch self {
    case .notPrepared(let name): "case '\(name)' is not among the cases that the program was given"
    }
  }
}
