import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct HostLaunchTests {
  @Test("Every block is done once, however many workers share them", arguments: [1, 2, 3, 7])
  func shares(workers: Int) throws {
    let device = Device(runtime: DoctoredRuntime(workers: workers))
    let launcher = PositionEmbeddings(device: device, cache: KernelCache())
    for tokens in [1, 31, 32, 63, 64, 65, 127, 500] {
      let recipe = Recipe(configuration: .ungrouped(.half), batch: 1, sequence: tokens, heads: (2, 1))
      let trial = try recipe.trial()
      let (after, evidence) = try trial.run(on: launcher)
      #expect(trial.firstFault(in: after) == nil, "\(tokens) tokens")
      #expect(evidence.blockCount == tokens)
    }
  }

  @Test("Several tasks launch at once through one cache")
  func tasks() async throws {
    let cache = KernelCache()
    let launcher = PositionEmbeddings(device: .host, cache: cache)
    let numbers = try await withThrowingTaskGroup(of: [UInt32].self) { group in
      for task in 0..<6 {
        group.addTask {
          try (0..<4).map { round in
            let recipe = Recipe(
              configuration: .ungrouped(.interleaved), elementType: ElementType.allCases[task % 3],
              contract: Contract.allCases[round % 3], batch: 1, sequence: 150, heads: (2, 1))
            let trial = try recipe.trial()
            let (after, evidence) = try trial.run(on: launcher)
            #expect(trial.firstFault(in: after) == nil, "task \(task), round \(round)")
            return evidence.launchNumber
          }
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(Set(numbers).count == 24)
    #expect(cache.loadCount == 3)
    #expect(cache.hitCount == 21)
  }

  @Test("The same launch twice gives the same bits")
  func repeats() throws {
    let launcher = PositionEmbeddings(device: .host, cache: KernelCache())
    let trial = try Recipe(elementType: .bfloat16, batch: 1, sequence: 200).trial()
    #expect(try trial.run(on: launcher).contents == trial.run(on: launcher).contents)
  }
}
