import RoPE

extension ConfigObject {
  /// Has the keys of this object looked through once everything is read: ``reportUnread()``.
  func watch(_ isWatched: @escaping (_ key: String) -> Bool = { _ in true }) {
    remarks.watch(self, isWatched)
  }

  /// Notes the keys that nothing asked for, as they change nothing, in transformers as here.
  ///
  /// - Throws: ``ModelConfigError`` where one is spelled almost as a key that was asked for and is not there.
  fileprivate func reportUnread(_ isWatched: (String) -> Bool) throws(ModelConfigError) {
    let asked = remarks.asked(of: path)
    for (key, value) in values.sorted(by: { $0.key < $1.key })
    where isWatched(key) && !key.hasPrefix("_") && value != .null && !asked.contains(key) {
      if let meant = nearest(to: key, of: asked) {
        throw invalid(key, value, "left out, or \(meant) where that is meant: nothing reads \(key)")
      }
      note(key, "is ignored: nothing in this model's class reads it")
    }
  }

  /// The key that was asked for and is not there, where another is a slip away from it.
  private func nearest(to key: String, of asked: Set<String>) -> String? {
    asked.sorted().first { values[$0] == nil && key.isSlip(of: $0) }
  }

  /// A key of this object that is a slip away from one that is missing.
  func slip(of missing: String) -> String? {
    values.keys.sorted().first { !remarks.asked(of: path).contains($0) && $0.isSlip(of: missing) }
  }
}

extension Remarks {
  /// Looks through the objects that are watched.
  ///
  /// - Throws: ``ModelConfigError`` naming a key that is misspelled.
  func reportUnread() throws(ModelConfigError) {
    for (object, isWatched) in watched { try object.reportUnread(isWatched) }
  }
}

extension String {
  /// Whether it is another string but for at most two letters that are changed, added or left out.
  fileprivate func isSlip(of other: String) -> Bool {
    // In short words, two letters are another word.
    Swift.min(count, other.count) >= 5 && abs(count - other.count) <= 2 && editDistance(to: other) <= 2
  }
}
