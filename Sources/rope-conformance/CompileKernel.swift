import ArgumentParser
import HIP

/// The child process of a compilation at run time, and how tools/build-kernels makes PTX.
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
    print(compiler)
    print(source)
  }
}
