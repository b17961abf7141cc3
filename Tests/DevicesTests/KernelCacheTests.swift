import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct KernelCacheTests {
  @Test("A kernel is loaded once for each device and element type")
  func loadsOnce() throws {
    let cache = KernelCache()
    let runtimes = [DoctoredRuntime(name: "first"), DoctoredRuntime(name: "second")]
    for _ in 0..<3 {
      for runtime in runtimes {
        let launcher = PositionEmbeddings(device: Device(runtime: runtime), cache: cache)
        for elementType in ElementType.allCases { _ = try Recipe(elementType: elementType).trial().run(on: launcher) }
      }
    }
    #expect(runtimes.map(\.counts.loads) == [3, 3])
    #expect(cache.loadCount == 6)
    #expect(cache.hitCount == 12)
  }

  @Test("A call that is refused loads nothing")
  func refused() throws {
    let cache = KernelCache()
    let launcher = PositionEmbeddings(device: .host, cache: cache)
    var trial = try Recipe().trial()
    trial.call.sequence = 0
    #expect(throws: CallError.self) { try trial.run(on: launcher) }
    #expect(cache.loadCount == 0)
  }

  @Test("Tasks that want the same kernel at once load it once")
  func tasks() async throws {
    let cache = KernelCache()
    let runtime = DoctoredRuntime()
    let device = Device(runtime: runtime)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<50 { group.addTask { _ = try cache.kernel(.rotation(.float16, isWide: true), for: device) } }
      try await group.waitForAll()
    }
    #expect(runtime.counts.loads == 1)
    #expect(cache.loadCount == 1)
    #expect(cache.hitCount == 49)
  }
}
