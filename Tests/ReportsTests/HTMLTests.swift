import Conformance
import Diagnosis
import Foundation
import Judging
import Testing

@testable import Reports

@Suite struct HTMLTests {
  /// Elements without an end tag.
  private let void: Set = ["meta", "br", "wbr"]

  @Test("One page of itself: every element ends, no script, nothing from elsewhere, no raw text of a backend")
  func wellFormed() throws {
    let html = try RunReport.mixed().html
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
    for absent in ["<script", "http", "url(", "@import", "<no>", "<tests>", "<bfloat16>", "\u{1B}"] {
      let isAbsent = !html.contains(absent)
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
}
