import Foundation
import Installation

/// The files of a run for which no setting says where they are.
package struct DefaultFiles: Sendable {
  /// The tolerances file.
  let tolerances: String
  /// The folder of the golden files.
  let fixtures: String

  /// Each in the first of some folders that has it, or where the first folder would have it.
  package init(in folders: [String]) {
    func path(_ name: String, with file: String = "") -> String {
      let paths = folders.map { "\($0)/\(name)" }
      return paths.first { FileManager.default.fileExists(atPath: $0 + file) } ?? paths.first ?? name
    }
    tolerances = path("tolerances.yaml")
    fixtures = path("Fixtures", with: "/MANIFEST.json")
  }

  /// The files of a program: in the working directory, installed with it, or in the folder of this package.
  package static var ofProgram: DefaultFiles { DefaultFiles(in: ["."] + installed) }

  /// The files of a library, whatever the working directory.
  package static var ofLibrary: DefaultFiles { DefaultFiles(in: installed) }

  private static var installed: [String] {
    [Installation.folder, ConformanceSuite.packageFolder].compactMap(\.self)
  }
}
