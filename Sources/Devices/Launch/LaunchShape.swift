import HostKernel
import RoPE

/// The numbers of blocks and threads of a launch.
///
/// They decide only the speed: the kernel computes the same with any of them.
struct LaunchShape: Equatable, Sendable {
  /// Blocks of the launch: tokens times ``blocksPerToken``.
  let blocks: Int
  /// Threads of a block.
  let threads: Int
  /// Blocks that share the heads of one token.
  let blocksPerToken: Int

  /// The shape for the CPU: blocks of one thread, usually one for each token.
  init(tokens: Int, blocksPerToken: Int = 1) {
    blocks = tokens * blocksPerToken
    threads = 1
    self.blocksPerToken = blocksPerToken
  }

  /// The shape for a GPU whose threads run in waves of the given size.
  ///
  /// A thread takes items of 32 bytes, or single pairs if those are not contiguous. The number of items per thread is
  /// chosen so that few threads lack a last item. Several blocks share the heads of one token if each thread would
  /// otherwise have more than ``mostItemsPerThread``, or if so few tokens would leave parts of a GPU idle.
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

  /// Bounds for the threads of a block: enough to hide the time of loads, and few enough that a processor holds many
  /// blocks.
  ///
  /// Some blocks then load while others compute their angles.
  static let mostThreads = 256
  static let fewestThreads = 96
  /// The most items of a thread.
  ///
  /// With more, a block has too few loads in flight; with fewer, angles are computed too often.
  static let mostItemsPerThread = 4
  /// The number of blocks that keeps any GPU busy.
  static let fewBlocks = 512

  private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / size }
}

extension RopeArguments {
  /// The items of one token: pairs of 16-byte groups in a wide kernel; otherwise pairs and pass-through channels.
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
