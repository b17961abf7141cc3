import Conformance
import Diagnosis
import Foundation
import Judging
import RoPE
import Testing

@testable import Reports

@Suite struct HTMLTests {
  /// Elements without an end tag.
  private let void: Set = ["meta", "br", "wbr"]

  /// A run of the given cases, as a command line starts it.
  private func started(_ cases: [CaseReport]) -> RunReport {
    let header = RunReport.of(cases).header
    var report = RunReport(
      RunHeader(
        backend: header.backend,
        origin: RunOrigin(
          command: ["run", "--backend", "plugin:<a b>", "--json", "x"], date: "2026-01-02T03:04:05Z", commit: "0123abc"),
        tolerances: header.tolerances, goldens: header.goldens, caseCount: cases.count))
    for result in cases { report.add(result) }
    return report
  }

  @Test("One page of itself: every element ends, no script, nothing from elsewhere, no raw text of a backend")
  func wellFormed() throws {
    let html = try started(RunReport.mixed().cases).html
    var open: [String] = []
    for tag in html.matches(of: /<(\/?)([a-z0-9]+)[^>]*?(\/?)>/) {
      let name = String(tag.output.2)
      if tag.output.1 == "/" {
        #expect(open.popLast() == name)
      } else if tag.output.3.isEmpty, !void.contains(name) {
        open.append(name)
      }
    }
    #expect(open == [])
    // Published bugs are the only links to elsewhere.
    let own = html.replacing("<a href=\"https://github.com/", with: "<a href=\"")
    for absent in ["<script", "http", "url(", "@import", "<no>", "<tests>", "<bfloat16>", "<a b>", "\u{1B}"] {
      let isAbsent = !own.contains(absent)
      #expect(isAbsent, "\(absent)")
    }
    #expect(html.contains("A kernel of &lt;tests&gt; &amp; &quot;quotes&quot;"))
  }

