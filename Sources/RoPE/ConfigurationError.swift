/// A configuration that contradicts itself: which value, and what it must be.
public enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case headDimension(Int)
  case rotaryDimension(Int, headDimension: Int)
  case rotaryOffset(Int, rotaryDimension: Int, headDimension: Int)
  case base(Double)
  case attentionFactor(Double)
  case scaling(parameter: String, value: String, mustBe: String)
  case sections([Int], expected: String)

  public var description: String {
    switch self {
    case .headDimension(let value):
      "head dimension \(value): must be at least 1"
    case .rotaryDimension(let value, let headDimension):
      "rotary dimension \(value): must be even and between 0 and the head dimension \(headDimension)"
    case .rotaryOffset(let value, let rotaryDimension, let headDimension):
      "rotary offset \(value): a slice of \(rotaryDimension) channels from there does not lie in a head of "
        + "\(headDimension)"
    case .base(let value):
      "base \(value): must be finite and greater than 0"
    case .attentionFactor(let value):
      "attention factor \(value): must be finite and greater than 0"
    case .scaling(let parameter, let value, let requirement):
      "\(parameter) \(value): must be \(requirement)"
    case .sections(let sections, let expected):
      "position axes \(sections): must be \(expected)"
    }
  }
}

extension Configuration {
  /// Checks that the values fit together.
  ///
  /// - Throws: ``ConfigurationError`` naming the first value that does not.
  public func validate() throws(ConfigurationError) {
    guard headDimension >= 1 else { throw .headDimension(headDimension) }
    guard rotaryDimension >= 0, rotaryDimension <= headDimension, rotaryDimension.isMultiple(of: 2) else {
      throw .rotaryDimension(rotaryDimension, headDimension: headDimension)
    }
    guard rotaryOffset >= 0, rotaryOffset <= headDimension - rotaryDimension else {
      throw .rotaryOffset(rotaryOffset, rotaryDimension: rotaryDimension, headDimension: headDimension)
    }
    guard base.isFinite, base > 0 else { throw .base(base) }
    if let attentionFactor {
      guard attentionFactor.isFinite, attentionFactor > 0 else { throw .attentionFactor(attentionFactor) }
    }
    guard rotaryDimension > 0 else { return }
    if case .normalized = scaling, let attentionFactor, attentionFactor != 1 {
      throw .scaling(parameter: "attention_factor", value: "\(attentionFactor)", mustBe: "1 for normalized")
    }
    try scaling.validate(base: base, pairs: rotaryDimension / 2, headDimension: headDimension)
    try axes.validate(rotaryDimension: rotaryDimension)
  }
}
