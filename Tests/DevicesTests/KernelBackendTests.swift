import Backends
import HostKernel
import Judging
import RoPE
import Testing

@testable import Devices
@testable import Goldens

/// The verdict on a device that does something other than requested.
@Suite(.timeLimit(.minutes(30))) struct KernelBackendTests {
  /// A golden in which half of the channels rotate.
  private func golden() throws -> Golden {
    let workload = Workload("doctored", .largeSequence, sequence: 40, heads: (3, 1), isSampled: true)
    let goldenCase = Case(
      model: "test", convention: .configuration(.grouped(.half)), workload: workload, elementType: .bfloat16,
      contract: .position, tableType: nil)
    return try Golden(
      computing: Goldens.Recipe(goldenCase: goldenCase, positions: Positions((0..<40).map(Double.init))))
  }

  private func verdict(
    _ tamper: @escaping @Sendable (inout RopeArguments, inout Int) -> Void = { _, _ in }
  ) throws -> Verdict {
    let candidate = LiveCandidate(
      KernelBackend(device: Device(runtime: DoctoredRuntime(tamper: tamper))), runCount: 1)
    let rule = try ToleranceRule(parsing: "** = float32-exact-angle because a test says so", origin: "test")
    let golden = try golden()
    switch try candidate.outputs(of: golden) {
    case .outputs(let outputs): return try Judge(rule).verdict(on: golden, outputs)
    case .unsupported(let reason): return Judge(rule).unsupported(golden, reason: reason)
    case .failed(let reason): return Judge(rule).failed(golden, reason: reason)
    }
  }

  private func messages(_ tamper: @escaping @Sendable (inout RopeArguments, inout Int) -> Void) throws -> [String] {
    let verdict = try verdict(tamper)
    #expect(verdict.outcome == .fails)
    return verdict.violations.map { "\($0)" }
  }

  @Test("A device that does what it is asked for conforms")
  func right() throws {
    let verdict = try verdict()
    #expect(verdict.outcome == .conforms)
    #expect(verdict.violations.isEmpty)
  }

  @Test("Elements that are not written")
  func notWritten() throws {
    let found = try messages { arguments, _ in arguments.key.heads = 0 }
    #expect(found.contains { $0.hasPrefix("\(40 * 64) elements were not written, first key[") }, "\(found)")
  }

  @Test("A changed input, and a write before and behind a tensor")
  func outside() throws {
    let input = try messages { arguments, _ in
      UnsafeMutableRawPointer(mutating: arguments.query.input).storeBytes(of: 0x7F, toByteOffset: 801, as: UInt8.self)
    }
    #expect(input.contains { $0.contains("query input") && $0.contains("first at byte \(256 + 801):") }, "\(input)")
    let before = try messages { arguments, _ in arguments.key.output.storeBytes(of: 1, toByteOffset: -3, as: UInt8.self)
    }
    #expect(before.contains { $0.contains("key output") && $0.contains("guard before") }, "\(before)")
    let behind = try messages { arguments, _ in
      arguments.query.output.storeBytes(of: 1, toByteOffset: 40 * 3 * 64 * 2 + 255, as: UInt8.self)
    }
    #expect(behind.contains { $0.contains("query output") && $0.contains("guard after") }, "\(behind)")
  }

  @Test("A block that the device left out, and channels that it did not pass")
  func evidence() throws {
    let missing = try messages { $1 -= 1 }
    #expect(missing.contains { $0.contains("39 of 40 blocks") }, "\(missing)")
    // It rotates two pairs of groups too many.
    let rotated = try messages { arguments, _ in arguments.rotary_offset -= 8 }
    #expect(rotated.contains { $0.contains("differ from the input, first query[") }, "\(rotated)")
  }
}
