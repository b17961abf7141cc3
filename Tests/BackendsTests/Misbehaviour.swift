import Foundation
import Testing

/// A plug-in that is right except in one case, and the verdict expected there.
struct Misbehaviour: CustomTestStringConvertible, Sendable {
  let name: String
  /// Statements in C, with `call` and `error` in scope: before the right rotation, after it, or when asked for support.
  ///
  /// Each may return.
  var before = ""
  var behind = ""
  var supports = ""
  /// The calls on which it misbehaves.
  var target = "call->query_in->element_type == ROPE_ELEMENT_FLOAT16"
  /// Declarations in C.
  var global = ""
  /// Text that the verdict on the case contains.
  let verdict: String

  var testDescription: String { name }

  /// The source of the plug-in: the example, which misbehaves on its target.
  var source: String {
    """
    #define _GNU_SOURCE
    #define rope_backend_get plain_get
    #include "plain_rope.c"
    #undef rope_backend_get
    #include <dirent.h>
    #include <fcntl.h>
    #include <pthread.h>
    #include <signal.h>
    #include <sys/mman.h>
    #include <unistd.h>
    static int is_target(const rope_call *call) { return \(target); }
    static int64_t elements(const rope_tensor *t) { return t->shape[0] * t->shape[1] * t->shape[2] * t->shape[3]; }
    \(global)
    static int bad_supports(void *state, const rope_call *call, rope_error *error) {
      if (is_target(call)) { \(supports) }
      return supports(state, call, error);
    }
    static int bad_apply(void *state, const rope_call *call, rope_error *error) {
      if (!is_target(call)) return apply(state, call, error);
      \(before)
      int status = apply(state, call, error);
      \(behind)
      return status;
    }
    static const rope_backend bad = {
      sizeof(rope_backend), ROPE_BACKEND_MAJOR_VERSION, ROPE_BACKEND_MINOR_VERSION, "bad", "bad", NULL, bad_supports,
      bad_apply,
    };
    const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &bad; }
    """
  }

  static let ends: [Misbehaviour] = [
    .init(
      name: "segfault", before: "*(volatile int *)8 = 1;", verdict: "was killed by SIGSEGV (invalid memory access)"),
    .init(name: "abort", before: "abort();", verdict: "was killed by SIGABRT (abort)"),
    .init(
      name: "abort-with-a-word", before: #"fputs("head 3 is wrong\n", stderr); abort();"#,
      verdict: "SIGABRT (abort); it printed 'head 3 is wrong'"),
    .init(name: "exit-0", before: "exit(0);", verdict: "ended the process with status 0 before it returned"),
    .init(
      name: "exit-in-a-thread", before: "pthread_t t; pthread_create(&t, NULL, leave, NULL); for (;;) pause();",
      global: "static void *leave(void *p) { _exit(3); }",
      verdict: "ended the process with status 3 before it returned"),
    .init(
      name: "exit-in-a-destructor", before: "exit(0);",
      global: "__attribute__((destructor)) static void late(void) { _exit(5); }",
      verdict: "ended the process with status 5 before it returned"),
    .init(name: "loop", before: "for (volatile int i = 0;;) i++;", verdict: "did not return within 3 s"),
    .init(name: "sleep", before: "for (;;) sleep(1000);", verdict: "did not return within 3 s"),
    .init(
      name: "handler-that-returns", before: "signal(SIGSEGV, ignore); *(volatile int *)8 = 1;",
      global: "static void ignore(int number) {}", verdict: "did not return within 3 s"),
    .init(
      name: "deaf-to-signals", before: "for (int i = 1; i < 32; i++) signal(i, SIG_IGN); for (;;) pause();",
      verdict: "did not return within 3 s"),
    .init(
      name: "fork-bomb", before: "for (int i = 0; i < 3; i++) fork(); for (;;) pause();",
      verdict: "did not return within 3 s"),
    .init(
      name: "child-that-returns", before: "if (fork() == 0) return ROPE_OK; usleep(100000); abort();",
      verdict: "was killed by SIGABRT"),
    .init(
      name: "daemon-that-stays", before: "if (fork() == 0) { setsid(); for (;;) pause(); } abort();",
      verdict: "was killed by SIGABRT"),
    .init(
      name: "division", before: "volatile int seven = 7, zero = 0; seven = seven % zero;",
      verdict: "was killed by SIGFPE (integer division by zero or overflow)"),
    .init(
      name: "illegal-instruction", before: "__builtin_trap();", verdict: "was killed by SIG"),
    .init(
      name: "recursion", before: "return deeper(1);",
      global: "static int deeper(int n) { volatile char page[4096]; page[0] = n; return deeper(n + 1) + page[0]; }",
      verdict: "was killed by SIGSEGV (invalid memory access): stack overflow"),
    .init(
      name: "out-of-memory",
      before: "for (;;) { char *p = malloc(1 << 16); if (!p) abort(); memset(p, 1, 1 << 16); }",
      verdict: "was killed by SIGABRT (abort): out of memory"),
    .init(
      name: "unchecked-malloc", before: "for (;;) memset(malloc(1 << 16), 1, 1 << 16);",
      verdict: "was killed by SIGSEGV (invalid memory access): out of memory"),
    .init(name: "kills-its-group", before: "kill(0, SIGKILL); pause();", verdict: "was killed by SIGKILL"),
    .init(
      name: "kills-its-parent", before: "kill(getppid(), SIGKILL); for (;;) pause();",
      verdict: "did not return within 3 s"),
    .init(
      name: "crash-when-asked", supports: "abort();", verdict: "asked for support: the backend was killed by SIGABRT"),
    .init(name: "hang-when-asked", supports: "for (;;) pause();", verdict: "did not return within 3 s"),
  ]

