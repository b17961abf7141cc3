import RoPE
import Testing

@Suite struct PerTensorTests {
  @Test("A value is reached by the name of its tensor")
  func subscripts() {
    var values = PerTensor(query: 1, key: 2)
    #expect(values[.query] == 1 && values[.key] == 2 && values.all == [1, 2])
    values[.query] = 3
    values[.key] = 4
    #expect(values == PerTensor(query: 3, key: 4))
    #expect(values.map { "\($0)" } == PerTensor(query: "3", key: "4"))
    #expect(PerTensor { $0.rawValue } == PerTensor(query: "query", key: "key"))
    #expect(TensorName.rotated == [.query, .key])
  }
}
