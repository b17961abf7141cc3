import ArgumentParser
import Conformance
import Foundation

/// Which part of the cases.
struct ShardOption: ParsableArguments {
  @Option(
    help: "Run part i of n, written i/n, of the cases (default: TEST_SHARD_INDEX and TEST_TOTAL_SHARDS, or all).")
  var shard: String?

  /// The part, from the flag or the environment.
  ///
  /// A runner that shards tests wants to see that it was heard: the file `TEST_SHARD_STATUS_FILE`.
  func chosen() throws -> Shard {
    if let shard { return try Shard(parsing: shard) }
    let environment = ProcessInfo.processInfo.environment
    guard let shard = try Shard(environment: environment) else { return .whole }
    if let path = environment["TEST_SHARD_STATUS_FILE"], !FileManager.default.createFile(atPath: path, contents: nil) {
      throw ValidationError("TEST_SHARD_STATUS_FILE '\(path)' cannot be written")
    }
    return shard
  }
}
