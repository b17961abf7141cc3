import Testing

@testable import Devices

@Suite(.timeLimit(.minutes(30))) struct CompilerProcessTests {
  @Test("hiprtc compiles in a child process", .needsHiprtc)
  func compiles() throws {
    let code = try CompilerProcess.compile(for: .amd("gfx1030"))
    #expect(code.starts(with: [0x7F] + Array("ELF".utf8)))
  }

  @Test("An architecture that hiprtc does not know is an error, though hiprtc ends its process", .needsHiprtc)
  func unknownArchitecture() throws {
    let error = #expect(throws: DeviceError.self) { try CompilerProcess.compile(for: .amd("gfx9999")) }
    guard case .noKernel("gfx9999", let reason) = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(reason.contains("signal") || reason.contains("returned"), "\(reason)")
  }

  @Test("A machine without an AMD GPU says so, with the runtime's own words", .needsHiprtc)
  func noDevice() throws {
    guard (try? HIPDriver()) == nil else { return }
    let error = #expect(throws: DeviceError.self) { try Device(named: "amd") }
    guard case .missingDevice("amd", let reason) = error else {
      Issue.record("\(error as Any)")
      return
    }
    #expect(reason.contains("libamdhip64.so"))
    #expect(reason.contains("found no GPU (hipInit returned 10"))
  }
}

extension Trait where Self == ConditionTrait {
  static var needsHiprtc: Self {
    .enabled(
      if: (try? RunTimeCompiler(of: .amd)) != nil, "there is no hiprtc; tools/setup --with-hipcc installs it")
  }
}
