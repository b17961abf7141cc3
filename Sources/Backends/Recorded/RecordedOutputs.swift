import Foundation
import Goldens
import Judging
import RoPE

/// A file of outputs that were made elsewhere.
package struct RecordedOutputs: Sendable {
  /// The path of the file.
  package let path: String
  /// The header of the file.
  package let header: RecordedHeader
  private let reader: RecordedReader

  /// Opens a file.
  ///
  /// - Throws: ``RecordedError`` if it is not a file of recorded outputs, or is too damaged to tell.
  package init(path: String, reader: RecordedReader) throws(RecordedError) {
    self.path = path
    self.reader = reader
    header = try reader.open(path)
  }

  /// The state of a case in the file.
  ///
  /// - Throws: ``RecordedError``, also if a tensor is missing or does not have the case's type and shape.
  func state(of recorded: RecordedCase) throws(RecordedError) -> RecordedState {
    try reader.state(of: recorded, in: path)
  }

  /// The elements of a box of one tensor, row-major.
  ///
  /// The box begins at the index `start` on each axis and has the extent `count`.
  ///
  /// - Throws: ``RecordedError``.
  func elements(
    _ tensor: TensorName, of recorded: RecordedCase, at start: [Int], count: [Int]
  ) throws(RecordedError) -> ElementArray {
    var elements = ElementArray(type: recorded.elementType, count: count.reduce(1, *))
    var failure: RecordedError?
    elements.bytes.withUnsafeMutableBytes { bytes in
      do throws(RecordedError) {
        try reader.read(tensor, of: recorded, in: path, at: start, count: count, into: bytes)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return elements
  }
}

/// The outputs of one case, in one file for each run of a program.
final class RecordedSource: OutputSource {
  private let goldenCase: Case
  /// The case, or the twin of an invalid one.
  private let recorded: RecordedCase
  /// The name of the invalid case, and its invalid value in words; nil if the case is valid.
  private let invalid: (name: String, value: String)?
  private let runs: [RecordedOutputs]
  /// Keeps the folder of the files alive while they are read.
  private let owner: (any Sendable)?

  init(_ golden: Golden, runs: [RecordedOutputs], owner: (any Sendable)? = nil) {
    goldenCase = golden.goldenCase
    self.runs = runs
    self.owner = owner
    recorded = RecordedCase(goldenCase.twin ?? goldenCase)
    invalid = golden.refusedValue.map { (golden.goldenCase.name, $0) }
  }

  var runCount: Int { runs.count }
  var unwritten: UInt32? { nil }
  var deviceWork: DeviceWork? { nil }

  /// The first run's reason for not supporting the case; nil if it has outputs or failed.
  ///
  /// - Throws: ``RecordedError``.
  func unsupportedReason() throws(RecordedError) -> String? {
    guard let first = runs.first, case .unsupported(let reason) = try first.state(of: recorded) else { return nil }
    return reason
  }

  func perform(run: Int) throws -> RunOutcome {
    // A later run can fail although the first did not, so its number is named.
    let prefix = run == 1 ? "" : "in run \(run): "
    do throws(RecordedError) {
      switch try runs[run - 1].state(of: recorded) {
      case .recorded: return RunOutcome()
      case .absent: return .failed("\(prefix)no output recorded")
      case .failed(let message): return .failed("\(prefix)the program failed: \(message)")
      case .unsupported(let reason): return .failed("\(prefix)not supported: \(reason)")
      }
    } catch {
      throw OutputError("\(error)")
    }
  }

  func keep(run: Int) {}

  /// A case that is marked as unsupported or failed was refused.
  func refusal() throws -> [Violation] {
    guard let invalid else { return [] }
    let refused = RecordedCase(name: invalid.name, elementType: recorded.elementType, shapes: recorded.shapes)
    do throws(RecordedError) {
      for outputs in runs {
        switch try outputs.state(of: refused) {
        case .unsupported, .failed: continue
        case .absent:
          return [.backendFailed(message: "nothing is recorded for a call that must be refused: \(invalid.value)")]
        case .recorded: return [.notRefused(message: "carried out a call that must be refused: \(invalid.value)")]
        }
      }
      return []
    } catch {
      // Something is recorded, though not in the form of outputs.
      return [.notRefused(message: "did not refuse a call that must be refused (\(invalid.value)): \(error)")]
    }
  }

  func rows(run: Int, _ tensor: TensorName, _ tokens: Range<Int>) throws -> ElementArray {
    let workload = goldenCase.workload, heads = workload.heads(of: tensor)
    let sequence = workload.sequence(of: tensor), dimension = goldenCase.convention.headDimension
    do throws(RecordedError) {
      if workload.layout == .thd {
        return try runs[run - 1].elements(
          tensor, of: recorded, at: [tokens.lowerBound, 0, 0], count: [tokens.count, heads, dimension])
      }
      // A box cannot span two rows of the batch.
      var rows = ElementArray(type: recorded.elementType, count: 0)
      var first = tokens.lowerBound
      while first < tokens.upperBound {
        let (batch, token) = first.quotientAndRemainder(dividingBy: sequence)
        let count = min(sequence - token, tokens.upperBound - first)
        let isHeadsFirst = workload.layout == .bhsd
        let box = try runs[run - 1].elements(
          tensor, of: recorded, at: isHeadsFirst ? [batch, 0, token, 0] : [batch, token, 0, 0],
          count: isHeadsFirst ? [1, heads, count, dimension] : [1, count, heads, dimension])
        rows.bytes += isHeadsFirst ? box.tokensFirst(heads: heads, dimension: dimension).bytes : box.bytes
        first += count
      }
      return rows
    } catch {
      throw OutputError("\(error)")
    }
  }
}

extension ElementArray {
  /// Transposes `[heads, tokens, D]` to `[tokens, heads, D]`.
  fileprivate func tokensFirst(heads: Int, dimension: Int) -> ElementArray {
    let row = dimension * type.byteCount, tokens = count / (heads * dimension)
    let rows = (0..<tokens).flatMap { token in (0..<heads).map { $0 * tokens + token } }
    return ElementArray(type: type, bytes: rows.flatMap { bytes[$0 * row..<($0 + 1) * row] })
  }
}
