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
  /// are any. How many of these turns there are is chosen so that few threads have nothing to do in the last. Several
  /// blocks take the heads of one token where each thread would have more than ``mostTurns``, or where there are so few
  /// tokens that parts of a GPU would be idle.
  init(tokens: Int, itemsOfToken items: Int, waveSize: Int) {
    let items = max(items, 1), tokens = max(tokens, 0)
    func threads(_ turns: Int) -> Int { waveSize * Self.quotient(Self.quotient(items, turns), waveSize) }
    let fewest = Self.quotient(items, Self.mostThreads)
    let turns = (fewest...fewest + 3).filter { $0 == fewest || threads($0) >= Self.fewestThreads }
      .min { $0 * threads($0) < $1 * threads($1) }
    let chosen = turns ?? fewest
    self.threads = threads(chosen)
    let wanted = max(Self.quotient(chosen, Self.mostTurns), min(chosen, Self.fewBlocks / max(tokens, 1)))
    shares = max(1, min(wanted, KernelLimits.largestBlockCount / max(tokens, 1)))
    blocks = tokens * shares
  }

  /// Threads of a block, from which their number is chosen: enough to hide the time of loads, in blocks small enough
  /// that many are on a processor at once, of which some load while others compute their angles.
  static let mostThreads = 256
  static let fewestThreads = 96
  /// Items that a thread takes at most: with more, a block's loads are too few at a time; with less, the angles are
  /// computed too often.
  static let mostTurns = 4
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
