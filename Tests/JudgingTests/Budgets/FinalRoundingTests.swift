import RoPE
import TestSupport
import Testing

@testable import Goldens
@testable import Judging

/// The rounding of the output, as a part of the limit: near infinity, and in another binade than the exact result.
@Suite struct FinalRoundingTests {
  private static let budgets = Budget.named.map(\.name) + ["ulp=0.5", "ulp=1", "ulp=3", "atol=8,rtol=0"]

  private func finding(
    _ type: ElementType, _ budget: Budget, expected: Double, magnitude: Double, sensitivity: Double = 0,
    _ actual: UInt32
  ) -> Finding {
    Finding(
      tensor: .query, element: ElementIndex(batch: 0, token: 0, head: 0, channel: 0), pair: 0, position: 3,
      expected: expected, actual: ElementBits(type: type, bits: actual),
      scale: scale(type, expected: expected, magnitude: magnitude, sensitivity: sensitivity), budget: budget)
  }

  private func scale(_ type: ElementType, expected: Double, magnitude: Double, sensitivity: Double) -> ErrorScale {
    ErrorScale(
      type: type, expected: expected, magnitude: magnitude, angleSensitivity: sensitivity, angle: 3)
  }

  @Test("Infinity and the largest value about the middle between them", arguments: ElementType.allCases, budgets)
  func largest(_ type: ElementType, _ name: String) throws {
    let budget = try Budget(named: name), largest = type.greatestFiniteMagnitude, half = type.ulp(of: largest) / 2
    let infinity = type.bits(rounding: .infinity), minus = type.bits(rounding: -0.0), tie = largest + half
    // One product without an angle error, so that M is the result.
    let before = budget.terms(LimitConditions(type: type, tableType: nil, hasAttentionFactor: false), angle: 3)
      .beforeRounding(scale(type, expected: tie, magnitude: tie, sensitivity: 0))
    // The least result that may become infinity. A budget by hand counts the whole error, with the last rounding; the
    // errors before it are proportional to the result.
    let first: Double
    switch budget.bound {
    case .correctRounding: first = tie
    case .arithmetic, .relative: first = tie / (1 + before / tie)
    case .ulps(let count): first = min(tie, tie + half - 2 * half * count)
    case .absoluteAndRelative: first = min(tie, tie + half - before)
    }
    let margin = max((tie - first) / 0x1p10, half / 0x1p20)
    // Every intermediate value of three multiplications may be four times as large as the result, which exceeds float32.
    let isAnything = name == "float32-three-products" && type != .float16
    for (y, text) in [
      (largest, "the largest value"), (first - margin, "just before the first that may be infinity"),
      (first + margin, "just after it"), (tie - half / 0x1p20, "below the middle"), (tie, "the middle"),
      (tie + half / 0x1p20, "above the middle"),
    ] {
      for sign in [1.0, -1] {
        func isRight(_ bits: UInt32) -> Bool {
          finding(type, budget, expected: sign * y, magnitude: y, sign < 0 ? bits | minus : bits).conforms
        }
        #expect(isRight(infinity) == (y >= first || isAnything), "infinity at \(text), \(y)")
        if y >= largest, y <= tie { #expect(isRight(infinity - 1), "\(largest) at \(text), \(y)") }
        if name == "correctly-rounded", y > tie { #expect(!isRight(infinity - 1), "\(largest) at \(text), \(y)") }
      }
    }
  }

  @Test("float16 numbers about 65,520 under the default budget")
  func float16() {
    func isRight(_ expected: Double, _ actual: UInt32) -> Bool {
      finding(.float16, .standard, expected: expected, magnitude: expected, actual).conforms
    }
    for (y, isLargestRight, isInfinityRight) in [
      (65_504, true, false), (65_505, true, false), (65_519, true, false), (65_519.99, true, true),
      (65_520, true, true), (65_520.01, true, true), (65_521, false, true),
    ] as [(Double, Bool, Bool)] {
      #expect(isRight(y, 0x7BFF) == isLargestRight && isRight(y, 0x7C00) == isInfinityRight, "\(y)")
    }
  }

  @Test("Of terms that cancel, exactly the roundings of values within the errors before it conform")
  func cancellation() throws {
    let seed = SplitMix.seed
    var random = SplitMix(seed: seed)
    for budget in Budget.named where budget.isArithmetic {
      for type in ElementType.allCases {
        for _ in 0..<300 {
          let size = Double.random(in: 1...2, using: &random)
          let expected = Double(sign: .plus, exponent: .random(in: -40...0, using: &random), significand: size)
          let magnitude = Double.random(in: 1...8, using: &random)
          let sensitivity = Double.random(in: 1...8, using: &random)
          let scale = scale(type, expected: expected, magnitude: magnitude, sensitivity: sensitivity)
          let before = budget.terms(scale.conditions, angle: scale.angle).beforeRounding(scale)
          func isRight(_ output: UInt32) -> Bool {
            finding(type, budget, expected: expected, magnitude: magnitude, sensitivity: sensitivity, output).conforms
          }
          let comment: Comment = "seed \(seed), \(budget.name), \(type), \(scale)"
          let most = expected + before, least = expected - before
          #expect(isRight(type.bits(rounding: most - before * 0x1p-20)), comment)
          #expect(isRight(type.bits(rounding: least + before * 0x1p-20)), comment)
          #expect(!isRight(type.bits(rounding: most + before * 0x1p-20) + 1), comment)
          if least < -expected { #expect(!isRight(type.bits(rounding: least - before * 0x1p-20) + 1), comment) }
        }
      }
    }
  }

  @Test("float16 results above 65,504 that become infinity fail the cases of the overflow's edge")
  func earlyInfinity() throws {
    let recipes = ArrayCases.standard.calls.filter { $0.type == .float16 && $0.values == .overflowEdge }
      .map(\.recipe).filter { $0.goldenCase.workload.tokenCount < 2_000 }
    #expect(recipes.count > 1)
    for recipe in recipes {
      let golden = try Golden(computing: recipe), tensors = golden.goldenCase.workload.tensors
      let exact = Dictionary(uniqueKeysWithValues: tensors.map { ($0, golden.expected($0)) })
      let dimension = golden.plan.headDimension
      #expect(try verdict(golden, FaultyBackend(), runCount: 1).outcome == .conforms)
      let backend = FaultyBackend(spoil: { run in
        for (tensor, expected) in exact {
          let heads = golden.goldenCase.workload.heads(of: tensor)
          for (index, exact) in expected.enumerated() where exact.isFinite && exact.magnitude > 65_504 {
            let row = index / dimension, token = row / heads, sequence = run.call.sequence
            run.change(
              tensor,
              ElementIndex(
                batch: token / sequence, token: token % sequence, head: row % heads, channel: index % dimension)
            ) { $0 & 0x8000 | 0x7C00 }
          }
        }
      })
      #expect(try verdict(golden, backend, runCount: 1).outcome == .fails, "\(golden.goldenCase.name)")
    }
  }
}
