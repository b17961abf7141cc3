import CHDF5
import Foundation
import Testing

@testable import HDF5

/// A file of recorded outputs with one fault, and the verdict expected on the middle case.
struct FaultyFile: CustomTestStringConvertible, Sendable {
  let name: String
  let verdict: String
  /// True if the file is of no use at all, so that no case conforms.
  var isWhole = false
  /// Makes the file at a path from one that is right.
  let make: @Sendable (OutputsFile, _ path: String) throws -> Void

  var testDescription: String { name }

  /// Changes the middle case before it is written.
  init(_ name: String, verdict: String, _ change: @escaping @Sendable (inout OutputsFile.Outputs) -> Void) {
    self.name = name
    self.verdict = verdict
    make = { outputs, path in try outputs.changing(Subject.target, change).write(to: path) }
  }

  /// Changes the bytes of a file.
  init(
    bytes name: String, verdict: String, isWhole: Bool = true, _ change: @escaping @Sendable (inout Data) -> Void
  ) {
    self.name = name
    self.verdict = verdict
    self.isWhole = isWhole
    make = { outputs, path in
      try outputs.write(to: path)
      var bytes = try Data(contentsOf: URL(filePath: path))
      change(&bytes)
      try bytes.write(to: URL(filePath: path))
    }
  }

  /// Changes a file by calls of libhdf5; a call that fails returns a negative value.
  init(
    calls name: String, verdict: String, _ change: @escaping @Sendable (_ file: Int64, _ group: String) -> [Int64]
  ) {
    self.name = name
    self.verdict = verdict
    make = { outputs, path in
      try outputs.write(to: path)
      let group = "/cases/\(outputs.cases[Subject.target].name)"
      let results = Library.callWithoutFailure {
        let file = H5Fopen(path, 1, 0)
        defer { H5Fclose(file) }
        return [file] + change(file, group)
      }
      try #require(results.allSatisfy { $0 >= 0 }, "\(results)")
    }
  }

  /// Changes the root of a file.
  init(root name: String, verdict: String, _ change: @escaping @Sendable (inout OutputsFile) -> Void) {
    self.name = name
    self.verdict = verdict
    isWhole = true
    make = { outputs, path in
      var outputs = outputs
      change(&outputs)
      try outputs.write(to: path)
    }
  }

  static let all = cases + links + files

  private static let cases: [FaultyFile] = [
    .init("missing case", verdict: "no output recorded") { $0.name = "glm-4-9b-chat/f16/other/position" },
    .init("missing q", verdict: "it has no dataset q") { $0.query = nil },
    .init("missing k", verdict: "it has no dataset k") { $0.key = nil },
    .init("wrong type", verdict: "q must be float16 [1, 5, 2, 128], found float32 [1, 5, 2, 128]") {
      let bytes = $0.query?.bytes ?? []
      $0.query?.type = .float32
      $0.query?.bytes += bytes
    },
    .init("integers", verdict: "k must be float16 [1, 5, 1, 128], found int64") {
      $0.key?.type = .int64
      $0.key?.bytes = []
    },
    .init("the other 16-bit type", verdict: "q must be float16 [1, 5, 2, 128], found bfloat16") {
      $0.query?.type = .bfloat16
    },
    .init("wrong shape", verdict: "found float16 [1, 2, 5, 128]") { $0.query?.shape = [1, 2, 5, 128] },
    .init("flat shape", verdict: "found float16 [1280]") { $0.query?.shape = [1280] },
    .init("huge dataset", verdict: "found float16 [1099511627776, 1024]") {
      $0.query?.shape = [1 << 40, 1024]
      $0.query?.bytes = []
    },
    .init("never written", verdict: "it was never written") { $0.key?.bytes = [] },
    .init("NaN everywhere", verdict: "elements exceed") { outputs in
      let bytes = outputs.query?.bytes ?? []
      outputs.query?.bytes = bytes.indices.map { $0.isMultiple(of: 2) ? 0 : 0x7E }
    },
    .init("zeros", verdict: "elements exceed") { outputs in
      let bytes = outputs.key?.bytes ?? []
      outputs.key?.bytes = bytes.map { _ in 0 }
    },
    .init("one bit", verdict: "1 elements outside the rotation differ from the input") {
      $0.query?.bytes[200] ^= 1
    },
    .init("failed", verdict: "the program failed: ValueError: no halves") {
      $0 = .init(name: $0.name, attributes: ["failed": "ValueError: no halves"])
    },
    .init("failed, with outputs", verdict: "the program failed: late") { $0.attributes["failed"] = "late" },
    .init("unsupported, with outputs", verdict: "it has both the attribute unsupported and the dataset q") {
      $0.attributes["unsupported"] = "too wide"
    },
  ]

