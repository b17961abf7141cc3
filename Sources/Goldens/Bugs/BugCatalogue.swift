import RoPE

// The mistakes are as stated in the threads, which are not verified here. Each predicate selects the cases that an
// implementation with the mistake fails. If a bug has several threads, one of them is given.

extension Bug {
  /// Every bug of the catalogue, by id.
  package static let all: [Bug] = conventions + partial + precision + positions + memory + scalings + axes + devices

  private static let conventions: [Bug] = [
    Bug("B01", "vllm#42765", "an M-RoPE kernel pairs halves whatever the model") {
      $0.hasSeveralAxes && $0.convention.pairing == .interleaved
    },
    Bug("B02", "vllm-ascend#12780", "the same, hard-coded for another device") {
      $0.hasSeveralAxes && $0.convention.pairing == .interleaved
    },
    Bug("B03", "vllm#28968", "one of two rotations in a model takes the pairing of the other") {
      $0.rotates && ($0.model.hasSuffix("-attention") || $0.model.hasSuffix("-indexer"))
    },
    Bug("B04", "shainet#111", "interleaved where halves are paired; position 0 hides it") { $0.runs("prompt") },
    Bug("B05", "how-to-train-your-gpt#6", "a table laid out for one pairing, rotated by the other") {
      $0.runs("prompt") && $0.contract == .position
    },
    Bug(
      "B06", "TinyLlama#24", "weights permuted for the other pairing",
      unseen: "it lies in a checkpoint: a case shows which pairing a kernel has, not which its weights need"),
    Bug("B07", "llama.cpp#7452", "positions read for one pairing alone") {
      $0.hasAngles && $0.convention.pairing == .interleaved
    },
    Bug("B08", "ncnn#6833", "the first half of a table row, one axis of an image, used for both halves") {
      $0.hasSeveralAxes && $0.contract == .table
    },
    Bug("B09", "vllm-ascend#5664", "the cosine taken for the sine, in a section of a reference for M-RoPE") {
      $0.hasSeveralAxes && $0.contract == .table
    },
    Bug("B10", "ColossalAI#6428", "strides and halves of Q and K mixed up") {
      $0.runs("heads-grouped", "heads-uneven", "fused-qkv", "fused-qkv-in-place")
    },
  ]

  private static let partial: [Bug] = [
    Bug("B11", "vllm#16904", "the rotary dimension halved at every call") { $0.isPartial },
    Bug("B12", "pie#602", "the head dimension in the exponent of a partial rotary") {
      $0.isPartial && $0.contract == .position && $0.convention.base != nil
    },
    Bug("B13", "cascadia#69", "frequencies padded with zeros, and the whole head paired in halves") {
      $0.isPartial && $0.hasAngles && $0.convention.pairing == .half
    },
    Bug("B14", "Megatron-Bridge#4195", "the proportional layout taken for an ordinary partial rotary") {
      $0.rotates && $0.convention.scaling.isProportional
    },
    Bug("B15", "mlx-lm#1698", "the partial factor ignored") { $0.isPartial },
    Bug("B16", "vllm-ascend#7252", "64 of 128 channels not supported, or wrong") {
      $0.isPartial && $0.convention.rotaryDimension == 64 && $0.convention.headDimension == 128
    },
    Bug("B17", "vllm#635", "every key head reads head 0") { $0.rotates && $0.workload.keyHeads > 1 },
    Bug("B18", "llama.cpp#14580", "partial rotary and strided input, each right alone") {
      $0.isPartial && $0.isStrided
    },
  ]

