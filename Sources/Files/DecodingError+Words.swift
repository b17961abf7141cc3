extension DecodingError {
  /// The problem and its place, in words.
  package var words: String {
    func place(_ context: Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
      return path.isEmpty ? "" : " at \(path.visible)"
    }
    switch self {
    case .keyNotFound(let key, let context):
      return "the key '\(key.stringValue.visible)' is missing\(place(context))"
    case .valueNotFound(_, let context):
      return "null is not a value here\(place(context))"
    case .typeMismatch(let type, let context):
      return "must be \(type)\(place(context))"
    case .dataCorrupted(let context):
      // Without a place, the text is that of Foundation's parser.
      let reason = context.codingPath.isEmpty ? "it is not JSON" : context.debugDescription.visible
      return reason + place(context)
    @unknown default:
      return "\(self)"
    }
  }
}
