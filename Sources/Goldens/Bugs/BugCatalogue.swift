import RoPE

// The mistakes are as stated in the threads, which are not verified here. Each predicate selects the cases that an
// implementation with the mistake fails. If a bug has several threads, one of them is given.

extension Bug {
  /// Every bug of the catalogue, by id.
  package static let all: [Bug] =
    (conventions + partial + precision + positions + memory + scalings + axes + devices).sorted { $0.id < $1.id }

  private static let conventions: [Bug] = [
    Bug("B01", "vllm#42765", "an M-RoPE kernel pairs halves for every model") {
      $0.hasSeveralAxes && $0.convention.pairing == .interleaved
    },
    Bug("B02", "vllm-ascend#12780", "an M-RoPE kernel for another device has the pairing of halves hard-coded") {
      $0.hasSeveralAxes && $0.convention.pairing == .interleaved
    },
    Bug("B03", "vllm#28968", "a model has two rotations, and one of them uses the pairing of the other") {
      $0.rotates && ($0.model.hasSuffix("-attention") || $0.model.hasSuffix("-indexer"))
    },
    Bug("B04", "shainet#111", "channels are paired interleaved where the model pairs halves; position 0 hides it") {
      $0.runs("prompt")
    },
    Bug("B05", "how-to-train-your-gpt#6", "a table is laid out for one pairing, but the rotation uses the other") {
      $0.runs("prompt") && $0.contract == .position
    },
    Bug(
      "B06", "TinyLlama#24", "the weights are permuted for the other pairing",
      unseen: "the mistake is in a checkpoint: a case shows which pairing a kernel has, not which one its weights need"),
    Bug("B07", "llama.cpp#7452", "positions are read for only one of the two pairings") {
      $0.hasAngles && $0.convention.pairing == .interleaved
    },
    Bug("B08", "ncnn#6833", "the first half of a table row, which holds one axis of an image, is used for both halves")
    {
      $0.hasSeveralAxes && $0.contract == .table
    },
    Bug("B09", "vllm-ascend#5664", "an M-RoPE reference uses the cosine as the sine in one section") {
      $0.hasSeveralAxes && $0.contract == .table
    },
    Bug("B10", "ColossalAI#6428", "strides and halves of Q and K are mixed up") {
      $0.runs("heads-grouped", "heads-uneven", "fused-qkv", "fused-qkv-in-place")
    },
  ]

  private static let partial: [Bug] = [
    Bug("B11", "vllm#16904", "the rotary dimension is halved at every call") { $0.isPartial },
    Bug("B12", "pie#602", "a partial rotary embedding uses the head dimension in its exponent") {
      $0.isPartial && $0.contract == .position && $0.convention.base != nil
    },
    Bug("B13", "cascadia#69", "frequencies are padded with zeros, and the whole head is paired in halves") {
      $0.isPartial && $0.hasAngles && $0.convention.pairing == .half
    },
    Bug("B14", "Megatron-Bridge#4195", "the proportional layout is treated as an ordinary partial rotary embedding") {
      $0.rotates && $0.convention.scaling.isProportional
    },
    Bug("B15", "mlx-lm#1698", "the partial rotary factor is ignored") { $0.isPartial },
    Bug("B16", "vllm-ascend#7252", "rotating 64 of 128 channels is unsupported or wrong") {
      $0.isPartial && $0.convention.rotaryDimension == 64 && $0.convention.headDimension == 128
    },
    Bug("B17", "vllm#635", "every key head reads head 0") { $0.rotates && $0.workload.keyHeads > 1 },
    Bug(
      "B18", "llama.cpp#14580", "a partial rotary embedding and strided input are each right alone, but wrong together"
    ) {
      $0.isPartial && $0.isStrided
    },
  ]

