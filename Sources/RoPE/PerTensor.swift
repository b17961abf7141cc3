/// The name of a tensor of a case, such as `query`.
///
/// A rotation names two, ``query`` and ``key``; whatever judges and reports takes the names as they come.
package struct TensorName: RawRepresentable, Hashable, Sendable, Codable {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  /// Q.
  package static let query = TensorName(rawValue: "query")
  /// K.
  package static let key = TensorName(rawValue: "key")

  /// The tensors of a rotation, in the order in which reports list them.
  package static let rotated: [TensorName] = [.query, .key]
}

/// A value for each of the two tensors that a rotation turns.
package struct PerTensor<Value> {
  /// The value of Q.
  package var query: Value
  /// The value of K.
  package var key: Value

  /// The values of Q and K.
  package init(query: Value, key: Value) {
    self.query = query
    self.key = key
  }

  /// A value for each tensor, from a function of its name.
  package init(_ value: (TensorName) throws -> Value) rethrows {
    self.init(query: try value(.query), key: try value(.key))
  }

  /// The value of Q or K; a rotation has no other tensor.
  package subscript(_ name: TensorName) -> Value {
    get { Self.isKey(name) ? key : query }
    set { if Self.isKey(name) { key = newValue } else { query = newValue } }
  }

  private static func isKey(_ name: TensorName) -> Bool {
    precondition(name == .query || name == .key, "a rotation has no tensor '\(name.rawValue)'")
    return name == .key
  }

  /// Both values, Q's first.
  package var all: [Value] { [query, key] }

  /// Both values, changed by a function.
  package func map<Other>(_ change: (Value) throws -> Other) rethrows -> PerTensor<Other> {
    PerTensor<Other>(query: try change(query), key: try change(key))
  }
}

extension PerTensor: Sendable where Value: Sendable {}
extension PerTensor: Equatable where Value: Equatable {}

/// One element of a tensor.
package struct ElementIndex: Sendable, Hashable, Codable {
  /// The row of the batch; 0 if packed.
  package let batch: Int
  /// The token within its row, or the packed token.
  package let token: Int
  /// The head of its tensor.
  package let head: Int
  /// The channel of its head.
  package let channel: Int

  package init(batch: Int, token: Int, head: Int, channel: Int) {
    self.batch = batch
    self.token = token
    self.head = head
    self.channel = channel
  }
}

/// One head of one token of a tensor.
package struct RowIndex: Sendable, Hashable {
  package let tensor: TensorName
  /// The token, counted over all rows of the batch.
  package let token: Int
  package let head: Int

  package init(tensor: TensorName, token: Int, head: Int) {
    self.tensor = tensor
    self.token = token
    self.head = head
  }
}
