import Foundation
import Models
import RoPE
import Testing

/// Reads a config of these keys, written as JSON without the outer braces.
func config(_ text: String) throws -> ModelConfig {
  try ModelConfig(json: Data("{\(text)}".utf8), file: "config.json")
}

/// The one layer kind of a config.
func kind(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Model {
  let kinds = try config(text).models
  return try #require(kinds.count == 1 ? kinds.first : nil, sourceLocation: sourceLocation)
}

/// The layer kind with a given name.
func kind(_ name: String, of text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> Model {
  try #require(try config(text).models.first { $0.kind == name }, sourceLocation: sourceLocation)
}

extension Model {
  /// The convention of a config.json; no model of these tests is an explicit plan.
  var configuration: Configuration {
    guard let configuration = convention.configuration else { preconditionFailure("\(name) is an explicit plan") }
    return configuration
  }
}
