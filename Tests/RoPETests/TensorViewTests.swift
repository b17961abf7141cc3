import RoPE
import Testing

@Suite struct TensorViewTests {
  /// Token, head and the index of the first channel of each head, in nested loops over the axes of each layout.
  private static func contiguous(_ layout: Layout, batch: Int, sequence: Int, heads: Int, dimension: Int) -> [[Int]] {
    var found: [[Int]] = [], next = 0
    for row in 0..<batch {
      let outer = layout == .bhsd ? heads : sequence
      for first in 0..<outer {
        for second in 0..<(layout == .bhsd ? sequence : heads) {
          let (token, head) = layout == .bhsd ? (second, first) : (first, second)
          found.append([row * sequence + token, head, next])
          next += dimension
        }
      }
    }
    return found
  }

  @Test("A contiguous tensor is counted through in the order of its layout", arguments: Layout.allCases)
  func contiguous(_ layout: Layout) {
    let batch = layout == .thd ? 1 : 3
    let strides = Strides(layout, sequence: 5, heads: 4, headDimension: 6)
    let rows = Self.contiguous(layout, batch: batch, sequence: 5, heads: 4, dimension: 6)
    #expect(rows.count == batch * 20)
    for row in rows { #expect(strides.index(token: row[0], head: row[1], sequence: 5) == row[2]) }
  }

  @Test("Any strides give batch, sequence and head their steps, from the offset on")
  func anyStrides() {
    let strides = Strides(batch: 1009, sequence: 101, head: 11, channel: 2)
    let view = TensorView(buffer: 0, offset: 7, strides: strides)
    for row in 0..<3 {
      for token in 0..<4 {
        for head in 0..<2 {
          let index = view.index(token: row * 4 + token, head: head, sequence: 4)
          #expect(index == 7 + row * 1009 + token * 101 + head * 11)
        }
      }
    }
  }

  @Test("The alignment is that of the first element, at most that of the buffer")
  func alignment() {
    func alignment(_ offset: Int, _ type: ElementType) -> Int {
      TensorView(buffer: 0, offset: offset, strides: Strides(batch: 0, sequence: 0, head: 0))
        .alignment(elementType: type, bufferAlignment: 256)
    }
    #expect([0, 1, 4, 6, 64, 1 << 20].map { alignment($0, .float32) } == [256, 4, 16, 8, 256, 256])
    #expect([0, 1, 4, 6, 64].map { alignment($0, .bfloat16) } == [256, 2, 8, 4, 128])
  }
}
