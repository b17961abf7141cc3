import Foundation
import HDF5
import RoPE

@testable import Goldens

/// A file of recorded outputs that is right except for the changes of a test.
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

    init(name: String, attributes: [String: String] = [:]) {
      self.name = name
      self.attributes = attributes
    }

    /// Some outputs of a case.
    ///
    /// `rows` gives the outputs of some tokens, `[tokens, heads, D]`.
    init(_ golden: Golden, _ rows: (TensorName, Range<Int>) throws -> ElementArray) rethrows {
      let workload = golden.goldenCase.workload, dimension = golden.plan.headDimension
      func tensor(_ name: TensorName) throws -> Tensor {
        let rows = try rows(name, 0..<workload.tokenCount), heads = workload.heads(of: name)
        let strides = workload.strides(of: name, headDimension: dimension)
        var elements = rows
        for row in 0..<workload.tokenCount * heads {
          let first = strides.index(token: row / heads, head: row % heads, sequence: workload.sequence)
          for channel in 0..<dimension { elements[first + channel] = rows[row * dimension + channel] }
        }
        return Tensor(
          type: rows.type.numberType, shape: workload.axes(of: name, headDimension: dimension).map(\.count),
          bytes: elements.bytes)
      }
      self.init(name: golden.goldenCase.name)
      query = try tensor(.query)
      key = try tensor(.key)
    }
  }

  /// Attributes of the root.
  var root: [String: String]
  var cases: [Outputs]

  /// The exact results, rounded once.
  init(of goldens: [Golden], checksum: String) {
    root = ["format": "rope-conformance", "role": "outputs", "backend": "test", "goldens": checksum]
    cases = goldens.map { golden in
      let dimension = golden.plan.headDimension, copied = Set(golden.runningPlan.passThroughChannels)
      return Outputs(golden) { tensor, tokens in
        let exact = golden.truth.rows(tensor, tokens)
        var output = exact.input
        for index in exact.expected.indices where !copied.contains(index % dimension) {
          output[index] = output.type.bits(rounding: exact.expected[index])
        }
        return output
      }
    }
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
