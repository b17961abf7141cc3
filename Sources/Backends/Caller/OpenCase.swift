import CRoPEBackend
import Goldens
import Judging
import RoPE

/// A case whose outputs the caller computes, from its call in host memory.
package final class OpenCase: @unchecked Sendable {
  package let golden: Golden
  private let memory: CaseMemory
  private let placed: PluginCall.Placed

  /// Prepares the call of a valid case and its inputs.
  ///
  /// - Throws: ``OpenCaseError`` if only the judge can try the case or it does not fit into memory, `CallError` if the
  ///   golden itself gives no valid call.
  package init(_ golden: Golden) throws {
    if let value = golden.refusedValue { throw OpenCaseError.invalid(golden.goldenCase.name, value: value) }
    let prepared = try CaseCall(golden), conversion = CallConversion(minorVersion: PluginFunctions.version.minor)
    if let reason = conversion.limit(for: prepared.call) {
      throw OpenCaseError.notGiven(golden.goldenCase.name, reason: reason)
    }
    let keepsImages = !prepared.isTooLargeToKeep
    if let reason = prepared.shortage(copies: keepsImages ? 2 : 1) {
      throw OpenCaseError.noMemory(golden.goldenCase.name, reason: reason)
    }
    self.golden = golden
    memory = CaseMemory(prepared, CallMemory(byteCounts: prepared.byteCounts), keepsImages: keepsImages)
    placed = PluginCall.Placed(conversion(prepared.call), at: memory.memory.buffers.map(\.baseAddress))
    try memory.fill()
  }

  /// The call, valid as long as this object.
  package var call: UnsafePointer<rope_call> { placed.pointer }

  /// Brings the memory of the call to its state before the first use.
  package func reset() throws {
    _ = placed.undoChanges()
    try memory.fill()
  }

  /// The outputs that the caller gives, in the memory of the call or in its own.
  ///
  /// - Throws: ``GivenTensorError`` if a tensor is not what the case demands.
  package func outputs(
    _ tensors: PerTensor<UnsafePointer<rope_tensor>?>
  ) throws(GivenTensorError) -> any OutputSource {
    let call = memory.prepared.call
    var foreign: [TensorName: GivenTensor] = [:]
    for name in TensorName.rotated {
      switch (call.tensors[name], tensors[name]) {
      case (nil, nil): continue
      case (nil, _?): throw GivenTensorError(name, "the case has no such tensor: give null")
      case (_?, nil): throw GivenTensorError(name, "it is null: give the tensor that the case has")
      case (let tensor?, let given?):
        try GivenTensor.check(given, name, tensor, call)
        if isOwn(given.pointee, tensor.output) { continue }
        foreign[name] = try GivenTensor(given.pointee, name, tensor, call)
      }
    }
    return GivenOutputs(memory, placed, foreign)
  }

  /// True if a tensor lies where the call has its output.
  private func isOwn(_ tensor: rope_tensor, _ output: TensorView) -> Bool {
    let start = memory.memory.buffers[output.buffer].baseAddress
    let offset = output.offset * memory.prepared.call.elementType.byteCount
    let strides = [output.strides.batch, output.strides.sequence, output.strides.head, output.strides.channel]
    return tensor.data == start.map { $0 + offset }
      && strides.map(Int64.init) == [tensor.strides.0, tensor.strides.1, tensor.strides.2, tensor.strides.3]
  }
}

/// A case that a caller cannot be given.
package enum OpenCaseError: Error, Equatable, CustomStringConvertible {
  /// The right answer is a refusal, and a caller gives outputs.
  case invalid(String, value: String)
  case notGiven(String, reason: String)
  case noMemory(String, reason: String)

  package var description: String {
    switch self {
    case .invalid(let name, let value):
      "case '\(name)' must be refused (\(value)), so that there are no outputs to judge: let the judge drive it"
    case .notGiven(let name, let reason): "case '\(name)' has no call: \(reason)"
    case .noMemory(let name, let reason): "case '\(name)' cannot be opened: \(reason)"
    }
  }
}

/// The outputs of one run that the caller carried out.
private final class GivenOutputs: OutputSource, @unchecked Sendable {
  let runCount = 1
  let unwritten: UInt32?
  let deviceWork: DeviceWork? = nil
  private let memory: CaseMemory
  private let placed: PluginCall.Placed
  /// The tensors that are not in the memory of the call.
  private let foreign: [TensorName: GivenTensor]

  init(_ memory: CaseMemory, _ placed: PluginCall.Placed, _ foreign: [TensorName: GivenTensor]) {
    self.memory = memory
    self.placed = placed
    self.foreign = foreign
    // An element of the caller's own memory can have been copied from one that was not written.
    unwritten = CaseCall.poison(memory.prepared.call.elementType)
  }

  func perform(run: Int) throws -> RunOutcome {
    let outside = try memory.changesOutside()
    if let change = placed.undoChanges() {
      return .failed("\(PluginError.changedCall(what: "rotating", change))", outside)
    }
    return RunOutcome(violations: outside)
  }

  func rows(run: Int, _ tensor: TensorName, _ tokens: Range<Int>) throws -> ElementArray {
    guard let given = foreign[tensor] else { return try memory.outputs(of: tensor, tokens) }
    return given.elements(of: tokens)
  }

  /// Nothing: no run follows.
  func keep(run: Int) {}
}
