import Judging
import TestSupport
import Testing

@Suite struct ToleranceRuleTests {
  private func error(_ text: String) -> String {
    errorText { try ToleranceRule(parsing: text, origin: "here") }
  }

  @Test("A rule is cases, budget and reason")
  func parts() throws {
    let rule = try ToleranceRule(
      parsing: " a/*/b =  atol=1e-5,rtol=1e-3 \n because it is = so because I say ", origin: "--tolerance")
    #expect(rule.pattern == "a/*/b")
    #expect(rule.budget.name == "atol=1e-5,rtol=1e-3")
    #expect(rule.reason == "it is = so because I say")
    #expect(rule.origin == "--tolerance")
  }

  @Test("Exact copies follow the budget, whatever it is")
  func exactCopies() throws {
    for budget in ["table-rounded", "atol=1e-5,rtol=1e-3", "ulp=2"] {
      let rule = try ToleranceRule(parsing: "** = \(budget)  with exact\n copies because it is asked", origin: "here")
      #expect(rule.exactCopies && rule.budget.name == budget && rule.setting == "\(budget) with exact copies")
      let plain = try ToleranceRule(parsing: "** = \(budget) because with exact copies", origin: "here")
      #expect(!plain.exactCopies && plain.setting == budget)
    }
    #expect(error("** = with exact copies because x").contains("unknown budget 'with exact copies'"))
    #expect(error("** = ulp=1 with exact because x").contains("ulp '1 with exact'"))
  }

  @Test("A brace without a partner is an error of the rule")
  func braces() {
    #expect(
      error("{a,b = ulp=1 because x")
        == "here: rule '{a,b = ulp=1 because x': the pattern '{a,b' has a '{' without '}': write alternatives as "
        + "{f16,bf16}")
  }

  @Test("What is missing is named, with the way to write it")
  func missing() {
    let form = "write 'cases = budget because reason'"
    #expect(error("** float32-exact-angle because x").hasPrefix("here: rule '** float32-exact-angle because x': "))
    #expect(error("** float32-exact-angle because x").hasSuffix("no budget: \(form)"))
    #expect(error("** = because x").hasSuffix("no budget: \(form)"))
    #expect(error("= ulp=1 because x").hasSuffix("no case pattern before '=': \(form), where ** is every case"))
    for text in ["** = ulp=1", "** = ulp=1 because", "** = ulp=1 because  "] {
      #expect(
        error(text).hasSuffix(
          "it has no reason: end the rule with ' because ' and why this budget is right"))
    }
  }

  @Test(
    "An unknown budget is answered with the known ones",
    arguments: ["float32", "atol=1", "rtol=1,atol=1", "atol=1,rtol=1,ulp=1", "ulp", "atol,rtol", "atol=1,,rtol=2"])
  func unknownBudget(name: String) {
    #expect(
      error("** = \(name) because x").hasSuffix(
        "unknown budget '\(name)': must be one of correctly-rounded, float32-exact-angle, float32-constant-angle, "
          + "float32-three-products, float32-angle-c8, float32-angle-c48, table-rounded, storage-arithmetic, "
          + "relative-0.1%, atol=X,rtol=Y or ulp=N"))
  }

  @Test(
    "A number that is no bound is refused",
    arguments: [
      ("atol=-1,rtol=0", "atol '-1'"), ("atol=0,rtol=nan", "rtol 'nan'"), ("atol=inf,rtol=0", "atol 'inf'"),
      ("ulp=-0.5", "ulp '-0.5'"), ("ulp=", "ulp ''"), ("atol=0,rtol=one", "rtol 'one'"),
    ])
  func numbers(budget: String, named: String) {
    #expect(
      error("** = \(budget) because x").hasSuffix(
        "\(named) in budget '\(budget)': must be a finite number of at least 0"))
  }

  @Test(
    "Patterns",
    arguments: [
      ("**", "glm/bf16/batch/position", true), ("*", "glm/bf16", true), ("*/*/*", "glm/bf16", false),
      ("*/*", "glm/bf16", true),
      ("glm*/bf16/**", "glm-4-9b/bf16/batch/position", true), ("glm/**/position", "glm/bf16/batch/position", true),
      ("**/position", "position", false), ("g*m", "gm", true), ("glm", "glm/bf16", true), ("gl", "glm/bf16", false),
      ("glm/bf16", "glm", false), ("glm/", "glm/bf16", false),
      ("{glm,gpt}/{f16,bf16}/**", "glm/bf16/batch", true), ("{glm,gpt}/{f16,bf16}", "gpt/f32/batch", false),
      ("glm", "GLM", false), ("", "", true), ("", "a", false), ("*a*b*", "xaybz", true), ("*.", "x1", false),
    ])
  func patterns(pattern: String, name: String, matches: Bool) throws {
    let rule = try ToleranceRule(parsing: "x\(pattern) = ulp=1 because y", origin: "here")
    #expect(rule.matches("x" + name) == matches)
  }
}
