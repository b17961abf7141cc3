import Backends
import Foundation
import TestSupport
import Testing
import Workers

@Suite("Plug-ins that cannot be used", .timeLimit(.minutes(30))) struct PluginLoadingTests {
  /// The source of a plug-in with the given initialiser, in C, of its `rope_backend`.
  private static func source(_ backend: String, get: String = "return &b;", global: String = "") -> String {
    """
    #define rope_backend_get plain_get
    #include "plain_rope.c"
    #undef rope_backend_get
    #include <unistd.h>
    \(global)
    static const rope_backend b = { \(backend) };
    const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { \(get) }
    """
  }

  private static let right = "sizeof(rope_backend), 1, 0, \"n\", \"d\", NULL, supports, apply"

  private static let plugins: [(name: String, source: String, error: String)] = [
    ("no-symbol", "int unrelated;", "does not export rope_backend_get"),
    ("missing-symbol", "int f(void); const void *rope_backend_get(void) { f(); return 0; }", "undefined symbol: f"),
    ("old-size", source("16, 1, 0"), "struct_size of 16: must be at least 56"),
    ("no-size", source("0"), "struct_size of 0: must be at least 56"),
    (
      "next-version", source("sizeof(rope_backend), 2, 5"), "has version 2.5 of the interface, but this program has 1.1"
    ),
    (
      "later-minor-version", source("sizeof(rope_backend), 1, 7"),
      "takes the calls of version 1.7 of the interface, but this program has 1.1: set minor_version to at most 1"
    ),
    ("no-apply", source("sizeof(rope_backend), 1, 0, \"n\", \"d\", NULL, supports, NULL"), "leaves 'apply'"),
    ("no-supports", source("sizeof(rope_backend), 1, 0, \"n\", \"d\", NULL, NULL, apply"), "leaves 'supports'"),
    (
      "no-device", source(right, get: #"snprintf(error->text, error->capacity, "no such device"); return NULL;"#),
      "cannot be used here: no such device"
    ),
    ("null", source(right, get: "return NULL;"), "cannot be used here: it gives no reason"),
    ("crash", source(right, get: "abort();"), "did not start: it was killed by SIGABRT"),
    ("exit", source(right, get: "exit(0);"), "did not start: it ended the process with status 0"),
    (
      "crash-in-a-constructor",
      source(right, global: "__attribute__((constructor)) static void early(void) { *(volatile int *)8 = 1; }"),
      "did not start: it was killed by SIGSEGV"
    ),
    ("hang", source(right, get: "for (;;) pause();"), "did not start: it did not return within 3 s"),
  ]

  @Test("The error says what is wrong, and nothing crashes", arguments: plugins)
  func error(name: String, source: String, error: String) throws {
    let path = try PluginCompiler.library(source, name: "unusable-\(name)")
    let thrown = #expect(throws: (any Error).self) {
      try PluginBackend(path: path, limits: WorkerLimits(seconds: 3))
    }
    #expect("\(thrown.map { "\($0)" } ?? "")".contains(error))
    #expect("\(thrown.map { "\($0)" } ?? "")".contains(path))
  }

  @Test("What is no shared library")
  func noLibrary() throws {
    for (path, reason) in [("/nowhere/libx.so", "No such file"), (#filePath, "invalid ELF header")] {
      for limits in [WorkerLimits(), nil] {
        let thrown = #expect(throws: (any Error).self) { try PluginBackend(path: path, limits: limits) }
        #expect("\(thrown.map { "\($0)" } ?? "")".contains(reason))
      }
    }
  }

  @Test("A plug-in with the fields of a later header is as good as any if it takes the calls of this one")
  func laterHeader() throws {
    let source = """
      #define rope_backend_get plain_get
      #include "plain_rope.c"
      #undef rope_backend_get
      static const struct { rope_backend b; void *more[4]; } b = {
        { sizeof b, 1, 1, NULL, NULL, NULL, supports, apply } };
      const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &b.b; }
      """
    let path = try PluginCompiler.library(source, name: "later-header")
    #expect(try PluginBackend(path: path).name == "liblater-header.so")
  }

  @Test("The header is clean in C99, C11, C++11 and C++17")
  func header() throws {
    let header = packageRoot.appending(path: "Sources/CRoPEBackend/include/rope_backend.h").path
    let strict = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    for standard in ["c99", "c11"] {
      try PluginCompiler.compile(["cc", "-std=\(standard)", "-x", "c"] + strict + [header])
    }
    for standard in ["c++11", "c++17"] {
      try PluginCompiler.compile(["c++", "-std=\(standard)", "-x", "c++"] + strict + [header])
    }
  }
}
