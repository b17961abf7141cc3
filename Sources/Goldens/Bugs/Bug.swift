import RoPE

/// A published bug of a RoPE implementation, and the cases that catch it.
package struct Bug: Sendable {
  /// The id that a case's flags use, such as `B48`.
  package let id: String
  /// The thread that reported it, or one of several: `project#number`.
  package let thread: String
  /// The mistake of the implementation, in words.
  package let mistake: String
  private let detection: Detection

  enum Detection: Sendable {
    case cases(@Sendable (Case) -> Bool)
    case none(reason: String)
  }

  init(_ id: String, _ thread: String, _ mistake: String, fails: @escaping @Sendable (Case) -> Bool) {
    self.init(id: id, thread: thread, mistake: mistake, detection: .cases(fails))
  }

  init(_ id: String, _ thread: String, _ mistake: String, unseen reason: String) {
    self.init(id: id, thread: thread, mistake: mistake, detection: .none(reason: reason))
  }

  private init(id: String, thread: String, mistake: String, detection: Detection) {
    self.id = id
    self.thread = thread
    self.mistake = mistake
    self.detection = detection
  }

  /// Indicates whether an implementation with this mistake fails a case.
  package func fails(_ goldenCase: Case) -> Bool {
    guard case .cases(let fails) = detection else { return false }
    return fails(goldenCase)
  }

  /// The reason that no case can catch it; nil if a case does.
  package var unseenReason: String? {
    guard case .none(let reason) = detection else { return nil }
    return reason
  }
}

extension Case {
  /// The ids of the published bugs that this case catches, ascending.
  ///
  /// The covering array has none: its cases are not chosen for a bug. A call without elements cannot be wrong, and an
  /// invalid one is unsupported if its twin is wrong.
  package var flags: [String] {
    let isChosen = section != .coveringArray && workload.rowCount > 0 && workload.invalidValue == nil
    return isChosen ? Bug.all.filter { $0.fails(self) }.map(\.id) : []
  }
}

// The properties of a case that bugs depend on.
extension Case {
  var rotates: Bool { contract != .unrotated }
  /// True if the backend computes angles.
  var hasAngles: Bool { contract == .position || contract == .frequency }
  var isPartial: Bool { rotates && convention.rotaryDimension < convention.headDimension }
  var hasSeveralAxes: Bool { rotates && convention.axisCount > 1 }
  var isHalfType: Bool { rotates && elementType != .float32 }
  var isStrided: Bool { workload.section == .strided }
  /// True if a position is so large that 16-bit formats lose it, and float32 sine approximations lose its angle.
  var isFar: Bool { hasAngles && ["far", "position-grid", "positions-extreme", "long"].contains(workload.name) }

  func runs(_ names: String...) -> Bool { rotates && names.contains(workload.name) }

  /// Indicates whether the backend derives the frequencies from a scaling that fits.
  func derives(_ fits: (FrequencyScaling) -> Bool) -> Bool { contract == .position && fits(convention.scaling) }
}

extension FrequencyScaling {
  var isLongRoPE: Bool { if case .longrope = self { true } else { false } }
  var isDynamic: Bool { if case .dynamic = self { true } else { false } }
  var isProportional: Bool { if case .proportional = self { true } else { false } }
  var llama3: Llama3? { if case .llama3(let parameters) = self { parameters } else { nil } }
  var yarn: YaRN? { if case .yarn(let parameters) = self { parameters } else { nil } }
}
