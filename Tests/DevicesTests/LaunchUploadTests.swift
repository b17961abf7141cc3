import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct LaunchUploadTests {
  /// The claimed and the counted bytes of angles that a launch copied: everything except the tensors.
  private func upload(_ trial: Trial) throws -> (claimed: Int, counted: Int) {
    let runtime = DoctoredRuntime()
    let launcher = PositionEmbeddings(device: Device(runtime: runtime), cache: KernelCache())
    let (after, evidence) = try trial.run(on: launcher)
    #expect(trial.firstFault(in: after) == nil)
    let tensors = trial.contents.map(\.count).reduce(0, +) * trial.call.elementType.byteCount
    return (evidence.uploadedByteCount, runtime.counts.uploadedBytes - tensors)
  }

  @Test("Of 10,000 rows of a table the three that tokens use", arguments: ElementType.allCases)
  func tableRows(type: ElementType) throws {
    var trial = try Recipe(contract: .table).trial()
    let table = CosSinTable(
      type: type, pairCount: 16, cosines: scatteredBits(160_000, seed: 7, type: type),
      sines: scatteredBits(160_000, seed: 8, type: type))
    trial.call.angles = .table(table, rows: [9_999, 0, 512, 0, 9_999, 9_999])
    let (claimed, counted) = try upload(trial)
    #expect(claimed == 2 * 3 * 16 * type.byteCount + 6 * 4)
    #expect(counted == claimed)
  }

  @Test("A row index of 4 bytes, or a position of 8 per token; 4 or 8 bytes per pair")
  func frequenciesAndPositions() throws {
    let frequency = try upload(try Recipe(contract: .frequency).trial())
    #expect(frequency == (16 * 4 + 6 * 8, 16 * 4 + 6 * 8))
    let position = try upload(try Recipe(contract: .position).trial())
    #expect(position == (16 * 8 + 6 * 8, 16 * 8 + 6 * 8))
  }

  @Test("4 bytes per pair for its axis where it is not the first, 16 for its channels and 4 for each that passes")
  func lists() throws {
    func uploaded(_ axes: PositionAxes, _ contract: Contract) throws -> (claimed: Int, counted: Int) {
      var recipe = Recipe(contract: contract)
      recipe.configuration.axes = axes
      return try upload(try recipe.trial())
    }
    let angles = 16 * 8 + 2 * 6 * 8
    #expect(try uploaded(.sections([16, 0]), .position) == (angles, angles))
    #expect(try uploaded(.sections([10, 6]), .position) == (angles + 64, angles + 64))
    let lists = angles + 64 + 16 * 16 + 32 * 4
    #expect(try uploaded(.slices([16, 16]), .position) == (lists, lists))
    // The rows of a table need no axis.
    let table = 2 * 6 * 16 * 4 + 6 * 4 + 16 * 16 + 32 * 4
    #expect(try uploaded(.slices([16, 16]), .table) == (table, table))
  }

  @Test("Rows are numbered in order of their first use")
  func compacts() {
    let (used, renumbered) = LaunchUpload.compact([5, 2, 5, 7, 2])
    #expect(used == [5, 2, 7])
    #expect(renumbered == [0, 1, 0, 2, 1])
  }
}
