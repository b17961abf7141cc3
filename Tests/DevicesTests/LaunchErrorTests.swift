import RoPE
import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct LaunchErrorTests {
  private let launcher = PositionEmbeddings(device: .host, cache: KernelCache())

  @Test("A call that no backend can take")
  func invalidCalls() throws {
    let trial = try Recipe(contract: .table).trial()
    func expect(_ error: CallError, _ change: (inout Trial) -> Void, location: SourceLocation = #_sourceLocation) {
      var changed = trial
      change(&changed)
      #expect(throws: error, sourceLocation: location) { try changed.run(on: launcher) }
    }
    expect(.buffer(tensor: "key output", index: 3, count: 3)) { $0.contents.removeLast() }
    expect(.buffer(tensor: "query input", index: 0, count: 0)) { $0.contents.removeAll() }
    expect(.angleCount(what: "positions", found: 0, expected: 6)) { $0.call.angles = .positions([]) }
    expect(.row(7, token: 2, rowCount: 7)) {
      guard case .table(let table, var rows) = $0.call.angles else { return }
      rows[2] = 7
      $0.call.angles = .table(table, rows: rows)
    }
    expect(.outOfBounds(tensor: "query output", lastElement: 1159, elementCount: 500)) {
      $0.contents[1].removeLast(665)
    }
    expect(.tooFew(axis: "sequence", count: -1, least: 0)) { $0.call.sequence = -1 }
    expect(.pairsWithoutAngles(pairs: 16)) { $0.call.angles = .none }
  }

  @Test("Validation comes before the kernel's limits")
  func order() throws {
    let configuration = Configuration(headDimension: 1026, rotaryDimension: 64, pairing: .half, base: 1e4)
    var trial = try Recipe(configuration: configuration).trial()
    trial.call.batch = 0
    #expect(throws: CallError.tooFew(axis: "batch", count: 0, least: 1)) { try trial.run(on: launcher) }
  }

  @Test("A buffer of another device, and a buffer given twice")
  func buffers() throws {
    let call = try Recipe().trial().call
    let size = 2 * 3 * 3 * 64 * 4 + 64
    var buffers = try (0..<4).map { _ in try DeviceBuffer(device: .host, byteCount: size) }
    let other = Device(runtime: DoctoredRuntime(name: "other"))
    #expect(throws: DeviceError.foreignBuffer(index: 0, device: "host", launcher: "other")) {
      try PositionEmbeddings(device: other, cache: KernelCache()).launch(call, buffers: buffers)
    }
    buffers[3] = buffers[1]
    #expect(throws: DeviceError.sameBuffer(first: 1, second: 3)) { try launcher.launch(call, buffers: buffers) }
  }

  @Test("A device without memory for the angles")
  func memory() throws {
    let error = DeviceError.allocation(byteCount: 8, device: "full", reason: "none left")
    let device = Device(runtime: FullRuntime())
    let buffers = try (0..<4).map { _ in try DeviceBuffer(device: device, byteCount: 2 * 3 * 3 * 64 * 4 + 64) }
    #expect(throws: error) {
      try PositionEmbeddings(device: device, cache: KernelCache()).launch(try Recipe().trial().call, buffers: buffers)
    }
  }

  @Test("Messages say what failed, on what, with which value, and what to do")
  func messages() {
    let messages: [(DeviceError, String)] = [
      (
        .allocation(byteCount: 9, device: "host", reason: "there is none"),
        "cannot allocate 9 bytes on device host: there is none"
      ),
      (
        .transfer(offset: 7, byteCount: 4, bufferByteCount: 10),
        "cannot copy 4 bytes at offset 7: the buffer has 10 bytes"
      ),
      (
        .blockCount(device: "host", launch: 3, found: 5, expected: 6),
        "device host did not do the work: it finished 5 of 6 blocks in launch 3; discard its output"
      ),
      (
        .launchNumber(device: "host", found: 0, expected: 3),
        "device host did not do the work: its record is of launch 0, not 3; discard its output"
      ),
      (.unsupported(reason: "too large"), "the kernel does not support this call: too large"),
      (
        .sameBuffer(first: 0, second: 2),
        "buffers 0 and 2 are the same memory: give it once, and refer to it from both views"
      ),
      (
        .foreignBuffer(index: 1, device: "a", launcher: "b"),
        "buffer 1 is on device a, but the launcher is on b: allocate it on b"
      ),
    ]
    for (error, message) in messages { #expect(error.description == message) }
  }
}
