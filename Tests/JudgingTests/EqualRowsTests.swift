import Judging
import RoPE
import Testing

@testable import Goldens

@Suite(.timeLimit(.minutes(30))) struct EqualRowsTests {
  private static let placed = PlacedWorkload.batchEqualRows

  @Test("Other bits in an equal row of the batch")
  func equal() throws {
    try SpoiledCase.check([
      SpoiledCase(
        name: "equal rows", workload: Self.placed.workload, positions: Positions(Self.placed.positions),
        budget: "atol=1,rtol=0",
        spoil: {
          $0.change($0.call.query.output, $0.index($0.call.query.output, batch: 2, head: 1, channel: 5)) { $0 ^ 1 }
        },
        violation: {
          $0
            == .rowsDiffer(
              tensor: .query, count: 1, first: ElementIndex(batch: 2, token: 0, head: 1, channel: 5), equalRow: 0)
        })
    ])
  }

  @Test("Every element that differs counts, of a row that is compared with the first that it equals")
  func count() throws {
    let recipe = Recipe.make(Self.placed.workload, positions: Positions(Self.placed.positions))
    for golden in [try Golden(storing: recipe), try Golden(computing: recipe)] {
      let spoiling = FaultyBackend(spoil: { run in
        for (token, head, channel) in [(1, 4, 5), (1, 0, 2), (0, 3, 4)] {
          run.change(.query, ElementIndex(batch: 1, token: token, head: head, channel: channel)) { $0 ^ 1 }
        }
      })
      let found = try verdict(golden, spoiling, budget: "atol=1,rtol=0").violations
      let first = ElementIndex(batch: 1, token: 0, head: 3, channel: 4)
      #expect(found == [.rowsDiffer(tensor: .query, count: 3, first: first, equalRow: 0)])
    }
  }

  @Test("Rows of equal inputs at other positions may differ")
  func otherPositions() throws {
    let golden = try Golden.make(Self.placed.workload, positions: [37, 38, 40, 41, 43, 44])
    #expect(try verdict(golden, FaultyBackend()).outcome == .conforms)
  }
}
