import RoPE

extension Case {
  /// What does not fit together in a case, in words.
  struct Contradiction: Error, CustomStringConvertible {
    let description: String
  }

  /// Checks what a case read from a file must keep to before its datasets are read.
  func validate() throws(Contradiction) {
    func require(_ holds: Bool, _ message: String) throws(Contradiction) {
      guard holds else { throw Contradiction(description: message) }
    }
    let counts = [workload.batch, workload.sequence, workload.queryHeads, workload.keyHeads]
    try require(
      counts.allSatisfy { (1...1 << 24).contains($0) },
      "batch, sequence and heads \(counts) must lie between 1 and 2^24")
    try require(
      (1...1 << 16).contains(convention.headDimension),
      "head dimension \(convention.headDimension) must lie between 1 and 65536")
    var elements = 1
    for count in counts.prefix(2) + [max(workload.queryHeads, workload.keyHeads), convention.headDimension] {
      let (product, overflow) = elements.multipliedReportingOverflow(by: count)
      try require(!overflow && product <= 1 << 40, "more than 2^40 elements")
      elements = product
    }
    try require(
      (workload.layout == .thd) == (workload.sequenceLengths != nil), "sequence_lengths belong to layout thd alone")
    if let lengths = workload.sequenceLengths {
      try require(workload.batch == 1, "packed sequences have batch 1, not \(workload.batch)")
      try require(
        lengths.allSatisfy { (0...workload.sequence).contains($0) } && lengths.reduce(0, +) == workload.sequence,
        "sequence lengths \(lengths) do not sum to \(workload.sequence)")
    }
    try require(
      workload.layout != .bhsd || workload.storage == .separate, "layout bhsd has storage separate alone")
    try require(
      (contract == .unrotated) == (convention.rotaryDimension == 0),
      "contract \(contract.rawValue) with rotary dimension \(convention.rotaryDimension)")
    try require((contract == .table) == (tableType != nil), "table_type belongs to contract table alone")
    try require(
      !workload.isSampled
        || workload.layout == .bshd && workload.batch == 1 && workload.storage == .separate && !workload.inPlace
          && workload.pattern == .spread && convention.axisCount == 1 && workload.direction == .forward
          && contract == .position,
      "a sampled case is one contiguous sequence of one position axis, out of place, under the position contract")
    // Nothing in the file is as large as its tensors, so that the claim is all there is.
    try require(!workload.isSampled || elements <= 1 << 31, "more than 2^31 elements in a sampled case")
  }
}
