import Foundation
import HDF5

/// Writes a file that uses every feature of the module.
func writeSample(to path: String) throws(HDF5Error) {
  let file = try File(creating: path)
  let root = try file.root()
  let attributes = try root.attributes()
  try attributes.set("format", to: "sample")
  try attributes.set("models", to: ["glm-4-9b", "größer", ""])
  let group = try root.createGroup("cases/a/nested")
  try group.attributes().set("base", to: 10000.5)
  try group.attributes().set("head_dim", to: 128)
  for type in NumberType.allCases {
    let dataset = try group.createDataset(type.rawValue, type: type, shape: [2, 3])
    let bytes = (0..<6 * type.byteCount).map { UInt8($0 + 1) }
    try bytes.withUnsafeBufferPointer { buffer throws(HDF5Error) in
      try dataset.write(UnsafeRawBufferPointer(buffer))
    }
    try dataset.labelDimensions(["token", "channel"])
  }
  let partial = try group.createDataset("partial", type: .int32, shape: [4])
  try partial.write([7 as Int32], at: [2], count: [1])
  let token = try group.createDimensionScale("token", values: [0, 1])
  let channel = try group.createDimensionScale("channel", values: [0, 1, 2])
  let dataset = try group.dataset("bfloat16")
  try dataset.attachScale(token, axis: 0)
  try dataset.attachScale(channel, axis: 1)
  try file.close()
}

/// Reads everything that a file holds.
func readAll(_ path: String) throws(HDF5Error) {
  let file = try File(opening: path)
  try readAll(try file.root())
}

private func readAll(_ group: borrowing Group) throws(HDF5Error) {
  try readAll(try group.attributes())
  for name in try group.datasetNames() {
    let dataset = try group.dataset(name)
    try readAll(try dataset.attributes())
    switch dataset.type {
    case .float32: _ = try dataset.read(as: Float.self)
    case .float16, .bfloat16: _ = try dataset.read(as: UInt16.self)
    case .float64: _ = try dataset.read(as: Double.self)
    case .int32: _ = try dataset.read(as: Int32.self)
    case .int64: _ = try dataset.read(as: Int64.self)
    }
  }
  for name in try group.groupNames() { try readAll(try group.group(name)) }
}

private func readAll(_ attributes: borrowing Attributes) throws(HDF5Error) {
  for name in try attributes.names() {
    // One of these types matches the attributes that this module writes; none matches those of dimension scales.
    _ = try? attributes.int(name)
    _ = try? attributes.double(name)
    _ = try? attributes.string(name)
    _ = try? attributes.strings(name)
  }
}
