import Foundation
import Models
import RoPE
import Testing

/// Reads a config of these keys, written as JSON without the outer braces.
func config(_ text: String) throws -> ModelConfig {
  try ModelConfig(json: Data("{\(text)}".utf8), file: "config.json")
}

/// The one layer kind of a config.
func kind(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> LayerKind {
  let kinds = try config(text).layerKinds
  return try #require(kinds.count == 1 ? kinds.first : nil, sourceLocation: sourceLocation)
}

/// The layer kind of a name.
func kind(_ name: String, of text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> LayerKind {
  try #require(try config(text).layerKinds.first { $0.name == name }, sourceLocation: sourceLocation)
}
