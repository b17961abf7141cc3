import Foundation
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite("The covering array") struct CoveringArrayTests {
  /// The value of a call in each dimension, as a text, by the name of the dimension.
  private static func values(_ call: ArrayCall) -> [String: String] {
    [
      "heads": "\(call.heads.query)x\(call.heads.key)", "type": call.type.rawValue, "contract": "\(call.given)",
      "pairing": "\(call.pairings.input) to \(call.pairings.output)", "in place": "\(call.inPlace)",
      "memory": call.memory.rawValue, "batch": "\(call.batch)", "sequence": "\(call.sequence)",
      "shape": call.shape.name, "direction": "\(call.direction)", "frequencies": call.frequencies.rawValue,
      "positions": call.placing.rawValue, "values": call.values.rawValue,
    ]
  }

  /// The number of values of each dimension, from the table.
  private static let counts: [String: Int] = {
    typealias D = ArrayDimensions
    return [
      "heads": D.heads.count, "type": D.types.count, "contract": D.contracts.count, "pairing": D.pairings.count,
      "in place": D.inPlace.count, "memory": D.memories.count, "batch": D.batches.count,
      "sequence": D.sequences.count, "shape": D.shapes.count, "direction": D.directions.count,
      "frequencies": D.frequencies.count, "positions": D.positions.count, "values": D.values.count,
    ]
  }()

  /// The combinations of some dimensions that occur, of all there are.
  private static func coverage(_ dimensions: [String], in calls: [ArrayCall]) -> (found: Int, all: Int) {
    let found = Set(calls.map { call in dimensions.map { values(call)[$0, default: ""] } })
    return (found.count, dimensions.reduce(1) { $0 * counts[$1, default: 0] })
  }

  /// The pairs of values that have no effect together: special copies in heads without copied channels, and products
  /// that cannot overflow because the attention factor is 1.
  private static let withoutEffect: [[String]: Int] = {
    typealias D = ArrayDimensions
    return [
      ["shape", "values"]: D.shapes.count { $0.rotary == $0.head },
      ["frequencies", "values"]: D.frequencies.count { $0 != .yarn },
    ]
  }()

  @Test("Every pair of values of any two dimensions occurs in the default run, except those without effect")
  func pairs() {
    let names = Self.counts.keys.sorted(), calls = ArrayCases.standard.calls
    #expect(names.count == 13)
    for (index, first) in names.enumerated() {
      for second in names[(index + 1)...] {
        let coverage = Self.coverage([first, second], in: calls)
        let missing = Self.withoutEffect[[first, second], default: 0]
        #expect(coverage.found == coverage.all - missing, "\(first) × \(second)")
      }
    }
  }

  @Test("Every triple of types, contracts and values occurs in the default run")
  func values() {
    let coverage = Self.coverage(["type", "contract", "values"], in: ArrayCases.standard.calls)
    #expect(coverage.found == coverage.all)
    #expect(coverage.all == 3 * 4 * 8)
  }

  @Test("Every triple among heads, type, contract, pairing and in place occurs in the default run")
  func triples() {
    let names = ["heads", "type", "contract", "pairing", "in place"], calls = ArrayCases.standard.calls
    for first in 0..<3 {
      for second in first + 1..<4 {
        for third in second + 1..<5 {
          let coverage = Self.coverage([names[first], names[second], names[third]], in: calls)
          #expect(coverage.found == coverage.all, "\(names[first]) × \(names[second]) × \(names[third])")
        }
      }
    }
  }

  @Test("Without one of its rows, the array misses a combination")
  func isTight() {
    let calls = ArrayCases.standard.calls.dropFirst()
    let names = Self.counts.keys.sorted()
    let missed = names.indices.contains { first in
      names[(first + 1)...].contains { second in
        let coverage = Self.coverage([names[first], second], in: Array(calls))
        return coverage.found < coverage.all
      }
    }
    let triple = Self.coverage(["heads", "type", "contract"], in: Array(calls))
    #expect(missed || triple.found < triple.all)
  }

  @Test("docs/cases.md lists the values of the table")
  func page() throws {
    typealias D = ArrayDimensions
    let page = try String(contentsOf: packageRoot.appending(path: "docs/cases.md"), encoding: .utf8)
    let lists = [
      D.heads.map { "\($0.query) × \($0.key)" }, D.types.map(\.rawValue), D.batches.map { "\($0)" },
      D.sequences.map { $0 < 1_000 ? "\($0)" : String(format: "%d,%03d", $0 / 1_000, $0 % 1_000) },
      D.shapes.map(\.name),
    ]
    for list in lists { #expect(page.contains("| \(list.joined(separator: ", ")) |")) }
    let sections = try ComputedCases.standard.map(\.goldenCase.section), array = sections.count { $0 == .coveringArray }
    #expect(page.contains("- **The covering array**, \(array) computed cases:"))
    #expect(page.contains("- **Other calls**, \(sections.count - array) computed cases:"))
    let names = try ComputedCases.standard.map(\.goldenCase.name)
    for name in page.matches(of: /`(array-[^`*]*\/[^`*]*)`/).map({ String($0.1) }) { #expect(names.contains(name)) }
    // A line for each dimension, below the rule of the table.
    let rows = page.components(separatedBy: "| dimension | values |")[1].split(separator: "\n\n")[0]
    #expect(rows.split(separator: "\n").count == 1 + Self.counts.count)
  }

  @Test("The same table gives the same cases, whose names are unique and say what they are")
  func names() throws {
    let names = try ComputedCases.standard.map(\.goldenCase.name)
    #expect(Set(names).count == names.count)
    #expect(names.first == ArrayCases.standard.calls.first?.recipe.goldenCase.name)
    #expect(names.allSatisfy { $0.split(separator: "/").count == 4 })
    #expect(names.count { $0.hasPrefix("array-") } == ArrayCases.standard.calls.count + 7)
    let full = try ComputedCases.full().map(\.goldenCase.name)
    #expect(Set(full + names).count == full.count + names.count)
  }

  @Test("Each case is valid, and its convention makes a plan")
  func validity() throws {
    for recipe in try ComputedCases.standard where recipe.goldenCase.section == .coveringArray {
      try recipe.goldenCase.validate()
      let plan = try recipe.goldenCase.convention.plan(length: recipe.positions.length)
      #expect(plan.headDimension == recipe.goldenCase.convention.headDimension)
      #expect(recipe.positions.tokenCount == recipe.goldenCase.workload.tokenCount)
    }
  }

  @Test("A small array has no more rows than its largest pair needs, and covers all")
  func small() {
    let array = CoveringArray(valueCounts: [2, 2, 2], triples: [], limit: 1) { _ in 0 }
    #expect(array.rows.count <= 6)
    for first in 0..<2 {
      for second in first + 1..<3 {
        #expect(Set(array.rows.map { [$0[first], $0[second]] }).count == 4)
      }
    }
  }

  @Test("Forbidden values never meet, and all others do")
  func forbidden() {
    // The cheapest value of the second dimension is not allowed with the second value of the first.
    let array = CoveringArray(
      valueCounts: [2, 2, 3], triples: [[0, 1, 2]], forbidden: [[(dimension: 0, value: 1), (dimension: 1, value: 0)]],
      limit: 0, cost: { $0.reduce(0, +) })
    #expect(!array.rows.contains { $0[0] == 1 && $0[1] == 0 })
    #expect(Set(array.rows).count == 9)
  }

  @Test("A row costs more than the limit only if a combination does by itself")
  func limit() {
    // Two values cost 10 together, so that one row has to.
    let cost = { (row: [Int]) in row[0] * row[1] * 10 + row[2] }
    let array = CoveringArray(valueCounts: [2, 2, 3], triples: [], limit: 9, cost: cost)
    #expect(array.rows.count { cost($0) > 9 } >= 1)
    #expect(array.rows.filter { cost($0) > 9 }.allSatisfy { $0[0] == 1 && $0[1] == 1 })
    #expect(Set(array.rows.map { [$0[0], $0[1]] }).count == 4)
  }
}

@Suite("Caches of computed cases") struct CacheTests {
  @Test("A table is a cache with a row for each position, and three that no token has")
  func cache() throws {
    var call = ArrayCall(
      type: .float32, given: .table, heads: PerTensor(query: 1, key: 1),
      pairings: .init(input: .half, output: .half), batch: 2, sequence: 3, shape: .init(head: 6, rotary: 6))
    call.placing = .afterCache
    let golden = try Golden(computing: call.recipe)
    guard case .table(let table, let rows) = golden.angles else {
      Issue.record("\(golden.angles)")
      return
    }
    #expect(rows == [1_027, 1_028, 1_029, 1_040, 1_041, 1_042])
    #expect(table.rowCount == 1_042 + 4)
    // Far positions are in a cache that begins at the first of them.
    call.placing = .far
    guard case .table(let farTable, let farRows) = try Golden(computing: call.recipe).angles else { return }
    #expect(farRows == [0, 1, 2, 13, 14, 15])
    #expect(farTable.rowCount == 19)
  }

  @Test("More than 65,536 tokens, rows of a batch and rows of a cache are judged under each contract")
  func tall() throws {
    let cases = try ComputedCases.standard.map(\.goldenCase)
    for contract in [Contract.position, .frequency, .table] {
      #expect(cases.contains { $0.contract == contract && $0.workload.sequence > 1 << 16 })
      #expect(cases.contains { $0.contract == contract && $0.workload.batch > 1 << 16 })
    }
    #expect(try ComputedCases.standard.contains { $0.cache.map { $0.count > 1 << 16 } ?? false })
  }
}
