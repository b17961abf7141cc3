import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct WideAccessTests {
  @Test("Groups of 16 bytes and single elements give the same bits", arguments: Contract.allCases, ElementType.allCases)
  func sameBits(contract: Contract, elementType: ElementType) throws {
    for (input, output) in [(Pairing.half, Pairing.half), (.interleaved, .interleaved), (.interleaved, .half)] {
      for isInPlace in [false, true] {
        let runtime = DoctoredRuntime()
        let launcher = PositionEmbeddings(device: Device(runtime: runtime), cache: KernelCache())
        var recipe = Recipe(
          configuration: contract == .unrotated
            ? .withoutRoPE(headDimension: 64) : .grouped(input, output: output), elementType: elementType,
          contract: contract,
          isInPlace: isInPlace)
        let aligned = try recipe.trial()
        recipe.offset += 1
        var shifted = try recipe.trial()
        // The same tensors, one element later.
        shifted.contents = aligned.contents.map { [$0[0]] + $0 }
        let wide = try aligned.run(on: launcher).contents
        let narrow = try shifted.run(on: launcher).contents
        #expect(narrow.map { Array($0.dropFirst()) } == wide)
        // The wide kernel does not stage.
        #expect(runtime.counts.wide == [contract == .unrotated || !(isInPlace && input != output), false])
      }
    }
  }

  @Test(
    "Lines of the host's cache, groups of 16 bytes and single elements give the same bits",
    arguments: Contract.allCases, ElementType.allCases)
  func lines(contract: Contract, elementType: ElementType) throws {
    for (input, output) in [(Pairing.half, Pairing.half), (.interleaved, .interleaved), (.interleaved, .half)] {
      for isInPlace in [false, true] where !(isInPlace && input != output) {
        var configuration = Configuration(
          headDimension: 192, rotaryDimension: 128, rotaryOffset: 32, pairing: input, outputPairing: output, base: 1e4)
        if contract == .unrotated { configuration = .withoutRoPE(headDimension: 192) }
        let runtime = DoctoredRuntime()
        let launcher = PositionEmbeddings(device: Device(runtime: runtime), cache: KernelCache())
        var recipe = Recipe(
          configuration: configuration, elementType: elementType, contract: contract, isInPlace: isInPlace)
        recipe.offset = 64 / elementType.byteCount
        let aligned = try recipe.trial()
        let lines = try aligned.run(on: launcher).contents
        for shift in [16 / elementType.byteCount, 1] {
          recipe.offset = aligned.call.query.input.offset + shift
          var shifted = try recipe.trial()
          // The same tensors, some elements later.
          shifted.contents = aligned.contents.map { Array($0.prefix(shift)) + $0 }
          let found = try shifted.run(on: launcher).contents
          #expect(found.map { Array($0.dropFirst(shift)) } == lines)
        }
        #expect(runtime.counts.groupBytes == [64, 16, 0])
      }
    }
  }

  @Test("Every condition by itself makes a tensor narrow", arguments: ElementType.allCases)
  func conditions(elementType: ElementType) throws {
    let group = 16 / elementType.byteCount
    func isWide(
      _ configuration: Configuration = .grouped(.half), _ change: (inout RotatedTensor) -> Void = { _ in }
    ) throws -> Bool {
      let call = try Recipe(configuration: configuration, elementType: elementType).trial().call
      // Padded, so that a head dimension by itself is no stride.
      let view = TensorView(buffer: 0, strides: Strides(batch: 1_536, sequence: 512, head: 128))
      var tensor = RotatedTensor(sequence: 3, heads: 3, angles: .none, input: view, output: view)
      change(&tensor)
      return tensor.isWide(
        slice: RotarySlice(pairs: call.plan.pairs), headDimension: configuration.headDimension,
        elementType: elementType)
    }
    func configuration(head: Int, rotary: Int, offset: Int, _ pairing: Pairing) -> Configuration {
      Configuration(headDimension: head, rotaryDimension: rotary, rotaryOffset: offset, pairing: pairing, base: 1e4)
    }
    #expect(try isWide())
    #expect(try isWide { $0.input.offset += group })
    #expect(try isWide(.withoutRoPE(headDimension: 64)))
    var twoSlices = Configuration.grouped(.half)
    twoSlices.axes = .slices([16, 16])
    #expect(try !isWide(twoSlices))
    for shift in 1..<group {
      #expect(try !isWide { $0.input.offset += shift })
      #expect(try !isWide { $0.output.offset += shift })
      #expect(try !isWide { $0.input.strides.batch += shift })
      #expect(try !isWide { $0.output.strides.sequence += shift })
      #expect(try !isWide { $0.input.strides.head += shift })
      #expect(try !isWide(.withoutRoPE(headDimension: 64 + shift)))
    }
    #expect(try !isWide { $0.output.strides.channel = 2 })
    for pairing in Pairing.allCases {
      #expect(try isWide(configuration(head: 4 * group, rotary: 2 * group, offset: group, pairing)))
      #expect(try !isWide(configuration(head: 4 * group, rotary: 3 * group, offset: 0, pairing)))
      #expect(try !isWide(configuration(head: 4 * group, rotary: 2 * group, offset: 1, pairing)))
      #expect(try !isWide(configuration(head: 4 * group + 2, rotary: 2 * group, offset: 0, pairing)))
    }
  }
}
