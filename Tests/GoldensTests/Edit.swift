import HDF5

/// One change to an object of a golden file; attributes are named `/group@attribute`.
enum Edit {
  case remove(String)
  case text(String, String)
  case integer(String, Int)
  case real(String, Double)
  /// Another dataset in place of one; without bytes it is never written.
  case dataset(String, NumberType, shape: [Int], [UInt8]?)

  var name: String {
    switch self {
    case .remove(let name), .text(let name, _), .integer(let name, _), .real(let name, _), .dataset(let name, _, _, _):
      name
    }
  }

  /// The group that the changed object belongs to, and its name there.
  private var parts: (group: String, name: String) {
    let separator = name.firstIndex(of: "@") ?? name.lastIndex(of: "/") ?? name.startIndex
    let group = String(name[..<separator])
    return (group.isEmpty ? "/" : group, String(name[name.index(after: separator)...]))
  }

  /// Makes the replacement, if it belongs to this group.
  fileprivate func apply(to group: borrowing Group) throws {
    guard parts.group == group.path else { return }
    switch self {
    case .remove: break
    case .text(_, let value): try group.attributes().set(parts.name, to: value)
    case .integer(_, let value): try group.attributes().set(parts.name, to: value)
    case .real(_, let value): try group.attributes().set(parts.name, to: value)
    case .dataset(_, let type, let shape, let bytes):
      let dataset = try group.createDataset(parts.name, type: type, shape: shape)
      if let bytes { try bytes.withUnsafeBytes { try dataset.write($0) } }
    }
  }
}

/// Copies a golden file with changes; whatever else it holds stays, but for the names of axes.
func copy(_ source: String, to target: String, _ edits: [Edit]) throws {
  let input = try File(opening: source), output = try File(creating: target)
  try copy(input.root(), to: output.root(), edits)
  try output.close()
}

private func copy(_ source: borrowing Group, to target: borrowing Group, _ edits: [Edit]) throws {
  let from = try source.attributes(), to = try target.attributes()
  for name in try from.names() where !edits.contains(where: { $0.name == "\(source.path)@\(name)" }) {
    if let value = try? from.int(name) {
      try to.set(name, to: value)
    } else if let value = try? from.double(name) {
      try to.set(name, to: value)
    } else if let value = try? from.string(name) {
      try to.set(name, to: value)
    } else {
      try to.set(name, to: from.strings(name))
    }
  }
  let prefix = source.path == "/" ? "/" : "\(source.path)/"
  for name in try source.datasetNames() where !edits.contains(where: { $0.name == prefix + name }) {
    let dataset = try source.dataset(name)
    var bytes = [UInt8](repeating: 0, count: dataset.elementCount * dataset.type.byteCount)
    try bytes.withUnsafeMutableBytes { try dataset.read(into: $0) }
    let copy = try target.createDataset(name, type: dataset.type, shape: dataset.shape)
    try bytes.withUnsafeBytes { try copy.write($0) }
  }
  for edit in edits { try edit.apply(to: target) }
  for name in try source.groupNames() where !edits.contains(where: { $0.name == prefix + name }) {
    try copy(source.group(name), to: target.createGroup(name), edits)
  }
}
