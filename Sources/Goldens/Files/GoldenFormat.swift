import Foundation
import HDF5
import Models
import RoPE

/// Names and values that writer and reader of a golden file share.
enum GoldenFormat {
  static let name = "rope-conformance"
  /// Version 2 has cosines and sines as a cache with a row for each token; version 1 had a row of them for each token.
  static let version = 2
  static let generator = "rope-conformance generate"
  static let reference = "MPFR, rounding to float64 proven"
  /// The SPDX identifier of the licence of the bundled goldens.
  static let license = "Apache-2.0"

  /// The paragraph with which a golden file introduces itself.
  static func description(of model: Model) -> String {
    "Queries and keys before and after rotary position embedding (RoPE) by the convention of \(model.name). Each group "
      + "cases/model/type/workload/contract is one call of a kernel: what the kernel is given, and for each element of "
      + "its outputs the float64 nearest to the exact result. The datasets in the group plan say which channels rotate "
      + "together and at which frequencies."
  }

  /// Checks the version of a file or manifest.
  static func check(version: Int, of path: String) throws(GoldenError) {
    if version > self.version { throw .newerFormat(path: path, version: version, supported: self.version) }
    if version < self.version { throw .olderFormat(path: path, version: version, supported: self.version) }
  }

  /// JSON text that is the same on every machine.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The group of a plan: `plan`, or `plan-without-rope`, and `plan-2` and so on for further ones.
  ///
  /// `others` counts the plans before it that rotate as well, or do not rotate either.
  static func planPath(_ plan: Plan, others: Int) -> String {
    (plan.pairs.isEmpty ? "plan-without-rope" : "plan") + (others == 0 ? "" : "-\(others + 1)")
  }

  /// The shape of position ids, which have an axis for the coordinates only if there are several.
  static func positionAxes(
    _ workload: Workload, of tensor: TensorName = .query, count: Int
  ) -> [(name: String, count: Int)] {
    (count == 1 ? [] : [("axis", count)]) + tokenAxes(workload, of: tensor)
  }

  /// The shape of data per token of a tensor, with the names of its axes.
  static func tokenAxes(_ workload: Workload, of tensor: TensorName = .query) -> [(name: String, count: Int)] {
    let sequence = workload.sequence(of: tensor)
    return workload.layout == .thd
      ? [("token", sequence)] : [("batch", workload.batch), ("sequence", sequence)]
  }
}

extension TensorName {
  /// The name of its dataset: `q` or `k`.
  package var dataset: String { self == .key ? "k" : "q" }
}

extension ElementType {
  /// The type of its elements in a file.
  package var numberType: NumberType {
    switch self {
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }
}
