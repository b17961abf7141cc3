import Foundation
import Judging
import KnownGood
import RoPE
import Testing

@Suite struct KnownGoodTests {
  /// The seeds of the run: 1,000 from `KNOWN_GOOD_FIRST_SEED`, or as many as `KNOWN_GOOD_SEEDS` says.
  static let seeds: Range<UInt64> = {
    let first = number("KNOWN_GOOD_FIRST_SEED") ?? 0
    return first..<first + (number("KNOWN_GOOD_SEEDS") ?? 1_000)
  }()

  private static func number(_ variable: String) -> UInt64? {
    ProcessInfo.processInfo.environment[variable].flatMap { UInt64($0) }
  }

  @Test("Twenty implementations or more, each with a name of its own")
  func names() {
    #expect(KnownGood.all.count >= 20)
    #expect(Set(KnownGood.all.map(\.name)).count == KnownGood.all.count)
  }

  @Test("Every claim names a budget, and one tighter that does not hold")
  func budgets() throws {
    let order = Budget.named.map(\.name)
    let plan = try Draw(seed: 0).plan
    let claims = KnownGood.all.flatMap { implementation in
      Contract.allCases.compactMap { implementation.claim(under: $0, on: plan) }
    }
    #expect(claims.count > 2 * KnownGood.all.count)
    for claim in claims {
      let place = try #require(order.firstIndex(of: claim.budget))
      if let exceeded = claim.exceeds { #expect(try #require(order.firstIndex(of: exceeded)) < place) }
    }
  }

  @Test("No right implementation fails at the budget that it claims, and each exceeds a tighter one")
  func claims() throws {
    var survey = Survey()
    for seed in Self.seeds { try survey.add(Draw(seed: seed)) }
    Attachment.record(survey.text, named: "known-good.txt")
    print("known good: \(survey.caseCount) cases of \(KnownGood.all.count) implementations, seeds \(Self.seeds)")
    #expect(survey.caseCount >= KnownGood.all.count * Self.seeds.count)
    for failure in survey.failures { Issue.record("\(failure)") }
    // The draws reach what they are made for.
    #expect(
      survey.changedPayloads > 100 && survey.overflows > 100 && survey.edges > 100,
      "\(survey.changedPayloads), \(survey.overflows), \(survey.edges)")
    #expect(survey.unproven.isEmpty, "the tighter budget holds too: \(survey.unproven)\n\(survey.text)")
  }
}

extension ElementType {
  fileprivate func rounded(_ value: Double) -> Double { self.value(ofBits: bits(rounding: value)) }
}

/// The results of every implementation over the seeds.
private struct Survey {
  private struct Key: Hashable {
    let name: String
    let contract: Contract
    /// The claimed budget, which can depend on the plan.
    let budget: String
  }

  private struct Entry {
    let claim: KnownGood.Claim
    var caseCount = 0
    var elementCount = 0
    /// The largest error as a multiple of the claimed limit, and the seed that gave it.
    var largest = (severity: 0.0, seed: UInt64(0))
    var exceededTighter = false
    /// The account of the first seed that failed.
    var failure: String?
  }

  private var entries: [Key: Entry] = [:]
  /// The number of copied NaNs that became another NaN.
  private(set) var changedPayloads = 0
  /// The number of elements that overflow although the exact result is finite.
  private(set) var overflows = 0
  /// The number of elements whose exact result is next to the middle between the largest value and the next, beyond
  /// which results round to infinity.
  private(set) var edges = 0

  /// The first failure of each implementation and claim.
  var failures: [String] { entries.values.compactMap(\.failure).sorted() }

  /// Cases that were judged.
  var caseCount: Int { entries.values.reduce(0) { $0 + $1.caseCount } }

  mutating func add(_ draw: Draw) throws {
    for contract in [Contract.position, .frequency, .table] {
      let angles = draw.angles(contract)
      let exact = draw.expected(angles)
      for implementation in KnownGood.all where implementation.types.contains(draw.type) {
        guard let claim = implementation.claim(under: contract, on: draw.plan) else { continue }
        let output = implementation.rotate(plan: draw.plan, angles: angles, input: draw.input, heads: draw.heads)
        let key = Key(name: implementation.name, contract: contract, budget: claim.budget)
        try judge(output, exact, draw, angles, key, claim)
        checkCopies(output, draw, key)
      }
    }
  }

