import HostKernel
import RoPE

/// How many blocks and threads a launch has.
///
/// The kernel computes the same whatever they are; they decide how fast.
struct LaunchShape: Equatable, Sendable {
  /// Blocks of the launch, as many as tokens times ``blocksPerToken``.
  let blocks: Int
  /// Threads of a block.
  let threads: Int
  /// Blocks that share the heads of one token.
  let blocksPerToken: Int

  /// So many blocks of one thread for each token: for the CPU, with one.
  init(tokens: Int, blocksPerToken: Int = 1) {
    blocks = tokens * blocksPerToken
    threads = 1
    self.blocksPerToken = blocksPerToken
  }

  /// The shape for a GPU whose threads run in waves of a size.
  ///
  /// A thread takes items of 32 bytes, or single pairs where those are not contiguous. How many it takes is chosen so
  /// that few threads have no last item. Several blocks take the heads of one token where each thread would have more
  /// than ``mostItemsPerThread``, or where there are so few tokens that parts of a GPU would be idle.
  init(tokens: Int, itemsOfToken items: Int, waveSize: Int) {
    let items = max(items, 1), tokens = max(tokens, 0)
    func threads(_ itemsPerThread: Int) -> Int {
      waveSize * Self.quotient(Self.quotient(items, itemsPerThread), waveSize)
    }
    let fewest = Self.quotient(items, Self.mostThreads)
    let itemsPerThread =
      (fewest...fewest + 3).filter { $0 == fewest || threads($0) >= Self.fewestThreads }
      .min { $0 * threads($0) < $1 * threads($1) } ?? fewest
    self.threads = threads(itemsPerThread)
    let wanted = max(
      Self.quotient(itemsPerThread, Self.mostItemsPerThread), min(itemsPerThread, Self.fewBlocks / max(tokens, 1)))
    blocksPerToken = max(1, min(wanted, KernelLimits.largestBlockCount / max(tokens, 1)))
    blocks = tokens * blocksPerToken
  }

  /// Threads of a block, from which their number is chosen: enough to hide the time of loads, in blocks small enough
  /// that many are on a processor at once, of which some load while others compute their angles.
  static let mostThreads = 256
  static let fewestThreads = 96
  /// Items that a thread takes at most: with more, a block's loads are too few at a time; with less, the angles are
  /// computed too often.
  static let mostItemsPerThread = 4
  /// Blocks that keep any GPU busy.
  static let fewBlocks = 512

  private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

extension RopeArguments {
  /// The items of one token: pairs of 16-byte groups in a wide kernel, else pairs and passed channels.
  var itemsOfToken: Int {
    let group = element_type == Int32(ElementType.float32.abiCode) ? 4 : 8
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
