import Backends
import RoPE
import TestSupport
import Testing

@testable import Goldens

@Suite struct CaseCallTests {
  /// Every storage in every layout, in place and not in place.
  private static let workloads: [Workload] = Workload.Storage.allCases.flatMap { storage in
    Layout.allCases.flatMap { layout in
      [false, true].map { inPlace in
        let isPacked = layout == .thd
        return Workload(
          "\(storage.rawValue) \(layout)\(inPlace ? " in place" : "")", .strided, batch: isPacked ? 1 : 2,
          sequence: isPacked ? 6 : 3, heads: (5, 2), layout: layout, sequenceLengths: isPacked ? [1, 0, 5] : nil,
          storage: storage, inPlace: inPlace)
      }
    }
  }

  private func golden(_ workload: Workload, _ type: ElementType) throws -> Golden {
    try Golden(computing: .make(workload, Golden.partial, type))
  }

  @Test("A part of a buffer holds what the whole buffer holds there", arguments: workloads)
  func parts(_ workload: Workload) throws {
    let seed = SplitMix.seed
    var random = SplitMix(seed: seed)
    for type in ElementType.allCases {
      let prepared = try CaseCall(golden(workload, type)), size = type.byteCount
      for (buffer, image) in prepared.images().enumerated() {
        #expect(image.count == prepared.byteCounts[buffer])
        let count = image.count / size
        let every = Array(0...count)
        let some = (0..<20).map { _ in
          ([0, count] + (0..<5).map { _ in Int.random(in: 0...count, using: &random) }).sorted()
        }
        for cuts in [every] + some {
          let parts = zip(cuts, cuts.dropFirst()).map { $0 * size..<$1 * size }
          let isSame = parts.allSatisfy { prepared.image(of: buffer, bytes: $0)[...] == image[$0] }
          #expect(isSame, "\(type), buffer \(buffer), cuts \(cuts == every ? [] : cuts), seed \(seed)")
        }
      }
    }
  }

  @Test(
    "Inputs are where their views say, V is neither input nor poison, and everything else is poison",
    arguments: workloads)
  func contents(_ workload: Workload) throws {
    for type in ElementType.allCases {
      let golden = try golden(workload, type), prepared = try CaseCall(golden), call = prepared.call
      let images = prepared.images().map { ElementArray(type: type, bytes: $0) }
      var rest = images.map { Set(0..<$0.count) }
      for name in TensorName.rotated {
        let tensor = try #require(call.tensors[name]), view = tensor.input
        let exact = golden.truth.rows(name, 0..<workload.tokenCount).input
        for row in 0..<workload.tokenCount * tensor.heads {
          let (token, head) = row.quotientAndRemainder(dividingBy: tensor.heads)
          let first = view.index(token: token, head: head, sequence: tensor.sequence)
          let indices = (0..<8).map { first + $0 * view.strides.channel }
          let found = indices.map { images[view.buffer][$0] }, expected = (0..<8).map { exact[row * 8 + $0] }
          #expect(found == expected, "\(type), \(name), token \(token), head \(head)")
          #expect(rest[view.buffer].isSuperset(of: indices), "two elements in one place")
          rest[view.buffer].subtract(indices)
        }
        #expect((tensor.output == view) == workload.inPlace)
      }
      let poison = CaseCall.poison(type), guardCount = 256 / type.byteCount
      #expect(type.value(ofBits: poison).isNaN)
      for (buffer, image) in images.enumerated() {
        var between: Set<Int> = []
        if workload.storage == .fusedQKV, call.present.contains(where: { $0.input.buffer == buffer }) {
          between = rest[buffer].intersection(guardCount..<image.count - guardCount)
          // V has the shape of K.
          #expect(between.count == workload.tokenCount * workload.keyHeads * 8)
          let values = between.map { image[$0] }
          #expect(!values.contains(poison) && values.allSatisfy { type.value(ofBits: $0).isFinite && $0 != 0 })
          let inputs = Set(Set(0..<image.count).subtracting(rest[buffer]).map { image[$0] })
          // There are few 16-bit numbers, so some occur twice.
          #expect(values.count { inputs.contains($0) } < (type == .float32 ? 1 : values.count / 2))
        }
        let other = rest[buffer].subtracting(between)
        let isPoisoned = other.allSatisfy { image[$0] == poison }
        #expect(isPoisoned, "\(type), buffer \(prepared.names[buffer])")
        #expect(other.isSuperset(of: 0..<guardCount), "\(type), buffer \(prepared.names[buffer])")
        #expect(other.isSuperset(of: image.count - guardCount..<image.count))
      }
    }
  }

  @Test("Memory is poisoned to the last element, where their count is odd too")
  func odd() throws {
    let workload = Workload("odd", .strided, sequence: 2, heads: (5, 2), storage: .misaligned)
    for image in try CaseCall(golden(workload, .float16)).images() {
      let elements = ElementArray(type: .float16, bytes: image)
      #expect(!elements.count.isMultiple(of: 2))
      #expect(elements[elements.count - 1] == CaseCall.poison(.float16))
    }
  }
}
