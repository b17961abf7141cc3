import Goldens
import Reference
import RoPE

/// The computation of one case: the right one, except for what a mistake changes.
///
/// A mistake changes convention, angles or addresses before any row is computed, or a row afterwards. A function that is
/// nil does what is right, and costs nothing.
package struct MutantComputation {
  package let golden: Golden
  /// The plan of the forward direction.
  package internal(set) var plan: Plan
  /// The convention of the plan, if a mistake uses another than the case's.
  package internal(set) var mistakenConvention: Convention?
  /// The angles as the call gives them: in the backward pass, positions are negated.
  var angles: Angles
  /// The plan by which the second output of a pair turns; nil if it is the same.
  var secondPlan: Plan?
  /// The views through which Q and K are read.
  var inputs: PerTensor<TensorView>
  /// The token whose angles a row uses, instead of its own.
  var angleToken: (@Sendable (RowIndex) -> Int)?
  /// The pair whose cosine and sine the first or second output of a pair uses, instead of its own.
  var angleEntry: (@Sendable (_ pair: Int, _ isSecond: Bool) -> Int)?
  /// The pair whose second input a pair of a row uses, instead of its own.
  var partner: (@Sendable (RowIndex, _ pair: Int) -> Int)?
  /// The rotation of `(x₀, x₁)` by `(c, s)`.
  var rotation: (@Sendable (SIMD2<Double>, SIMD2<Double>, ElementType) -> SIMD2<Double>)?
  /// Rounds a result to the element type.
  var store: (@Sendable (Double, ElementType) -> UInt32)?
  /// The largest number of rotations of a pair.
  var passes = 1
  /// The number of rotations of a pair of a row, at most ``passes``.
  var rotations: (@Sendable (RowIndex, _ pair: Int) -> Int)?
  /// True if a channel of a row is written.
  var isWritten: (@Sendable (RowIndex, _ channel: Int) -> Bool)?
  /// Changes a finished row.
  var adjustment: (@Sendable (inout Row, RowIndex) -> Void)?
  /// Changes the memory of the call, by the number of the run.
  var interference: (@Sendable (Interference) -> Void)?

  /// The tokens whose rows will be computed; nil for all.
  ///
  /// Tables that a mistake changes have a row for each of them.
  package var examinedTokens: [Int]?

  /// True if the mistake shows only in other calls, such as larger ones: this computation is right.
  package internal(set) var isHarmless = false

  let call: JointCall
  /// Cosines and sines that other mutants of the case use too.
  let cache: CosSinCache
  private let images: [[UInt8]]

  /// Makes the right computation.
  ///
  /// `call` is the call of the case, and `images` are the bytes of its buffers before it; those that are not read may be
  /// empty.
  package init(_ golden: Golden, call: JointCall, images: [[UInt8]], cache: CosSinCache) {
    self.golden = golden
    self.call = call
    self.images = images
    self.cache = cache
    plan = golden.plan
    angles = call.angles
    inputs = call.tensors.map(\.input)
  }

  var workload: Workload { golden.goldenCase.workload }
  var type: ElementType { golden.goldenCase.elementType }
  /// The plan of the call, with the mistake.
  package var runningPlan: Plan { plan.running(workload.direction) }

  /// The float64 nearest to the frequency of each pair of the plan, in radians per position.
  package var inverseFrequencies: [Double] { ExactTables(plan).inverseFrequencies() }

  /// The index of every row, those of Q first.
  package var indices: [RowIndex] {
    TensorName.rotated.flatMap { tensor in
      (0..<call.tokenCount).flatMap { token in
        (0..<call.tensors[tensor].heads).map { RowIndex(tensor: tensor, token: token, head: $0) }
      }
    }
  }

  /// Computes rows, in the order of their indices.
  ///
  /// - Complexity: one cosine and sine for each pair and token, unless known from an earlier computation of the case.
  package func rows(_ indices: [RowIndex]) -> [Row] {
    var rows: [Row] = []
    rows.reserveCapacity(indices.count)
    forEachRow(of: indices) { row, _ in rows.append(row) }
    return rows
  }

  /// Computes rows, and calls back with each, in the order of their indices.
  func forEachRow(of indices: [RowIndex], _ body: (Row, RowIndex) -> Void) {
    let rotation = rowRotation(of: indices), adjustment = adjustment
    var row = Row(headDimension: plan.headDimension)
    for index in indices {
      read(index, into: &row)
      rotation?.rotate(&row, index)
      adjustment?(&row, index)
      body(row, index)
    }
  }

  /// The rotation of some rows; nil if nothing rotates.
  private func rowRotation(of indices: [RowIndex]) -> RowRotation? {
    guard !plan.pairs.isEmpty else { return nil }
    let running = runningPlan
    var tokens: [Int] = []
    for index in indices {
      let token = angleToken?(index) ?? index.token
      if tokens.last != token { tokens.append(token) }
    }
    let turns = cache.values(running, angles: angles, tokens: tokens)
    let secondTurns = secondPlan.map {
      cache.values($0.running(workload.direction), angles: angles, tokens: tokens)
    }
    return RowRotation(self, turns: turns, secondTurns: secondTurns)
  }

  private func read(_ index: RowIndex, into row: inout Row) {
    let view = inputs[index.tensor], type = type, count = plan.headDimension, step = view.strides.channel
    let first = view.index(token: index.token, head: index.head, sequence: call.sequence)
    images[view.buffer].withUnsafeBytes { image in
      let size = image.count / type.byteCount, isInside = first >= 0 && first + (count - 1) * step < size
      var channel = 0, place = first
      while channel < count {
        // A wrong stride can lead out of the buffer. The data there are unknown, and the buffer's beginning is as good
        // as any.
        row.read(image.bits(at: isInside ? place : place % size, type: type), channel, type)
        channel &+= 1
        place &+= step
      }
    }
  }
}

extension JointCall {
  /// Q and K.
  var tensors: PerTensor<RotatedTensor> { PerTensor(query: query, key: key) }
}
