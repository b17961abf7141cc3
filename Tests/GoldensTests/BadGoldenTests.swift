import Foundation
import HDF5
import RoPE
import Testing

@testable import Goldens
@testable import Models

/// Golden files in which one thing is wrong. Their checksum would be right: whoever makes goldens makes the manifest.
@Suite struct BadGoldenTests {
  /// Three equal rows of one token at position 37.
  private static let table = Recipe.small(.batchEqualRows, .bfloat16, .table, table: .float32)
  private static let ragged = Recipe.small(.ragged, .float32, .frequency)

  private struct Row {
    let recipe: Recipe
    let edits: [Edit]
    /// Parts of the message: the object, and what is wrong with it.
    let message: [String]

    init(_ recipe: Recipe, _ edits: [Edit], _ message: String...) {
      self.recipe = recipe
      self.edits = edits
      self.message = message
    }

    init(_ recipe: Recipe, _ edit: Edit, _ message: String...) {
      self.recipe = recipe
      edits = [edit]
      self.message = message
    }
  }

  /// Reads each edited file; one issue lists every message that is missing or unclear.
  private func check(_ rows: [Row], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let folder = try TemporaryFolder()
    let good = folder.path("good.h5"), bad = folder.path("bad.h5")
    let goldens = try [Self.table, Self.ragged, .smallSampled].map { try GoldenGenerator.golden(for: $0) }
    try GoldenWriter.write(goldens, of: .small, to: good)
    try copy(good, to: bad, [])
    for golden in goldens {
      #expect(try GoldenReader.read(caseNamed: golden.goldenCase.name, from: bad).hasSameBits(as: golden))
    }
    var unclear: [String] = []
    for row in rows {
      try copy(good, to: bad, row.edits)
      do {
        _ = try GoldenReader.read(caseNamed: row.recipe.goldenCase.name, from: bad)
        unclear.append("\(row.edits): no error")
      } catch {
        let text = "\(error)", isOurs = error is GoldenError || error is HDF5Error
        if !isOurs || ([bad] + row.message).contains(where: { !text.contains($0) }) {
          unclear.append("\(row.edits): \(text)")
        }
      }
    }
    if !unclear.isEmpty {
      Issue.record(Comment(rawValue: unclear.joined(separator: "\n")), sourceLocation: sourceLocation)
    }
  }

  private static func group(_ recipe: Recipe) -> String { "/cases/\(recipe.goldenCase.name)" }

