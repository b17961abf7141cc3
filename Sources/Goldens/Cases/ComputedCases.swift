import Models
import RoPE

/// Cases that no file holds: every input follows from the case's seed, and every expected value is computed during
/// judging.
package enum ComputedCases {
  /// A million tokens, more elements and bytes than 32 bits can count, and every kind of call.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package static func recipes() throws -> [Recipe] {
    let model = try Model.named("glm-4-9b-chat")
    return try [
      Recipe.recipe(model, .million, (.float32, .position, nil)),
      Recipe.recipe(model, .beyondInt32, (.bfloat16, .position, nil)),
    ] + CallCases.recipes()
  }
}

extension PlacedWorkload {
  /// 1,048,576 tokens in one launch.
  static let million = PlacedWorkload(
    Workload("million", .largeSequence, sequence: 1 << 20, heads: (2, 1)), run(0, 1 << 20))

  /// Q has 2^31 + 2^27 elements at 128 channels per head; at two bytes each, byte offsets go beyond 2^32.
  static let beyondInt32 = PlacedWorkload(
    Workload("beyond-int32", .largeSequence, sequence: 1 << 20, heads: (17, 1)), run(0, 1 << 20))
}
