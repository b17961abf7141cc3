import Conformance
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30))) struct OrderedWorkTests {
  @Test("Results come in order, however long each takes")
  func order() throws {
    var taken: [Int] = []
    try OrderedWork.forEach(Array(0..<200)) { value in
      // The first values take the longest.
      var sum = 0
      for step in 0..<(200 - value) * 50 { sum &+= step }
      return sum == -1 ? -1 : value
    } take: {
      taken.append($0)
    }
    #expect(taken == Array(0..<200))
  }

  private struct Failure: Error, Equatable {
    let value: Int
  }

  @Test("An error of either side ends the work, and nothing behind it is taken")
  func errors() {
    var taken: [Int] = []
    #expect(throws: Failure(value: 50)) {
      try OrderedWork.forEach(Array(0..<1000)) { value in
        if value == 50 { throw Failure(value: value) }
        return value
      } take: {
        taken.append($0)
      }
    }
    #expect(taken == Array(taken.indices) && taken.count <= 50)
    let computed = Atomic(0)
    #expect(throws: Failure(value: 3)) {
      try OrderedWork.forEach(Array(0..<1000)) { value in
        computed.add(1, ordering: .relaxed)
        return value
      } take: {
        if $0 == 3 { throw Failure(value: 3) }
      }
    }
    #expect(computed.load(ordering: .relaxed) < 1000)
  }
}
