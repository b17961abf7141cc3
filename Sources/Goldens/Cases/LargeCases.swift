import Models
import RoPE

extension Golden {
  /// Cases that no file holds, because every input follows from the seed and every expected value is computed while it
  /// is judged: a million tokens, and elements and bytes beyond what 32 bits count.
  ///
  /// - Throws: what a bundled model throws.
  public static func large() throws -> [Golden] {
    let model = NamedConvention(try Model.named("glm-4-9b-chat"))
    return try [
      (PlacedWorkload.million, ElementType.float32), (.beyondInt32, .bfloat16),
    ].map { workload, type in
      try GoldenGenerator.golden(for: Recipe.recipe(model, workload, (type, .position, nil)))
    }
  }
}

extension PlacedWorkload {
  /// 1,048,576 tokens in one launch.
  static let million = PlacedWorkload(
    Workload("million", .largeSequence, sequence: 1 << 20, heads: (2, 1), isSampled: true), run(0, 1 << 20))

  /// Q has 2^31 + 2^27 elements at 128 channels per head; of two bytes each, their offsets end beyond 2^32.
  static let beyondInt32 = PlacedWorkload(
    Workload("beyond-int32", .largeSequence, sequence: 1 << 20, heads: (17, 1), isSampled: true), run(0, 1 << 20))
}
