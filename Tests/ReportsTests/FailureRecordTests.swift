import Foundation
import TestSupport
import Testing

@testable import Conformance

@Suite("The record for --last-failed") struct FailureRecordTests {
  private let folder: URL

  init() throws { folder = URL(filePath: try TemporaryFolder.untilExit()) }

  /// The files of the records, and whatever else is left in their folder.
  private var files: [URL] {
    get throws {
      try FileManager.default.contentsOfDirectory(
        at: folder.appending(path: "last-failed"), includingPropertiesForKeys: nil)
    }
  }

  private func record(of backend: String = "plugin:/a") -> FailureRecord { FailureRecord(of: backend, in: folder) }

  private func run(_ failedCounts: KeyValuePairs<String, Int>) throws -> RunReport {
    try .of(failedCounts.map { try report($0, failedCount: $1) })
  }

  @Test("It has the cases that failed last, and a run of some cases changes only theirs")
  func entries() throws {
    try record().enter(run(["a": 1, "b": 0, "c": 2]))
    #expect(try record().names() == ["a", "c"])
    try record().enter(run(["c": 0, "b": 1]))
    #expect(try record().names() == ["a", "b"])
    try record(of: "plugin:/b").enter(run(["d": 1]))
    #expect(try record().names() == ["a", "b"] && record(of: "plugin:/b").names() == ["d"])
    #expect(try Set(files.map(\.pathExtension)) == ["json", "lock"])
  }

  @Test("An unsupported case did not fail")
  func unsupported() throws {
    try record().enter(.of([report("a"), report("b", unsupported: "no")]))
    #expect(try record().names() == ["a"])
  }

  @Test("It says that there was no run, that nothing failed, or that the file is damaged")
  func errors() throws {
    #expect(
      errorText { try record().names() }.hasPrefix(
        "--last-failed: no run of the backend 'plugin:/a' has finished for this user (there is no \(folder.path)/"))
    try record().enter(run(["a": 0]))
    #expect(
      errorText { try record().names() }
        == "--last-failed: no case failed when the backend 'plugin:/a' last ran it: run without --last-failed")
    let file = try #require(try files.first { $0.pathExtension == "json" })
    try Data("{".utf8).write(to: file)
    #expect(errorText { try record().names() }.contains("cannot be read: "))
    try record().enter(run(["a": 1]))
    #expect(try record().names() == ["a"])
  }

  @Test("A folder that cannot be written is an error")
  func unwritable() throws {
    let file = folder.appending(path: "file")
    try Data().write(to: file)
    let record = FailureRecord(of: "a", in: file)
    #expect(throws: (any Error).self) { try record.enter(run(["a": 1])) }
  }

  @Test("Runs that end at the same time all enter their cases")
  func concurrent() throws {
    let reports = try (0..<200).map { try RunReport.of([report("case-\($0)")]) }, folder = folder
    DispatchQueue.concurrentPerform(iterations: reports.count) { index in
      try? FailureRecord(of: "a", in: folder).enter(reports[index])
    }
    #expect(try record(of: "a").names().count == reports.count)
  }

  @Test("A run waits for another that is entering its cases")
  func waits() throws {
    try record().enter(run(["a": 1]))
    let lock = try #require(try files.first { $0.pathExtension == "lock" })
    let descriptor = open(lock.path, O_RDWR | O_CLOEXEC)
    #expect(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    let second = record(), report = try run(["b": 1]), done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      try? second.enter(report)
      done.signal()
    }
    // However slow the machine is, a record that keeps to the lock has nothing new yet.
    let isWaiting = done.wait(timeout: .now() + 0.2) == .timedOut
    #expect(try isWaiting && record().names() == ["a"])
    close(descriptor)
    if isWaiting { done.wait() }
    #expect(try record().names() == ["a", "b"])
  }

  @Test("It confines a choice of names")
  func filter() throws {
    try record().enter(run(["m/a": 1, "m/b": 1, "n/a": 1, "m/c": 0]))
    let names = ["m/a", "m/b", "m/c", "n/a"]
    func selected(_ patterns: [String], from names: [String]) throws -> [String] {
      try NameFilter(patterns, failures: record()).select(from: names)
    }
    #expect(try selected([], from: names) == ["m/a", "m/b", "n/a"])
    #expect(try selected(["m"], from: names) == ["m/a", "m/b"])
    #expect(
      errorText { try selected(["m/c"], from: names) }
        == "--case 'm/c' with --last-failed (3 cases) leaves none of the 4 cases: give fewer of these options, or the "
        + "--tier and --fixtures with which they failed")
  }

  @Test("A backend is known again by its kind, its file, and its device")
  func identity() throws {
    func identity(_ text: String, _ device: String? = nil) throws -> String {
      try BackendChoice(text).identity(device: device)
    }
    #expect(try identity("hip") == "hip on auto" && identity("hip", "amd:1") == "hip on amd:1")
    #expect(try identity("mutant:sine-negated") == "mutant:sine-negated" && identity("reference") == "reference")
    let here = FileManager.default.currentDirectoryPath
    #expect(try identity("plugin:./a/../b.so") == "plugin:\(here)/b.so" && identity("plugin:/b.so") == "plugin:/b.so")
    #expect(
      try identity("command:true {inputs} {outputs}") == "command:true {inputs} {outputs} in \(here)")
  }
}
