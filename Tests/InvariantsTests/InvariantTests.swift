import Backends
import Devices
import Invariants
import Judging
import RoPE
import Testing

@Suite(.timeLimit(.minutes(30))) struct InvariantTests {
  static let seeds: Range<UInt64> = 0..<60
  /// Interleaved pairs in a part of the head, and an attention factor other than 1.
  static let interleaved = Configuration(
    headDimension: 16, rotaryDimension: 12, rotaryOffset: 2, pairing: .interleaved, base: 1e4, attentionFactor: 1.25)
  static let configurations = [
    Configuration(headDimension: 24, rotaryDimension: 24, pairing: .half, base: 5e5),
    interleaved,
    Configuration(
      headDimension: 16, rotaryDimension: 8, rotaryOffset: 8, pairing: .interleaved, outputPairing: .half, base: 1e6,
      scaling: .linear(factor: 4)),
    Configuration(
      headDimension: 16, rotaryDimension: 16, pairing: .half, base: 1e6, attentionFactor: 0.75,
      axes: .sections([2, 3, 3])),
  ]

  private func run(
    _ backend: any RoPEBackend, _ configuration: Configuration, _ type: ElementType = .float32,
    _ contract: Contract = .position, table: ElementType? = nil, seed: UInt64
  ) throws -> InvariantRun {
    InvariantRun(
      backend: backend, convention: .configuration(configuration), elementType: type, contract: contract,
      tableType: table, budget: try Budget(named: "float32-exact-angle"), seed: seed)
  }

  @Test("They hold for the kernel, for every type and contract", arguments: Invariant.allCases)
  func kernel(_ invariant: Invariant) throws {
    let backend = KernelBackend(device: .host)
    var largest = 0.0
    for seed in Self.seeds {
      let configuration = Self.configurations[Int(seed) % Self.configurations.count]
      for type in ElementType.allCases {
        for (contract, table) in [
          (Contract.position, nil), (.frequency, nil), (.table, type), (.table, .float32),
        ] as [(Contract, ElementType?)] {
          let result = try run(backend, configuration, type, contract, table: table, seed: seed).check(invariant)
          guard case .compared(let deviation) = result.outcome, result.holds else {
            Issue.record("seed \(seed), \(type), \(contract), table \(table as Any): \(result.outcome)")
            return
          }
          largest = max(largest, deviation.severity)
        }
      }
    }
    // Everything is rounded, so something deviates; a limit far above what occurs would show nothing.
    #expect(largest > 0.1 || invariant == .pairingStyles, "\(largest)")
  }

  @Test("Every seed shifts positions, so that something rounds otherwise")
  func shift() throws {
    for seed in Self.seeds {
      let result = try run(KernelBackend(device: .host), Self.configurations[0], seed: seed).check(.relativePositions)
      guard case .compared(let deviation) = result.outcome, deviation.severity > 0 else {
        Issue.record("seed \(seed): \(result.outcome)")
        return
      }
    }
  }

  @Test(
    "Each shows the mistakes that it is said to show",
    arguments: [
      (.pairNorms, [.alwaysHalf, .attentionFactorLost, .sineSignInSecondOutput]),
      (.composition, [.attentionFactorLost, .positionsOffByOne, .positionsInBfloat16, .positionsClamped]),
      (.inverse, [.attentionFactorLost, .positionsOffByOne, .positionsWithoutSign]),
      (.relativePositions, [.positionsInBfloat16, .positionsClamped, .keyPositionsInBfloat16]),
      (.pairingStyles, [.alwaysHalf, .sineSignInInterleaved]),
      (.adjoint, [.attentionFactorLostBackward, .positionsOffByOne, .positionsWithoutSign]),
    ] as [(Invariant, [Mistake])])
  func shown(_ invariant: Invariant, _ mistakes: [Mistake]) throws {
    for mistake in mistakes {
      for type in ElementType.allCases {
        let failing = try Self.seeds.prefix(10).filter { seed in
          let result = try run(mistake.backend, Self.interleaved, type, seed: seed).check(invariant)
          guard case .compared = result.outcome else {
            Issue.record("\(mistake): \(result.outcome)")
            return false
          }
          return !result.holds
        }
        #expect(!failing.isEmpty, "\(mistake) in \(type)")
      }
    }
  }

  @Test(
    "None shows what it is said not to show",
    arguments: [
      (.pairNorms, [.positionsOffByOne, .positionsInBfloat16, .sineSignEverywhere]),
      (.composition, [.sineSignEverywhere]),
      (.inverse, [.positionsInBfloat16, .sineSignEverywhere]),
      (.relativePositions, [.attentionFactorLost, .positionsOffByOne, .sineSignEverywhere]),
      (.pairingStyles, [.positionsOffByOne, .attentionFactorLost, .sineSignEverywhere]),
      (.adjoint, [.positionsInBfloat16, .attentionFactorLost, .sineSignEverywhere]),
    ] as [(Invariant, [Mistake])])
  func notShown(_ invariant: Invariant, _ mistakes: [Mistake]) throws {
    for mistake in mistakes {
      for seed in Self.seeds.prefix(10) {
        let result = try run(mistake.backend, Self.interleaved, seed: seed).check(invariant)
        #expect(result.holds, "\(mistake), seed \(seed): \(result.outcome)")
      }
    }
  }

  @Test("A seed repeats its run, another gives another")
  func seeds() throws {
    func outcome(_ seed: UInt64) throws -> InvariantResult.Outcome {
      try run(KernelBackend(device: .host), Self.interleaved, .bfloat16, seed: seed).check(.composition).outcome
    }
    #expect(try outcome(7) == outcome(7))
    #expect(try outcome(7) != outcome(8))
  }

  @Test("What is not supported, fails or writes nothing does not hold")
  func noResult() throws {
    struct Silent: RoPEBackend {
      var support = Support.supported
      var error: InvariantError?
      var name: String { "silent" }
      var deviceName: String? { "none" }
      var summary: String { "a test" }
      func support(for call: RotationCall) -> Support { support }
      func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
        if let error { throw error }
        return Evidence(deviceName: "none", tokenCount: 0, launchNumber: 0)
      }
    }
    func result(_ backend: Silent) throws -> InvariantResult {
      try run(backend, Self.interleaved, seed: 1).check(.pairNorms)
    }
    let unsupported = try result(Silent(support: .unsupported(reason: "no")))
    #expect(unsupported.outcome == .unsupported(reason: "no") && !unsupported.holds)
    let failed = try result(Silent(error: .nothingRotates))
    #expect(failed.outcome == .failed(message: "\(InvariantError.nothingRotates)") && !failed.holds)
    let unwritten = try result(Silent())
    guard case .compared(let deviation) = unwritten.outcome else {
      Issue.record("\(unwritten.outcome)")
      return
    }
    #expect(deviation.severity == .infinity && !unwritten.holds)
  }

  @Test("Without pairs or angles there is nothing to check")
  func nothing() throws {
    let backend = KernelBackend(device: .host)
    #expect(throws: InvariantError.nothingRotates) {
      try run(backend, .withoutRoPE(headDimension: 8), seed: 1).check(.pairNorms)
    }
    #expect(throws: InvariantError.contract(.unrotated)) {
      try run(backend, Self.interleaved, .float32, .unrotated, seed: 1).check(.pairNorms)
    }
  }
}
