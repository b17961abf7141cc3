import RoPE
import Testing

@testable import Goldens
@testable import Judging

@Suite(.timeLimit(.minutes(30))) struct SlabsTests {
  /// Channels per head.
  private static let dimension = 8

  /// The slabs of each tensor.
  private func slabs(of tensors: [TensorExtent]) throws -> [[Range<Int>]] {
    let found = try Slabs(tensors, headDimension: Self.dimension).forEach(worker: { [(Int, Range<Int>)]() }) {
      $0.append(($1, $2))
    }.flatMap(\.self)
    return tensors.indices.map { tensor in
      found.filter { $0.0 == tensor }.map(\.1).sorted { $0.lowerBound < $1.lowerBound }
    }
  }

  private func extent(tokens: Int) -> TensorExtent {
    TensorExtent(name: .query, heads: 16, batch: 1, sequence: tokens, positions: [])
  }

  @Test("Every token is in one slab, and only the last is short")
  func cover() throws {
    let size = try slabs(of: [extent(tokens: 100_000)])[0][0].count
    #expect(size > 1 && size < 1000)
    for count in [1, size - 1, size, size + 1, 2 * size, 5 * size + 1] {
      // A second tensor may have fewer tokens.
      let counts = [count, count / 2]
      for (count, found) in zip(counts, try slabs(of: counts.map(extent))) {
        #expect(found.flatMap { Array($0) } == Array(0..<count), "\(count)")
        #expect(found.dropLast().allSatisfy { $0.count == size }, "\(count)")
      }
    }
  }

  @Test("An error in any slab is thrown")
  func errors() {
    for token in [0, 700, 999] {
      #expect(throws: OutputError("\(token)")) {
        let slabs = Slabs([extent(tokens: 1000)], headDimension: Self.dimension)
        _ = try slabs.forEach(worker: { 0 }) { _, _, tokens in
          if tokens.contains(token) { throw OutputError("\(token)") }
        }
      }
    }
  }

  /// The first and the last rotated element of every slab.
  private func edges(in golden: Golden) throws -> [(tensor: TensorName, edges: [ElementIndex])] {
    try zip(golden.tensors, slabs(of: golden.tensors)).map { tensor, slabs in
      try #require(slabs.count > 1)
      let edges = slabs.flatMap {
        [
          tensor.element(token: $0.lowerBound, head: 0, channel: 2),
          tensor.element(token: $0.upperBound - 1, head: tensor.heads - 1, channel: 5),
        ]
      }
      return (tensor.name, edges)
    }
  }

  @Test("Elements on either side of every boundary are judged, whether truth is stored or computed")
  func boundaries() throws {
    // Slabs do not end where rows of the batch do.
    let recipe = Recipe.make(Workload("slabs", .batch, batch: 2, sequence: 150, heads: (40, 16)))
    for golden in [try Golden(storing: recipe), try Golden(computing: recipe)] {
      for (name, edges) in try edges(in: golden) {
        for worst in edges {
          let found = try verdict(
            golden,
            FaultyBackend(spoil: { run in
              for edge in edges { run.change(name, edge) { edge == worst ? 0x7FC0_0000 : $0 ^ 1 << 12 } }
            }), runCount: 1)
          #expect(found.accuracy?.failedCount == edges.count && found.violations.isEmpty)
          #expect(found.accuracy?.worst?.element == worst && found.accuracy?.worst?.tensor == name)
        }
        // Among elements that are equally far off, the first is the worst.
        let even = FaultyBackend(spoil: { run in for edge in edges { run.change(name, edge) { _ in 0x7FC0_0000 } } })
        #expect(try verdict(golden, even, runCount: 1).accuracy?.worst?.element == edges[0])
      }
    }
  }

  @Test("What is not written, not copied or not repeated is counted over all slabs, with its first element")
  func tallies() throws {
    let recipe = Recipe.make(Workload("slabs", .batch, batch: 2, sequence: 150, heads: (40, 16)))
    for golden in [try Golden(storing: recipe), try Golden(computing: recipe)] {
      for (name, edges) in try edges(in: golden) {
        @Sendable func copied(_ edge: ElementIndex) -> ElementIndex {
          ElementIndex(batch: edge.batch, token: edge.token, head: edge.head, channel: 7)
        }
        let found = try verdict(
          golden,
          FaultyBackend(spoil: { run in
            let view = run.call.query.output
            for edge in edges {
              run.change(name, copied(edge)) { $0 ^ 1 }
              let poison = run.before[view.buffer].withUnsafeBytes { $0.bits(at: view.offset, type: .float32) }
              run.change(name, edge) { _ in poison }
              if run.number == 3 {
                let other = ElementIndex(batch: edge.batch, token: edge.token, head: edge.head, channel: 0)
                run.change(name, other) { $0 ^ 1 }
              }
            }
          })
        ).violations
        #expect(found.contains(.notWritten(tensor: name, count: edges.count, first: edges[0])), "\(found)")
        let others = found.filter { violation in
          switch violation {
          case .notCopied(name, edges.count, copied(edges[0]), _, _): false
          case .notRepeatable(name, let found): found.count != edges.count || found.places[0].channel != 0
          default: true
          }
        }
        #expect(others.count == 1 && found.count == 3, "\(found)")
      }
    }
  }
}