  private static let precision: [Bug] = [
    Bug("B19", "transformers#29285", "angles computed in bfloat16") { $0.isFar },
    Bug("B20", "transformers#29496", "inverse frequencies cast to bfloat16 with the model") {
      $0.isFar || $0.runs("prompt") && $0.hasAngles
    },
    Bug("B21", "gpt-neox#1003", "a table in float16, off by 0.78 at position 1857") { $0.isFar },
    Bug("B22", "sglang-jax#1472", "inverse frequencies or positions rounded to bfloat16") { $0.isFar },
    Bug("B23", "diffusers#13920", "image positions that are equal in bfloat16") { $0.isFar && $0.hasSeveralAxes },
    Bug("B24", "flash-attention#823", "cosines and sines rounded to a 16-bit type") {
      $0.isHalfType && ($0.hasAngles || $0.tableType == .float32)
    },
    Bug("B25", "sglang#33117", "a cache of cosines that loses precision at its first use") {
      $0.isHalfType && $0.tableType == .float32
    },
    Bug("B26", "imp#1316", "fast sine and cosine, wrong far from 0") { $0.isFar && $0.elementType == .float32 },
    Bug("B27", "TransformerEngine#1245", "a fused kernel that computes in bfloat16") {
      $0.rotates && $0.elementType == .bfloat16
    },
    Bug("B28", "mlc-llm#2449", "every product rounded to the 16-bit type") { $0.isHalfType },
  ]

  private static let positions: [Bug] = [
    Bug("B29", "exllama#101", "a counter of rows that runs on into the next batch row") {
      $0.runs("batch", "batch-equal-rows", "ragged")
    },
    Bug("B30", "mlx#3494", "with one token per row, only the first row is written") { $0.runs("batch-decode") },
    Bug("B31", "Liger-Kernel#477", "positions of the first row taken for all rows") { $0.runs("batch") },
    Bug("B32", "TransformerEngine#536", "one offset for all micro-batches") { $0.runs("batch-decode") },
    Bug("B33", "flashinfer#847", "the offset of a decoding step ignored") { $0.runs("batch-decode") },
    Bug("B34", "hipfire#391", "the slot in the cache taken for the position") {
      $0.runs("batch-decode", "ragged-offset-padded")
    },
    Bug("B35", "unsloth#3699", "one position for all rows of a left-padded batch") { $0.runs("batch-left-padded") },
    Bug("B36", "Megatron-LM#5243", "positions counted on in a packed batch that is shared or padded") {
      $0.runs("ragged-offset-padded")
    },
    Bug("B37", "mlx-lm#1553", "the sequence length read from the axis of heads") { $0.runs("bhsd", "bhsd-in-place") },
    Bug("B38", "flashinfer#697", "64-bit position ids read as 32-bit") {
      $0.hasAngles && $0.runs("prompt", "far")
    },
    Bug("B39", "pegainfer#220", "a table of its own that is shorter than the positions that are let in") { $0.isFar },
    Bug("B40", "sgl-kernel-xpu#202", "the axes of positions counted as tokens") {
      $0.hasSeveralAxes && $0.hasAngles
    },
  ]

  private static let memory: [Bug] = [
    Bug("B41", "llama.cpp#19338", "input that is not contiguous read as if it were") { $0.isStrided },
    Bug("B42", "vllm#16658", "the strides of a slice of a fused tensor ignored") {
      $0.runs("fused-qkv", "fused-qkv-in-place")
    },
    Bug("B43", "sglang#20559", "one token stride for Q and K") { $0.runs("heads-uneven", "heads-grouped", "bhsd") },
    Bug("B44", "Megatron-LM#4640", "in place, a channel written before another thread has read it") {
      $0.rotates && $0.workload.inPlace
    },
    Bug("B45", "vllm-ascend#16674", "a race on positions, above a number of tokens") { $0.runs("long") },
    Bug("B46", "unsloth#5001", "inputs changed that others still need") { $0.runs("prompt") },
    Bug(
      "B47", "aiter#230", "32-bit offsets",
      unseen: """
        it needs tensors of more than 2^31 elements, which no file holds; `--tier full` has such a case, and a table \
        offset in 32 bits is a mutant
        """),
    Bug("B48", "vllm-ascend#12723", "the sines sought behind the next power of two") {
      $0.rotates && !$0.convention.rotaryDimension.isPowerOfTwo
    },
    Bug("B49", "FlyDSL#1113", "lanes mapped for heads of a power of two") {
      $0.rotates && !$0.convention.headDimension.isPowerOfTwo
    },
    Bug("B50", "flashinfer#619", "wrong for some numbers of heads and tokens") {
      $0.runs("heads-grouped", "heads-uneven", "long")
    },
  ]

