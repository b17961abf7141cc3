import HostKernel
import Testing

@Suite struct HostKernelTests {
  /// Rotates one token with one query and one key head of four channels, by exactly a quarter turn (pair 0) and half a
  /// turn (pair 1), so that the expected values need no rounding.
  private func rotate(position: Int64, input: Int32, output: Int32, inPlace: Bool = false) -> ([Float], [Float], UInt32)
  {
    var query: [Float] = [1, 2, 3, 4]
    var key: [Float] = [5, 6, 7, 8]
    var rotatedQuery = [Float](repeating: .nan, count: 4)
    var rotatedKey = rotatedQuery
    var record = RopeLaunchRecord()
    let position = position
    let steps: [UInt64] = [1 << 62, 1 << 63]
    let strides = RopeStrides(batch: 4, sequence: 4, head: 4, channel: 1)
    query.withUnsafeMutableBufferPointer { query in
      key.withUnsafeMutableBufferPointer { key in
        rotatedQuery.withUnsafeMutableBufferPointer { rotatedQuery in
          rotatedKey.withUnsafeMutableBufferPointer { rotatedKey in
            steps.withUnsafeBufferPointer { steps in
              withUnsafePointer(to: position) { position in
                withUnsafeMutablePointer(to: &record) { record in
                  var arguments = RopeArguments()
                  arguments.query = RopeTensor(
                    input: query.baseAddress, output: inPlace ? query.baseAddress : rotatedQuery.baseAddress,
                    input_strides: strides, output_strides: strides, heads: 1)
                  arguments.key = RopeTensor(
                    input: key.baseAddress, output: inPlace ? key.baseAddress : rotatedKey.baseAddress,
                    input_strides: strides, output_strides: strides, heads: 1)
                  (arguments.batch, arguments.sequence) = (1, 1)
                  (arguments.head_dimension, arguments.rotary_dimension) = (4, 4)
                  arguments.element_type = Int32(ROPE_ELEMENT_FLOAT32)
                  arguments.contract = Int32(ROPE_CONTRACT_POSITION)
                  (arguments.input_pairing, arguments.output_pairing) = (input, output)
                  arguments.staged = input == output ? 0 : 1
                  arguments.attention_factor = 1
                  arguments.positions = position
                  arguments.phase_steps = steps.baseAddress
                  arguments.record = record
                  arguments.launch = 7
                  arguments.blocks_per_token = 1
                  rope_host_run_blocks(&arguments, 0, 1, 1)
                }
              }
            }
          }
        }
      }
    }
    #expect(record.launch == 7)
    return inPlace ? (query, key, record.blocks) : (rotatedQuery, rotatedKey, record.blocks)
  }

  private let half = Int32(ROPE_PAIRING_HALF)
  private let interleaved = Int32(ROPE_PAIRING_INTERLEAVED)

  @Test("A quarter and a half turn, each pairing, forwards and backwards")
  func exactTurns() {
    #expect(rotate(position: 1, input: half, output: half) == ([-3, -2, 1, -4], [-7, -6, 5, -8], 1))
    #expect(rotate(position: 1, input: interleaved, output: interleaved) == ([-2, 1, -3, -4], [-6, 5, -7, -8], 1))
    #expect(rotate(position: 1, input: interleaved, output: half) == ([-2, -3, 1, -4], [-6, -7, 5, -8], 1))
    #expect(rotate(position: -1, input: half, output: half) == ([3, -2, -1, -4], [7, -6, -5, -8], 1))
    #expect(rotate(position: 4, input: half, output: half) == ([1, 2, 3, 4], [5, 6, 7, 8], 1))
  }

  @Test("In place with another output pairing reads every channel before it writes it")
  func inPlaceAcrossPairings() {
    #expect(
      rotate(position: 1, input: interleaved, output: half, inPlace: true) == ([-2, -3, 1, -4], [-6, -7, 5, -8], 1))
  }
}
