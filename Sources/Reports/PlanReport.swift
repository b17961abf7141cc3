public import Models
public import RoPE

/// A convention and its plan, for people and for programs.
public struct PlanReport: Sendable {
  public let name: String
  /// Where the values come from.
  public let source: String
  public let convention: Convention
  /// The heads of a layer; nil where nothing says how many there are.
  public let heads: (query: Int, key: Int)?
  /// What was taken from the class.
  public let defaults: [DefaultValue]
  /// What the class ignores or reads otherwise than it looks.
  public let notes: [ConfigNote]
  public let plan: Plan
  /// The float64 nearest to each pair's frequency.
  public let frequencies: [Double]
  /// The float64 nearest to the attention factor.
  public let attentionFactor: Double

  public init(
    name: String, source: String, convention: Convention, heads: (query: Int, key: Int)?, defaults: [DefaultValue],
    notes: [ConfigNote], plan: Plan, frequencies: [Double], attentionFactor: Double
  ) {
    self.name = name
    self.source = source
    self.convention = convention
    self.heads = heads
    self.defaults = defaults
    self.notes = notes
    self.plan = plan
    self.frequencies = frequencies
    self.attentionFactor = attentionFactor
  }

  /// The convention in words, the defaults and notes, and a table of pairs.
  ///
  /// - Parameter all: whether every pair has its row, or a long table only its ends.
  public func text(all: Bool) -> String {
    let headline = heads.map { "\(name): \($0.query) query heads, \($0.key) key heads" } ?? name
    var lines = [headline, "source: \(source)"] + convention.words
    if !plan.pairs.isEmpty { lines.append("attention factor \(attentionFactor)") }
    lines += defaults.map { "default: \($0.key) = \($0.value) (\($0.source))" }
    lines += notes.map { "note: \($0)" }
    guard !plan.pairs.isEmpty else { return lines.joined(separator: "\n") }
    let ends = 6, count = plan.pairs.count
    let shown = all || count <= 2 * ends + 1 ? Array(0..<count) : Array(0..<ends) + Array(count - ends..<count)
    lines += ["", row("pair", "in", "out", "axis", "radians per position")]
    for (place, index) in shown.enumerated() {
      if place > 0, shown[place - 1] != index - 1 {
        lines.append("  … \(count - 2 * ends) more pairs, --all shows them")
      }
      let pair = plan.pairs[index]
      lines.append(
        row(
          "\(index)", "\(pair.input.first), \(pair.input.second)", "\(pair.output.first), \(pair.output.second)",
          "\(pair.axis)", "\(frequencies[index])"))
    }
    return lines.joined(separator: "\n")
  }

  private func row(_ cells: String...) -> String {
    zip(cells, [6, 10, 10, 5, 0]).map { cell, width in
      cell + String(repeating: " ", count: max(0, width - cell.count))
    }.joined(separator: " ")
  }
}

extension PlanReport {
  /// Where this convention differs from another, a line for each part; empty where the plans are the same.
  ///
  /// Axes count by what they make of the pairs, bases are named where frequencies differ, heads by their numbers not at all. Scalings count by what they
  /// say too: what dynamic NTK and LongRoPE make of the pairs depends on the length.
  public func differences(from other: PlanReport) -> [String] {
    var lines: [String] = []
    func compare<Value: Equatable>(_ part: String, _ mine: Value, _ theirs: Value) {
      if mine != theirs { lines.append("\(part): \(mine) in \(name), \(theirs) in \(other.name)") }
    }
    compare("head dimension", plan.headDimension, other.plan.headDimension)
    compare("pairs", plan.pairs.count, other.plan.pairs.count)
    compare("position axes", plan.axisCount, other.plan.axisCount)
    compare("scaling", convention.scaling.words, other.convention.scaling.words)
    compare("attention factor", attentionFactor, other.attentionFactor)
    let shared = 0..<min(plan.pairs.count, other.plan.pairs.count)
    func compareFirst(_ part: String, _ value: (PlanReport, Int) -> String) {
      let different = shared.filter { value(self, $0) != value(other, $0) }
      guard let first = different.first else { return }
      lines.append(
        "\(part): \(different.count) of \(shared.count) pairs differ, first pair \(first): \(value(self, first)) in "
          + "\(name), \(value(other, first)) in \(other.name)")
    }
    compareFirst("channels read") { "\($0.plan.pairs[$1].input.first), \($0.plan.pairs[$1].input.second)" }
    compareFirst("channels written") { "\($0.plan.pairs[$1].output.first), \($0.plan.pairs[$1].output.second)" }
    compareFirst("axis") { "\($0.plan.pairs[$1].axis)" }
    let known = lines.count
    compareFirst("frequency") { "\($0.frequencies[$1])" }
    if lines.count > known, let base = convention.configuration?.base,
      let otherBase = other.convention.configuration?.base
    {
      compare("base", base, otherBase)
    }
    return lines
  }
}
