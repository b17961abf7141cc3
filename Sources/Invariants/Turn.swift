import RoPE

/// The complex number that multiplies a token's pair: `t = A·e^{iθ}`, or the cosine and sine of a table.
///
/// No cosine is computed here: angles are compared as angles.
enum Turn {
  /// A table's values.
  case given(cosine: Double, sine: Double)
  /// `gain·e^{i·units·radiansPerUnit}`. Under the position contract a unit is a position, and the angles of equal
  /// positions are equal in real arithmetic; under the frequency contract it is a radian, and angles are the float32
  /// numbers that the contract defines.
  case computed(gain: Double, units: Double, radiansPerUnit: Double)

  /// `|t|`, the factor by which the norm of the pair grows.
  var gain: Double {
    switch self {
    case .given(let cosine, let sine): (cosine * cosine + sine * sine).squareRoot()
    case .computed(let gain, _, _): gain
    }
  }

  /// The size of the angle in radians, before whole turns are removed; 0 if it is not computed.
  var radians: Double {
    switch self {
    case .given: 0
    case .computed(_, let units, let radiansPerUnit): (units * radiansPerUnit).magnitude
    }
  }

  /// The turn in the other sense, `t̄`.
  var conjugate: Turn {
    switch self {
    case .given(let cosine, let sine): .given(cosine: cosine, sine: -sine)
    case .computed(let gain, let units, let radiansPerUnit):
      .computed(gain: gain, units: -units, radiansPerUnit: radiansPerUnit)
    }
  }

  /// The turn with its size multiplied by `factor`.
  func scaled(by factor: Double) -> Turn {
    switch self {
    case .given(let cosine, let sine): .given(cosine: factor * cosine, sine: factor * sine)
    case .computed(let gain, let units, let radiansPerUnit):
      .computed(gain: factor * gain, units: units, radiansPerUnit: radiansPerUnit)
    }
  }

  /// One turn after the other, of the same pair and contract.
  static func * (first: Turn, second: Turn) -> Turn {
    switch (first, second) {
    case (.given(let c1, let s1), .given(let c2, let s2)):
      .given(cosine: c1 * c2 - s1 * s2, sine: s1 * c2 + c1 * s2)
    case (.computed(let gain1, let units1, let radiansPerUnit), .computed(let gain2, let units2, _)):
      .computed(gain: gain1 * gain2, units: units1 + units2, radiansPerUnit: radiansPerUnit)
    default: preconditionFailure("turns of two contracts")
    }
  }

  /// A bound of at least `|t − t′|`: for turns of the same gain, the chord of two angles is no longer than their arc or
  /// than the diameter.
  func distance(to other: Turn) -> Double {
    switch (self, other) {
    case (.given(let c1, let s1), .given(let c2, let s2)):
      return ((c1 - c2) * (c1 - c2) + (s1 - s2) * (s1 - s2)).squareRoot()
    case (.computed(let gain1, let units1, let radiansPerUnit), .computed(let gain2, let units2, _)):
      let arc = (units1 - units2).magnitude * radiansPerUnit.magnitude
      return min(gain1, gain2) * min(arc, 2) + (gain1 - gain2).magnitude
    default: preconditionFailure("turns of two contracts")
    }
  }
}
