import ArgumentParser
import Foundation
import Goldens
import Models

/// Which convention.
struct ConventionOptions: ParsableArguments {
  @Option(help: "A Hugging Face config.json.")
  var config: String?

  @Option(help: "A bundled model.")
  var model: String?

  @Option(help: "An explicit plan, in JSON.")
  var plan: String?

  /// How many are given, of which one is meant.
  var count: Int { [config, model, plan].count(where: { $0 != nil }) }

  /// The conventions that are asked for, one for each kind of layer; empty where nothing is given.
  ///
  /// - Throws: `ModelConfigError`.
  func conventions() throws -> [NamedConvention] {
    if let config {
      return try ModelConfig(contentsOf: config).models(named: Self.name(ofFile: config), source: config).map {
        NamedConvention($0)
      }
    }
    if let plan {
      return [NamedConvention(name: Self.name(ofFile: plan), source: plan, plan: try PlanJSON(contentsOf: plan).plan)]
    }
    return try model.map { [NamedConvention(try Model.named($0))] } ?? []
  }

  /// What the convention in a file is named after: the folder of a config.json, or the file.
  static func name(ofFile path: String) -> String {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let isConfig = url.lastPathComponent == "config.json"
    return (isConfig ? url.deletingLastPathComponent() : url.deletingPathExtension()).lastPathComponent
  }
}
