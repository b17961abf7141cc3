import Goldens
import RoPE

/// The parts of a call to which planted mistakes are confined.
extension PlantedMistake {
  func head(_ head: Int, of tensor: TensorName = .query) -> PlantedMistake {
    within("head \(head) of \(tensor == .query ? "Q" : "K")") { $1.tensor == tensor && $1.head == head }
      .possible { $0.workload.heads(of: tensor) > max(1, head) }
  }

  var headsFrom1: PlantedMistake {
    within("heads from 1 on") { $1.head >= 1 }.possible { $0.workload.queryHeads > 1 && $0.workload.keyHeads > 1 }
  }

  /// The heads of one remainder.
  func heads(_ name: String, _ remainder: Int, of period: Int) -> PlantedMistake {
    within(name) { $1.head % period == remainder }.possible { $0.workload.queryHeads > remainder }
  }

  func pair(_ pair: Int) -> PlantedMistake {
    within(pairs: "pair \(pair)") { $1 == pair }.possible { $0.pairCount > max(1, pair) }
  }

  var lastPair: PlantedMistake {
    within(pairs: "last pair") { $1 == $0.pairCount - 1 }.possible { $0.pairCount > 1 }
  }

  func axis(_ axis: Int) -> PlantedMistake {
    within(pairs: "axis \(axis)") { call, pair in call.golden.plan.pairs[pair].axis == axis }
      .possible { $0.axisCount > max(1, axis) }
  }

  func output(_ output: Int) -> PlantedMistake {
    within("output \(output)", element: { _, _, pair, number in pair != nil && number == output })
  }

  var lastToken: PlantedMistake {
    within("last token of each row") { $0.tokenInRow($1) == $0.extent($1.tensor).sequence - 1 }.possible {
      $0.sequence > 1
    }
  }

  func tokens(from first: Int) -> PlantedMistake {
    within("tokens from \(first) on") { $0.tokenInRow($1) >= first }.possible { $0.sequence > first }
  }

  func tokens(before end: Int) -> PlantedMistake {
    within("tokens before \(end)") { $0.tokenInRow($1) < end }.possible { $0.sequence > end }
  }

  func tokens(_ range: Range<Int>) -> PlantedMistake {
    within("tokens \(range.lowerBound) to \(range.upperBound - 1)") { range.contains($0.tokenInRow($1)) }
      .possible { $0.sequence > range.upperBound }
  }

  func batchRows(from first: Int) -> PlantedMistake {
    within("batch rows from \(first) on") { $0.batchRow($1) >= first }.possible { $0.workload.batch > first + 1 }
  }

  func batchRow(_ row: Int) -> PlantedMistake {
    within("batch row \(row)") { $0.batchRow($1) == row }
      .possible { $0.workload.batch > max(1, row) }
  }

  /// One element of Q: in its last token and first head.
  var oneElement: PlantedMistake {
    within("one element") { call, row, pair, output in
      row == RowIndex(tensor: .query, token: call.extent(.query).tokenCount - 1, head: 0) && pair == 2 && output == 1
    }.possible { $0.pairCount > 2 }
  }
}
