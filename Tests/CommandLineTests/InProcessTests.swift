import Foundation
import TestSupport
import Testing

@Suite("--in-process") struct InProcessTests {
  private func run(_ statement: String, name: String) throws -> (status: Int32, text: String) {
    let source = """
      #include <unistd.h>
      #include <signal.h>
      #define rope_backend_get plain_get
      #include "plain_rope.c"
      #undef rope_backend_get
      static int bad_apply(void *state, const rope_call *call, rope_error *error) { \(statement) return apply(state, call, error); }
      static const rope_backend bad = {
        sizeof(rope_backend), ROPE_BACKEND_MAJOR_VERSION, ROPE_BACKEND_MINOR_VERSION, "bad", "bad", NULL, supports, bad_apply,
      };
      const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &bad; }
      """
    let path = try PluginCompiler.library(source, name: name)
    let outcome = try Program.ropeConformance(
      "run", "--in-process", "--backend", "plugin:\(path)", "--case", "gpt2/f32/prompt")
    return (outcome.status, outcome.text)
  }

  @Test(
    "A plug-in that ends the process, by whatever way, never makes a run that conforms",
    arguments: [
      ("exit(0);", "exit"), ("_exit(0);", "_exit"), ("raise(SIGKILL);", "kill"), ("_exit(3);", "three"),
    ])
  func ends(_ statement: String, _ name: String) throws {
    let (status, text) = try run(statement, name: "in-process-\(name)")
    #expect(status == 1, "\(text)")
    #expect(text.contains("in the middle of the run"), "\(text)")
    #expect(!text.contains("\nconforms"), "\(text)")
  }

  @Test("One that is right conforms")
  func right() throws {
    let (status, text) = try run("", name: "in-process-right")
    #expect(status == 0, "\(text)")
    #expect(text.contains("conforms (profile strict)"), "\(text)")
  }
}
