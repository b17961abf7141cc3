import Goldens
import Synchronization

/// The goldens that were used last.
///
/// A test loop checks one case a thousand times a second, but reading its golden takes milliseconds.
final class RecentGoldens: Sendable {
  private let library: CaseLibrary
  /// The most output elements of all goldens that are kept, each of which has two numbers.
  private let largestElementCount: Int
  /// From the one that was not used for longest to the last one.
  private let kept = Mutex<[Golden]>([])

  init(_ library: CaseLibrary, largestElementCount: Int = 1 << 22) {
    self.library = library
    self.largestElementCount = largestElementCount
  }

  /// The golden of a case; what it needs of the truth is computed once, unless it is large.
  ///
  /// - Throws: as `CaseLibrary/golden(named:)`, and if the stored part of the truth is not the computed one.
  func golden(named name: String) throws -> Golden {
    let known = kept.withLock { kept -> Golden? in
      guard let index = kept.firstIndex(where: { $0.goldenCase.name == name }) else { return nil }
      let golden = kept.remove(at: index)
      kept.append(golden)
      return golden
    }
    if let known { return known }
    let golden = try library.golden(named: name)
    guard golden.goldenCase.elementCount <= largestElementCount / 4 else { return golden }
    let whole = try golden.keepingTruth()
    kept.withLock { kept in
      // Another thread may have been as fast.
      guard !kept.contains(where: { $0.goldenCase.name == name }) else { return }
      kept.append(whole)
      var sum = kept.reduce(0) { $0 + $1.goldenCase.elementCount }
      while sum > largestElementCount, kept.count > 1 { sum -= kept.removeFirst().goldenCase.elementCount }
    }
    return whole
  }
}