  private static let precision: [Bug] = [
    Bug("B19", "transformers#29285", "angles are computed in bfloat16") { $0.isFar },
    Bug("B20", "transformers#29496", "inverse frequencies are cast to bfloat16 with the model") {
      $0.isFar || $0.runs("prompt") && $0.hasAngles
    },
    Bug("B21", "gpt-neox#1003", "the table is in float16, and is off by 0.78 at position 1857") { $0.isFar },
    Bug("B22", "sglang-jax#1472", "inverse frequencies or positions are rounded to bfloat16") { $0.isFar },
    Bug("B23", "diffusers#13920", "different image positions become equal in bfloat16") {
      $0.isFar && $0.hasSeveralAxes
    },
    Bug("B24", "flash-attention#823", "cosines and sines are rounded to a 16-bit type") {
      $0.isHalfType && ($0.hasAngles || $0.tableType == .float32)
    },
    Bug("B25", "sglang#33117", "a cache of cosines loses precision when it is first used") {
      $0.isHalfType && $0.tableType == .float32
    },
    Bug("B26", "imp#1316", "fast sine and cosine functions are wrong far from 0") {
      $0.isFar && $0.elementType == .float32
    },
    Bug("B27", "TransformerEngine#1245", "a fused kernel computes in bfloat16") {
      $0.rotates && $0.elementType == .bfloat16
    },
    Bug("B28", "mlc-llm#2449", "every product is rounded to the 16-bit type") { $0.isHalfType },
  ]

  private static let positions: [Bug] = [
    Bug("B29", "exllama#101", "a row counter runs on into the next row of the batch") {
      $0.runs("batch", "batch-equal-rows", "ragged")
    },
    Bug("B30", "mlx#3494", "with one token per row, only the first row is written") { $0.runs("batch-decode") },
    Bug("B31", "Liger-Kernel#477", "the positions of the first row are used for all rows") { $0.runs("batch") },
    Bug("B32", "TransformerEngine#536", "all micro-batches use one offset") { $0.runs("batch-decode") },
    Bug("B33", "flashinfer#847", "the offset of a decoding step is ignored") { $0.runs("batch-decode") },
    Bug("B34", "hipfire#391", "the slot in the cache is used as the position") {
      $0.runs("batch-decode", "ragged-offset-padded")
    },
    Bug("B35", "unsloth#3699", "all rows of a left-padded batch get one position") { $0.runs("batch-left-padded") },
    Bug("B36", "Megatron-LM#5243", "positions are counted on through a packed batch that is shared or padded") {
      $0.runs("ragged-offset-padded")
    },
    Bug("B37", "mlx-lm#1553", "the sequence length is read from the axis of heads") {
      $0.runs("bhsd", "bhsd-in-place")
    },
    Bug("B38", "flashinfer#697", "64-bit position ids are read as 32-bit ones") {
      $0.hasAngles && $0.runs("prompt", "far")
    },
    Bug("B39", "pegainfer#220", "the kernel's own table ends before the largest position that it accepts") { $0.isFar },
    Bug("B40", "sgl-kernel-xpu#202", "the axes of positions are counted as tokens") {
      $0.hasSeveralAxes && $0.hasAngles
    },
  ]

  private static let memory: [Bug] = [
    Bug("B41", "llama.cpp#19338", "non-contiguous input is read as if it were contiguous") { $0.isStrided },
    Bug("B42", "vllm#16658", "the strides of a slice of a fused tensor are ignored") {
      $0.runs("fused-qkv", "fused-qkv-in-place")
    },
    Bug("B43", "sglang#20559", "Q and K are read with one token stride") {
      $0.runs("heads-uneven", "heads-grouped", "bhsd")
    },
    Bug("B44", "Megatron-LM#4640", "in place, a thread writes a channel before another thread has read it") {
      $0.rotates && $0.workload.inPlace
    },
    Bug("B45", "vllm-ascend#16674", "positions have a race above a certain number of tokens") { $0.runs("long") },
    Bug("B46", "unsloth#5001", "inputs that are still needed elsewhere are changed") { $0.runs("prompt") },
    Bug(
      "B47", "aiter#230", "offsets have 32 bits",
      unseen: """
        it needs tensors of more than 2^31 elements, too large for a golden file; `--tier full` has such a case, and a \
        mutant has a table offset of 32 bits
        """),
    Bug("B48", "vllm-ascend#12723", "the sines of a row are expected at the next power of two") {
      $0.rotates && !$0.convention.rotaryDimension.isPowerOfTwo
    },
    Bug("B49", "FlyDSL#1113", "lanes are mapped as if the head dimension were a power of two") {
      $0.rotates && !$0.convention.headDimension.isPowerOfTwo
    },
    Bug("B50", "flashinfer#619", "results are wrong for some numbers of heads and tokens") {
      $0.runs("heads-grouped", "heads-uneven", "long")
    },
  ]

