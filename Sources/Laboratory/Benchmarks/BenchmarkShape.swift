import RoPE

/// One call whose speed is measured.
package struct BenchmarkShape: Codable, Sendable, Equatable {
  /// The placement of Q and K in memory.
  package enum Layout: String, Codable, Sendable, CaseIterable {
    /// Inputs and outputs contiguous.
    case contiguous
    /// Inputs are slices of one tensor that holds Q, K and V of a token next to each other; outputs are contiguous.
    case strided
  }

  /// A bundled model, for its heads and frequencies.
  package let model: String
  /// Tokens of one sequence, at positions from 0 on.
  package let tokens: Int
  package let elementType: ElementType
  /// The pairing of channels, in input and output alike, whatever the model's own pairing is.
  package let pairing: Pairing
  package let layout: Layout
  /// The form in which the kernel is given its angles; a table has the type of the elements.
  package let contract: Contract

  /// True if it is a step of decoding, in which launching takes longer than moving bytes.
  package var isDecode: Bool { tokens <= Self.decodeTokens.last ?? 0 }

  /// `model/type/phase/pairing/layout/contract`, such as `llama-3.1-8b/bf16/prefill-2k/half/strided/position`.
  package var name: String {
    let phase = isDecode ? "decode-\(tokens)" : "prefill-\(tokens >> 10)k"
    return [model, elementType.shortName, phase, pairing.rawValue, layout.rawValue, contract.rawValue]
      .joined(separator: "/")
  }

  static let models = ["glm-4-9b-chat", "llama-3.1-8b", "deepseek-v3"]
  static let decodeTokens = [1, 8, 64, 256]
  static let prefillTokens = [2_048, 8_192, 32_768, 131_072]

  /// Every shape; those that need the same memory are neighbours.
  package static let all: [BenchmarkShape] = models.flatMap { model in
    (decodeTokens + prefillTokens).flatMap { tokens in
      ElementType.allCases.flatMap { type in
        Layout.allCases.flatMap { layout in
          Pairing.allCases.flatMap { pairing in
            [Contract.table, .frequency, .position].map { contract in
              BenchmarkShape(
                model: model, tokens: tokens, elementType: type, pairing: pairing, layout: layout, contract: contract)
            }
          }
        }
      }
    }
  }

  /// A few shapes of each kind, for a check that everything works.
  package static let quick = all.filter { [8, 2_048].contains($0.tokens) && $0.model == models[0] }
}
