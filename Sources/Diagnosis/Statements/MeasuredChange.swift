import Foundation
import RoPE

/// A difference from the right computation that was measured in inputs and outputs.
package enum MeasuredChange: Sendable, Equatable {
  /// The outputs are the inputs: nothing was rotated.
  case unrotated
  /// The outputs are 0.
  case zero
  /// The two outputs of a pair are exchanged.
  case exchanged
  /// The first (0) or second (1) output of each pair has the other sign.
  case negated(output: Int)
  /// The outputs are this multiple of the right ones.
  case gain(Fitted)
  /// The angle is 0, whatever the position.
  case noAngle
  /// The angle has the other sign.
  case opposite
  /// The angle is that of this multiple of the position.
  case multiple(Fitted)
  /// The position is larger by this.
  case shift(Fitted)
  /// Every token has this position.
  case position(Fitted)
  /// Each token has the position of the token this far after it in its row.
  case otherToken(Int)
  /// Every row of the batch has the positions of this row.
  case otherBatchRow(Int)
  /// The position is that of another axis.
  case otherAxis(Int)
  /// The position is that of the token with the same number in the other tensor, or of its last.
  case otherTensor
  /// The frequency is the inverse of the right one: positions are divided by it.
  case inverseFrequency
  /// The frequency is that of the pair this far after it.
  case otherPair(Int)
  /// The frequency is this multiple of the right one.
  case frequencyMultiple(Fitted)
  /// The frequencies are those of this base, instead of the right one.
  case base(Fitted, instead: Double)
}

/// A number that was fitted to outputs.
package struct Fitted: Sendable, Equatable, Codable {
  package let value: Double
  /// The largest distance of the real number from `value` that the data allow.
  package let uncertainty: Double

  package init(_ value: Double, uncertainty: Double) {
    self.value = value
    self.uncertainty = uncertainty
  }

  package static let zero = Fitted(0, uncertainty: 0)

  /// The significant digits that the data support, from 1 to 9; 1 for a number that is not finite.
  package var digits: Int {
    guard value.isFinite, !uncertainty.isNaN else { return 1 }
    guard value != 0, uncertainty > 0 else { return uncertainty > 0 ? 1 : 9 }
    return Int(min(max(log10(value.magnitude / uncertainty).rounded(.down), 1), 9))
  }

  /// The value, rounded to the digits that the data support.
  package var shown: Double {
    guard value != 0 else { return 0 }
    let places = Double(digits - 1) - log10(value.magnitude).rounded(.down), scale = pow(10, places.magnitude)
    guard scale.isFinite else { return value }
    // A power of ten below 1 is none in binary.
    return places < 0 ? (value / scale).rounded() * scale : (value * scale).rounded() / scale
  }

  /// The value to the supported digits, and their number: `1.5 (to 5 digits)`.
  package var text: String { "\(shown.shortest) (to \(digits) digit\(digits == 1 ? "" : "s"))" }

  /// The value in words; one that shows the digits of the right one by how far it is from that:
  /// `1 + 4.8e-07 (to 2 digits)`.
  func text(insteadOf right: Double) -> String {
    guard shown == right, value != right else { return text }
    let distance = Fitted((value - right).magnitude, uncertainty: uncertainty)
    return "\(right.shortest) \(value < right ? "−" : "+") \(distance.text)"
  }
}

extension MeasuredChange {
  /// The mistake of the catalogue that is this change with this number; nil if there is none.
  package var mistake: String? {
    switch self {
    case .shift(let value) where value.shown == -1: "position-minus-one"
    case .shift(let value) where value.shown == 1: "position-plus-one"
    case .unrotated, .noAngle: "nothing-rotated"
    case .opposite: "sine-negated"
    case .gain(let value) where value.shown == -1: "negated"
    case .otherBatchRow(0): "first-row-for-batch"
    case .otherToken(-1): "previous-token"
    case .otherAxis(0): "first-axis-only"
    case .exchanged: "outputs-exchanged"
    case .inverseFrequency: "frequencies-inverted"
    case .zero: "all-zero"
    default: nil
    }
  }

