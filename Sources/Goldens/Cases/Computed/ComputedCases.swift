import Models
import RoPE

/// Cases that no file holds: every input follows from the case's seed, and every expected value is computed during
/// judging.
package enum ComputedCases {
  /// The cases of the default run: the covering array, more tokens than 16 bits count, special ones, and every kind of
  /// call.
  ///
  /// They are made once.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package static var standard: [Recipe] {
    get throws { try made.get() }
  }

  private static let made = Result {
    try (ArrayCases.standard.calls + tall).map(\.recipe) + SpecialCases.recipes + CallCases.recipes()
  }

  /// The cases that only the full tier has: the covering array with longer rows, a million tokens, and more elements
  /// and bytes than 32 bits can count.
  ///
  /// - Throws: the errors of ``Model/named(_:)``.
  package static func full() throws -> [Recipe] {
    let known = try Set(standard.map(\.goldenCase.name))
    let array = ArrayCases.full.calls.map(\.recipe).filter { !known.contains($0.goldenCase.name) }
    let model = try Model.named("glm-4-9b-chat")
    return array + [
      Recipe.recipe(model, .million, (.float32, .position, nil)),
      Recipe.recipe(model, .beyondInt32, (.bfloat16, .position, nil)),
      Recipe.recipe(model, .beyondInt32, (.float16, .frequency, nil)),
      Recipe.recipe(model, .beyondInt32, (.bfloat16, .table, .bfloat16)),
    ]
  }

  /// More than 65,536 tokens in a row and in a batch, and as many rows of a cache, under each contract.
  ///
  /// One rotates a part of two heads: kernels change their path for large calls of such models too.
  private static let tall: [ArrayCall] = {
    func call(
      _ type: ElementType, _ given: ArrayCall.GivenAngles, batch: Int, sequence: Int, queryHeads: Int = 1,
      head: Int = 6
    ) -> ArrayCall {
      ArrayCall(
        type: type, given: given, heads: PerTensor(query: queryHeads, key: 1),
        pairings: ArrayCall.Pairings(input: .half, output: .half), batch: batch, sequence: sequence,
        shape: ArrayCall.Shape(head: head, rotary: 6), placing: batch == 1 ? .fromZero : .scattered)
    }
    let count = 65_536 + 64
    return [
      call(.float32, .positions, batch: 1, sequence: count, queryHeads: 2, head: 10),
      call(.bfloat16, .frequencies, batch: 1, sequence: count),
      call(.float16, .table, batch: 1, sequence: count),
      call(.bfloat16, .tableOfOtherType, batch: 1, sequence: count),
      call(.bfloat16, .positions, batch: count, sequence: 1),
      call(.float16, .frequencies, batch: count, sequence: 1),
      call(.float32, .table, batch: count, sequence: 1),
    ]
  }()
}

extension PlacedWorkload {
  /// 1,048,576 tokens in one launch.
  static let million = PlacedWorkload(
    Workload("million", .largeSequence, sequence: 1 << 20, heads: (2, 1)), run(0, 1 << 20))

  /// Q has 2^31 + 2^27 elements at 128 channels per head; at two bytes each, byte offsets go beyond 2^32.
  static let beyondInt32 = PlacedWorkload(
    Workload("beyond-int32", .largeSequence, sequence: 1 << 20, heads: (17, 1)), run(0, 1 << 20))
}
