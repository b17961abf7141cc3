import CHDF5
import Foundation
import TestSupport
import Testing

@testable import Goldens
@testable import HDF5

@Suite("Goldens with links") struct LinkedGoldenTests {
  private static let name = "gpt2/f32/single-token/none"

  /// A copy of a golden file whose object at a path is replaced by what `link` makes there.
  private func golden(
    in folder: borrowing TemporaryFolder, replacing path: String, _ link: (_ file: Int64, _ path: String) -> herr_t
  ) throws -> String {
    let copy = folder.path("gpt2.h5")
    try FileManager.default.copyItem(at: packageRoot.appending(path: "Fixtures/gpt2.h5"), to: URL(filePath: copy))
    let results = Library.callWithoutFailure {
      let file = H5Fopen(copy, 1, 0)
      defer { H5Fclose(file) }
      return [file, Int64(H5Ldelete(file, path, 0)), Int64(link(file, path))]
    }
    try #require(results.allSatisfy { $0 >= 0 }, "\(results)")
    return copy
  }

  @Test("A case, a tensor or a plan in another file is refused", arguments: ["", "/q", "/expected_q"])
  func external(_ object: String) throws {
    let folder = try TemporaryFolder(), original = packageRoot.appending(path: "Fixtures/gpt2.h5").path
    let path = try golden(in: folder, replacing: "/cases/\(Self.name)\(object)") { file, path in
      H5Lcreate_external(original, path, file, path, 0, 0)
    }
    let error = #expect(throws: HDF5Error.self) { try GoldenReader.read(caseNamed: Self.name, from: path) }
    #expect(error?.description.contains("is an external link: the object must be in the file itself") == true)
  }

  @Test("A soft link is refused as well")
  func soft() throws {
    let folder = try TemporaryFolder()
    let path = try golden(in: folder, replacing: "/cases/\(Self.name)/q") { file, path in
      H5Lcreate_soft("/cases/\(Self.name)/k", file, path, 0, 0)
    }
    let error = #expect(throws: HDF5Error.self) { try GoldenReader.read(caseNamed: Self.name, from: path) }
    #expect(error?.description.contains("is a soft link") == true)
  }
}