  private mutating func judge(
    _ output: ElementArray, _ exact: [Double], _ draw: Draw, _ angles: Angles, _ key: Key, _ claim: KnownGood.Claim
  ) throws {
    var entry = entries[key] ?? Entry(claim: claim)
    let accuracy = try Self.accuracy(output, exact, draw, angles, budget: claim.budget)
    entry.caseCount += 1
    entry.elementCount += accuracy.elementCount
    let largest = draw.type.greatestFiniteMagnitude, spacing = draw.type.ulp(of: largest)
    edges += exact.filter { ($0.magnitude - largest - spacing / 2).magnitude < spacing / 8 }.count
    overflows += zip(output.values, exact).filter { !$0.isFinite && draw.type.rounded($1).isFinite }.count
    if let worst = accuracy.worst {
      if worst.severity > entry.largest.severity { entry.largest = (worst.severity, draw.seed) }
      if accuracy.failedCount > 0, entry.failure == nil {
        entry.failure = """
          \(key.name), \(key.contract), seed \(draw.seed): \(accuracy.failedCount) elements beyond \(claim.budget)
          worst: \(worst) in \(draw.plan.pairs[worst.pair]), attention factor \(draw.plan.attentionFactor)
          """
      }
    }
    if let tighter = claim.exceeds, !entry.exceededTighter {
      entry.exceededTighter = try Self.accuracy(output, exact, draw, angles, budget: tighter).failedCount > 0
    }
    entries[key] = entry
  }

  /// Notes the first copied channel that is neither the input's bits nor another NaN.
  private mutating func checkCopies(_ output: ElementArray, _ draw: Draw, _ key: Key) {
    let dimension = draw.plan.headDimension
    for channel in draw.plan.passThroughChannels {
      for index in stride(from: channel, to: output.count, by: dimension) where output[index] != draw.input[index] {
        guard !draw.type.areNaN(output[index], draw.input[index]) else {
          changedPayloads += 1
          continue
        }
        if entries[key]?.failure == nil {
          entries[key]?.failure = "\(key.name), seed \(draw.seed): channel \(channel) is not copied"
        }
      }
    }
  }

  private static func accuracy(
    _ output: ElementArray, _ exact: [Double], _ draw: Draw, _ angles: Angles, budget: String
  ) throws -> Accuracy {
    var judge = RowJudge(
      plan: draw.plan, type: draw.type, tableType: angles.tableType, inverseFrequencies: draw.inverseFrequencies,
      positions: draw.positions, budget: try Budget(named: budget))
    let values = draw.input.values, dimension = draw.plan.headDimension
    let size = draw.type.byteCount
    output.bytes.withUnsafeBytes { elements in
      values.withUnsafeBufferPointer { values in
        exact.withUnsafeBufferPointer { exact in
          for row in 0..<values.count / dimension {
            let channels = row * dimension..<(row + 1) * dimension
            judge.judge(
              RowJudge.Row(
                RowIndex(tensor: .query, token: row / draw.heads, head: row % draw.heads), sequence: Draw.tokenCount),
              input: UnsafeBufferPointer(rebasing: values[channels]),
              expected: UnsafeBufferPointer(rebasing: exact[channels]),
              actual: UnsafeRawBufferPointer(
                rebasing: elements[channels.lowerBound * size..<channels.upperBound * size]))
          }
        }
      }
    }
    return judge.accuracy
  }

  /// Claims that the seeds do not prove to be as tight as possible.
  var unproven: [String] {
    entries.filter { $0.value.claim.exceeds != nil && !$0.value.exceededTighter }
      .map { "\($0.key.name), \($0.key.contract)" }.sorted()
  }

  /// One line for each implementation and contract.
  var text: String {
    entries.map { key, entry in
      let severity = String(format: "%.3f", entry.largest.severity)
      return "\(key.name), \(key.contract): \(severity) of \(key.budget) at seed \(entry.largest.seed), "
        + "\(entry.elementCount) elements"
    }.sorted().joined(separator: "\n")
  }
}
