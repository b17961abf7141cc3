import RoPE

/// A published mistake of a RoPE implementation, and the cases that it fails.
public struct Bug: Sendable {
  /// The id that a case's flags use, such as `B48`.
  public let id: String
  /// Where it was reported, one thread of perhaps several: `project#number`.
  public let thread: String
  /// What the implementation did.
  public let mistake: String
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

  /// Whether an implementation with this mistake fails a case.
  public func fails(_ goldenCase: Case) -> Bool {
    guard case .cases(let fails) = detection else { return false }
    return fails(goldenCase)
  }

  /// Why no case can show it; nil where cases do.
  public var unseenReason: String? {
    guard case .none(let reason) = detection else { return nil }
    return reason
  }
}

extension Case {
  /// The ids of the published bugs that this case catches, ascending.
  public var flags: [String] { Bug.all.filter { $0.fails(self) }.map(\.id) }
}

// What bugs depend on.
extension Case {
  var rotates: Bool { contract != .unrotated }
  /// Whether the backend computes angles.
  var hasAngles: Bool { contract == .position || contract == .frequency }
  var isPartial: Bool { rotates && convention.rotaryDimension < convention.headDimension }
  var hasSeveralAxes: Bool { rotates && convention.axisCount > 1 }
  var isHalfType: Bool { rotates && elementType != .float32 }
  var isStrided: Bool { workload.section == .strided }
  /// Whether a position is large enough to be lost in a 16-bit format, and its angle in float32 sine approximations.
  var isFar: Bool { hasAngles && ["far", "position-grid", "positions-extreme", "long"].contains(workload.name) }

  func runs(_ names: String...) -> Bool { rotates && names.contains(workload.name) }

  /// Whether the backend derives the frequencies from a scaling of a kind.
  func derives(_ fits: (FrequencyScaling) -> Bool) -> Bool { contract == .position && fits(convention.scaling) }
}

extension FrequencyScaling {
  var isLongRoPE: Bool { if case .longrope = self { true } else { false } }
  var isDynamic: Bool { if case .dynamic = self { true } else { false } }
  var isProportional: Bool { if case .proportional = self { true } else { false } }
  var llama3: Llama3? { if case .llama3(let parameters) = self { parameters } else { nil } }
  var yarn: YaRN? { if case .yarn(let parameters) = self { parameters } else { nil } }
}
