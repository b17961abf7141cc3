import RoPE

/// A value that a config.json leaves to its model's class.
package struct DefaultValue: Sendable, Equatable {
  /// The key, with the objects that it is nested in: `text_config.rope_theta`.
  package let key: String
  /// The value taken, as JSON.
  package let value: String
  /// The class or the key that it comes from.
  package let source: String
}

/// A value of a config.json that its class ignores, or reads differently from what its name says.
package struct ConfigNote: Sendable, Equatable, CustomStringConvertible {
  /// The key, with the objects that it is nested in.
  package let key: String
  /// The value in the file, as JSON.
  package let value: String
  /// The treatment of the value, worded to follow key and value.
  package let remark: String

  package var description: String { "\(key) \(value) \(remark)" }
}

/// Remarks on a file that accompany its convention, in order of reading, without duplicates.
final class Remarks {
  private(set) var defaults: [DefaultValue] = []
  private(set) var notes: [ConfigNote] = []
  /// The objects whose unread keys are reported, each once.
  private(set) var watched: [(object: ConfigObject, isWatched: (_ key: String) -> Bool)] = []
  private var asked: [String: Set<String>] = [:]

  func add(_ key: String, _ value: JSONValue, source: String) {
    let taken = DefaultValue(key: key, value: value.description, source: source)
    if !defaults.contains(taken) { defaults.append(taken) }
  }

  func add(_ note: ConfigNote) {
    if !notes.contains(note) { notes.append(note) }
  }

  /// Records that a key of the object at a path was looked for.
  func ask(_ key: String, of path: String) { asked[path, default: []].insert(key) }

  /// The keys that were looked for, present or not.
  func asked(of path: String) -> Set<String> { asked[path] ?? [] }

  func watch(_ object: ConfigObject, _ isWatched: @escaping (_ key: String) -> Bool) {
    if !watched.contains(where: { $0.object.path == object.path }) { watched.append((object, isWatched)) }
  }
}

extension ConfigObject {
  /// Adds this object to those whose unread keys ``reportUnread()`` reports at the end.
  func watch(_ isWatched: @escaping (_ key: String) -> Bool = { _ in true }) {
    remarks.watch(self, isWatched)
  }

  /// Notes the keys that nothing asked for: they have no effect, neither in transformers nor here.
  ///
  /// - Throws: ``ModelConfigError`` if one is almost the name of a key that was asked for and is missing.
  fileprivate func reportUnread(_ isWatched: (String) -> Bool) throws(ModelConfigError) {
    let asked = remarks.asked(of: path)
    for (key, value) in values.sorted(by: { $0.key < $1.key })
    where isWatched(key) && !key.hasPrefix("_") && value != .null && !asked.contains(key) {
      if let meant = nearest(to: key, of: asked) {
        throw invalid(key, value, "left out, or \(meant) if that is meant: nothing reads \(key)")
      }
      note(key, "is ignored: nothing in this model's class reads it")
    }
  }

  /// A missing key that was asked for and that `key` almost spells.
  private func nearest(to key: String, of asked: Set<String>) -> String? {
    asked.sorted().first { values[$0] == nil && key.isSlip(of: $0) }
  }

  /// A key of this object that almost spells a missing one.
  func slip(of missing: String) -> String? {
    values.keys.sorted().first { !remarks.asked(of: path).contains($0) && $0.isSlip(of: missing) }
  }
}

extension Remarks {
  /// Reports the unread keys of all watched objects.
  ///
  /// - Throws: ``ModelConfigError`` naming a misspelled key.
  func reportUnread() throws(ModelConfigError) {
    for (object, isWatched) in watched { try object.reportUnread(isWatched) }
  }
}

extension String {
  /// Indicates whether at most two letters must be changed, added or left out to get another string.
  fileprivate func isSlip(of other: String) -> Bool {
    // In a short word, two letters make another word.
    Swift.min(count, other.count) >= 5 && abs(count - other.count) <= 2 && editDistance(to: other) <= 2
  }
}