  @Test("It says everything: cases, diagnoses, integrity, grades, rules, derivations")
  func content() throws {
    let report = try RunReport.mixed(), html = report.html
    for result in report.cases { #expect(html.contains(result.name.replacing("/", with: "/<wbr>"))) }
    for detail in report.failing.flatMap(\.details) {
      for line in detail.lines { #expect(html.contains("<p>\(line.escaped)</p>")) }
    }
    #expect(html.contains("|actual − expected| ≤ ½ulp + 8·2⁻²⁴·M"))
    #expect(html.contains("cases by grade"))
    #expect(html.contains("unsupported: no &lt;bfloat16&gt;"))
    #expect(html.contains("id=\"case-4\"") && html.contains("href=\"#case-4\""))
    #expect(!html.contains("id=\"case-5\""))
  }

  @Test("The header has the result with the profile, and what is known about the run")
  func header() throws {
    let cases = try RunReport.mixed().cases, html = started(cases).html
    #expect(html.contains("<p class=\"result fails\">does not conform (profile strict)</p>"))
    let command = "rope-conformance run --backend 'plugin:<a b>' --json x".command
    #expect(command.hasPrefix("<code><span>rope-conformance</span> <span>run</span> "))
    #expect(html.contains("<dt>command</dt><dd>\(command)</dd>"))
    #expect(html.contains("<dd>2026-01-02T03:04:05Z</dd>") && html.contains("<dd><code>0123abc</code></dd>"))
    #expect(html.contains("<dd>nowhere</dd>") && html.contains("rope-conformance \(RunHeader.packageVersion)</dd>"))
    #expect(!RunReport.of(cases).html.contains("<dt>command</dt>"))
    let right = try RunReport.of([report(failedCount: 0)]).html
    #expect(right.contains("<p class=\"result conforms\">conforms (profile strict)</p>"))
    for absent in ["Causes", "Next step", "Worst", "Cases that fail"] {
      let isAbsent = !right.contains("<h2>\(absent)")
      #expect(isAbsent, "\(absent)")
    }
  }

  @Test("Each cause has an example with its reason and a command; rounding is folded; the next step follows")
  func causes() throws {
    let report = try started(RunReport.mixed().cases), html = report.html
    let origin = try #require(report.header.origin), step = try #require(report.nextStep)
    let repeated = try #require(step.command)
    var rest = try #require(html.components(separatedBy: "<h2>Causes</h2>").last)
    for group in report.summary.groups {
      let parts = rest.components(separatedBy: "\(group.counted): \(group.cause.escaped)</h3>")
      #expect(parts.count > 1, "\(group.cause)")
      rest = parts.dropFirst().joined()
      let example = try #require(report.cases.first { $0.name == group.example })
      let command = origin.command(with: ["--case", group.example, "--verbose"]).command
      #expect(rest.contains("</a>: \(example.reason.escaped)</p>\n<pre>\(command)</pre>"))
    }
    #expect(html.contains("<summary>1 case fails by rounding alone</summary>"))
    let link = "<a href=\"https://github.com/jzhang38/TinyLlama/issues/24\">B06, TinyLlama#24</a>"
    #expect(html.contains("<p>Reported as B04, shainet#111; \(link)</p>"))
    let next = try #require(html.components(separatedBy: "<section id=\"next\">").last)
    #expect(next.contains(step.sentence.escaped) && next.contains(repeated.command))
    #expect(html.contains("href=\"#next\""))
  }

  @Test("Only the first of many cases of a cause have articles; the ten worst elements are told, in order")
  func many() throws {
    let cases = try (0..<23).map { index in
      try report(
        "glm-4.5/f32/many-\(index)/position", actual: Float(2 + index).bitPattern, diagnosis: [.unknown])
    }
    let html = RunReport.of(cases).html
    #expect(html.contains("id=\"case-19\"") && !html.contains("id=\"case-20\""))
    #expect(html.contains("3 more cases have this cause: a report in JSON has them"))
    #expect(html.contains("<li>glm-4.5/<wbr>f32/<wbr>many-22/<wbr>position</li>"))
    let table = try #require(html.components(separatedBy: "<h2>Worst ten elements</h2>").last)
    let rows = table.components(separatedBy: "</section>")[0].components(separatedBy: "<tr>").dropFirst(2)
    #expect(rows.count == 10)
    for (row, index) in zip(rows, (13..<23).reversed()) { #expect(row.contains("many-\(index)/<wbr>position")) }
    let first = try #require(rows.first)
    #expect(first.contains("key[batch 1, token 0, head 2, channel 3]<br>"))
    #expect(first.contains("<td>0.5 (0x3F000000)</td><td>24.0 (0x41C00000)</td>"))
    #expect(try #require(rows.last).contains("href=\"#case-13\""))
  }

  @Test("The matrix counts by model, contract and type, and leaves out models that conform if there are many")
  func matrix() throws {
    let few = OutcomeMatrix(
      try [
        report("a/f32/x/position"), report("a/f32/y/position", failedCount: 0), report("a/f32/x/table", failedCount: 0),
        report("<b>/bf16/x/position", elementType: .bfloat16, unsupported: "no"),
        report("<b>/f32/x/position", failedCount: 0), report("<b>/f32/y/position", unsupported: "no"),
      ]
    ).html
    #expect(few.contains("colspan=\"2\">position</th><th scope=\"colgroup\" colspan=\"1\">table</th>"))
    #expect(few.contains("<th scope=\"col\">f32</th><th scope=\"col\">bf16</th><th scope=\"col\">f32</th>"))
    let a = try #require(few.firstMatch(of: /<th scope="row">a<\/th>(.*)<\/tr>/)).output.1
    #expect(a.contains(">1/2</td><td></td><td class=\"conforms\" ") && a.hasSuffix(">✓</td>"))
    let b = try #require(few.firstMatch(of: /<th scope="row">&lt;b&gt;<\/th>(.*)<\/tr>/)).output.1
    #expect(b.contains(">✓ 1/2</td>") && b.hasSuffix(">–</td><td></td>"))
    #expect(!few.contains("Not shown"))
    let right = try (0..<25).map { try report("m\($0)/f32/x/position", failedCount: 0) }
    #expect(OutcomeMatrix(right).html.contains("<th scope=\"row\">m24</th>"))
    let many = OutcomeMatrix(right + [try report("a/f32/x/position")]).html
    #expect(many.contains("<th scope=\"row\">a</th>") && !many.contains("<th scope=\"row\">m"))
    #expect(many.contains("<p>Not shown: 25 models conform wholly</p>"))
    let none = OutcomeMatrix(right + [try report("a/f32/x/position", unsupported: "no")]).html
    #expect(none.contains("<p>25 models conform wholly; 1 model has unsupported cases and none that fails</p>"))
    #expect(!none.contains("<table") && OutcomeMatrix([]).html.isEmpty)
  }

  private func plot(_ severities: [(value: Double, severity: Double)]) throws -> String {
    try #require(ErrorPlot(ErrorProfile.spread(.position, severities).series, axis: .position)).html
  }

  /// The dots of the first series, in units of the drawing.
  private func dots(_ html: String) throws -> [(x: Double, y: Double)] {
    let path = try #require(html.firstMatch(of: /class="dots tensor-1" d="([^"]*)"/)).output.1
    return try path.matches(of: /M([-0-9.]+) ([-0-9.]+)h0/).map {
      (try #require(Double($0.1)), try #require(Double($0.2)))
    }
  }

  @Test("A dot stands at the logarithm of its error, and at the limit on its line")
  func scale() throws {
    let html = try plot([(0, 1), (1, 10), (2, 100), (3, 0.1)]), dots = try dots(html)
    let limit = try #require(html.firstMatch(of: /class="limit" .*y1="([0-9.]+)"/)).output.1
    #expect(Double(limit) == dots[0].y)
    let decade = dots[0].y - dots[1].y
    #expect(decade > 20)
    #expect(abs(dots[1].y - dots[2].y - decade) < 0.11 && abs(dots[3].y - dots[0].y - decade) < 0.11)
    let step = dots[1].x - dots[0].x
    #expect(step > 50 && abs(dots[3].x - dots[2].x - step) < 0.11)
    #expect(html.contains("aria-label=\"error by position; query: at most 100 times the limit, at position 2; key: "))
  }

  @Test("No error and infinite ones lie outside of the scale, within the drawing")
  func ends() throws {
    let dots = try dots(plot([(0, 0), (1, .infinity), (2, 1e-300), (3, 1e300)]))
    #expect(dots[1].y > 0 && dots[1].y < dots[3].y)
    #expect(dots[0].y < 190 && dots[0].y == dots[2].y && dots[0].y > dots[3].y)
  }

  @Test("Positions over magnitudes are spread by logarithm, in order, within the drawing")
  func logarithmic() throws {
    let values: [Double] = [0, 1, 2, 4, 255, 256, 4096, 131_071, Double(Int32.max)]
    let html = try plot(values.map { ($0, 2) }), x = try dots(html).map(\.x)
    #expect(html.contains("by position, logarithmic"))
    #expect(zip(x, x.dropFirst()).allSatisfy(<=) && x[0] >= 40 && x[8] <= 352)
    #expect(x[3] - x[0] > 20)
    #expect(html.contains(">2147483647</text>") && html.contains(">0</text>"))
    let dense = try plot((0..<5000).map { (Double($0), $0 == 77 ? 3 : 0.5) })
    #expect(!dense.contains("logarithmic"))
    #expect(try dots(dense).count <= 110)
    #expect(Set(try dots(dense).map(\.y)).count == 2)
    // Neither empty nor extreme axes make it fail.
    #expect(ErrorPlot([], axis: .pair) == nil)
    #expect(try dots(plot([(-0x1p63, 1), (-5, 2), (0x1p63, 3)])).allSatisfy { $0.x >= 40 && $0.x <= 352 })
  }
  @Test("The labels of values neither touch nor leave the drawing")
  func labels() throws {
    let axes: [[Double]] = [
      [0, 1, 1e8, Double(Int32.max)], [-2_147_483_647, -1000, 0, 5, 2_147_483_647], [-0x1p63, -5, 0x1p63], [0, 1],
      (0..<5000).map(Double.init), [1_048_570, 1_048_575, 1_048_580], [0.25, 1000.123456789],
    ]
    for values in axes {
      let matches = try plot(values.map { ($0, 2) }).matches(of: /class="value" x="([-0-9.]+)" y="[0-9.]+">([^<]+)</)
      let ends = try matches.map { match in
        let middle = try #require(Double(match.output.1)), half = 3.6 * Double(match.output.2.count)
        return (middle - half, middle + half)
      }
      #expect(ends.count >= 2 && ends.allSatisfy { $0.0 >= 0 && $0.1 <= 360 }, "\(values.prefix(5))")
      #expect(zip(ends, ends.dropFirst()).allSatisfy { $0.1 + 5 < $1.0 }, "\(values.prefix(5))")
    }
  }
}