  /// True unless the outputs are what they are, however channels are paired.
  var isOfResult: Bool { self != .zero && self != .unrotated }

  /// True for a number that angles tell.
  var isOfAngle: Bool {
    switch self {
    case .multiple, .shift, .position, .frequencyMultiple, .base: true
    default: false
    }
  }

  /// The number that was fitted; nil for a change without one.
  package var value: Fitted? { parts.value }

  /// The same change with another number.
  package func replacing(_ value: Fitted) -> MeasuredChange {
    switch self {
    case .gain: .gain(value)
    case .multiple: .multiple(value)
    case .shift: .shift(value)
    case .position: .position(value)
    case .frequencyMultiple: .frequencyMultiple(value)
    case .base(_, let right): .base(value, instead: right)
    default: self
    }
  }
}

extension MeasuredChange: Codable {
  private enum CodingKeys: CodingKey {
    case kind, number, value, instead
  }

  /// The kind of change, as reports name it.
  private enum Kind: String, Codable {
    case unrotated = "not rotated"
    case zero
    case exchanged
    case negated
    case gain
    case noAngle = "angle 0"
    case opposite = "angle negated"
    case multiple = "position multiplied"
    case shift = "position shifted"
    case position = "one position"
    case otherToken = "position of other token"
    case otherBatchRow = "positions of batch row"
    case otherAxis = "position of other axis"
    case otherTensor = "position of other tensor"
    case inverseFrequency = "frequency inverted"
    case otherPair = "frequency of other pair"
    case frequencyMultiple = "frequency multiplied"
    case base
  }

  private var parts: (kind: Kind, number: Int?, value: Fitted?) {
    switch self {
    case .unrotated: (.unrotated, nil, nil)
    case .zero: (.zero, nil, nil)
    case .exchanged: (.exchanged, nil, nil)
    case .negated(let output): (.negated, output, nil)
    case .gain(let value): (.gain, nil, value)
    case .noAngle: (.noAngle, nil, nil)
    case .opposite: (.opposite, nil, nil)
    case .multiple(let value): (.multiple, nil, value)
    case .shift(let value): (.shift, nil, value)
    case .position(let value): (.position, nil, value)
    case .otherToken(let distance): (.otherToken, distance, nil)
    case .otherBatchRow(let row): (.otherBatchRow, row, nil)
    case .otherAxis(let axis): (.otherAxis, axis, nil)
    case .otherTensor: (.otherTensor, nil, nil)
    case .inverseFrequency: (.inverseFrequency, nil, nil)
    case .otherPair(let distance): (.otherPair, distance, nil)
    case .frequencyMultiple(let value): (.frequencyMultiple, nil, value)
    case .base(let value, _): (.base, nil, value)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(parts.kind, forKey: .kind)
    try values.encodeIfPresent(parts.number, forKey: .number)
    try values.encodeIfPresent(parts.value, forKey: .value)
    if case .base(_, let right) = self { try values.encode(right, forKey: .instead) }
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func number() throws -> Int { try values.decode(Int.self, forKey: .number) }
    func value() throws -> Fitted { try values.decode(Fitted.self, forKey: .value) }
    self =
      switch try values.decode(Kind.self, forKey: .kind) {
      case .unrotated: .unrotated
      case .zero: .zero
      case .exchanged: .exchanged
      case .negated: .negated(output: try number())
      case .gain: .gain(try value())
      case .noAngle: .noAngle
      case .opposite: .opposite
      case .multiple: .multiple(try value())
      case .shift: .shift(try value())
      case .position: .position(try value())
      case .otherToken: .otherToken(try number())
      case .otherBatchRow: .otherBatchRow(try number())
      case .otherAxis: .otherAxis(try number())
      case .otherTensor: .otherTensor
      case .inverseFrequency: .inverseFrequency
      case .otherPair: .otherPair(try number())
      case .frequencyMultiple: .frequencyMultiple(try value())
      case .base: .base(try value(), instead: try values.decode(Double.self, forKey: .instead))
      }
  }
}