  static let descriptors: [Misbehaviour] = [
    .init(
      name: "closes-everything", before: "for (int i = 0; i < 1000; i++) close(i);",
      verdict: "closed a file descriptor that is not its own"),
    .init(
      name: "writes-everywhere",
      before: #"for (int i = 0; i < 1000; i++) write(i, "garbage garbage garbage garbage", 31);"#,
      verdict: "wrote to a file descriptor that is not its own: malformed message: the magic number is"),
    .init(
      name: "half-a-message", before: #"for (int i = 3; i < 1000; i++) write(i, "ROPE", 4); for (;;) pause();"#,
      verdict: "did not return within 3 s"),
  ]

  static let results: [Misbehaviour] = [
    .init(
      name: "failure-in-words",
      before: #"snprintf(error->text, error->capacity, "the moon is full"); return ROPE_FAILED;"#,
      verdict: "rotating: the backend failed: the moon is full"),
    .init(name: "failure-without-words", before: "return ROPE_FAILED;", verdict: "failed: it gives no reason"),
    .init(
      name: "failure-without-terminator", before: "memset(error->text, 'x', error->capacity); return ROPE_FAILED;",
      verdict: "failed: xxxxxxxx"),
    .init(
      name: "failure-in-no-language",
      before: "memset(error->text, 0xFF, 8); error->text = NULL; error->capacity = -1; return ROPE_FAILED;",
      verdict: "failed: \u{FFFD}"),
    .init(name: "no-status", before: "return 77;", verdict: "returned 77, which is not a status of rope_backend.h"),
    .init(
      name: "unsupported-too-late", before: "return ROPE_UNSUPPORTED;",
      verdict: "refused a call that it had said it supports"),
    .init(name: "nothing-written", before: "return ROPE_OK;", verdict: "elements were not written"),
    .init(
      name: "nan",
      behind: "for (int64_t i = 0; i < elements(call->key_out); i++) store(call->key_out->data, i, 2, NAN);",
      verdict: "elements exceed"),
    .init(
      name: "race", behind: "((uint16_t *)call->query_out->data)[8] ^= ++runs & 1;", global: "static int runs;",
      verdict: "run 2 of 3 differs from run 1 in 1 element, first query["),
    .init(
      name: "writes-an-input", behind: "((uint16_t *)call->query_in->data)[0] ^= 1;", verdict: "query input"),
    .init(
      name: "one-element-behind", behind: "((uint16_t *)call->key_out->data)[elements(call->key_out)] ^= 1;",
      verdict: "guard after the tensor"),
    .init(
      name: "one-element-before", behind: "((uint16_t *)call->key_out->data)[-1] ^= 1;",
      verdict: "guard before the tensor"),
    .init(
      name: "a-little-before", behind: "((uint16_t *)call->key_out->data)[-256] ^= 1;",
      verdict: "the backend wrote 256 bytes before the start of the buffer of key output"),
    .init(
      name: "stdout", before: #"for (int i = 0; i < 100000; i++) puts("✓ all cases conform");"#,
      behind: "return ROPE_FAILED;", verdict: "failed"),
  ]

