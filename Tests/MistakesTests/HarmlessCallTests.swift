import Backends
import Judging
import Laboratory
import RoPE
import Testing

@testable import Goldens
@testable import Mistakes

/// Mutants that do no harm in some calls, at the border between those and the others.
@Suite struct HarmlessCallTests {
  /// The shape of a call; everything else is as small as it can be.
  struct Shape: Sendable {
    var tokens = 2
    var batch = 1
    var heads = (query: 1, key: 1)
    var dimension = 2
    var rotaryDimension: Int?
    var contract = Contract.position
  }

  @Test(
    "A mutant does no harm in a call, and is found in one that is larger by one",
    arguments: [
      ("tokens-from-1024-left-out", Shape(tokens: 1024), Shape(tokens: 1025)),
      ("tokens-from-65536-left-out", Shape(tokens: 65_536), Shape(tokens: 65_537)),
      ("last-block-left-out", Shape(tokens: 512), Shape(tokens: 513)),
      ("last-block-left-out", Shape(tokens: 255), Shape(tokens: 257)),
      (
        "blocks-from-65535-left-out", Shape(tokens: 13_107, heads: (5, 1)), Shape(tokens: 13_108, heads: (1, 5))
      ),
      ("heads-from-32-left-out", Shape(heads: (32, 1)), Shape(heads: (1, 33))),
      ("query-heads-from-8-left-out", Shape(heads: (8, 9)), Shape(heads: (9, 1))),
      ("key-heads-from-4-left-out", Shape(heads: (5, 4)), Shape(heads: (1, 5))),
      ("batch-rows-from-4-left-out", Shape(batch: 4), Shape(batch: 5)),
      ("channels-from-512-left-out", Shape(dimension: 512), Shape(dimension: 514)),
      (
        "partner-of-other-pair-in-large-calls",
        Shape(tokens: 2559, heads: (4, 1), dimension: 6, rotaryDimension: 4),
        Shape(tokens: 2560, heads: (4, 1), dimension: 6, rotaryDimension: 4)
      ),
      ("one-late-element-off", Shape(tokens: 500, heads: (2, 3)), Shape(tokens: 501, heads: (2, 1))),
      ("not-deterministic-from-257-tokens", Shape(tokens: 256), Shape(tokens: 257)),
      ("equally-many-keys-left-out", Shape(heads: (2, 1)), Shape(heads: (2, 2))),
      ("keys-beyond-queries-left-out", Shape(heads: (2, 2)), Shape(heads: (2, 3))),
      ("single-query-head-left-out", Shape(heads: (2, 1)), Shape(heads: (1, 2))),
      ("row-3-bits", Shape(tokens: 8, contract: .table), Shape(tokens: 9, contract: .table)),
      ("row-8-bits", Shape(tokens: 256, contract: .table), Shape(tokens: 257, contract: .table)),
      ("row-16-bits", Shape(tokens: 65_536, contract: .table), Shape(tokens: 65_537, contract: .table)),
      ("row-clamped-at-1023", Shape(tokens: 1024, contract: .table), Shape(tokens: 1025, contract: .table)),
      ("row-before-from-257-tokens", Shape(tokens: 256, contract: .table), Shape(tokens: 257, contract: .table)),
    ])
  func border(_ name: String, _ small: Shape, _ large: Shape) throws {
    let mutant = try Mutant.named(name)
    let rule = try ToleranceRule(parsing: "** = float32-exact-angle because it is the default", origin: "test")
    let call = try CaseCall(golden(small)).call
    guard case .harmless = MutantBackend(mutant, golden: try golden(small)).occurrence(in: call) else {
      Issue.record("\(name) occurs in \(small)")
      return
    }
    let matrix = try KillMatrix(of: [mutant], on: [(golden(small), rule), (golden(large), rule)])
    #expect(matrix.rows[0].cells[0] == .same && matrix.rows[0].cells[1].isKill, "\(name): \(matrix.rows[0].cells)")
  }

  @Test("Overflow becomes the largest finite number, and nothing else does")
  func overflow() throws {
    let golden = try golden(Shape())
    for (name, type, largest) in [
      ("float16-overflow-saturated", ElementType.float16, 65_504.0),
      ("bfloat16-overflow-saturated", .bfloat16, ElementType.bfloat16.greatestFiniteMagnitude),
    ] {
      let call = try #require(try CaseCall(try self.golden(Shape(), type)).call.joint)
      var computation = MutantComputation(
        try self.golden(Shape(), type), call: call, images: [], cache: CosSinCache())
      #expect(try Mutant.named(name).change(&computation))
      let store = try #require(computation.store)
      #expect(type.value(ofBits: store(2 * largest, type)) == largest)
      #expect(type.value(ofBits: store(-2 * largest, type)) == -largest)
      #expect(type.value(ofBits: store(.infinity, type)) == .infinity)
      #expect(store(1.5, type) == type.bits(rounding: 1.5))
      let other = try #require(try CaseCall(golden).call.joint)
      computation = MutantComputation(golden, call: other, images: [], cache: CosSinCache())
      #expect(try !Mutant.named(name).change(&computation), "\(name) in float32")
    }
  }

  /// A computed case of a shape, whose first row of the batch begins at position 1.
  private func golden(_ shape: Shape, _ type: ElementType = .float32) throws -> Golden {
    let convention = Convention.configuration(
      Configuration(
        headDimension: shape.dimension, rotaryDimension: shape.rotaryDimension ?? shape.dimension, pairing: .half,
        base: 1e4))
    let workload = Workload(
      "shape", .largeSequence, batch: shape.batch, sequence: shape.tokens, heads: shape.heads)
    let goldenCase = Case(
      model: "test", convention: convention, workload: workload, elementType: type, contract: shape.contract,
      tableType: shape.contract == .table ? .float32 : nil)
    return try Golden(
      computing: Recipe(
        goldenCase: goldenCase, positions: Positions(Array(1...shape.tokens * shape.batch))))
  }
}
