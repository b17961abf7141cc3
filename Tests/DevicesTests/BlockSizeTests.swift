import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct BlockSizeTests {
  /// The whole waves of every GPU, less than one, and more threads than some phases have items.
  private static let blockSizes: [UInt32] = [1, 32, 64, 96, 256]

  /// Blocks of a token: one, several, and more than it has heads.
  private static let blocksPerToken = [1, 3, 7]

  @Test("Every size and number of blocks gives the same bits", arguments: ElementType.allCases, [false, true])
  func sameBits(elementType: ElementType, isWide: Bool) throws {
    for (input, output) in [(Pairing.half, Pairing.half), (.interleaved, .interleaved), (.interleaved, .half)] {
      for isInPlace in [false, true] {
        let recipe = Recipe(
          configuration: .grouped(input, output: output), elementType: elementType, isInPlace: isInPlace,
          offset: isWide ? 8 : 9)
        let trial = try recipe.trial()
        let results = try Self.blockSizes.flatMap { blockSize in
          try Self.blocksPerToken.map { blocksPerToken in
            let runtime = DoctoredRuntime(blockSize: blockSize, blocksPerToken: blocksPerToken)
            let launcher = PositionEmbeddings(device: Device(runtime: runtime), cache: KernelCache())
            let (after, evidence) = try trial.run(on: launcher)
            #expect(evidence.tokenCount == recipe.batch * recipe.sequence)
            #expect(evidence.blockCount == blocksPerToken * evidence.tokenCount)
            #expect(runtime.counts.wide == [isWide && !(isInPlace && input != output)])
            return after
          }
        }
        #expect(trial.firstFault(in: results[0]) == nil)
        for (index, result) in results.enumerated() {
          let counts = Self.blocksPerToken
          let (blockSize, blocks) = (Self.blockSizes[index / counts.count], counts[index % counts.count])
          #expect(
            result == results[0],
            "\(blocks) blocks of \(blockSize) threads a token, \(input) to \(output), in place: \(isInPlace)")
        }
      }
    }
  }
}
