import Foundation
import HDF5
import RoPE

@testable import Goldens

/// A file of recorded outputs that is right but for what a test changes.
struct OutputsFile {
  /// One tensor as it is written.
  struct Tensor {
    var type: NumberType
    var shape: [Int]
    var bytes: [UInt8]
  }

  /// One case as it is written.
  struct Outputs {
    var name: String
    var query: Tensor?
    var key: Tensor?
    var attributes: [String: String] = [:]
  }

  /// Attributes of the root.
  var root: [String: String]
  var cases: [Outputs]

  /// What the exact result, rounded once, is recorded as.
  init(of goldens: [Golden], checksum: String) {
    root = ["format": "rope-conformance", "role": "outputs", "backend": "test", "goldens": checksum]
    cases = goldens.compactMap { golden in
      guard case .stored(let tensors) = golden.content else { return nil }
      return Outputs(
        name: golden.goldenCase.name,
        query: Self.tensor(
          golden, tensors.query, tensors.expectedQuery, heads: golden.goldenCase.workload.queryHeads),
        key: Self.tensor(golden, tensors.key, tensors.expectedKey, heads: golden.goldenCase.workload.keyHeads))
    }
  }

  private static func tensor(
    _ golden: Golden, _ input: ElementArray, _ expected: [Double], heads: Int
  ) -> Tensor {
    let dimension = golden.plan.headDimension, copied = Set(golden.runningPlan.passThroughChannels)
    var output = input
    for index in expected.indices where !copied.contains(index % dimension) {
      output[index] = input.type.bits(rounding: expected[index])
    }
    let axes = golden.goldenCase.workload.axes(heads: heads, headDimension: dimension)
    return Tensor(type: input.type.numberType, shape: axes.map(\.count), bytes: output.bytes)
  }

  func write(to path: String) throws {
    let file = try File(creating: path)
    let group = try file.root()
    for (name, value) in root.sorted(by: <) { try group.attributes().set(name, to: value) }
    for outputs in cases {
      let group = try group.createGroup("cases/\(outputs.name)")
      for (name, value) in outputs.attributes { try group.attributes().set(name, to: value) }
      for (name, tensor) in [("q", outputs.query), ("k", outputs.key)] {
        guard let tensor else { continue }
        let dataset = try group.createDataset(name, type: tensor.type, shape: tensor.shape)
        if !tensor.bytes.isEmpty { try tensor.bytes.withUnsafeBytes { try dataset.write($0) } }
      }
    }
    try file.close()
  }

  /// The file with a case changed.
  func changing(_ index: Int, _ change: (inout Outputs) -> Void) -> OutputsFile {
    var file = self
    change(&file.cases[index])
    return file
  }
}
