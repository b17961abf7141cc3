import Files
import Foundation

/// Gives mutated bytes to one reader for as long as libFuzzer says; `tools/fuzz` builds and runs it.
///
/// The first argument is the name of the reader, the others are those of libFuzzer
/// (https://llvm.org/docs/LibFuzzer.html).
@main
enum FuzzReaders {
  nonisolated(unsafe) private static var reader = Reader.config

  static func main() {
    let names = Reader.allCases.map(\.rawValue).joined(separator: ", ")
    guard CommandLine.argc > 1, let chosen = Reader(rawValue: CommandLine.arguments[1]) else {
      try? StandardStream.error.write(Data("fuzz-readers: the first argument must be one of \(names)\n".utf8))
      exit(2)
    }
    reader = chosen
    var count = CommandLine.argc - 1
    // The driver's first argument is a program's name.
    var arguments = CommandLine.unsafeArgv.advanced(by: 1)
    exit(
      runDriver(&count, &arguments) { start, count in
        FuzzReaders.tryOne(Data(UnsafeBufferPointer(start: start, count: count)))
        return 0
      })
  }

  /// Any error that the reader throws is right; a trap is a crash.
  private static func tryOne(_ bytes: Data) {
    do {
      try reader.read(bytes)
    } catch {
      _ = "\(error)".visibleLines
    }
  }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ tryOne: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32
