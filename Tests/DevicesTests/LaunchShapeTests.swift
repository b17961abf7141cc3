import HostKernel
import RoPE
import Testing

@testable import Devices

@Suite struct LaunchShapeTests {
  private func shape(tokens: Int, items: Int, wave: Int = 32) -> [Int] {
    let shape = LaunchShape(tokens: tokens, itemsOfToken: items, waveSize: wave)
    return [shape.blocks, shape.threads, shape.blocksPerToken]
  }

  @Test("Many tokens: a block each, of threads that share its items evenly")
  func prefill() {
    // GLM-4 and Llama 3.1 in bfloat16, then in float32.
    #expect(shape(tokens: 8_192, items: 34 * 8) == [8_192, 96, 1])
    #expect(shape(tokens: 8_192, items: 40 * 8) == [8_192, 160, 1])
    #expect(shape(tokens: 8_192, items: 34 * 16) == [8_192, 192, 1])
    #expect(shape(tokens: 8_192, items: 40 * 16) == [8_192, 160, 1])
    #expect(shape(tokens: 8_192, items: 40 * 8, wave: 64) == [8_192, 192, 1])
    #expect(shape(tokens: 1 << 20, items: 1) == [1 << 20, 32, 1])
  }

  @Test("Wide tokens: several blocks, so that no thread takes more than four items")
  func wideTokens() {
    // DeepSeek-V3 in bfloat16 and float32.
    #expect(shape(tokens: 2_048, items: 256 * 12) == [3 * 2_048, 256, 3])
    #expect(shape(tokens: 131_072, items: 256 * 24) == [6 * 131_072, 256, 6])
    // A grid has at most 2^31 - 1 blocks.
    #expect(shape(tokens: 1 << 30, items: 256 * 24) == [1 << 30, 256, 1])
  }

  @Test("Few tokens: as many blocks as have something to do, and no more than keep a GPU busy")
  func decode() {
    #expect(shape(tokens: 1, items: 40 * 8) == [2, 160, 2])
    #expect(shape(tokens: 1, items: 256 * 12) == [12, 256, 12])
    #expect(shape(tokens: 64, items: 256 * 12) == [512, 256, 8])
    #expect(shape(tokens: 256, items: 40 * 8) == [512, 160, 2])
    #expect(shape(tokens: 257, items: 40 * 8) == [257, 160, 1])
    // First nothing to rotate or copy, then no token.
    #expect(shape(tokens: 3, items: 0) == [3, 32, 1])
    #expect(shape(tokens: 0, items: 40 * 8) == [0, 160, 2])
  }

  @Test("Items of a token: pairs of groups, or single pairs and passed channels")
  func items() throws {
    func items(_ recipe: Recipe, isWide: Bool) throws -> Int {
      let call = try #require(recipe.trial().call.joint)
      let buffers = try (0..<4).map { _ in try DeviceBuffer(device: .host, byteCount: 1 << 16) }
      let arguments = RopeArguments(call, slice: RotarySlice(pairs: call.plan.pairs), buffers: buffers)
      #expect((arguments.wide != 0) == isWide)
      return arguments.itemsOfToken
    }
    let whole = Configuration(headDimension: 64, rotaryDimension: 64, pairing: .half, base: 1e4)
    let part = Configuration(headDimension: 64, rotaryDimension: 32, pairing: .half, base: 1e4)
    // Two query heads and one key head.
    for isInPlace in [false, true] {
      func recipe(_ configuration: Configuration, offset: Int, _ type: ElementType = .bfloat16) -> Recipe {
        Recipe(
          configuration: configuration, elementType: type, heads: (2, 1), isInPlace: isInPlace, offset: offset)
      }
      #expect(try items(recipe(whole, offset: 8), isWide: true) == 3 * 4)
      #expect(try items(recipe(whole, offset: 8, .float32), isWide: true) == 3 * 8)
      #expect(try items(recipe(whole, offset: 9), isWide: false) == 3 * 32)
      #expect(try items(recipe(part, offset: 8), isWide: true) == 3 * (isInPlace ? 2 : 4))
      #expect(try items(recipe(part, offset: 9), isWide: false) == 3 * (isInPlace ? 16 : 48))
    }
  }
}
