import Conformance
import Testing

@testable import Goldens

@Suite struct ShardTests {
  private func entries(_ counts: [Int]) -> [Manifest.Entry] {
    counts.enumerated().map { index, count in
      Manifest.Entry(name: "case-\(index)", section: .withRoPE, flags: [], elementCount: count)
    }
  }

  @Test("Every case is in one shard, in the order of the manifest", arguments: [1, 2, 3, 7, 40])
  func partition(_ count: Int) throws {
    let all = entries((0..<30).map { ($0 * 7919) % 1000 })
    let shards = try (1...count).map { try Shard(parsing: "\($0)/\(count)").cases(of: all) }
    #expect(shards.flatMap { $0 }.map(\.name).sorted() == all.map(\.name).sorted())
    for shard in shards { #expect(shard == all.filter { entry in shard.contains(entry) }) }
  }

  @Test("No shard costs more than another by more than one case")
  func evenness() throws {
    let all = entries([25_000_000, 25_000_000] + Array(repeating: 2000, count: 500))
    let shards = try (1...4).map { try Shard(parsing: "\($0)/4").cases(of: all) }
    #expect(shards.map(\.count).sorted() == [1, 1, 250, 250])
  }

  @Test(
    "A shard that does not exist is an error",
    arguments: ["", "1", "0/3", "4/3", "-1/3", "1/0", "1/10001", "a/b", "1/2/3", "1 / 2", "1/99999999999999999999"])
  func bad(_ text: String) {
    #expect(throws: ShardError.text(text)) { try Shard(parsing: text) }
  }

  @Test("Bazel counts from 0, and both variables must be there")
  func environment() throws {
    let shard = try Shard(environment: ["TEST_SHARD_INDEX": "0", "TEST_TOTAL_SHARDS": "3"])
    #expect(shard?.description == "1/3")
    #expect(try Shard(environment: [:]) == nil)
    for (index, total) in [("3", "3"), ("-1", "3"), ("", "3"), ("0", "0"), ("x", "2"), ("0", "10001")] {
      #expect(throws: ShardError.environment(index: index, total: total)) {
        try Shard(environment: ["TEST_SHARD_INDEX": index, "TEST_TOTAL_SHARDS": total])
      }
    }
  }
}
