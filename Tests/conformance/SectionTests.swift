import Goldens
import Testing

// One suite for each section of the goldens. A case is run twice, and its verdict covers accuracy and integrity.

@Suite("no RoPE") struct NoRoPE {
  @Test("A model without RoPE: the output is the input, bit for bit", arguments: try await Subject.cases(.noRoPE))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("with RoPE") struct WithRoPE {
  @Test("Short prompts, in place and not, ordinary and extreme values", arguments: try await Subject.cases(.withRoPE))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("RoPE disabled") struct RoPEDisabled {
  @Test("A layer that does not rotate in a model that does", arguments: try await Subject.cases(.ropeDisabled))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("batch") struct Batch {
  @Test("Rows at positions of their own, decoding and padded", arguments: try await Subject.cases(.batch))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("heads") struct Heads {
  @Test("Grouped queries and uneven head counts", arguments: try await Subject.cases(.heads))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("large sequence") struct LargeSequence {
  @Test("Positions up to 2^31 − 1 and 131,072 tokens in one launch", arguments: try await Subject.cases(.largeSequence))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("single token") struct SingleToken {
  @Test("One token of one row", arguments: try await Subject.cases(.singleToken))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("ragged") struct Ragged {
  @Test("Packed sequences of different lengths", arguments: try await Subject.cases(.ragged))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("strided") struct Strided {
  @Test("Fused, heads first, misaligned, channels apart", arguments: try await Subject.cases(.strided))
  func conforms(_ name: String) async throws { try await Subject.check(name) }
}

@Suite("sections") struct Sections {
  /// The suites above; one that is missing here or there leaves cases unrun.
  private let tested: Set<Workload.Section> = [
    .noRoPE, .withRoPE, .ropeDisabled, .batch, .heads, .largeSequence, .singleToken, .ragged, .strided,
  ]

  @Test("Every case of the manifest belongs to a suite, and no suite is empty")
  func cover() async throws {
    #expect(Set(try await Subject.shared.fixtures.manifest.cases.map(\.section)) == tested)
  }
}
