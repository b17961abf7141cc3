import Models
import RoPE
import Testing

/// The convention that a bundled model must have.
struct ExpectedModel: Sendable, CustomTestStringConvertible {
  let name: String
  let pairing: Pairing
  let output: Pairing?
  /// Rotary dimension, head dimension, rotary offset.
  let slice: [Int]
  let base: Double
  let scaling: FrequencyScaling
  let axes: PositionAxes
  /// Query heads, key heads.
  let heads: [Int]

  var testDescription: String { name }

  init(
    _ name: String, _ pairing: Pairing, out output: Pairing? = nil, _ slice: [Int], _ base: Double,
    _ scaling: FrequencyScaling = .none, axes: PositionAxes = .single, heads: [Int]
  ) {
    self.name = name
    self.pairing = pairing
    self.output = output
    self.slice = slice.count == 2 ? slice + [0] : slice
    self.base = base
    self.scaling = scaling
    self.axes = axes
    self.heads = heads
  }

  static let all = glm + wholeHead + partOfHead + severalAxes

  private static let glm = [
    ExpectedModel("chatglm2-6b", .interleaved, [64, 128], 1e4, heads: [32, 2]),
    ExpectedModel("chatglm3-6b", .interleaved, [64, 128], 1e4, heads: [32, 2]),
    ExpectedModel("glm-4-9b-chat", .interleaved, [64, 128], 5e6, heads: [32, 2]),
    ExpectedModel("glm-4v-9b", .interleaved, [64, 128], 5e6, heads: [32, 2]),
    ExpectedModel("glm-4-9b-0414", .interleaved, [64, 128], 1e4, heads: [32, 2]),
    ExpectedModel("glm-4.5", .half, [64, 128], 1e6, heads: [96, 8]),
    ExpectedModel(
      "deepseek-v3.2-attention", .interleaved, out: .half, [64, 192, 128], 1e4, yarn(40, 4096, mscale: 1),
      heads: [128, 128]),
    ExpectedModel("deepseek-v3.2-indexer", .half, [64, 128], 1e4, yarn(40, 4096, mscale: 1), heads: [64, 1]),
    ExpectedModel("glm-5", .interleaved, out: .half, [64, 256, 192], 1e6, heads: [64, 64]),
  ]

  private static let wholeHead = [
    ExpectedModel("gpt2", .half, [0, 64], 1, heads: [12, 12]),
    ExpectedModel("llama-2-7b", .half, [128, 128], 1e4, heads: [32, 32]),
    ExpectedModel("llama-2-7b-32k", .half, [128, 128], 1e4, .linear(factor: 8), heads: [32, 32]),
    ExpectedModel(
      "llama-2-7b-dynamic", .half, [128, 128], 1e4, .dynamic(factor: 2, maxPositionEmbeddings: 4096), heads: [32, 32]),
    ExpectedModel("llama-3.1-8b", .half, [128, 128], 5e5, llama3(8, 1, 4), heads: [32, 8]),
    ExpectedModel("llama-3.2-1b", .half, [64, 64], 5e5, llama3(32, 1, 4), heads: [32, 8]),
    ExpectedModel("llama-4-scout-rope", .interleaved, [128, 128], 5e5, llama3(16, 1, 1), heads: [40, 8]),
    ExpectedModel("llama-4-scout-nope", .half, [0, 128], 1, heads: [40, 8]),
    ExpectedModel("mistral-7b-v0.1", .half, [128, 128], 1e4, heads: [32, 8]),
    ExpectedModel("mistral-7b-v0.3", .half, [128, 128], 1e6, heads: [32, 8]),
    ExpectedModel("qwen2.5-7b", .half, [128, 128], 1e6, heads: [28, 4]),
    ExpectedModel("qwen2.5-7b-yarn", .half, [128, 128], 1e6, yarn(4, 32768), heads: [28, 4]),
    ExpectedModel("phi-3-mini-128k", .half, [96, 96], 1e4, bundledScaling("phi-3-mini-128k"), heads: [32, 32]),
    ExpectedModel("falcon-7b", .half, [64, 64], 1e4, heads: [71, 1]),
    ExpectedModel("command-r-v01", .interleaved, [128, 128], 8e6, heads: [64, 64]),
    ExpectedModel("command-r7b-rope", .interleaved, [128, 128], 5e4, heads: [64, 64]),
    ExpectedModel("command-r7b-nope", .half, [0, 128], 1, heads: [64, 64]),
    ExpectedModel("gpt-oss-20b", .half, [64, 64], 1.5e5, yarn(32, 4096, truncate: false), heads: [64, 8]),
    ExpectedModel("gemma-2-9b", .half, [256, 256], 1e4, heads: [16, 8]),
    ExpectedModel("gemma-3-4b-global", .half, [256, 256], 1e6, .linear(factor: 8), heads: [8, 4]),
    ExpectedModel("gemma-3-4b-local", .half, [256, 256], 1e4, heads: [8, 4]),
    ExpectedModel(
      "gemma-4-e2b-global", .half, [512, 512], 1e6, .proportional(partialRotaryFactor: 0.25, factor: 1), heads: [8, 1]),
    ExpectedModel("gemma-4-e2b-local", .half, [256, 256], 1e4, heads: [8, 1]),
    ExpectedModel("minimax-text-01-transformers", .half, [128, 128], 1e7, heads: [64, 8]),
    ExpectedModel("olmo-7b", .half, [128, 128], 1e4, heads: [32, 32]),
    ExpectedModel("olmo-2-7b", .half, [128, 128], 5e5, heads: [32, 32]),
    ExpectedModel("ernie-4.5-0.3b", .interleaved, [128, 128], 5e5, heads: [16, 2]),
    ExpectedModel("hunyuan-7b", .half, [128, 128], 1e4, .ntk(alpha: 1000), heads: [32, 32]),
  ]

