import Backends
import Devices
import Goldens
import Invariants
import Judging
import Reports
import RoPE
import Testing

@Suite struct InvariantTableTests {
  /// A backend that is right except for some calls.
  private struct Backend: MemoryMakingBackend {
    private let kernel = KernelBackend(device: .host)
    var isSupported = true
    var error: ReportError?
    var name: String { "test" }
    var summary: String { "a test" }

    func support(for call: RotationCall) -> Support {
      isSupported ? .supported : .unsupported(reason: "no \u{1B}[31mreds")
    }

    func makeMemory(byteCounts: [Int]) throws -> CallMemory { try kernel.makeMemory(byteCounts: byteCounts) }

    func rotate(_ call: RotationCall, in memory: CallMemory) throws -> Evidence? {
      if let error { throw error }
      return try kernel.rotate(call, in: memory)
    }
  }

  private func table(_ backends: [Backend]) throws -> InvariantTable {
    var table = InvariantTable()
    for (index, backend) in backends.enumerated() {
      let run = InvariantRun(
        backend: backend,
        convention: .configuration(Configuration(headDimension: 8, rotaryDimension: 8, pairing: .half, base: 1e4)),
        elementType: .float32, contract: .position, budget: try Budget(named: "float32-exact-angle"), seed: 1)
      table.add(try Invariant.allCases.map(run.check), of: "m\(index)/f32/position")
    }
    return table
  }

  @Test("What holds is a number below 1")
  func holds() throws {
    let table = try table([Backend()])
    #expect(table.holds && table.conclusion == "holds")
    #expect(table.text.split(separator: "\n").count == 2)
  }

  @Test("What is not supported is counted, and its reason given once; alone it does not hold")
  func unsupported() throws {
    let unsupported = Backend(isSupported: false), none = try table([unsupported])
    #expect(!none.holds && none.conclusion == "nothing was checked; 6 of 6 checks are not supported")
    #expect(none.text.hasSuffix("\n– m0/f32/position: not supported: no \\u{1B}[31mreds"))
    #expect(none.text.split(separator: "\n").count == 3)
    let some = try table([unsupported, Backend()])
    #expect(some.holds && some.conclusion == "holds; 6 of 12 checks are not supported")
  }

  @Test("A failure of the backend is told once, and each cell says so")
  func failed() throws {
    let table = try table([Backend(), Backend(error: .foreign(path: "p", reason: "r"))])
    #expect(!table.holds && table.conclusion == "does not hold")
    #expect(table.text.ranges(of: "\n✗ m1/f32/position: the backend failed: ").count == 1)
    #expect(table.text.ranges(of: "✗ failed").count == 6)
  }
}
