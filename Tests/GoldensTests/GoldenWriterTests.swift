import HDF5
import Models
import TestSupport
import Testing

@testable import Goldens

@Suite struct GoldenWriterTests {
  @Test("A file says what it holds, and has a licence if its model is bundled")
  func introduction() throws {
    let folder = try TemporaryFolder(), bundled = try Model.named("glm-4.5")
    let changed = Model(name: bundled.name, source: "a test", convention: bundled.convention)
    for model in [bundled, changed] {
      let path = folder.path("golden.h5")
      #expect(try GoldenWriter.write([], of: model, to: path).isEmpty)
      let file = try File(opening: path), root = try file.root()
      #expect(try root.attributes().string("description").contains("by the convention of glm-4.5."))
      #expect(try root.attributes().names().contains("license") == (model == bundled))
      try file.close()
    }
    #expect(GoldenFormat.license == "Apache-2.0")
  }
}