  private static let scalings: [Bug] = [
    Bug("B51", "transformers#32330", "the scaled frequencies are computed, but the unscaled ones are returned") {
      $0.derives { $0.llama3 != nil }
    },
    Bug("B52", "llama-models#241", "every Llama gets a scaling factor of 8") { $0.derives { $0.llama3?.factor == 32 } },
    Bug("B53", "mlir-air#1948", "frequencies are scaled for decoding, but not for the prompt") {
      $0.derives { $0.llama3 != nil }
    },
    Bug(
      "B54", "llama.cpp#9141",
      "scaled frequencies are computed for the model's width divided by its heads, not for the given head dimension",
      unseen: "a kernel is given the rotary dimension; other tests cover the reading of a config.json"),
    Bug("B55", "tvm#18576", "the ends of YaRN's ramp are rounded where the model does not round them") {
      $0.derives { $0.yarn?.truncate == false }
    },
    Bug("B56", "sglang#33558", "the attention factor is squared, missing, or applied where it cancels") {
      $0.contract == .position && !$0.convention.attentionFactor.isOne || $0.derives { $0.yarn != nil }
    },
    Bug("B57", "vllm#27414", "LongRoPE's lists are chosen for each chunk, or never") { $0.derives(\.isLongRoPE) },
    Bug("B58", "unsloth#10681", "LongRoPE switches one position too early or too late") {
      $0.derives(\.isLongRoPE) && $0.runs("length-4096", "length-4097")
    },
    Bug("B59", "vllm#41236", "dynamic NTK does not depend on the length") {
      $0.derives(\.isDynamic) && ($0.workload.name.hasPrefix("length-") || $0.runs("prompt"))
    },
    Bug("B60", "vllm#42624", "the base is 10000 for every model") {
      $0.contract == .position && ($0.convention.base ?? 1e4) != 1e4
    },
    Bug("B61", "mlx-vlm#1709", "local and global layers have each other's base and scaling") {
      $0.contract == .position && ($0.model.hasSuffix("-local") || $0.model.hasSuffix("-global"))
    },
  ]

  private static let axes: [Bug] = [
    Bug("B62", "sglang#34446", "the first axis of positions is used for all axes") {
      $0.hasSeveralAxes && $0.hasAngles
    },
    Bug("B63", "MNN#4133", "chunked sections are treated as interleaved ones, or the reverse") {
      switch $0.convention.configuration?.axes {
      case .sections, .interleavedSections: $0.hasAngles
      default: false
      }
    },
    Bug("B64", "vllm#40680", "a compiler loses the stride of interleaved sections") {
      if case .interleavedSections = $0.convention.configuration?.axes { $0.hasAngles } else { false }
    },
    Bug("B65", "diffusers#12538", "a head that three axes do not divide evenly is divided in two different ways") {
      guard case .blocks(let lengths) = $0.convention.configuration?.axes else { return false }
      return lengths.count == 3 && $0.rotates && $0.convention.headDimension % 6 != 0
    },
  ]

  private static let devices: [Bug] = [
    Bug("B66", "rocm-libraries#3766", "a bfloat16 is negated as if its bits were an integer") {
      $0.rotates && $0.elementType == .bfloat16
    },
    Bug(
      "B67", "aiter#3078", "the last lane reads cosines beyond the end of its row",
      unseen: "a value that is read but not used changes no output, and no guard page follows a table"),
    Bug("B68", "sglang#24148", "the rotation is applied twice") { $0.runs("prompt") },
    Bug("B69", "xDiT#765", "shuffles are compiled for another wave size") { $0.runs("prompt") },
    Bug(
      "B70", "aiter#4342", "the batch has constraints, and fused operations run in another order",
      unseen: "the mistake is in the code that calls the rotation"),
    Bug(
      "B71", "llama.cpp#27579", "the text is wrong on one device",
      unseen: "the thread does not say that the rotation is at fault"),
    Bug("B72", "apex#1750", "the backward pass is not the transpose of the forward pass") {
      $0.workload.direction == .inverse
    },
  ]
}

extension Int {
  fileprivate var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
