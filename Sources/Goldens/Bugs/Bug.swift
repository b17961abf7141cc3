import RoPE

/// A published mistake of a RoPE implementation, and the cases that it fails.
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

  /// Tells whether an implementation with this mistake fails a case.
  package func fails(_ goldenCase: Case) -> Bool {
    guard case .cases(let fails) = detection else { return false }
    return fails(goldenCase)
  }

  /// The reason why no case can show it; nil if cases do.
  package var unseenReason: String? {
    guard case .none(let reason) = detection else { return nil }
    return reason
  }
}

extension Case {
  /// The ids of the published bugs that this case catches, ascending.
  package var flags: [String] { Bug.all.filter { $0.fails(self) }.map(\.id) }
}

// The properties of a case that bugs depend on.
extension Case {
  var rotates: Bool { contract != .unrotated }
  /// Tells whether the backend computes angles.
  var hasAngles: Bool { contract == .position || contract == .frequency }
  var isPartial: Bool { rotates && convention.rotaryDimension < convention.headDimension }
  var hasSeveralAxes: Bool { rotates && convention.axisCount > 1 }
  var isHalfType: Bool { rotates && elementType != .float32 }
  var isStrided: Bool { workload.section == .strided }
  /// Tells whether a position is large enough to be lost in a 16-bit format, and its angle in float32 sine approximations.
  var isFar: Bool { hasAngles && ["far", "position-grid", "positions-extreme", "long"].contains(workload.name) }

  func runs(_ names: String...) -> Bool { rotates && names.contains(workload.name) }

  /// Tells whether the backend derives the frequencies from a scaling of a kind.
  func derives(_ fits: (FrequencyScaling) -> Bool) -> Bool { contract == .position && fits(convention.scaling) }
}

extension FrequencyScaling {
  var isLongRoPE: Bool { if case .longrope = self { true } else { false } }
  var isDynamic: Bool { if case .dynamic = self { true } else { false } }
  var isProportional: Bool { if case .proportional = self { true } else { false } }
  var llama3: Llama3? { if case .llama3(let parameters) = self { parameters } else { nil } }
  var yarn: YaRN? { if case .yarn(let parameters) = self { parameters } else { nil } }
}
