public import RoPE

/// One convention × one workload × one element type × one contract.
public struct Case: Sendable, Equatable {
  /// The name of the model, such as `glm-4-9b-chat`, or of an explicit plan.
  public let model: String
  /// What rotates; without RoPE where the layer or the model does not rotate.
  public let convention: Convention
  /// What is rotated.
  public let workload: Workload
  /// The type of Q and K.
  public let elementType: ElementType
  /// What the backend is given.
  public let contract: Contract
  /// The type of cosines and sines where the contract gives them.
  public let tableType: ElementType?

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

  /// The stable name, `model/type/workload/contract`, such as `glm-4-9b-chat/bf16/ragged/position`. A float32 table
  /// for 16-bit elements is the contract `table-f32`.
  public var name: String {
    let suffix = tableType.map { $0 == elementType ? "" : "-\($0.shortName)" } ?? ""
    return "\(model)/\(elementType.shortName)/\(workload.name)/\(contract.rawValue)\(suffix)"
  }

  /// The part of the suite that the case belongs to.
  public var section: Workload.Section {
    convention.rotaryDimension == 0 && workload.section != .ropeDisabled ? .noRoPE : workload.section
  }

  /// The seed of the inputs: the 64-bit FNV-1a hash of the name, without its lowest bit, so that it fits an int64.
  public var seed: UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } >> 1
  }
}