  private static let partOfHead = [
    ExpectedModel("phi-4-mini", .half, [96, 128], 1e4, bundledScaling("phi-4-mini"), heads: [24, 8]),
    ExpectedModel("gpt-j-6b", .interleaved, [64, 256], 1e4, heads: [16, 16]),
    ExpectedModel("gpt-neox-20b", .half, [24, 96], 1e4, heads: [64, 64]),
    ExpectedModel("stablelm-3b", .half, [20, 80], 1e4, heads: [32, 32]),
    ExpectedModel("minimax-text-01", .half, [64, 128], 1e7, heads: [64, 8]),
    ExpectedModel("nemotron-8b", .half, [64, 128], 1e4, heads: [48, 48]),
    ExpectedModel(
      "deepseek-v2-lite", .interleaved, [64, 192, 128], 1e4, yarn(40, 4096, mscale: 0.707), heads: [16, 16]),
    ExpectedModel(
      "deepseek-v3", .interleaved, out: .half, [64, 192, 128], 1e4, yarn(40, 4096, mscale: 1), heads: [128, 128]),
    ExpectedModel(
      "kimi-k2", .interleaved, out: .half, [64, 192, 128], 5e4, yarn(32, 4096, betaFast: 1, mscale: 1), heads: [64, 64]),
  ]

  private static let severalAxes = [
    ExpectedModel("chatglm-6b", .half, [128, 128], 1e4, axes: .slices([64, 64]), heads: [32, 32]),
    ExpectedModel("qwen2-vl-72b-text", .half, [128, 128], 1e6, axes: .sections([16, 24, 24]), heads: [64, 8]),
    ExpectedModel("qwen2-vl-72b-vision", .half, [80, 80], 1e4, axes: .blocks([40, 40]), heads: [16, 16]),
    ExpectedModel(
      "qwen3-vl-30b-a3b", .half, [128, 128], 5e6, axes: .interleavedSections([24, 20, 20]), heads: [32, 4]),
    ExpectedModel("glm-4.1v-9b-text", .interleaved, [64, 128], 1e4, axes: .sections([8, 12, 12]), heads: [32, 2]),
    ExpectedModel("glm-4.1v-9b-vision", .half, [128, 128], 1e4, axes: .blocks([64, 64]), heads: [12, 12]),
    ExpectedModel("glm-4.5v", .half, [64, 128], 1e4, axes: .sections([8, 12, 12]), heads: [96, 8]),
    ExpectedModel(
      "ernie-4.5-vl-28b-a3b", .interleaved, [128, 128], 5e5, axes: .alternatingSections([20, 22, 22]), heads: [20, 4]),
    ExpectedModel(
      "hunyuan-ocr", .half, [128, 128], 1e4, .ntk(alpha: 1000), axes: .sections([16, 16, 16, 16]), heads: [16, 8]),
    ExpectedModel("kimi-k2.5-vision", .half, [72, 72], 1e4, axes: .alternating, heads: [16, 16]),
    ExpectedModel(
      "dinov3-vits16", .half, [64, 64], 100, .normalized(extent: 14), axes: .blocks([32, 32]), heads: [6, 6]),
    ExpectedModel("pixtral-12b-vision", .half, [64, 64], 1e4, axes: .evenOdd, heads: [16, 16]),
    ExpectedModel("gemma-4-e2b-vision", .half, [64, 64], 100, axes: .slices([32, 32]), heads: [12, 12]),
    ExpectedModel("llama-4-vision", .interleaved, [48, 48], 1e4, axes: .blocks([24, 24]), heads: [16, 16]),
    ExpectedModel("flux.1", .interleaved, [128, 128], 1e4, axes: .blocks([16, 56, 56]), heads: [24, 24]),
    ExpectedModel("wan-2.1", .interleaved, [128, 128], 1e4, axes: .blocks([44, 42, 42]), heads: [40, 40]),
  ]

  private static func llama3(_ factor: Double, _ low: Double, _ high: Double) -> FrequencyScaling {
    .llama3(.init(factor: factor, lowFreqFactor: low, highFreqFactor: high, originalMaxPositionEmbeddings: 8192))
  }

  private static func yarn(
    _ factor: Double, _ original: Int, betaFast: Double = 32, truncate: Bool = true, mscale: Double? = nil
  ) -> FrequencyScaling {
    var yarn = FrequencyScaling.YaRN(factor: factor, originalMaxPositionEmbeddings: original)
    yarn.betaFast = betaFast
    yarn.truncate = truncate
    yarn.mscale = mscale
    yarn.mscaleAllDim = mscale
    return .yarn(yarn)
  }

  /// The lists are too long to repeat; another test checks their ends.
  private static func bundledScaling(_ name: String) -> FrequencyScaling {
    (try? Model.named(name).configuration.scaling) ?? .none
  }
}
