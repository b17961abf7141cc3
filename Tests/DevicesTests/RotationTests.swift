import Devices
import RoPE
import Testing

@Suite(.timeLimit(.minutes(30))) struct RotationTests {
  private let launcher = PositionEmbeddings(device: .host, cache: KernelCache())

  @Test(
    "Contract, element type, pairing, layout and place", arguments: [Contract.table, .frequency, .position],
    ElementType.allCases)
  func rotates(contract: Contract, elementType: ElementType) throws {
    for input in Pairing.allCases {
      for output in Pairing.allCases {
        for configuration in [Configuration.grouped(input, output: output), .ungrouped(input, output: output)] {
          for layout in [Layout.bshd, .bhsd] {
            for isInPlace in [false, true] {
              let recipe = Recipe(
                configuration: configuration, elementType: elementType, contract: contract, layout: layout,
                isInPlace: isInPlace)
              let fault = try recipe.trial().fault(on: launcher)
              #expect(fault == nil, "\(input) to \(output), \(layout), in place: \(isInPlace)")
            }
          }
        }
      }
    }
  }

  @Test("The table has its own element type", arguments: ElementType.allCases)
  func tableType(_ tableType: ElementType) throws {
    for elementType in ElementType.allCases {
      let recipe = Recipe(elementType: elementType, contract: .table, tableType: tableType)
      #expect(try recipe.trial().fault(on: launcher) == nil)
    }
  }

  @Test("Packed tokens whose positions begin anew")
  func packed() throws {
    var trial = try Recipe(batch: 1, sequence: 9, layout: .thd).trial()
    trial.call.angles = .positions([0, 1, 2, 3, 0, 1, 0, 1, 2])
    #expect(try trial.fault(on: launcher) == nil)
  }

  @Test("One token, one head, one pair")
  func smallest() throws {
    let configuration = Configuration(headDimension: 2, rotaryDimension: 2, pairing: .interleaved, base: 1e4)
    let recipe = Recipe(configuration: configuration, batch: 1, sequence: 1, heads: (1, 1))
    #expect(try recipe.trial().fault(on: launcher) == nil)
  }

  @Test("Q and K in place in one fused buffer, V between and behind untouched", arguments: ElementType.allCases)
  func fused(elementType: ElementType) throws {
    let configurations: [Configuration] = [
      .grouped(.half), .ungrouped(.interleaved), .grouped(.interleaved, output: .half),
    ]
    for configuration in configurations {
      var trial = try Recipe(configuration: configuration, elementType: elementType, isInPlace: true).trial()
      let dimension = configuration.headDimension
      // Per token: 3 query heads, 2 key heads, 2 value heads.
      let width = 7 * dimension
      let strides = Strides(batch: 3 * width, sequence: width, head: dimension)
      let query = TensorView(buffer: 0, strides: strides)
      let key = TensorView(buffer: 0, offset: 3 * dimension, strides: strides)
      trial.call.query = RotatedTensor(
        sequence: 3, heads: 3, angles: trial.call.angles, input: query, output: query)
      trial.call.key = RotatedTensor(
        sequence: 3, heads: 2, angles: trial.call.angles, input: key, output: key)
      trial.contents = [scatteredBits(6 * width, seed: 5, type: elementType)]
      #expect(try trial.fault(on: launcher) == nil)
    }
  }

  @Test("Input and output have different strides; the input's channels are apart, one row serves all of the batch")
  func differentStrides() throws {
    var trial = try Recipe(configuration: .ungrouped(.half), elementType: .bfloat16).trial()
    trial.call.query.input = TensorView(buffer: 0, strides: Strides(batch: 0, sequence: 66, head: 22, channel: 2))
    trial.contents[0] = scatteredBits(3 * 66, seed: 6, type: .bfloat16)
    #expect(try trial.fault(on: launcher) == nil)
  }

  @Test("Without RoPE the output is the input bit for bit, NaN payloads and all", arguments: ElementType.allCases)
  func withoutRoPE(elementType: ElementType) throws {
    for dimension in [64, 11] {
      for isInPlace in [false, true] {
        var trial = try Recipe(
          configuration: .withoutRoPE(headDimension: dimension), elementType: elementType, contract: nil,
          isInPlace: isInPlace
        ).trial()
        // Every kind of pattern: signalling NaNs, infinities, subnormal numbers, negative zeros.
        for index in trial.contents[0].indices {
          let pattern = UInt32(truncatingIfNeeded: index &* 0x9E37_79B9) | (index % 3 == 0 ? 0x7F80_7F80 : 0)
          trial.contents[0][index] = elementType.byteCount == 4 ? pattern : pattern >> 16
        }
        let (after, evidence) = try trial.run(on: launcher)
        #expect(trial.firstFault(in: after) == nil)
        #expect(evidence.blockCount == 6)
        #expect(evidence.uploadedByteCount == 0)
      }
    }
  }

  @Test("NaN and infinity stay in their pair and their head")
  func nonFinite() throws {
    for elementType in ElementType.allCases {
      let trial = try Recipe(elementType: elementType).trial()
      var poisoned = trial
      // Channel 17 of the first query head: pair 1 in half pairing from channel 16, with channel 33.
      poisoned.contents[0][8 + 17] = elementType.bits(rounding: .nan)
      let (clean, dirty) = (try trial.run(on: launcher).contents[1], try poisoned.run(on: launcher).contents[1])
      #expect(clean.indices.filter { clean[$0] != dirty[$0] } == [8 + 17, 8 + 33])
    }
  }

  @Test("Far positions keep their phase; negative ones turn back")
  func farPositions() throws {
    // 10^4^(-2·0/2) is one radian per position: cos and sin of ±(2^31 − 1) radians, from mpmath at 60 digits:
    // mp.cos(2**31 - 1), mp.sin(2**31 - 1)
    let (cosine, sine) = (-0.688836691877943835, -0.724916555144556391)
    let configuration = Configuration(headDimension: 2, rotaryDimension: 2, pairing: .half, base: 1e4)
    var trial = try Recipe(configuration: configuration, batch: 1, sequence: 2, heads: (1, 1), offset: 0).trial()
    trial.call.angles = .positions(
      Positions([RotationCall.largestPosition, -RotationCall.largestPosition]))
    trial.contents[0] = [1, 0, 1, 0].map { ElementType.float32.bits(rounding: $0) }
    trial.contents[1] = [0, 0, 0, 0]
    trial.contents[2] = trial.contents[0]
    trial.contents[3] = trial.contents[1]
    let after = try trial.run(on: launcher).contents[1].map(ElementType.float32.value(ofBits:))
    for (value, expected) in zip(after, [cosine, sine, cosine, -sine]) {
      #expect(abs(value - expected) <= abs(expected) * 0x1p-22)
    }
  }
}
