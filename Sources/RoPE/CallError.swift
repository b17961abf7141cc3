/// A call that cannot be carried out on any backend: what is wrong, on what, and what it must be.
public enum CallError: Error, Equatable, CustomStringConvertible {
  case empty(axis: String, count: Int)
  case tooManyTokens(batch: Int, sequence: Int)
  case angleCount(what: String, found: Int, expected: Int)
  case anglesWithoutPairs
  case pairsWithoutAngles(pairs: Int)
  case row(Int, token: Int, rowCount: Int)
  case position(Int64, token: Int)
  case inverseFrequency(Float, pair: Int)
  case attentionFactor(Double)
  case buffer(tensor: String, index: Int, count: Int)
  case stride(tensor: String, axis: String, value: Int)
  case selfOverlap(tensor: String, strides: Strides)
  case outOfBounds(tensor: String, lastElement: Int?, elementCount: Int)
  case overlap(String, String)

  public var description: String {
    switch self {
    case .empty(let axis, let count):
      "\(axis) is \(count): a call needs at least 1"
    case .tooManyTokens(let batch, let sequence):
      "batch \(batch) times sequence \(sequence) is beyond 2^63 tokens"
    case .angleCount(let what, let found, let expected):
      "\(found) \(what) given, the call needs \(expected)"
    case .anglesWithoutPairs:
      "angles given to a plan without pairs: without RoPE, give none"
    case .pairsWithoutAngles(let pairs):
      "no angles given to a plan of \(pairs) pairs: give a table, frequencies or positions"
    case .row(let row, let token, let rowCount):
      "token \(token) has table row \(row): the table has rows 0 to \(rowCount - 1)"
    case .position(let position, let token):
      "token \(token) has position \(position): positions lie between -2147483647 and 2147483647"
    case .inverseFrequency(let value, let pair):
      "inverse frequency \(value) of pair \(pair): must be finite"
    case .attentionFactor(let value):
      "attention factor \(value): must be finite and greater than 0"
    case .buffer(let tensor, let index, let count):
      "\(tensor) lies in buffer \(index): the call has \(count) buffers"
    case .stride(let tensor, let axis, let value):
      "\(tensor) has \(axis) \(value): must not be negative"
    case .selfOverlap(let tensor, let strides):
      "\(tensor) writes elements twice: its strides (\(strides.batch), \(strides.sequence), \(strides.head), "
        + "\(strides.channel)) do not nest"
    case .outOfBounds(let tensor, let lastElement, let elementCount):
      "\(tensor) ends at element \(lastElement.map(String.init) ?? "beyond 2^63"): its buffer has \(elementCount)"
    case .overlap(let first, let second):
      "\(first) and \(second) overlap: they must be the same view or share no element"
    }
  }
}
