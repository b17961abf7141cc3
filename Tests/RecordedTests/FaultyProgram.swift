import Foundation
import Testing

/// A program that is right except for the middle case, and the verdict expected there.
struct FaultyProgram: CustomTestStringConvertible, Sendable {
  let name: String
  /// Shell commands that run if the case is among the inputs, before the outputs are written and after; `$1` is the
  /// file of inputs, `$2` that of outputs.
  var before = ""
  var behind = ""
  let verdict: String
  /// True if the program spoils every start.
  var isAlways = false

  var testDescription: String { name }

  /// Seconds that the program may take; few if it is to exceed them.
  var seconds: Double { verdict.contains("within 2 s") ? 2 : 60 }

  /// Writes the program, with the outputs of every choice of cases, into a folder.
  ///
  /// - Returns: the command line that runs it.
  func write(_ outputs: OutputsFile, to folder: String) throws -> String {
    for choice in 0..<8 {
      var part = outputs
      part.cases = outputs.cases.enumerated().filter { choice >> $0.offset & 1 == 1 }.map(\.element)
      try part.write(to: "\(folder)/outputs-\(choice).h5")
    }
    // The inputs contain the names of types as text, once for each case.
    let script = """
      choice=0
      if grep -awq float32 "$1"; then choice=$((choice + 1)); fi
      if grep -awq float16 "$1"; then target=yes; choice=$((choice + 2)); fi
      if grep -awq bfloat16 "$1"; then choice=$((choice + 4)); fi
      target=${target:-\(isAlways ? "yes" : "no")}
      if [ $target = yes ]; then
        :
        \(before)
      fi
      cat "\(folder)/outputs-$choice.h5" >"$2"
      if [ $target = yes ]; then
        :
        \(behind)
      fi
      """
    try Data(script.utf8).write(to: URL(filePath: "\(folder)/program.sh"))
    return "sh '\(folder)/program.sh' {inputs} {outputs}"
  }

  static let all: [FaultyProgram] = [
    .init(name: "segfault", before: "kill -SEGV $$", verdict: "the program was killed by SIGSEGV"),
    .init(name: "abort", before: "kill -ABRT $$", verdict: "the program was killed by SIGABRT (abort)"),
    .init(name: "segfault behind the outputs", behind: "kill -SEGV $$", verdict: "the program was killed by SIGSEGV"),
    .init(name: "exit 3", before: "exit 3", verdict: "the program exited with status 3"),
    .init(name: "exit 3 behind the outputs", behind: "exit 3", verdict: "the program exited with status 3"),
    .init(
      name: "exit 1 with a word",
      before: "echo ignored; echo 'Traceback:' >&2; echo 'ValueError: no halves' >&2; exit 1",
      verdict: "the program exited with status 1; the last line of its standard error: 'ValueError: no halves'"),
    .init(
      name: "exit 0 without outputs", before: "exit 0",
      verdict: "the program ended with status 0, but its outputs cannot be used: the file does not exist"),
    .init(name: "loop", before: "while :; do :; done", verdict: "the program did not end within 2 s"),
    .init(name: "sleep", before: "sleep 1000", verdict: "the program did not end within 2 s"),
    .init(
      name: "sleep behind the outputs", behind: "sleep 1000", verdict: "the program did not end within 2 s"),
    .init(
      name: "writes for ever", before: #"while :; do echo >>"$2"; sleep 0.02; done"#,
      verdict: "the program did not end within 2 s"),
    .init(
      name: "grandchild that stays", before: "(setsid sleep 1000 &) ; kill -TERM $$",
      verdict: "the program was killed by SIGTERM"),
    .init(
      name: "grandchild that writes later",
      before: #"(setsid sh -c 'sleep 0.5; echo garbage >"$0"' "$2" &); exit 4"#, verdict: "exited with status 4"),
    .init(
      name: "fork bomb of 8", before: "for i in 1 2 3; do (sleep 1000 & sleep 1000 &) & done; sleep 1000",
      verdict: "the program did not end within 2 s"),
    .init(name: "kills its group", before: "kill -KILL 0", verdict: "the program was killed by SIGKILL"),
    .init(
      name: "kills its parent", before: "kill -KILL $PPID; sleep 1000",
      verdict: "the program killed its supervisor"),
    .init(
      name: "deaf to signals", before: "trap '' TERM INT HUP; while :; do sleep 1000; done",
      verdict: "the program did not end within 2 s"),
    .init(
      name: "stdout garbage", before: "yes '✓ all cases conform' | head -c 1000000; exit 5",
      verdict: "the program exited with status 5"),
    .init(
      name: "garbage outputs", behind: #"echo garbage >"$2""#,
      verdict: "its outputs cannot be used: cannot open the file"),
    .init(
      name: "truncated outputs", behind: #"head -c 2000 "$2" >"$2.part"; mv "$2.part" "$2""#,
      verdict: "its outputs cannot be used: cannot open the file, object /: truncated file"),
    .init(name: "a folder of outputs", behind: #"rm "$2"; mkdir "$2""#, verdict: "not a regular file"),
    .init(name: "a pipe of outputs", behind: #"rm "$2"; mkfifo "$2""#, verdict: "not a regular file"),
    .init(
      name: "outputs that are the inputs", behind: #"cat "$1" >"$2""#, verdict: "its role is 'inputs', not 'outputs'"),
    .init(
      name: "changed inputs", behind: #"echo >>"$1""#, verdict: "the program changed its inputs file"),
    .init(
      name: "other outputs in each run", behind: #"[ -e "$0.ran" ] && exit 6; touch "$0.ran""#,
      verdict: "exited with status 6"),
    .init(
      name: "memory", before: #"awk 'BEGIN { s = "x"; while (length(s) < 4e8) s = s s }' || exit 7"#,
      verdict: "the program exited with status 7"),
  ]
}
