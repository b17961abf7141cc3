import Foundation
import Workers

/// A program that turns a file of inputs into recorded outputs, such as `python3 mine.py {inputs} {outputs}`.
package struct CommandProgram: Sendable, Equatable {
  /// The command line as it was given.
  package let text: String
  package let words: [String]

  private static let inputs = "{inputs}", outputs = "{outputs}"
  /// Seconds between two checks of what the program has written.
  private static let interval = 0.1

  /// Parses a command line.
  ///
  /// - Throws: ``CommandError``.
  package init(parsing text: String) throws(CommandError) {
    let words = try CommandWords.split(text)
    guard let program = words.first else { throw .noProgram(text) }
    for place in [Self.inputs, Self.outputs] where !words.contains(where: { $0.contains(place) }) {
      throw .noPlace(text, place)
    }
    guard Self.isExecutable(program) else { throw .notFound(program: program) }
    self.text = text
    self.words = words
  }

  private static func isExecutable(_ program: String) -> Bool {
    func isProgram(_ path: String) -> Bool {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        && FileManager.default.isExecutableFile(atPath: path)
    }
    guard !program.contains("/") else { return isProgram(program) }
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.contains { isProgram("\($0)/\(program)") }
  }

  /// Runs the program once; none of its descendants survives.
  ///
  /// Its standard output is discarded; the last line of its standard error is quoted if it ends badly. It counts as
  /// hung if it neither ends nor changes anything in the folder of its outputs within the seconds of one case, or if it
  /// needs more than the seconds of all its cases.
  ///
  /// `outputs` is the file to write, in a folder of its own.
  ///
  /// - Returns: the reason that it ended badly, in words that follow "the program"; nil if it ended with status 0.
  package func run(inputs: String, outputs: String, caseCount: Int, limits: WorkerLimits) -> String? {
    let words = words.map {
      $0.replacingOccurrences(of: Self.inputs, with: inputs).replacingOccurrences(of: Self.outputs, with: outputs)
    }
    let child: ChildProcess
    do throws(WorkerError) {
      child = try ChildProcess(words, descriptors: [1: .null()], memoryByteCount: limits.memoryByteCount)
    } catch {
      return "cannot be run: \(error)"
    }
    let folder = (outputs as NSString).deletingLastPathComponent, total = limits.seconds * Double(caseCount)
    let start = ContinuousClock.now
    var written = Self.signature(of: folder), change = start
    while true {
      if let end = child.wait(until: Deadline(after: min(Self.interval, limits.seconds))) {
        return end == .exited(status: 0) ? nil : Self.reason(end.isSignal ? "was \(end)" : "\(end)", child)
      }
      let now = ContinuousClock.now, found = Self.signature(of: folder)
      if found != written { (written, change) = (found, now) }
      if now - start >= .seconds(total) {
        child.kill()
        return Self.reason("did not end within \(total.formatted()) s", child)
      }
      if now - change >= .seconds(limits.seconds) {
        child.kill()
        return Self.reason("neither ended nor wrote anything within \(limits.seconds.formatted()) s", child)
      }
    }
  }

  private static func reason(_ text: String, _ child: ChildProcess) -> String {
    child.lastLine().map { "\(text); the last line of its standard error: '\($0)'" } ?? text
  }

  /// A value that changes whenever a file in the folder is written.
  private static func signature(of folder: String) -> [String: [Int]] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(into: [:]) { signature, name in
      var status = stat()
      guard stat("\(folder)/\(name)", &status) == 0 else { return }
      #if os(Linux)
        let time = status.st_mtim
      #else
        let time = status.st_mtimespec
      #endif
      signature[name] = [Int(status.st_size), time.tv_sec, time.tv_nsec]
    }
  }
}

extension ChildEnd {
  fileprivate var isSignal: Bool { if case .signalled = self { true } else { false } }
}

/// Splits a command line into words.
enum CommandWords {
  /// Quotes and backslashes keep characters that would end a word; nothing else is special, as no shell runs the line.
  ///
  /// - Throws: ``CommandError/unfinished(_:)``.
  static func split(_ text: String) throws(CommandError) -> [String] {
    var words: [String] = [], word: String?
    var quote: Character?, isEscaped = false
    for character in text {
      switch character {
      case _ where isEscaped:
        word = (word ?? "") + String(character)
        isEscaped = false
      case "\\" where quote != "'":
        isEscaped = true
      case _ where character == quote:
        quote = nil
      case "'" where quote == nil, "\"" where quote == nil:
        quote = character
        word = word ?? ""
      case _ where quote == nil && character.isWhitespace:
        if let word { words.append(word) }
        word = nil
      default:
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !isEscaped else { throw .unfinished(text) }
    if let word { words.append(word) }
    return words
  }
}

/// A command line that cannot be run.
package enum CommandError: Error, Equatable, CustomStringConvertible {
  case unfinished(String)
  case noProgram(String)
  /// `{inputs}` or `{outputs}` is missing.
  case noPlace(String, String)
  case notFound(program: String)

  package var description: String {
    switch self {
    case .unfinished(let text): "command '\(text)': a quote is not closed, or a backslash is the last character"
    case .noProgram(let text): "command '\(text)': it names no program; begin it with the program to run"
    case .noPlace(let text, let place):
      "command '\(text)': it must contain \(place), which stands for the path of that file"
    case .notFound(let program): "command: '\(program)' is neither a program in PATH nor an executable file"
    }
  }
}
