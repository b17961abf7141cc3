import ArgumentParser
import Backends
import Devices
import Workers

/// The child process of a compilation at run time; tools/build-kernels makes PTX with it too.
struct CompileKernel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: CompilerProcess.command,
    abstract: "Compiles the kernel with hiprtc or NVRTC and prints the compiler and the digest of the source.",
    shouldDisplay: false)

  @Argument(help: "gfx1030, compute_90 and so on.")
  var target: String

  @Option(help: "The file to write.")
  var output: String

  func run() throws {
    let (compiler, source) = try CompilerProcess.compileHere(target: target, to: output)
    try print(compiler)
    try print(source)
  }
}

/// Supervises a child process for another process of this program.
struct Supervise: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: Supervisor.subcommand, shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  func run() { Supervisor.run(arguments) }
}

/// Serves a plug-in to another process of this program.
struct ServePlugin: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: PluginServer.subcommand, shouldDisplay: false)

  @Argument var path: String

  func run() { PluginServer.run(path: path) }
}

/// Reads recorded outputs for another process of this program.
struct ServeOutputs: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: RecordedServer.subcommand, shouldDisplay: false)

  func run() { RecordedServer.run() }
}
