import ArgumentParser
import Conformance
import Goldens

struct List: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Lists the cases of the golden files.")

  @OptionGroup var folder: FixturesOption
  @OptionGroup var cases: CaseOptions

  func run() async throws {
    let fixtures = try Fixtures(path: await Settings(folder).fixtures)
    for name in try cases.select(from: fixtures.manifest.cases.map(\.name)) { print(name) }
  }
}
