import Backends
import Conformance
import Judging
import RoPE
import Testing

@testable import Goldens

@Suite(.timeLimit(.minutes(30))) struct EvidenceTests {
  private let workload = Workload("plain", .withRoPE, sequence: 3, heads: (2, 1))
  private let sampled = Workload("sampled", .largeSequence, sequence: 5, heads: (2, 1), isSampled: true)

  private func message(_ workload: Workload, _ change: @escaping @Sendable (Evidence) -> Evidence) throws -> String {
    let verdict = try verdict(Golden.make(workload), FaultyBackend(evidence: change))
    guard verdict.outcome == .fails, verdict.violations.count == 1, case .evidence(let text) = verdict.violations[0]
    else { return "\(verdict.outcome): \(verdict.violations)" }
    return text
  }

  @Test("Another device, too few tokens and a launch that was shown before prove nothing")
  func evidence() throws {
    for (workload, count) in [(workload, 3), (sampled, 5)] {
      let device = try message(workload) {
        Evidence(deviceName: "cpu", tokenCount: $0.tokenCount, launchNumber: $0.launchNumber)
      }
      #expect(device.contains("'cpu' did the work, but 'host' was asked for"))
      let tokens = try message(workload) {
        Evidence(deviceName: $0.deviceName, tokenCount: $0.tokenCount - 1, launchNumber: $0.launchNumber)
      }
      #expect(tokens.contains("counted \(count - 1) of \(count) tokens"))
      let launch = try message(workload) {
        Evidence(deviceName: $0.deviceName, tokenCount: $0.tokenCount, launchNumber: 1)
      }
      #expect(launch.contains("is of launch 1, which belongs to an earlier call"))
    }
  }

  @Test("Evidence of one case does not prove the next one of the same run")
  func reuse() throws {
    let numbers = FaultyBackend(evidence: {
      Evidence(deviceName: $0.deviceName, tokenCount: $0.tokenCount, launchNumber: $0.launchNumber % 2)
    })
    let repeated = try runner(numbers), golden = try Golden.make(workload)
    _ = try repeated.report(on: golden)
    #expect(try repeated.report(on: golden).outcome == .fails)
    let honest = try runner(FaultyBackend())
    for _ in 0..<2 { #expect(try honest.report(on: golden).outcome == .conforms) }
  }

  @Test("The verdict has the launches of all runs and their time by the device's own timer")
  func deviceWork() throws {
    for workload in [workload, sampled] {
      let golden = try Golden.make(workload)
      let host = try verdict(golden, FaultyBackend())
      #expect(host.deviceWork?.launches == Settings.defaultRunCount)
      #expect(host.deviceWork?.milliseconds == nil)
      let timed = FaultyBackend(evidence: {
        Evidence(
          deviceName: $0.deviceName, tokenCount: $0.tokenCount, launchNumber: $0.launchNumber, milliseconds: 0.25)
      })
      #expect(try verdict(golden, timed).deviceWork?.milliseconds == 0.25 * Double(Settings.defaultRunCount))
    }
  }

  private struct Crash: Error, CustomStringConvertible {
    let description = "out of memory"
  }

  @Test("A backend that throws, in the first run or the second, has failed")
  func throwing() throws {
    for workload in [workload, sampled] {
      for number in [1, 2] {
        let backend = FaultyBackend(spoil: { if $0.number == number { throw Crash() } })
        let found = try verdict(Golden.make(workload), backend)
        #expect(found.outcome == .fails, "\(workload.name), run \(number)")
        #expect(found.violations == [.backendFailed(message: "out of memory")], "\(workload.name), run \(number)")
      }
    }
  }

  @Test("An unsupported case is neither run nor passed")
  func unsupported() throws {
    for workload in [workload, sampled] {
      let backend = FaultyBackend(unsupported: "no such layout", spoil: { _ in throw Crash() })
      let found = try verdict(Golden.make(workload), backend)
      #expect(found.outcome == .unsupported)
      #expect(found.unsupportedReason == "no such layout")
      #expect(found.accuracy == nil)
      var summary = RunSummary()
      summary.add(CaseReport(found))
      #expect(!summary.conforms)
    }
  }
}
