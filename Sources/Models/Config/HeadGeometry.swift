/// The number of heads of a layer, and their width.
struct HeadGeometry {
  /// The largest number of channels that all heads of a layer have together.
  static let largestWidth = 1 << 16

  var dimension: Int
  var query: Int
  var key: Int
}

/// The keys under which a family keeps its head counts.
struct HeadKeys: Sendable {
  var hidden = "hidden_size"
  var query = "num_attention_heads"
  /// Nil if there are as many key heads as query heads.
  var key: String? = "num_key_value_heads"
  /// Nil if the head dimension is always the hidden size divided by the query heads.
  var dimension: String? = "head_dim"

  /// GPT-2, GPT-J and BLOOM style names.
  static let short = HeadKeys(hidden: "n_embd", query: "n_head", key: nil, dimension: nil)
  /// Keys of a family with as many key heads as query heads, and without a key for the head dimension.
  static let plain = HeadKeys(key: nil, dimension: nil)
}

extension ConfigObject {
  /// The head counts and the head dimension, which defaults to `hidden_size / num_attention_heads` as in transformers.
  func heads(_ keys: HeadKeys = HeadKeys()) throws -> HeadGeometry {
    let query = try positiveInt(keys.query, for: "it is the number of query heads")
    var geometry = HeadGeometry(dimension: 0, query: query, key: query)
    if let key = keys.key, value(key) != nil {
      geometry.key = try positiveInt(key, for: "it is the number of key heads")
      guard query.isMultiple(of: geometry.key) else {
        throw invalid(key, .number(Double(geometry.key)), "a divisor of \(keys.query) \(query)")
      }
    } else if let key = keys.key {
      remarks.add(path + key, .number(Double(query)), source: "\(keys.query), as \(defaults.source) has it")
    }
    if let key = keys.dimension, value(key) != nil {
      geometry.dimension = try evenDimension(key, channels(key, for: "it is the head dimension"))
    } else {
      let hidden = try positiveInt(keys.hidden, for: "the head dimension is its quotient by \(keys.query)")
      guard hidden.isMultiple(of: query) else {
        throw invalid(keys.hidden, .number(Double(hidden)), "a multiple of \(keys.query) \(query)")
      }
      geometry.dimension = hidden / query
      guard geometry.dimension <= 65536 else {
        throw invalid(keys.hidden, .number(Double(hidden)), "at most 65536 channels for each head")
      }
      guard geometry.dimension.isMultiple(of: 2) else {
        throw invalid(
          keys.hidden, .number(Double(hidden)), "an even multiple of \(keys.query) \(query), for channels in pairs")
      }
      if let key = keys.dimension {
        remarks.add(
          path + key, .number(Double(geometry.dimension)), source: "\(keys.hidden) / \(keys.query)")
      }
    }
    try checkWidth(geometry, keys.query)
    return geometry
  }

  /// Checks the channels of all query heads, which are at least as many as the key heads.
  ///
  /// An absurdly large number is refused here, before it exhausts memory.
  func checkWidth(_ heads: HeadGeometry, _ key: String) throws {
    let largest = HeadGeometry.largestWidth
    guard heads.query <= largest / heads.dimension else {
      throw invalid(
        key, .number(Double(heads.query)),
        "at most \(largest / heads.dimension) with \(heads.dimension) channels each, \(largest) in all")
    }
  }

  private func evenDimension(_ key: String, _ value: Int) throws -> Int {
    guard value.isMultiple(of: 2) else { throw invalid(key, .number(Double(value)), "even, for channels in pairs") }
    return value
  }
}
