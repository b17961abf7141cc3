import RoPE

/// One convention × one workload × one element type × one contract.
package struct Case: Sendable, Equatable {
  /// The name of the model, such as `glm-4-9b-chat`, or of an explicit plan.
  package let model: String
  /// The convention; one without RoPE if the layer or the model does not rotate.
  package let convention: Convention
  /// The shapes, placement and values of Q and K.
  package let workload: Workload
  /// The type of Q and K.
  package let elementType: ElementType
  /// The form in which the backend is given its angles.
  package let contract: Contract
  /// The type of cosines and sines; nil unless the contract gives them.
  package let tableType: ElementType?

  init(
    model: String, convention: Convention, workload: Workload, elementType: ElementType, contract: Contract,
    tableType: ElementType?
  ) {
    self.model = model
    self.convention = convention
    self.workload = workload
    self.elementType = elementType
    self.contract = contract
    self.tableType = tableType
  }

  /// The stable name, `model/type/workload/contract`, such as `glm-4-9b-chat/bf16/ragged/position`.
  ///
  /// A float32 table for 16-bit elements is the contract `table-f32`.
  package var name: String {
    "\(model)/\(elementType.shortName)/\(workload.name)/\(contractName)"
  }

  /// The contract, followed by the type of its table if that is not the elements' type, such as `table-f32`.
  package var contractName: String { Self.contractName(contract, tableType: tableType, elementType: elementType) }

  /// Output elements of all tensors.
  package var elementCount: Int { workload.rowCount * convention.headDimension }

  /// The type of cosines and sines where the contract gives them.
  package var tableTypeOrElements: ElementType { tableType ?? elementType }

  /// The name of a contract, followed by the type of its table if that is not the elements' type.
  package static func contractName(_ contract: Contract, tableType: ElementType?, elementType: ElementType) -> String {
    contract.rawValue + (tableType.map { $0 == elementType ? "" : "-\($0.shortName)" } ?? "")
  }

  /// The part of the suite that the case belongs to.
  package var section: Workload.Section {
    convention.rotaryDimension == 0 && workload.section != .ropeDisabled ? .noRoPE : workload.section
  }

  /// The seed of the inputs: the 64-bit FNV-1a hash of the name, without its lowest bit, so that it fits an int64.
  ///
  /// An invalid case has the inputs of its twin.
  package var seed: UInt64 {
    (twin?.name ?? name).utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 1
  }
}

extension Case {
  /// A contradiction within a case, in words.
  struct Contradiction: Error, CustomStringConvertible {
    let description: String
  }

  /// Checks the rules for a case that was read from a file, before its datasets are read.
  func validate() throws(Contradiction) {
    func require(_ holds: Bool, _ message: String) throws(Contradiction) {
      guard holds else { throw Contradiction(description: message) }
    }
    try require(
      workload.keyTokens == nil && !workload.isQueryAlone && workload.invalidValue == nil,
      "Q alone, K with tokens of its own and invalid calls are computed, never stored")
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
      try require(!overflow && product <= 1 << 40, "a tensor has more than 2^40 elements")
      elements = product
    }
    try require(
      (workload.layout == .thd) == (workload.sequenceLengths != nil),
      "layout thd needs sequence_lengths, and no other layout has them")
    if let lengths = workload.sequenceLengths {
      try require(workload.batch == 1, "packed sequences need batch 1, not \(workload.batch)")
      try require(
        lengths.allSatisfy { (0...workload.sequence).contains($0) } && lengths.reduce(0, +) == workload.sequence,
        "sequence lengths \(lengths) do not sum to \(workload.sequence)")
    }
    try require(
      workload.layout != .bhsd || workload.storage == .separate, "layout bhsd needs storage separate")
    try require(
      (contract == .unrotated) == (convention.rotaryDimension == 0),
      "contract \(contract.rawValue) does not fit rotary dimension \(convention.rotaryDimension)")
    try require(
      (contract == .table) == (tableType != nil), "contract table needs table_type, and no other contract has it")
    try require(
      !workload.isSampled
        || workload.layout == .bshd && workload.batch == 1 && workload.storage == .separate && !workload.inPlace
          && workload.pattern == .spread && convention.axisCount == 1 && workload.direction == .forward
          && contract == .position,
      "a sampled case is one contiguous sequence of one position axis, out of place, under the position contract")
    // The file holds nothing as large as the tensors, so only this check limits the size that it claims.
    try require(!workload.isSampled || elements <= 1 << 31, "a sampled case has more than 2^31 elements")
  }
}