  private static let scalings: [Bug] = [
    Bug("B51", "transformers#32330", "the scaled frequencies computed and the unscaled returned") {
      $0.derives { $0.llama3 != nil }
    },
    Bug("B52", "llama-models#241", "a scaling factor of 8 for every Llama") { $0.derives { $0.llama3?.factor == 32 } },
    Bug("B53", "mlir-air#1948", "decoding scaled and the prompt not") { $0.derives { $0.llama3 != nil } },
    Bug(
      "B54", "llama.cpp#9141", "scaled frequencies for the quotient of width and heads, not the head dimension given",
      unseen: "a kernel is given the rotary dimension; reading a config.json is tested apart"),
    Bug("B55", "tvm#18576", "the ends of YaRN's ramp rounded where the model does not") {
      $0.derives { $0.yarn?.truncate == false }
    },
    Bug("B56", "sglang#33558", "the attention factor squared, missing, or applied where it cancels") {
      $0.contract == .position && !$0.convention.attentionFactor.isOne || $0.derives { $0.yarn != nil }
    },
    Bug("B57", "vllm#27414", "LongRoPE's lists chosen for each chunk, or never") { $0.derives(\.isLongRoPE) },
    Bug("B58", "unsloth#10681", "LongRoPE's switch one position early or late") {
      $0.derives(\.isLongRoPE) && $0.runs("length-4096", "length-4097")
    },
    Bug("B59", "vllm#41236", "dynamic NTK that does not depend on the length") {
      $0.derives(\.isDynamic) && ($0.workload.name.hasPrefix("length-") || $0.runs("prompt"))
    },
    Bug("B60", "vllm#42624", "a base of 10000 whatever the model") {
      $0.contract == .position && ($0.convention.base ?? 1e4) != 1e4
    },
    Bug("B61", "mlx-vlm#1709", "base and scaling of local and global layers exchanged") {
      $0.contract == .position && ($0.model.hasSuffix("-local") || $0.model.hasSuffix("-global"))
    },
  ]

  private static let axes: [Bug] = [
    Bug("B62", "sglang#34446", "the first axis of positions read for all") { $0.hasSeveralAxes && $0.hasAngles },
    Bug("B63", "MNN#4133", "chunked sections taken for interleaved ones, or the reverse") {
      switch $0.convention.configuration?.axes {
      case .sections, .interleavedSections: $0.hasAngles
      default: false
      }
    },
    Bug("B64", "vllm#40680", "a compiler that loses the stride of interleaved sections") {
      if case .interleavedSections = $0.convention.configuration?.axes { $0.hasAngles } else { false }
    },
    Bug("B65", "diffusers#12538", "a head that three axes do not divide evenly divided in two ways") {
      guard case .blocks(let lengths) = $0.convention.configuration?.axes else { return false }
      return lengths.count == 3 && $0.rotates && $0.convention.headDimension % 6 != 0
    },
  ]

  private static let devices: [Bug] = [
    Bug("B66", "rocm-libraries#3766", "a bfloat16 negated as if its bits were an integer") {
      $0.rotates && $0.elementType == .bfloat16
    },
    Bug(
      "B67", "aiter#3078", "the last lane reads cosines beyond its row",
      unseen: "a value that is read and not used changes no output, and no page behind a table is guarded"),
    Bug("B68", "sglang#24148", "the rotation applied twice") { $0.runs("prompt") },
    Bug("B69", "xDiT#765", "shuffles compiled for another wave size") { $0.runs("prompt") },
    Bug(
      "B70", "aiter#4342", "constraints on the batch, fused operations in another order",
      unseen: "it lies outside one rotation, in what calls it"),
    Bug(
      "B71", "llama.cpp#27579", "wrong text on one device",
      unseen: "its thread does not say that the rotation is at fault"),
    Bug("B72", "apex#1750", "a backward pass that is no transpose") { $0.workload.direction == .inverse },
  ]
}

extension Int {
  fileprivate var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
