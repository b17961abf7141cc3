import Backends
import Goldens
import RoPE

/// The computations of one case: one of a call that rotates Q and K together, otherwise one for each tensor.
package struct CaseComputation {
  private(set) var parts: [MutantComputation]
  private let tensors: [TensorName]

  /// The right computations of the case; an invalid case has those of its valid twin.
  ///
  /// - Throws: `CallError` if the golden itself does not give a valid call.
  package init(_ golden: Golden) throws {
    let prepared = try CaseCall(golden), images = prepared.images(), cache = CosSinCache(), call = prepared.call
    tensors = golden.tensors.map(\.name)
    parts = (call.joint == nil ? tensors : Array(tensors.prefix(1))).compactMap { name in
      call.joint(byAnglesOf: name).map { MutantComputation(golden, call: $0, images: images, cache: cache) }
    }
  }

  /// The computations with mistakes made at once; nil if one of them can occur for no tensor.
  package func changed(_ mutants: [Mutant]) -> CaseComputation? {
    var changed = self, occurs = Array(repeating: false, count: mutants.count)
    for part in parts.indices {
      for (number, mutant) in mutants.enumerated() {
        var next = changed.parts[part]
        guard mutant.change(&next), !next.isHarmless else { continue }
        (changed.parts[part], occurs[number]) = (next, true)
      }
    }
    return occurs.contains(false) ? nil : changed
  }

  /// The computation of a tensor.
  package subscript(_ tensor: TensorName) -> MutantComputation {
    get { parts[index(of: tensor)] }
    set { parts[index(of: tensor)] = newValue }
  }

  private func index(of tensor: TensorName) -> Int {
    parts.count == 1 ? 0 : tensors.firstIndex(of: tensor) ?? 0
  }
}
