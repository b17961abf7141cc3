import HDF5
import Models
import RoPE
import Testing

@testable import Goldens

/// Cases with one wrong attribute.
///
/// The error names the file, the case, the attribute, and the problem.
@Suite struct BadAttributeTests {
  private let good: DoctoredGolden

  init() throws { good = DoctoredGolden(recipe: try .bundled("glm-4.5", "f32/single-token/position")) }

  private static let names = [
    "contract", "element_type", "pairing", "head_dim", "rotary_dim", "rotary_offset", "base", "attention_factor",
    "layout", "direction", "seed", "workload", "configuration", "plan",
  ]

  @Test(arguments: names)
  func missing(_ name: String) throws {
    var doctored = good
    doctored.attributes[name] = .missing
    let error = try doctored.error()
    #expect((error as? HDF5Error)?.operation == "read attribute \(name)")
    #expect("\(error)".contains("/cases/\(good.caseName)") && "\(error)".contains("doctored.h5"))
  }

  @Test(arguments: names)
  func ofAnotherType(_ name: String) throws {
    var doctored = good
    let isInteger = name.hasSuffix("dim") || name == "rotary_offset" || name == "seed"
    doctored.attributes[name] = isInteger ? .text("1") : .int(1)
    let error = try doctored.error()
    #expect((error as? HDF5Error)?.operation == "read attribute \(name)")
    #expect("\(error)".contains(isInteger ? "expected one integer, found string" : "found integer"))
    #expect("\(error)".contains("/cases/\(good.caseName)") && "\(error)".contains("doctored.h5"))
  }

  @Test(arguments: ["format", "format_version", "model"])
  func rootAttribute(_ name: String) throws {
    var doctored = good
    doctored.attributes["/\(name)"] = .real(1)
    let error = try doctored.error()
    #expect((error as? HDF5Error)?.operation == "read attribute \(name)")
    #expect("\(error)".contains("object / of file"))
  }

  @Test(arguments: ["contract", "element_type"])
  func unknownValue(_ name: String) throws {
    var doctored = good
    doctored.attributes[name] = .text("quaternion")
    try doctored.expectMalformed(", attribute \(name)", "unknown value 'quaternion'")
  }

  @Test("The name of a case is that of what it describes")
  func anotherCase() throws {
    var doctored = good
    doctored.attributes["element_type"] = .text("float16")
    try doctored.expectMalformed("", "describes the case 'glm-4.5/f16/single-token/position'")
  }

  @Test(
    "A file that says twice what differs is refused: a stranger would rotate by the other value",
    arguments: [
      ("pairing", .text("interleaved"), "half"), ("head_dim", .int(64), "128"), ("rotary_dim", .int(32), "64"),
      ("rotary_offset", .int(2), "0"), ("base", .real(1e4), "1000000.0"), ("attention_factor", .real(0.5), "1.0"),
      ("layout", .text("bhsd"), "bshd"), ("direction", .text("inverse"), "forward"), ("seed", .int(1), ""),
    ] as [(String, DoctoredGolden.Attribute, String)])
  func contradiction(_ change: (name: String, value: DoctoredGolden.Attribute, expected: String)) throws {
    var doctored = good
    doctored.attributes[change.name] = change.value
    try doctored.expectMalformed(", attribute \(change.name)", "contradicts", "'\(change.expected)")
  }

  @Test("JSON that is none, or that lacks a key", arguments: ["configuration", "workload"])
  func invalidJSON(_ name: String) throws {
    for text in ["", "{", "[]", "{\"pairing\": \"half\"}"] {
      var doctored = good
      doctored.attributes[name] = .text(text)
      try doctored.expectMalformed(", attribute \(name)", "is not valid")
    }
  }

  @Test func configurationThatContradictsItself() throws {
    let base = try #require(good.recipe.goldenCase.convention.configuration)
    for (key, value, words) in [
      (\Configuration.rotaryDimension, 63, "rotary dimension 63"), (\.rotaryDimension, 130, "rotary dimension 130"),
      (\.rotaryDimension, -2, "rotary dimension -2"), (\.rotaryDimension, .min, "rotary dimension"),
      (\.rotaryDimension, 0, "rotary dimension 0"), (\.rotaryOffset, 65, "rotary offset 65"),
      (\.headDimension, 0, "head dimension 0"), (\.headDimension, 1 << 20, "head dimension"),
    ] {
      var configuration = base, doctored = good
      configuration[keyPath: key] = value
      doctored.attributes["configuration"] = .text(try GoldenFormat.json(configuration))
      try doctored.expectMalformed("", words)
    }
  }

  @Test func workloadThatContradictsItself() throws {
    func expect(_ workload: Workload, _ words: String) throws {
      var doctored = good
      doctored.attributes["workload"] = .text(try GoldenFormat.json(workload))
      try doctored.expectMalformed("", words)
    }
    func workload(
      batch: Int = 1, _ layout: Layout, _ lengths: [Int]?, storage: Workload.Storage = .separate,
      isSampled: Bool = false
    ) -> Workload {
      Workload(
        "single-token", .singleToken, batch: batch, sequence: 4, heads: (3, 2), layout: layout,
        sequenceLengths: lengths, storage: storage, isSampled: isSampled)
    }
    try expect(workload(.thd, nil), "sequence_lengths")
    try expect(workload(.bshd, [4]), "sequence_lengths")
    try expect(workload(.thd, [3, 2]), "do not sum to 4")
    try expect(workload(.thd, [5, -1]), "do not sum to 4")
    try expect(workload(.thd, [.max, .max, 6]), "do not sum to 4")
    try expect(workload(batch: 2, .thd, [4]), "batch 1, not 2")
    try expect(workload(.bhsd, nil, storage: .fusedQKV), "storage separate")
    try expect(workload(batch: 2, .bshd, nil, isSampled: true), "sampled")
  }
}
