import Goldens

/// One of several parts of a run, for several machines.
package struct Shard: Sendable, Equatable, Codable {
  /// The number of the part, from 1.
  package let index: Int
  /// The number of parts.
  package let count: Int

  /// The largest count of parts; more would be of no use.
  static let largestCount = 10_000

  /// The whole run.
  package static let whole = Shard(index: 1, count: 1)

  /// Decodes a part that exists.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let (index, count) = try (values.decode(Int.self, forKey: .index), values.decode(Int.self, forKey: .count))
    guard (1...Self.largestCount) ~= count, (1...count) ~= index else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "\(ShardError.text("\(index)/\(count)"))"))
    }
    self.init(index: index, count: count)
  }

  private init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// Parses a part such as `2/8`, the second of eight.
  ///
  /// - Throws: ``ShardError``.
  package init(parsing text: String) throws(ShardError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
      (1...Self.largestCount) ~= count, (1...count) ~= index
    else {
      throw .text(text)
    }
    self.init(index: index, count: count)
  }

  /// The part that Bazel's test runner gives: `TEST_SHARD_INDEX`, from 0, of `TEST_TOTAL_SHARDS`; nil if it gives none.
  ///
  /// - Throws: ``ShardError``.
  package init?(environment: [String: String]) throws(ShardError) {
    guard environment["TEST_TOTAL_SHARDS"] != nil || environment["TEST_SHARD_INDEX"] != nil else { return nil }
    let total = environment["TEST_TOTAL_SHARDS"] ?? "", index = environment["TEST_SHARD_INDEX"] ?? ""
    guard let count = Int(total), let zeroBased = Int(index), (1...Self.largestCount) ~= count,
      (0..<count) ~= zeroBased
    else {
      throw .environment(index: index, total: total)
    }
    self.init(index: zeroBased + 1, count: count)
  }

  /// The part's cases, in their order.
  ///
  /// Every case is in exactly one part, the same on every machine. The costliest go first, each to the part with the
  /// least work, so that two parts differ by at most the cost of one case.
  package func cases(of entries: [Manifest.Entry]) -> [Manifest.Entry] {
    var loads = Array(repeating: 0, count: count), mine = Set<String>()
    for entry in entries.sorted(by: { ($1.cost, $0.name) < ($0.cost, $1.name) }) {
      let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      loads[least] += entry.cost
      if least == index - 1 { mine.insert(entry.name) }
    }
    return entries.filter { mine.contains($0.name) }
  }
}

extension Manifest.Entry {
  /// The cost of a case in output elements: its own, plus the cost of reading and running a small case.
  fileprivate var cost: Int { elementCount + 40_000 }
}

extension Shard: CustomStringConvertible {
  package var description: String { "\(index)/\(count)" }
}

/// A part of a run that does not exist.
package enum ShardError: Error, Equatable, CustomStringConvertible {
  case text(String)
  case environment(index: String, total: String)

  package var description: String {
    switch self {
    case .text(let text): "shard '\(text)': must be i/n with 1 ≤ i ≤ n ≤ \(Shard.largestCount), such as 2/8"
    case .environment(let index, let total):
      "TEST_SHARD_INDEX '\(index)' of TEST_TOTAL_SHARDS '\(total)': must be i and n with 0 ≤ i < n ≤ \(Shard.largestCount)"
    }
  }
}
