import Foundation
import Goldens
import TestSupport
import Testing

/// A command that writes files into a folder.
private struct WritingCommand: CustomTestStringConvertible, Sendable {
  let testDescription: String
  /// The arguments, given the folder of its inputs and that of its outputs.
  let arguments: @Sendable (_ inputs: String, _ outputs: String) -> [String]

  init(_ name: String, _ arguments: @escaping @Sendable (String, String) -> [String]) {
    testDescription = name
    self.arguments = { [name] + arguments($0, $1) }
  }

  static let all = [
    WritingCommand("run") { inputs, outputs in
      [
        "--case", "glm-4-9b-chat/f32/{prompt,batch}", "--json", "\(outputs)/run.json", "--html", "\(outputs)/run.html",
        "--junit", "\(outputs)/run.xml",
      ]
    },
    WritingCommand("export") { ["--case", "glm-4-9b-chat/f32/{prompt,batch}", "\($1)/export"] },
    WritingCommand("generate") { ["--only", "gpt2", "--fixtures", "\($1)/goldens"] },
    WritingCommand("validate") { inputs, outputs in
      ["\(inputs)/outputs.h5", "--only-recorded", "--json", "\(outputs)/run.json", "--html", "\(outputs)/run.html"]
    },
    WritingCommand("merge") { inputs, outputs in
      [
        "\(inputs)/part-1.json", "\(inputs)/part-2.json", "--html", "\(outputs)/run.html", "--junit",
        "\(outputs)/run.xml",
      ]
    },
    WritingCommand("report") { inputs, outputs in
      ["--from", "\(inputs)/run.json", "--html", "\(outputs)/run.html", "--markdown", "\(outputs)/run.md"]
    },
  ]
}

@Suite("Commands that are interrupted, or whose output has no room", .timeLimit(.minutes(30)))
struct InterruptionTests {
  /// What the commands read.
  private static let inputs = Result {
    let folder = try TemporaryFolder.untilExit()
    try Subject().outputs.write(to: "\(folder)/outputs.h5")
    for (name, shard) in [("run", "1/1"), ("part-1", "1/2"), ("part-2", "2/2")] {
      let made = try Program.ropeConformance(
        "run", "--backend", "mutant:position-plus-one", "--case", "glm-4-9b-chat/f32/{prompt,batch}", "--shard", shard,
        "--json", "\(folder)/\(name).json")
      try #require(made.status == 1, "\(made.text)")
    }
    return folder
  }

  /// Folders for the outputs and the temporary files of one command.
  private struct Place: ~Copyable {
    private let folder: TemporaryFolder
    var outputs: String { folder.path("outputs") }
    var scratch: String { folder.path("tmp") }

    init() throws {
      let made = try TemporaryFolder()
      for name in ["outputs", "tmp"] {
        try FileManager.default.createDirectory(atPath: made.path(name), withIntermediateDirectories: true)
      }
      folder = made
    }

    /// All files below the outputs, by their paths from there.
    func files() throws -> [String: Int] {
      let paths = try FileManager.default.subpathsOfDirectory(atPath: outputs)
      return try paths.reduce(into: [:]) { files, path in
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(outputs)/\(path)")
        if attributes[.type] as? FileAttributeType == .typeRegular { files[path] = attributes[.size] as? Int }
      }
    }