  private static let links: [FaultyFile] = [
    .init(calls: "soft link", verdict: "q is a soft link: the object must be in the file itself") { file, group in
      [
        Int64(H5Ldelete(file, "\(group)/q", 0)),
        Int64(H5Lcreate_soft("\(group)/k", file, "\(group)/q", 0, 0)),
      ]
    },
    .init(calls: "soft links in a circle", verdict: "q is a soft link") { file, group in
      [
        Int64(H5Ldelete(file, "\(group)/q", 0)),
        Int64(H5Lcreate_soft("\(group)/other", file, "\(group)/q", 0, 0)),
        Int64(H5Lcreate_soft("\(group)/q", file, "\(group)/other", 0, 0)),
      ]
    },
    .init(calls: "external link", verdict: "k is an external link") { file, group in
      [
        Int64(H5Ldelete(file, "\(group)/k", 0)),
        Int64(H5Lcreate_external("/dev/zero", "/k", file, "\(group)/k", 0, 0)),
      ]
    },
    .init(calls: "external link to a group", verdict: "no output recorded") { file, group in
      [
        Int64(H5Ldelete(file, group, 0)),
        Int64(H5Lcreate_external("other.h5", group, file, group, 0, 0)),
      ]
    },
    .init(calls: "external storage", verdict: "its elements are in other files") { file, group in
      let list = H5Pcreate(chdf5_dataset_create_class()), space = H5Screate_simple(4, [1, 5, 2, 128], nil)
      let type = H5Tcopy(chdf5_type_float32())
      let results = [
        Int64(H5Ldelete(file, "\(group)/q", 0)), Int64(H5Tset_fields(type, 15, 10, 5, 0, 10)),
        Int64(H5Tset_size(type, 2)), Int64(H5Tset_ebias(type, 15)), Int64(H5Pset_external(list, "/dev/zero", 0, 2560)),
        Int64(H5Dclose(H5Dcreate2(file, "\(group)/q", type, space, 0, list, 0))),
      ]
      return results + [Int64(H5Pclose(list)), Int64(H5Sclose(space)), Int64(H5Tclose(type))]
    },
    .init(calls: "a dataset in place of the group", verdict: "no output recorded") { file, group in
      let space = H5Screate(H5S_SCALAR)
      return [
        Int64(H5Ldelete(file, group, 0)),
        Int64(H5Dclose(H5Dcreate2(file, group, chdf5_type_float32(), space, 0, 0, 0))), Int64(H5Sclose(space)),
      ]
    },
    .init(calls: "groups in a circle", verdict: "it has no dataset q") { file, group in
      [
        Int64(H5Ldelete(file, "\(group)/q", 0)),
        Int64(H5Lcreate_hard(file, "/cases", file, "\(group)/loop", 0, 0)),
      ]
    },
  ]

  private static let files: [FaultyFile] = [
    .init(root: "other format", verdict: "its format is 'netcdf', not 'rope-conformance'") {
      $0.root["format"] = "netcdf"
    },
    .init(root: "inputs", verdict: "its role is 'inputs', not 'outputs'") { $0.root["role"] = "inputs" },
    .init(root: "no backend", verdict: "it has no attribute backend") { $0.root["backend"] = nil },
    .init(root: "no goldens", verdict: "it has no attribute goldens") { $0.root["goldens"] = nil },
    .init(root: "no cases", verdict: "no output recorded") { $0.cases = [] },
    .init(bytes: "empty", verdict: "file signature not found") { $0 = Data() },
    .init(bytes: "not HDF5", verdict: "file signature not found") { $0 = Data("✓ all cases conform\n".utf8) },
    .init(bytes: "a signature alone", verdict: "cannot open the file") { $0 = $0.prefix(8) },
    .init(bytes: "truncated in the superblock", verdict: "cannot open the file") { $0 = $0.prefix(40) },
    .init(bytes: "truncated in the middle", verdict: "truncated file") { $0 = $0.prefix($0.count / 2) },
    .init(bytes: "without its last byte", verdict: "truncated file") { $0 = $0.dropLast() },
    .init(bytes: "zeros behind the superblock", verdict: "cannot") { $0.resetBytes(in: 96..<$0.count) },
  ]
}
