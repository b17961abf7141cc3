import Foundation
import TestSupport
import Testing
import Workers

@Suite("ChildProcess", .timeLimit(.minutes(30))) struct ChildProcessTests {
  private func shell(_ script: String, memoryByteCount: Int? = nil) throws -> ChildProcess {
    try ChildProcess(["/bin/sh", "-c", script], memoryByteCount: memoryByteCount)
  }

  private static let ends: [(script: String, end: ChildEnd)] = [
    ("exit 0", .exited(status: 0)),
    ("exit 7", .exited(status: 7)),
    ("kill -SEGV $$", .signalled(SIGSEGV)),
    ("kill -KILL $$", .signalled(SIGKILL)),
    ("kill -KILL 0", .signalled(SIGKILL)),
    // The parent of the shell is the supervisor.
    ("sleep 0.2; kill -KILL $PPID; sleep 100", .unknown),
  ]

  @Test("The reason of its end", arguments: ends)
  func end(script: String, end: ChildEnd) throws {
    let started = ContinuousClock.now
    #expect(try shell(script).wait(until: Deadline(after: 20)) == end)
    #expect(.now - started < .seconds(20))
  }

  @Test("A deadline that passes, and the end by force")
  func deadline() throws {
    let child = try shell("sleep 100")
    #expect(child.wait(until: Deadline(after: 0.05)) == nil)
    #expect(child.kill() == .signalled(SIGKILL))
    #expect(child.wait(until: Deadline(after: 20)) == .signalled(SIGKILL))
  }

  @Test("A program that is not there")
  func missing() {
    let error = WorkerError.notStarted(program: "/nowhere/program", reason: "No such file or directory")
    #expect(throws: error) { try ChildProcess(["/nowhere/program"]) }
  }

  /// Returns true if descendants write to a file, which they do as long as they live.
  private func isGrowing(_ path: String) -> Bool {
    func size() -> Int { (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0 }
    let before = size()
    Thread.sleep(forTimeInterval: 0.2)
    return size() != before
  }

  @Test(
    "No descendant stays, not even one in a session of its own",
    arguments: ["( %; ) & sleep 100", "setsid sh -c '%' & sleep 100", "setsid sh -c '%' & exit 0"])
  func descendants(_ script: String) throws {
    let folder = try TemporaryFolder(), path = folder.path("growing")
    let loop = "while :; do echo >> \(path); sleep 0.01; done"
    let child = try shell(script.replacingOccurrences(of: "%", with: loop))
    if script.hasSuffix("exit 0") {
      #expect(child.wait(until: Deadline(after: 20)) == .exited(status: 0))
    } else {
      let start = ContinuousClock.now
      var grows = isGrowing(path)
      while !grows, .now - start < .seconds(60) { grows = isGrowing(path) }
      child.kill()
      #expect(grows)
    }
    #expect(!isGrowing(path))
  }

  @Test("What it prints is kept, and only the last line asked for")
  func output() throws {
    let child = try shell("echo first; echo second >&2; yes | head -100000; printf 'last\\033\\n\\n'")
    _ = child.wait(until: Deadline(after: 20))
    #expect(child.lastLine() == "last")
  }

  @Test("It inherits what is named, and no other file of this process")
  func descriptors() throws {
    let secret = open("/dev/zero", O_RDONLY)
    defer { close(secret) }
    let (channel, other) = try MessageChannel.withOtherEnd()
    let child = try ChildProcess(
      ["/bin/sh", "-c", "ls /dev/fd | tr '\\n' ' '; [ \"$WORKER_TEST\" = yes ]"],
      environment: ["WORKER_TEST": "yes"],
      descriptors: [3: other])
    #expect(child.wait(until: Deadline(after: 20)) == .exited(status: 0))
    // One descriptor is that of the folder, which ls reads.
    #expect(child.lastLine() == "0 1 2 3 4")
    withExtendedLifetime(channel) {}
  }

  #if os(Linux)
    @Test("Memory beyond the limit is refused")
    func memory() throws {
      let script = "x=$(head -c 300000000 /dev/zero | tr '\\0' x); [ ${#x} -gt 0 ]"
      #expect(try shell(script).wait(until: Deadline(after: 60)) == .exited(status: 0))
      let end = try shell(script, memoryByteCount: 100_000_000).wait(until: Deadline(after: 60))
      #expect(end != .exited(status: 0) && end != nil)
    }
  #endif
}
