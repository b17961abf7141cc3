import CRoPEBackend

extension PluginCall {
  /// Calls back with the structs of `rope_backend.h`, which are valid until the callback returns.
  ///
  /// - Parameter buffers: those that the tensors name; nil for a call that only asks.
  func withCall<Result>(
    in buffers: [UnsafeMutableRawBufferPointer]?, _ body: (UnsafePointer<rope_call>) -> Result
  ) -> Result {
    // One owner for everything that the structs point to.
    let storage = Storage()
    var plan = rope_plan()
    plan.struct_size = MemoryLayout<rope_plan>.size
    plan.head_dim = headDimension
    plan.pair_count = Int64(axes.count)
    plan.axis_count = axisCount
    plan.in = storage.copy(inputChannels)
    plan.out = storage.copy(outputChannels)
    plan.axis = storage.copy(axes)
    plan.inv_freq = storage.copy(inverseFrequencies)
    plan.attention_factor = attentionFactor
    plan.pairing = pairing
    plan.out_pairing = outputPairing
    plan.rotary_dim = 2 * Int64(axes.count)
    plan.rotary_offset = rotaryOffset

    let views = tensors.map { tensor in
      var view = rope_tensor()
      view.struct_size = MemoryLayout<rope_tensor>.size
      view.data = buffers.flatMap { $0[tensor.buffer].baseAddress.map { $0 + tensor.byte } }
      view.element_type = elementType
      view.shape = (batch, sequence, tensor.heads, headDimension)
      view.strides = (tensor.strides[0], tensor.strides[1], tensor.strides[2], tensor.strides[3])
      return view
    }
    let first = storage.copy(views)
    var call = rope_call()
    call.struct_size = MemoryLayout<rope_call>.size
    call.contract = contract
    call.plan = storage.copy([plan])
    call.query_in = first
    call.query_out = first?.advanced(by: 1)
    call.key_in = first?.advanced(by: 2)
    call.key_out = first?.advanced(by: 3)
    call.positions = storage.copy(positions)
    call.inv_freq_float32 = storage.copy(inverseFrequencies32)
    call.cos = storage.copy(cosines).map { UnsafeRawPointer($0) }
    call.sin = storage.copy(sines).map { UnsafeRawPointer($0) }
    call.table_type = tableType
    call.table_row_count = tableRowCount
    call.table_rows = storage.copy(tableRows)
    return withExtendedLifetime(storage) { withUnsafePointer(to: call, body) }
  }

  /// Copies of arrays that live as long as it does.
  private final class Storage {
    private var copies: [UnsafeMutableRawPointer] = []

    deinit { for copy in copies { copy.deallocate() } }

    /// Null for an empty array.
    func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element>? {
      guard !elements.isEmpty else { return nil }
      let size = elements.count * MemoryLayout<Element>.stride
      // Tables as aligned as any element type or vector wants.
      let copy = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
      elements.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { copy.copyMemory(from: start, byteCount: size) }
      }
      copies.append(copy)
      return UnsafePointer(copy.bindMemory(to: Element.self, capacity: elements.count))
    }
  }
}