  private static func bytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes(Array.init) }

  @Test("The file is not one of this format")
  func format() throws {
    let table = Self.table
    try check([
      Row(table, .remove("/@format"), "attribute format", "object /"),
      Row(table, .text("/@format", "other"), "format 'other' is not rope-conformance"),
      Row(table, .integer("/@format_version", 2), "format version 2", "update"),
      Row(table, .text("/@format_version", "1"), "format_version", "expected one integer, found string"),
      Row(table, .remove("/@model"), "attribute model"),
      Row(table, .text("/@model", "large"), Self.group(table), "describes the case 'large/"),
      Row(table, .remove(Self.group(table)), "group cases/\(table.goldenCase.name)"),
    ])
  }

  @Test("A dataset is missing, or of another type or shape")
  func datasets() throws {
    let table = Self.table, group = Self.group(Self.table), ragged = Self.group(Self.ragged)
    var rows = ["q", "k", "position_ids", "cos", "sin", "expected_q", "expected_k"].map {
      Row(table, .remove("\(group)/\($0)"), "dataset \($0)", group)
    }
    rows += ["inv_freq", "cu_seqlens"].map { Row(Self.ragged, .remove("\(ragged)/\($0)"), "dataset \($0)", ragged) }
    let half = [UInt8](repeating: 0, count: 2 * 3 * 2 * 8)
    rows += [
      Row(
        table, .dataset("\(group)/q", .float16, shape: [3, 1, 2, 8], half), "\(group)/q", "expected bfloat16",
        "found float16"),
      Row(
        table, .dataset("\(group)/q", .bfloat16, shape: [3, 2, 1, 8], half), "\(group)/q",
        "expected bfloat16 [3, 1, 2, 8]",
        "found bfloat16 [3, 2, 1, 8]"),
      Row(table, .dataset("\(group)/q", .bfloat16, shape: [3, 1, 2, 8], nil), "\(group)/q", "never written"),
      Row(
        table, .dataset("\(group)/sin", .float32, shape: [3, 1, 2], Self.bytes([1, 0.5, 1, 0.5, 1, 0.25] as [Float])),
        "\(group)/sin", "tokens of position 37 have different rows"),
      Row(
        Self.ragged, .dataset("\(ragged)/cu_seqlens", .int32, shape: [6], Self.bytes([0, 3, 4, 4, 9, 12] as [Int32])),
        "\(ragged)/cu_seqlens", "not the boundaries"),
      Row(
        Self.ragged, .dataset("\(ragged)/cu_seqlens", .int32, shape: [6], Self.bytes([1, 4, 5, 5, 10, 12] as [Int32])),
        "\(ragged)/cu_seqlens", "not the boundaries"),
      Row(
        .smallSampled,
        .dataset(
          "\(Self.group(.smallSampled))/sample_tokens", .int64, shape: [11],
          Self.bytes([0, 1, 2, 3, 4, 7, 8, 15, 16, 18, 19] as [Int64])), "sample_tokens"),
    ]
    try check(rows)
  }

  @Test("An attribute is missing, of another type, unknown, or contradicts the JSON")
  func attributes() throws {
    let table = Self.table, group = Self.group(Self.table)
    let all = GoldenFormat.attributes(of: table.goldenCase).map(\.name) + ["workload", "configuration"]
    // Without its type the table is of the element type, which is another case.
    var rows = all.filter { !GoldenFormat.optionalAttributes.contains($0) }.map {
      Row(table, .remove("\(group)@\($0)"), "attribute \($0)", group)
    }
    rows += [
      Row(table, .text("\(group)@head_dim", "8"), "attribute head_dim", group, "expected one integer, found string"),
      Row(table, .integer("\(group)@base", 50_000), "attribute base", group, "expected one real number"),
      Row(table, .integer("\(group)@pairing", 1), "attribute pairing", group, "expected one string, found integer"),
      Row(table, .text("\(group)@contract", "tables"), "attribute contract of \(group)", "unknown value 'tables'"),
      Row(table, .text("\(group)@element_type", "float8"), "attribute element_type", "unknown value 'float8'"),
      Row(table, .text("\(group)@pairing", "half"), "pairing", "'half'", "'interleaved'"),
      Row(table, .text("\(group)@output_pairing", "interleaved"), "output_pairing", "'half'"),
      Row(table, .remove("\(group)@output_pairing"), "attribute output_pairing"),
      Row(table, .integer("\(group)@head_dim", 9), "head_dim", "9", "8"),
      Row(table, .integer("\(group)@rotary_dim", 8), "rotary_dim", "8", "4"),
      Row(table, .integer("\(group)@rotary_offset", 0), "rotary_offset", "0", "2"),
      Row(table, .real("\(group)@base", 1e4), "base", "10000.0", "50000.0", "generate"),
      Row(table, .real("\(group)@attention_factor", 1), "attention_factor", "1.0", "1.5"),
      Row(table, .text("\(group)@layout", "bhsd"), "layout", "'bhsd'", "'bshd'"),
      Row(table, .text("\(group)@direction", "inverse"), "direction", "'inverse'"),
      Row(table, .integer("\(group)@seed", 7), "seed", "7"),
      Row(table, .text("\(group)@plan", "/cases"), "plan", "'/cases'", "'/plan'"),
      Row(table, .text("\(group)@table_type", "bfloat16"), group, "describes the case"),
      Row(Self.ragged, .text("\(Self.group(Self.ragged))@table_type", "float32"), "table_type"),
    ]
    try check(rows)
  }

  @Test("The plan is not that of the configuration")
  func plan() throws {
    let table = Self.table
    try check([
      Row(table, .remove("/plan"), "group plan"),
      Row(table, .remove("/plan/in"), "dataset in", "/plan"),
      Row(table, .dataset("/plan/in", .int32, shape: [2, 2], Self.bytes([2, 4, 3, 5] as [Int32])), "/plan/in"),
      Row(table, .dataset("/plan/out", .int32, shape: [2, 2], Self.bytes([2, 3, 4, 5] as [Int32])), "/plan/out"),
      Row(table, .dataset("/plan/axis", .int32, shape: [2], Self.bytes([0, 1] as [Int32])), "/plan/axis"),
      Row(table, .dataset("/plan/inv_freq", .float64, shape: [2], Self.bytes([1, 0.5])), "/plan/inv_freq"),
      Row(table, .real("/plan@attention_factor", 1), "/plan/attention_factor"),
      Row(table, .integer("/plan@head_dim", 16), "/plan/head_dim"),
    ])
  }

  @Test("The JSON is none, contradicts itself, or claims what no memory holds")
  func json() throws {
    let table = Self.table, group = Self.group(Self.table), sampled = Self.group(.smallSampled)
    let configuration = try GoldenFormat.json(table.goldenCase.configuration)
    let workload = try GoldenFormat.json(table.goldenCase.workload)
    let long = try GoldenFormat.json(Recipe.smallSampled.goldenCase.workload)
    func claim(_ key: String, _ attribute: String, _ old: Int, _ new: Int) -> [Edit] {
      [
        .text("\(group)@configuration", configuration.replacing("\"\(key)\":\(old)", with: "\"\(key)\":\(new)")),
        .integer("\(group)@\(attribute)", new),
      ]
    }
    let huge = 1 << 40
    // A plan of as many pairs, if it were made.
    let twoClaims: [Edit] = [
      .text(
        "\(group)@configuration",
        configuration.replacing("\"headDimension\":8", with: "\"headDimension\":\(huge)")
          .replacing("\"rotaryDimension\":4", with: "\"rotaryDimension\":\(huge)")),
      .integer("\(group)@head_dim", huge), .integer("\(group)@rotary_dim", huge),
    ]
    try check([
      Row(table, .text("\(group)@configuration", "{"), "attribute configuration", group, "not valid"),
      Row(table, .text("\(group)@workload", "{}"), "attribute workload", group, "not valid"),
      Row(table, claim("rotaryDimension", "rotary_dim", 4, 3), group, "rotary dimension 3: must be even"),
      Row(table, claim("rotaryDimension", "rotary_dim", 4, huge), group, "rotary dimension \(huge)"),
      Row(table, claim("headDimension", "head_dim", 8, huge), group, "head dimension \(huge) must lie between"),
      Row(table, claim("headDimension", "head_dim", 8, 0), group, "head dimension 0 must lie between"),
      Row(table, twoClaims, group, "head dimension \(huge) must lie between"),
      Row(table, claim("rotaryOffset", "rotary_offset", 2, 5), group, "rotary offset 5"),
      Row(
        table, .text("\(group)@workload", workload.replacing("\"batch\":3", with: "\"batch\":\(huge)")), group,
        "must lie between 1 and 2^24"),
      Row(
        table,
        [
          .text("\(group)@workload", workload.replacing("\"query_heads\":2", with: "\"query_heads\":16777216")),
          .dataset("\(group)/q", .bfloat16, shape: [3, 1, 1 << 24, 8], nil),
        ], "\(group)/q", "never written"),
      Row(
        .smallSampled,
        .text(
          "\(sampled)@workload",
          long.replacing("\"sequence\":20", with: "\"sequence\":16777216")
            .replacing("\"query_heads\":2", with: "\"query_heads\":1000")),
        sampled, "more than 2^31 elements"),
      Row(
        .smallSampled,
        .text("\(sampled)@workload", long.replacing("\"in_place\":false", with: "\"in_place\":true")),
        sampled, "a sampled case is one contiguous sequence"),
    ])
  }

  @Test("The file is missing, empty, cut off or something else")
  func files() throws {
    let folder = try TemporaryFolder()
    let name = Self.table.goldenCase.name
    try GoldenWriter.write([GoldenGenerator.golden(for: Self.table)], of: .small, to: folder.path("a.h5"))
    let bytes = try folder.bytes("a.h5")
    for damaged in [bytes.prefix(bytes.count / 2), Data(), Data("no HDF5".utf8)] {
      try folder.write(Data(damaged), to: "b.h5")
      let error = #expect(throws: HDF5Error.self) { try GoldenReader.read(caseNamed: name, from: folder.path("b.h5")) }
      #expect(error?.description.contains(folder.path("b.h5")) == true)
    }
    #expect(throws: HDF5Error.self) { try GoldenReader.read(caseNamed: name, from: folder.path("c.h5")) }
  }
}
