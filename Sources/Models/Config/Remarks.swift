/// A value that a config.json leaves to its model's class.
public struct DefaultValue: Sendable, Equatable {
  /// The key, with the objects that it is nested in: `text_config.rope_theta`.
  public let key: String
  /// The value taken, as JSON.
  public let value: String
  /// Where it comes from.
  public let source: String
}

/// A value of a config.json that its class ignores, or reads otherwise than its name says.
public struct ConfigNote: Sendable, Equatable, CustomStringConvertible {
  /// The key, with the objects that it is nested in.
  public let key: String
  /// The value in the file, as JSON.
  public let value: String
  /// What becomes of it, to be read behind key and value.
  public let remark: String

  public var description: String { "\(key) \(value) \(remark)" }
}

/// What is worth telling of a file beside its convention, in order of reading, each once.
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

  /// Remembers that a key of the object at a path was looked for.
  func ask(_ key: String, of path: String) { asked[path, default: []].insert(key) }

  /// The keys that were looked for, there or not.
  func asked(of path: String) -> Set<String> { asked[path] ?? [] }

  func watch(_ object: ConfigObject, _ isWatched: @escaping (_ key: String) -> Bool) {
    if !watched.contains(where: { $0.object.path == object.path }) { watched.append((object, isWatched)) }
  }
}
