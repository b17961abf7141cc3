import Files
import Foundation

/// A folder of code that tools/build-kernels compiled ahead of time.
///
/// Each file has a companion that ends with `.source` and holds the digest of the source that the code was compiled
/// from: a verdict on code of another source would be a verdict on another kernel.
struct KernelFolder: Sendable {
  let path: String

  /// The folder `kernels` next to this program, or next to a parent folder of it in `.build`.
  static let ofThisProgram: KernelFolder? = {
    guard var folder = ThisProgram.url?.deletingLastPathComponent() else { return nil }
    // .build/TRIPLE/CONFIGURATION/PROGRAM
    for _ in 0..<3 {
      let kernels = folder.appending(path: "kernels").path
      if FileManager.default.fileExists(atPath: kernels) { return KernelFolder(path: kernels) }
      folder.deleteLastPathComponent()
    }
    return nil
  }()

  /// The code that runs on a target and is nearest to it; nil if there is none.
  ///
  /// - Throws: ``DeviceError/staleKernel(path:)``, and ``DeviceError/noKernel(target:reason:)`` if the code cannot be
  ///   read.
  func code(for target: KernelTarget) throws(DeviceError) -> KernelCode? {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let candidates = files.compactMap { file -> (file: String, target: KernelTarget)? in
      guard let match = file.wholeMatch(of: /position_embeddings\.(\w+)\.(hsaco|ptx)/),
        let found = KernelTarget(String(match.1)), found.fileName == file, target.runs(found)
      else { return nil }
      return (file, found)
    }
    guard let nearest = candidates.max(by: { $1.target.runs($0.target) }) else { return nil }
    let file = "\(path)/\(nearest.file)"
    let source = try? InputFile.bytes(of: "\(file).source", limit: KernelCode.largestCount)
    let digest = source.map { String(decoding: $0, as: UTF8.self) }
    guard digest?.trimmingCharacters(in: .whitespacesAndNewlines) == KernelSource.digest else {
      throw .staleKernel(path: file)
    }
    do {
      return KernelCode(bytes: try InputFile.array(of: file, limit: KernelCode.largestCount), origin: file)
    } catch {
      throw .noKernel(target: "\(target)", reason: "\(error)")
    }
  }
}

/// The running program.
enum ThisProgram {
  /// The file of the program, with symbolic links resolved.
  static let url = Bundle.main.executableURL?.resolvingSymlinksInPath()
}
