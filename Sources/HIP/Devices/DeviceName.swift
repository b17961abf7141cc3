/// What a device can be asked for by.
enum DeviceName: Equatable {
  /// The first GPU that is there, or the host.
  case auto
  case host
  /// One of a vendor's GPUs, counted from 0 as its driver counts them.
  case gpu(GPUVendor, index: Int)

  /// The forms of a name, for messages.
  static let forms = ["auto", "host"] + GPUVendor.allCases.flatMap { [$0.rawValue, "\($0.rawValue):INDEX"] }

  /// Reads `auto`, `host`, `amd`, `nvidia:1` and so on; a GPU without an index is the first.
  ///
  /// - Throws: ``HIPError/unknownDevice(name:available:)``, which lists the forms.
  init(_ name: String) throws(HIPError) {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    switch (parts.count, parts.first.map(String.init)) {
    case (1, "auto"): self = .auto
    case (1, "host"): self = .host
    case (1...2, let vendor?):
      guard let vendor = GPUVendor(rawValue: vendor), let index = parts.count == 1 ? 0 : Self.index(parts[1]) else {
        fallthrough
      }
      self = .gpu(vendor, index: index)
    default: throw .unknownDevice(name: name, available: Self.forms)
    }
  }

  /// Digits alone: Swift also reads `+1`.
  private static func index(_ text: Substring) -> Int? {
    text.allSatisfy { ("0"..."9").contains($0) } ? Int(text) : nil
  }
}
