import Goldens
import Testing

@Suite("calls in a row", .timeLimit(.minutes(30))) struct CallOrder {
  /// The cases of different call lengths, longest first, of each model whose formula depends on the length.
  private static var models: [[String]] {
    get throws {
      let names = try Subject.shared.library.entries.map(\.name).filter { length($0) != nil }
      let byModel = Dictionary(grouping: names) { $0.prefix { $0 != "/" } }
      return byModel.sorted { $0.key < $1.key }.map { $0.value.sorted { length($0) ?? 0 > length($1) ?? 0 } }
    }
  }

  /// The length in the name of a case such as `phi-3-mini-128k/f32/length-4096/position`.
  private static func length(_ name: String) -> Int? {
    name.firstMatch(of: /\/length-(\d+)\//).flatMap { Int($0.1) }
  }

  @Test("A long call leaves nothing behind for a shorter one on the same backend", arguments: try models)
  func longThenShort(_ names: [String]) throws {
    for name in names { try Subject.check(name) }
  }
}
