import Diagnosis
import Judging

/// What to do after a run that does not conform: a sentence, and a command where one helps.
package struct NextStep: Sendable, Equatable {
  package let sentence: String
  package let command: String?
}

extension RunReport {
  /// What to do next; nil if the run conforms.
  ///
  /// A profile is offered if most cases have no other cause than rounding, or none that is known, and would conform by it.
  package var nextStep: NextStep? {
    guard !conforms else { return nil }
    let summary = summary, total = summary.total
    guard let group = summary.groups.first else {
      return total.conforming == 0 ? NextStep(sentence: nothingJudged(total.cases), command: nil) : nil
    }
    if let step = profileStep(summary.groups) { return step }
    let sentence =
      summary.groups.count == 1
      ? "mend the cause above, then run the cases that failed again"
      : "mend the first cause, which \(group.cases.count) of \(total.failing) failing cases have, then run those that "
        + "failed again"
    return NextStep(sentence: sentence, command: header.origin?.command(with: ["--last-failed"]))
  }

  private func nothingJudged(_ count: Int) -> String {
    count == 0
      ? "no case was judged: choose cases that exist"
      : "\(count == 1 ? "the only case is" : "all \(count) cases are") unsupported: a run conforms only if the backend carries out at least one; see the reasons "
        + "above"
  }

  /// The profile under which most of the failing cases would conform.
  private func profileStep(_ groups: [FailureGroup]) -> NextStep? {
    let counts = Profile.all.map { profile in
      (profile: profile, count: failing.count { $0.isUnexplained && $0.otherProfiles.contains(profile.name) })
    }
    let all = failing.count
    guard let best = counts.max(by: { $0.count < $1.count }), best.count > 0,
      4 * best.count >= 3 * all || groups.allSatisfy(\.isRounding)
    else { return nil }
    let some = best.count == all ? "all \(all) failing cases" : "at least \(best.count) of the \(all) failing cases"
    return NextStep(
      sentence:
        "\(all == 1 ? "the failing case" : some) would conform under the profile \(best.profile.name), which is for "
        + "\(best.profile.summary): if that is how the backend is meant to compute, judge all cases by it",
      command: header.origin?.command(with: ["--profile", best.profile.name], isOtherProfile: true))
  }
}

extension CaseReport {
  /// True unless a diagnosis says what is wrong, other than rounding.
  ///
  /// In a small case, few elements exceed their limits by rounding, and seem to be at a place.
  fileprivate var isUnexplained: Bool { statements.allSatisfy { !$0.cause.isNamed } }
}
