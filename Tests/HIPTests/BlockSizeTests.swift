import RoPE
import Testing

@testable import HIP

@Suite struct BlockSizeTests {
  /// The whole waves of every GPU, less than one, and more threads than some phases have items.
  private static let blockSizes: [UInt32] = [1, 32, 64, 96, 256]

  @Test("Every block size gives the same bits", arguments: ElementType.allCases, [false, true])
  func sameBits(elementType: ElementType, isWide: Bool) throws {
    for (input, output) in [(Pairing.half, Pairing.half), (.interleaved, .interleaved), (.interleaved, .half)] {
      for isInPlace in [false, true] {
        let recipe = Recipe(
          configuration: .grouped(input, output: output), elementType: elementType, isInPlace: isInPlace,
          offset: isWide ? 8 : 9)
        let trial = try recipe.trial()
        let results = try Self.blockSizes.map { blockSize in
          let runtime = DoctoredRuntime(blockSize: blockSize)
          let launcher = PositionEmbeddings(device: Device(runtime: runtime), cache: KernelCache())
          let (after, evidence) = try trial.run(on: launcher)
          #expect(evidence.blockCount == recipe.batch * recipe.sequence)
          #expect(runtime.counts.wide == [isWide ? [1, 1] : [0, 0]])
          return after
        }
        #expect(trial.firstFault(in: results[0]) == nil)
        for (blockSize, result) in zip(Self.blockSizes, results) {
          #expect(result == results[0], "\(blockSize) threads, \(input) to \(output), in place: \(isInPlace)")
        }
      }
    }
  }
}
