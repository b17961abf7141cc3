import Foundation

/// Looks for a key that an object of a JSON document has twice: a decoder takes one of the two without a word.
struct RepeatedKeys {
  private enum Frame {
    /// The keys so far, the last of them, and whether the next string is one.
    case object(keys: Set<String>, last: String, awaitsKey: Bool)
    case array
  }

  private var frames: [Frame] = []

  /// The first key that is repeated, with the objects that it is nested in, or nil.
  ///
  /// - Parameter json: a document that a decoder has accepted.
  static func first(in json: Data) -> String? {
    var scan = RepeatedKeys(), rest = json[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "{"): scan.frames.append(.object(keys: [], last: "", awaitsKey: true))
      case UInt8(ascii: "["): scan.frames.append(.array)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = scan.frames.popLast()
      case UInt8(ascii: ","): scan.awaitKey()
      case UInt8(ascii: "\""):
        let end = stringEnd(in: rest)
        if let repeated = scan.read(rest[..<end]) { return repeated }
        rest = rest[end...].dropFirst()
      default: break
      }
    }
    return nil
  }

  /// The place of the quote that ends a string: the first one that no backslash stands before.
  private static func stringEnd(in rest: Data) -> Data.Index {
    var isEscaped = false
    return rest.firstIndex { byte in
      if isEscaped {
        isEscaped = false
        return false
      }
      isEscaped = byte == UInt8(ascii: "\\")
      return byte == UInt8(ascii: "\"")
    } ?? rest.endIndex
  }

  private mutating func awaitKey() {
    guard case .object(let keys, let last, _) = frames.last else { return }
    frames[frames.count - 1] = .object(keys: keys, last: last, awaitsKey: true)
  }

  /// Takes note of a string, a key or a value, and gives its path if it is a key for the second time.
  private mutating func read(_ text: Data) -> String? {
    guard case .object(var keys, _, true) = frames.last else { return nil }
    let quoted = Data("\"".utf8) + text + Data("\"".utf8)
    let key = (try? JSONDecoder().decode(String.self, from: quoted)) ?? String(decoding: text, as: UTF8.self)
    let isNew = keys.insert(key).inserted
    frames[frames.count - 1] = .object(keys: keys, last: key, awaitsKey: false)
    return isNew ? nil : path
  }

  private var path: String {
    frames.compactMap { frame in
      if case .object(_, let last, _) = frame { last } else { nil }
    }.joined(separator: ".")
  }
}
