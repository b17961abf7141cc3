import HostKernel
import RoPE

/// How many blocks and threads a launch has.
///
/// The kernel computes the same whatever they are; they decide how fast.
struct LaunchShape: Equatable, Sendable {
  /// Blocks of the launch, as many as tokens times ``shares``.
  let blocks: Int
  /// Threads of a block.
  let threads: Int
  /// Blocks that share the heads of one token.
  let shares: Int

  /// So many blocks of one thread for each token: for the CPU, with one.
  init(tokens: Int, shares: Int = 1) {
    blocks = tokens * shares
    threads = 1
    self.shares = shares
  }

  /// The shape for a GPU whose threads run in waves of a size.
  ///
  /// A thread takes items of 32 bytes, or single pairs where those are not contiguous, and the next one while there
  /// are any. Blocks have at most ``mostThreads``, and no more than share the items evenly. Where there are less than
  /// ``fewBlocks`` tokens, which leave parts of a GPU idle, several blocks take the heads of one token.
  init(tokens: Int, itemsOfToken items: Int, waveSize: Int) {
    let items = max(items, 1)
    let turns = Self.quotient(items, Self.mostThreads)
    threads = waveSize * Self.quotient(Self.quotient(items, turns), waveSize)
    shares = max(1, min(Self.quotient(items, threads), Self.fewBlocks / max(tokens, 1)))
    blocks = tokens * shares
  }

  /// Threads of a block: enough of them to hide the time of loads, in blocks small enough that several are on a
  /// processor at once, of which some load while others compute their angles.
  static let mostThreads = 256
  /// Blocks that fill any GPU several times.
  static let fewBlocks = 2048

  private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

extension RopeArguments {
  /// The items of one token: pairs of 16-byte groups in a wide kernel, else pairs and passed channels.
  var itemsOfToken: Int {
    let group = element_type == ElementType.float32.kernelCode ? 4 : 8
    return [query, key].map { tensor in
      let passed = tensor.input == UnsafeRawPointer(tensor.output) ? 0 : Int(head_dimension - rotary_dimension)
      let rotated = Int(rotary_dimension)
      let items =
        wide != 0
        ? rotated / (2 * group) + (passed + 2 * group - 1) / (2 * group)
        : rotated / 2 + passed
      return items * Int(tensor.heads)
    }.reduce(0, +)
  }
}