  /// Writes to the data of the call itself, before or after the rotation, or when asked for support.
  static let writes: [Misbehaviour] = [
    write("((int64_t *)call->positions)[1] = 99;", to: "byte 8 of the list call->positions"),
    write("((int32_t *)call->plan->in)[0] ^= 1;", to: "byte 0 of the list call->plan->in"),
    write("((int32_t *)call->plan->out)[1] ^= 256;", to: "byte 5 of the list call->plan->out"),
    write("((int32_t *)call->plan->axis)[2] ^= 1;", to: "byte 8 of the list call->plan->axis"),
    write("((char *)call->plan->inv_freq)[31] ^= 1;", to: "byte 31 of the list call->plan->inv_freq"),
    write("((rope_plan *)call->plan)->attention_factor = 2;", to: "call->plan->attention_factor"),
    write("((rope_plan *)call->plan)->in = call->plan->out;", to: "call->plan->in"),
    write("((rope_plan *)call->plan)->in = NULL;", to: "call->plan->in"),
    write("((rope_tensor *)call->key_out)->strides[0] ^= 1;", to: "call->key_out->strides"),
    write("((rope_tensor *)call->query_in)->data = 0;", to: "call->query_in->data"),
    write("((rope_call *)call)->largest_position = 7;", to: "call->largest_position"),
    write("((rope_call *)call)->struct_size = 0;", to: "call->struct_size"),
    write("((char *)call->case_name)[2] = 0;", to: "byte 2 of the list call->case_name"),
    Misbehaviour(
      name: "writes-when-asked", supports: "((int64_t *)call->positions)[1] = 99;",
      verdict: "asked for support: the backend wrote to the call, which it may only read: it changed byte 8 of the "
        + "list call->positions"),
    Misbehaviour(
      name: "writes-and-fails", behind: "((int64_t *)call->positions)[1] = 99; return ROPE_FAILED;",
      verdict: "it changed byte 8 of the list call->positions"),
  ]

  private static func write(_ statement: String, to field: String) -> Misbehaviour {
    Misbehaviour(
      name: "writes-\(statement.filter(\.isLetter))", behind: statement,
      verdict: "rotating: the backend wrote to the call, which it may only read: it changed \(field)")
  }

  /// Writes that must fault: after each buffer and before it.
  static let pages: [Misbehaviour] = ["query_in", "query_out", "key_in", "key_out"].flatMap { tensor in
    let name = tensor.replacingOccurrences(of: "_in", with: " input").replacingOccurrences(of: "_out", with: " output")
    return [
      Misbehaviour(
        name: "page-behind-\(tensor)",
        before: "((char *)call->\(tensor)->data)[elements(call->\(tensor)) * 2 + 256 + 255] = 1;",
        verdict: "bytes past the end of the buffer of \(name)"),
      Misbehaviour(
        name: "page-before-\(tensor)", before: "((char *)call->\(tensor)->data)[-256 - 4096] = 1;",
        verdict: "bytes before the start of the buffer of \(name)"),
    ]
  }
}
