import Backends
import Devices
import Foundation
import Goldens
import Mistakes
import RoPE
import Workers

/// The backend to judge, as `--backend` and `ROPE_BACKEND` name it.
package enum BackendChoice: Sendable, Equatable {
  /// The HIP kernel of this package.
  case hip
  /// The exact result, rounded once.
  case reference
  /// A shared library that implements `rope_backend.h`.
  case plugin(path: String)
  /// A program that turns a file of inputs into recorded outputs.
  case command(CommandProgram)
  /// A known mistake.
  case mutant(name: String)

  /// The accepted forms, for people.
  package static let forms = "hip, reference, plugin:PATH, 'command:PROGRAM {inputs} {outputs}' or mutant:NAME"

  /// Parses the name of a backend; nil stands for the kernel of this package.
  ///
  /// - Throws: ``BackendChoiceError``.
  package init(_ text: String?) throws(BackendChoiceError) {
    let parts = (text ?? "hip").split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("hip", nil): self = .hip
    case ("reference", nil): self = .reference
    case ("plugin", let path?) where !path.isEmpty: self = .plugin(path: path)
    case ("command", let text?):
      do throws(CommandError) {
        self = .command(try CommandProgram(parsing: text))
      } catch {
        throw .command(error)
      }
    case ("mutant", let name?):
      self = .mutant(name: try Self.mutant(name).name)
    default: throw .unknown(text ?? "")
    }
  }

  /// The backend as a text that is the same in every run of it, for what is kept between runs.
  ///
  /// `device` is the device that was asked for; only the HIP kernel has one.
  package func identity(device: String?) -> String {
    switch self {
    case .hip: "hip on \(device ?? "auto")"
    case .reference: "reference"
    case .plugin(let path): "plugin:\(URL(filePath: path).standardizedFileURL.path)"
    case .command(let program): "command:\(program.text) in \(FileManager.default.currentDirectoryPath)"
    case .mutant(let name): "mutant:\(name)"
    }
  }

  /// The files that the backend consists of, as far as they are named.
  package var files: [String] {
    switch self {
    case .plugin(let path): [path]
    case .command(let program): program.words
    case .hip, .reference, .mutant: []
    }
  }

  /// Makes the candidate that is judged.
  ///
  /// `device` is the device of the HIP kernel; no other choice asks for it. `runCount` is how often each case is run.
  /// `limits` apply to processes that are not trusted. If `isolates`, a plug-in, and what reads the outputs of a
  /// program, has a process of its own. A program needs `library`, the goldens, and `cases`, those that will be judged,
  /// in order.
  ///
  /// - Throws: an error such as `PluginError` if the backend cannot be used at all.
  package func candidate(
    device: @autoclosure () throws -> Device, runCount: Int, limits: WorkerLimits, isolates: Bool = true,
    library: CaseLibrary, cases: [Manifest.Entry]
  ) throws -> any Candidate {
    switch self {
    case .hip: LiveCandidate(KernelBackend(device: try device()), runCount: runCount)
    case .reference: LiveCandidate(ReferenceBackend(), runCount: runCount)
    case .plugin(let path):
      LiveCandidate(try PluginBackend(path: path, limits: isolates ? limits : nil), runCount: runCount)
    case .command(let program):
      CommandCandidate(
        program, runCount: runCount, limits: limits, isolatesReading: isolates, library: library, cases: cases)
    case .mutant(let name): MutantCandidate(try Self.mutant(name), runCount: runCount)
    }
  }

  /// Makes backends for calls that are not cases, such as those of invariants.
  ///
  /// There is one for each convention, because a mutant changes the convention that it knows.
  ///
  /// `device` is like the others, the same as in ``candidate(device:runCount:limits:isolates:library:cases:)``. The
  /// plans of the calls were made for `length`.
  ///
  /// - Throws: an error if the backend cannot be used at all, and ``BackendChoiceError/casesAlone`` for a program.
  package func backends(
    device: @autoclosure () throws -> Device, length: Int, limits: WorkerLimits, isolates: Bool = true
  ) throws -> @Sendable (Convention) -> any RoPEBackend {
    switch self {
    case .hip:
      let backend = KernelBackend(device: try device())
      return { _ in backend }
    case .reference: return { _ in ReferenceBackend() }
    case .plugin(let path):
      let backend = try PluginBackend(path: path, limits: isolates ? limits : nil)
      return { _ in backend }
    case .command: throw BackendChoiceError.casesAlone
    case .mutant(let name):
      let mutant = try Self.mutant(name)
      return { ConventionMutantBackend(mutant, of: $0, length: length) }
    }
  }

  /// Finds a known mistake by its name.
  package static func mutant(_ name: String) throws(BackendChoiceError) -> Mutant {
    guard let mutant = Mutant.all.first(where: { $0.name == name }) else { throw .unknownMutant(name) }
    return mutant
  }
}

/// A text that names no backend.
package enum BackendChoiceError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case unknownMutant(String)
  case command(CommandError)
  /// A program is run on files of cases, but the calls asked for come one by one.
  case casesAlone

  package var description: String {
    switch self {
    case .unknown(let text):
      "unknown backend '\(text)': must be \(BackendChoice.forms)"
        + (text.contains(".so") || text.contains(".dylib") ? "; did you mean plugin:\(text)?" : "")
    case .unknownMutant(let name):
      "unknown mutant '\(name)'\(Mutant.all.map(\.name).suggestion(for: name, list: "'list --mutants'"))"
    case .command(let error): "\(error)"
    case .casesAlone:
      "backend 'command:…' runs on files of cases, but an invariant makes its own calls, each with the outputs of the "
        + "call before: judge the program with 'run', or put the same code into a plug-in"
    }
  }
}