    func leftovers() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: scratch) + files().keys.filter { $0.hasSuffix(".tmp") }
    }
  }

  private func run(
    _ command: WritingCommand, in place: borrowing Place, shell: String = "exec \"$@\""
  ) throws -> Program.Outcome {
    let arguments = try command.arguments(Self.inputs.get(), place.outputs)
    return try Program.run(
      "/bin/bash", ["-c", shell, "bash", try Program.ropeConformancePath()] + arguments,
      environment: ["TMPDIR": place.scratch])
  }

  /// The sizes of the files of a command that is left alone.
  private func whole(_ command: WritingCommand) throws -> [String: Int] {
    let place = try Place(), outcome = try run(command, in: place)
    #expect([0, 1].contains(outcome.status), "\(outcome.text)")
    #expect(try place.leftovers() == [])
    return try place.files()
  }

  /// Checks that every file is whole, or was not there yet; a JSON report may lack its end, which its readers see.
  private func check(_ files: [String: Int], against whole: [String: Int], _ comment: Comment) {
    for (name, size) in files
    where !name.hasSuffix(".tmp") && !name.hasSuffix(".json") || name.hasSuffix("MANIFEST.json") {
      // Times and dates in reports take a few bytes more or less.
      let expected = whole[name] ?? -1, slack = name.hasSuffix(".h5") || name.hasSuffix("MANIFEST.json") ? 0 : 64
      #expect((size - expected).magnitude <= slack, "\(name) has \(size) of \(expected) bytes: \(comment)")
    }
  }

  @Test(
    "By a signal at any time: it ends by that signal or had ended, and leaves nothing unfinished",
    arguments: WritingCommand.all, [SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGKILL])
  private func signals(_ command: WritingCommand, _ signal: Int32) throws {
    let whole = try whole(command), inputs = try Self.inputs.get()
    for delay in [0, 3, 10, 30, 100] {
      let place = try Place()
      let program = try Program(
        ropeConformance: command.arguments(inputs, place.outputs), environment: ["TMPDIR": place.scratch])
      usleep(UInt32(delay) * 1_000)
      program.send(signal)
      let outcome = try program.outcome(), comment: Comment = "signal \(signal) after \(delay) ms: \(outcome.text)"
      #expect([0, 1, -signal].contains(outcome.status), comment)
      try check(place.files(), against: whole, comment)
      if signal == SIGKILL { #expect([0, 1].contains(try run(command, in: place).status)) }
      #expect(try place.leftovers() == [], comment)
    }
  }

  @Test(
    "Without room: it ends with status 2, says so, and leaves nothing unfinished", arguments: WritingCommand.all,
    [0.0, 0.5, 0.99])
  private func noRoom(_ command: WritingCommand, _ share: Double) throws {
    let whole = try whole(command), place = try Place()
    // Bash counts in 1,024 bytes. The largest file does not fit.
    let limit = Int(share * Double((whole.values.max() ?? 0) - 1) / 1_024)
    let outcome = try run(command, in: place, shell: "ulimit -f \(limit); exec \"$@\"")
    #expect(outcome.status == 2, "\(outcome.text)")
    #expect(outcome.text.contains("File too large"), "\(outcome.text)")
    try check(place.files(), against: whole, "at most \(limit) KiB")
    #expect(try place.leftovers() == [])
  }

  @Test(
    "With standard output closed, full or a pipe that nobody reads: status 2, or the signal",
    arguments:
      WritingCommand.all, [">&-", ">/dev/full", "| true"])
  private func output(_ command: WritingCommand, _ redirection: String) throws {
    let place = try Place()
    let outcome = try run(command, in: place, shell: "set -o pipefail; \"$@\" \(redirection)")
    // What a command prints into a pipe can go into its buffer before the reader ends. Report prints nothing.
    let isSilent = command.testDescription == "report"
    let ends: [Int32] = redirection == "| true" ? [0, 1, 128 + SIGPIPE] : isSilent ? [0] : [2]
    #expect(ends.contains(outcome.status), "\(outcome.status): \(outcome.text)")
    #expect(try place.leftovers() == [])
  }

  @Test(
    "Interrupted in the middle of a program of the user, it leaves neither that nor its files",
    arguments: [
      SIGINT, SIGTERM, SIGHUP, SIGKILL,
    ])
  func program(_ signal: Int32) throws {
    let place = try Place(), mark = "86400.\(UInt32.random(in: 0...(.max)))"
    let program = try Program(
      ropeConformance: [
        "run", "--backend", "command:sh -c 'sleep \(mark)' {inputs} {outputs}", "--case", "gpt2/f32/prompt",
      ], environment: ["TMPDIR": place.scratch])
    func isRunning() -> Bool {
      let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return processes.contains { process in
        (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8))?.contains("sleep\0\(mark)") == true
      }
    }
    while program.isRunning, !isRunning() { usleep(1_000) }
    program.send(signal)
    #expect(try program.outcome().status == -signal)
    let deadline = Date.now.addingTimeInterval(10)
    while isRunning(), Date.now < deadline { usleep(1_000) }
    #expect(!isRunning())
    if signal == SIGKILL {
      #expect(try Program.ropeConformance("list", environment: ["TMPDIR": place.scratch]).status == 0)
    }
    #expect(try place.leftovers() == [])
  }
}
