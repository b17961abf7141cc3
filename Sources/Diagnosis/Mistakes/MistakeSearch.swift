import Backends
import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the mistakes of the catalogue that give the outputs of one run, for a call that rotates Q and K together.
struct MistakeSearch {
  /// A mistake with its computation, and the fit to each tensor.
  struct Hypothesis {
    let mutants: [Mutant]
    let computation: MutantComputation
    let fits: [HypothesisFit]
  }

  private let examination: Examination
  private let right: MutantComputation
  private let mutants: [Mutant]

  /// A search in an examined run; nil if no mistake is known for such a call.
  ///
  /// If `followsRight`, an earlier run on the same inputs was right, and the mistakes that only a later call shows come
  /// first.
  ///
  /// - Throws: `CallError` if the golden itself does not give a valid call.
  init?(_ examination: Examination, followsRight: Bool) throws {
    let golden = examination.golden
    guard golden.isJoint, golden.goldenCase.elementCount <= MutantBackend.largestElementCount else { return nil }
    let prepared = try CaseCall(golden)
    guard let call = prepared.call.joint else { return nil }
    self.examination = examination
    var right = MutantComputation(golden, call: call, images: prepared.images(), cache: CosSinCache())
    right.examinedTokens = Set(examination.tensors.flatMap { $0.rows.map(\.token) }).sorted()
    self.right = right
    mutants =
      (followsRight ? Mutant.all.filter(\.isRightAtFirst) : []) + Mutant.all.filter { $0.kind != .integrity }
  }

  /// The mistakes that fit a sample of the wrong rows of any wrong tensor, each with its fit to all kept rows.
  func hypotheses() -> [Hypothesis] {
    mutants.compactMap { mutant in
      var computation = right
      guard mutant.change(&computation), !computation.isHarmless else { return nil }
      return hypothesis([mutant], computation)
    }
  }

  /// The pairs of mistakes that, made at once, fit a sample of the wrong rows of any wrong tensor.
  ///
  /// The first changes how channels are paired or read: of those, only ones are tried under which every output pair is
  /// as long as its input pair, for any angle. The second changes angles, factors or results.
  func pairs() -> [Hypothesis] {
    let structures = mutants.filter { [.convention, .addressing, .axes, .direction].contains($0.kind) }
    let others = mutants.filter { $0.kind != .precision }
    var found: [Hypothesis] = []
    for first in structures {
      var once = right
      guard first.change(&once), !once.isHarmless, keepsLengths(once) else { continue }
      for second in others where second.name != first.name {
        var twice = once
        guard second.change(&twice), !twice.isHarmless, let hypothesis = hypothesis([first, second], twice) else {
          continue
        }
        found.append(hypothesis)
      }
    }
    return found
  }

  /// The outputs of a mistake that changes how channels are paired or read, as exact results for measuring what else
  /// is wrong: of each that rotates the right channels, to pairs of the lengths of the outputs' pairs.
  func structures() -> [(mutant: Mutant, observations: [[PairObservation]])] {
    mutants.compactMap { mutant in
      var computation = right
      guard mutant.change(&computation), !computation.isHarmless, computation.isOfChannels(otherThan: right),
        keepsLengths(computation)
      else { return nil }
      return (mutant, examination.tensors.map { observations(computation, $0) })
    }
  }

  /// The mistake as reports name it, with what its own computation changes.
  func known(_ mutant: Mutant, alike: [String]) -> KnownMistake {
    var computation = right
    _ = mutant.change(&computation)
    return known(mutant, computation, alike: alike)
  }

  /// The mistake as reports name it; `alike` are others that explain the outputs as well.
  func known(_ mutant: Mutant, _ computation: MutantComputation, alike: [String]) -> KnownMistake {
    let computed = computation.mistakenConvention?.words, needed = right.golden.goldenCase.convention.words
    return KnownMistake(
      name: mutant.name, summary: mutant.summary, bugs: mutant.bugs, indistinguishable: alike,
      computed: computed.map { computed in computed.filter { !needed.contains($0) } },
      needed: computed.map { computed in needed.filter { !computed.contains($0) } })
  }

  // MARK: Rows

  private func hypothesis(_ mutants: [Mutant], _ computation: MutantComputation) -> Hypothesis? {
    let judge = HypothesisJudge(computation, budget: examination.budget)
    // Row by row, because most mistakes miss the first by far.
    let isPossible = examination.failing.contains { tensor in
      tensor.wrongSample.allSatisfy { row in
        let fit = HypothesisFit(computation, judge, tensor, rows: [row])
        return fit.hasRightCopies
          && (fit.accuracy.conforms || fit.accuracy.holdingBudgets.contains(where: \.isArithmetic))
      }
    }
    guard isPossible else { return nil }
    return Hypothesis(
      mutants: mutants, computation: computation,
      fits: examination.tensors.map {
        HypothesisFit(computation, judge, $0, rows: Array($0.rows.indices))
      })
  }

  /// Indicates whether the pairs of a computation have the lengths of the outputs' pairs in a sample of wrong rows,
  /// apart from one factor.
  private func keepsLengths(_ computation: MutantComputation) -> Bool {
    examination.failing.contains { tensor in
      let observations = observations(computation, tensor, rows: tensor.wrongSample)
      let gains = observations.map { seen in
        Fitted(
          (seen.actual * seen.actual).sum().squareRoot() / seen.size, uncertainty: 2 * seen.tolerance / seen.size)
      }
      return !gains.isEmpty && gains.common != nil
    }
  }

  private func observations(
    _ computation: MutantComputation, _ tensor: TensorExamination, rows: [Int]? = nil
  ) -> [PairObservation] {
    let rows = rows ?? Array(tensor.rows.indices)
    let judge = HypothesisJudge(computation, budget: examination.budget).rowJudge(tensor.map.extent)
    return zip(rows, computation.rows(rows.map { tensor.rows[$0] })).flatMap { number, row in
      judge.observations(
        tensor.rows[number], tensor.map.extent, values: row.input, exact: row.output, tensor.actual,
        at: number * row.input.count, unwritten: tensor.unwritten)
    }
  }
}

extension MutantComputation {
  /// Indicates whether the same channels rotate, in other pairs.
  fileprivate func isOfChannels(otherThan right: MutantComputation) -> Bool {
    let mine = runningPlan, right = right.runningPlan
    guard mine.passThroughChannels == right.passThroughChannels, mine.pairs.count == right.pairs.count else {
      return false
    }
    return zip(mine.pairs, right.pairs).contains { $0.input != $1.input || $0.output != $1.output }
  }
}

extension TensorExamination {
  /// The numbers of a middle, the last and the first kept row with a wrong element: most mistakes miss one of them by far.
  fileprivate var wrongSample: [Int] {
    let wrong = rows.indices.filter { map.isWrongRow[rows[$0].token * map.extent.heads + rows[$0].head] }
    let places = [wrong.count / 2, wrong.count - 1, 0].filter(wrong.indices.contains)
    return places.enumerated().filter { !places[..<$0.offset].contains($0.element) }.map { wrong[$0.element] }
  }
}
