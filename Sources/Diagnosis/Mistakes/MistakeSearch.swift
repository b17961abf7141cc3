import Goldens
import Judging
import Mistakes
import RoPE

/// Finds the mistakes of the catalogue that give the outputs of one run.
struct MistakeSearch {
  /// Mistakes made at once, and how far the kept rows of each tensor are from what they compute.
  struct Hypothesis {
    let mutants: [Mutant]
    let fits: [HypothesisFit]
  }

  /// The most elements of a call whose inputs are held in memory to compute mistakes.
  private static let largestElementCount = 1 << 26

  private let examination: Examination
  private let right: CaseComputation
  private let mutants: [Mutant]

  /// A search in an examined run; nil if the call is too large.
  ///
  /// If `followsRight`, an earlier run on the same inputs was right, and the mistakes that only a later call shows come
  /// first.
  ///
  /// - Throws: `CallError` if the golden itself does not give a valid call.
  init?(_ examination: Examination, followsRight: Bool) throws {
    let golden = examination.golden
    guard golden.goldenCase.elementCount <= Self.largestElementCount else { return nil }
    var right = try CaseComputation(golden)
    for tensor in examination.tensors {
      let known = Set(right[tensor.name].examinedTokens ?? [])
      right[tensor.name].examinedTokens = known.union(tensor.kept.rows.map(\.token)).sorted()
    }
    self.right = right
    self.examination = examination
    mutants =
      (followsRight ? Mutant.all.filter(\.isRightAtFirst) : []) + Mutant.all.filter { $0.kind != .integrity }
  }

  /// The mistakes that fit a sample of the wrong rows of any wrong tensor, each with its fit to all kept rows.
  func hypotheses() -> [Hypothesis] { mutants.compactMap { hypothesis([$0]) } }

  /// The pairs of mistakes that, made at once, fit a sample of the wrong rows of any wrong tensor.
  ///
  /// The first changes how channels are paired or read: of those, only ones are tried under which every output pair is
  /// as long as its input pair, for any angle. The second changes angles, factors or results.
  func pairs() -> [Hypothesis] {
    let structures = mutants.filter { [.convention, .addressing, .axes, .direction].contains($0.kind) }
    let others = mutants.filter { $0.kind != .precision }
    return structures.flatMap { first -> [Hypothesis] in
      guard let once = changed([first]), keepsLengths(once) else { return [] }
      return others.compactMap { $0.name == first.name ? nil : hypothesis([first, $0]) }
    }
  }

  /// The outputs of a mistake that changes how channels are paired or read, as exact results for measuring what else
  /// is wrong: of each that rotates the right channels, to pairs of the lengths of the outputs' pairs.
  func structures() -> [Mutant] {
    mutants.filter { mutant in
      guard let changed = changed([mutant]),
        examination.tensors.contains(where: { changed[$0.name].isOfChannels(otherThan: right[$0.name]) })
      else { return false }
      return keepsLengths(changed)
    }
  }

  /// The pairs of a sample with the results of a mistake as the exact ones; none if it cannot occur.
  func observations(_ mutant: Mutant, _ sample: RowSample) -> [PairObservation] {
    changed([mutant], in: sample).map { observations($0, sample) } ?? []
  }

  private func observations(
    _ computations: CaseComputation, _ sample: RowSample, rows: [Int]? = nil
  ) -> [PairObservation] {
    let rows = rows ?? Array(sample.rows.indices), computation = computations[sample.extent.name]
    let judge = HypothesisJudge(computation, budget: examination.budget).rowJudge(sample.extent)
    return zip(rows, computation.rows(rows.map { sample.rows[$0] })).flatMap { number, row in
      judge.observations(
        sample.rows[number], sample.extent, values: row.input, exact: row.output, sample.actual,
        at: number * row.input.count, unwritten: sample.unwritten)
    }
  }

  /// The distance of a sample from what mistakes compute; nil if one cannot occur.
  func fit(_ mutants: [Mutant], to sample: RowSample) -> HypothesisFit? {
    changed(mutants, in: sample).map { fit($0, to: sample) }
  }

  /// The mistake as reports name it; `alike` are others that explain the outputs as well.
  func known(_ mutant: Mutant, alike: [String]) -> KnownMistake {
    let computed = changed([mutant]).flatMap { changed in
      examination.tensors.lazy.compactMap { changed[$0.name].mistakenConvention }.first?.words
    }
    let needed = examination.golden.goldenCase.convention.words
    return KnownMistake(
      name: mutant.name, summary: mutant.summary, bugs: mutant.bugs, indistinguishable: alike,
      computed: computed.map { computed in computed.filter { !needed.contains($0) } },
      needed: computed.map { computed in needed.filter { !computed.contains($0) } })
  }

  // MARK: Computations

  /// What mistakes compute, for the kept rows or another sample; nil if one of them can occur for no tensor.
  private func changed(_ mutants: [Mutant], in sample: RowSample? = nil) -> CaseComputation? {
    var right = right
    if let sample { right[sample.extent.name].examinedTokens = Set(sample.rows.map(\.token)).sorted() }
    return right.changed(mutants)
  }

  private func fit(_ computations: CaseComputation, to sample: RowSample, rows: [Int]? = nil) -> HypothesisFit {
    let computation = computations[sample.extent.name]
    return HypothesisFit(
      computation, HypothesisJudge(computation, budget: examination.budget), sample, rows: rows)
  }

  private func hypothesis(_ mutants: [Mutant]) -> Hypothesis? {
    guard let changed = changed(mutants) else { return nil }
    // Row by row, because most mistakes miss the first by far.
    let isPossible = examination.failing.contains { tensor in
      tensor.wrongSample.allSatisfy { fit(changed, to: tensor.kept, rows: [$0]).isPossible }
    }
    guard isPossible else { return nil }
    return Hypothesis(
      mutants: mutants, fits: examination.tensors.map { fit(changed, to: $0.kept) })
  }

  /// Indicates whether the pairs of a computation have the lengths of the outputs' pairs in a sample of wrong rows,
  /// apart from one factor.
  private func keepsLengths(_ computations: CaseComputation) -> Bool {
    examination.failing.contains { tensor in
      let gains = observations(computations, tensor.kept, rows: tensor.wrongSample).map { seen in
        Fitted(
          (seen.actual * seen.actual).sum().squareRoot() / seen.size, uncertainty: 2 * seen.tolerance / seen.size)
      }
      return !gains.isEmpty && gains.common != nil
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
    let rows = kept.rows, wrong = rows.indices.filter { map.isWrong(token: rows[$0].token, head: rows[$0].head) }
    let places = [wrong.count / 2, wrong.count - 1, 0].filter(wrong.indices.contains)
    return places.enumerated().filter { !places[..<$0.offset].contains($0.element) }.map { wrong[$0.element] }
  }
}
