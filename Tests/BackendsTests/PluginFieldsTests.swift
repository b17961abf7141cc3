import Conformance
import Goldens
import Judging
import RoPE
import TestSupport
import Testing

@testable import Backends

@Suite("Fields of version 1.1", .timeLimit(.minutes(30))) struct PluginFieldsTests {
  /// What a plug-in reads from a call of a case when it is asked for support.
  private func text(_ model: String, _ workload: String, _ contract: Contract) throws -> String {
    let recipe = try #require(
      CallCases.recipes().first {
        $0.goldenCase.model == model && $0.goldenCase.workload.name == workload && $0.goldenCase.contract == contract
      })
    return try text(CaseCall(Golden(computing: recipe)).call)
  }

  private func text(_ call: RotationCall) throws -> String {
    let source = """
      #define rope_backend_get plain_get
      #include "plain_rope.c"
      #undef rope_backend_get
      static void list(char **end, const int32_t *values, int64_t count) {
        for (int64_t i = 0; i < count; i++) *end += sprintf(*end, i ? ",%d" : "%d", values[i]);
      }
      static int tell(void *state, const rope_call *call, rope_error *error) {
        char *end = error->text;
        const rope_tokens *k = call->key_tokens;
        end += sprintf(end, "%s base %g %s", call->case_name, call->base, call->scaling_type ? call->scaling_type : "-");
        for (int64_t i = 0; i < call->scaling_parameter_count; i++) {
          const rope_parameter *p = &call->scaling_parameters[i];
          end += sprintf(end, " %s=%g(%d)", p->name, p->values[p->value_count - 1], (int)p->value_count);
        }
        end += sprintf(end, "; align %d", (int)call->query_in->alignment);
        end += sprintf(end, "; range %g..%g", call->least_position, call->largest_position);
        end += sprintf(end, "; starts "); list(&end, call->cu_seqlens, call->cu_seqlens_count);
        if (call->fractional_positions) end += sprintf(end, "; fraction %g", call->fractional_positions[1]);
        end += sprintf(end, "; integers %d; K %d", call->positions != NULL, call->key_in != NULL);
        if (k) {
          end += sprintf(end, "; K's range %g..%g starts ", k->least_position, k->largest_position);
          list(&end, k->cu_seqlens, k->cu_seqlens_count);
          end += sprintf(end, " positions %d rows %d", k->positions != NULL, k->table_rows != NULL);
        }
        return ROPE_UNSUPPORTED;
      }
      static const rope_backend b = { sizeof b, 1, 1, "b", "b", NULL, tell, apply };
      const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &b; }
      """
    let backend = try PluginBackend(path: PluginCompiler.library(source, name: "tell"))
    guard case .unsupported(let reason) = try backend.support(for: call) else { return "supported" }
    return reason
  }

  @Test("K with tokens of its own, and packed sequences")
  func key() throws {
    #expect(
      try text("llama-2-7b", "key-apart-ragged", .position)
        == "llama-2-7b/f32/key-apart-ragged/position base 10000 default; align 256; range 2..40; starts 0,2,2,3; "
        + "integers 1; K 1; K's range 0..40 starts 0,4,6,9 positions 1 rows 0")
    #expect(try text("llama-2-7b", "key-apart-ragged", .table).hasSuffix("starts 0,4,6,9 positions 0 rows 1"))
  }

  @Test("Fractions of a position, a missing K, no tokens")
  func others() throws {
    #expect(
      try text("llama-2-7b", "fractional-positions", .frequency)
        == "llama-2-7b/f16/fractional-positions/frequency base 10000 default; align 256; range -3.75..131072; starts ; "
        + "fraction -3.75; integers 0; K 1")
    #expect(try text("llama-2-7b", "query-alone", .position).hasSuffix("range 7..72; starts ; integers 1; K 0"))
    #expect(try text("glm-4-9b-chat", "no-tokens", .position).hasSuffix("range 0..0; starts ; integers 0; K 1"))
  }

  @Test("A scaling and its parameters, and the alignment of data one element off")
  func scaling() throws {
    let fixtures = try Fixtures.ofPackage()
    let yarn = try text(CaseCall(fixtures.golden(named: "deepseek-v3/f32/prompt/position")).call)
    #expect(
      yarn.hasPrefix(
        "deepseek-v3/f32/prompt/position base 10000 yarn beta_fast=32(1) beta_slow=1(1) factor=40(1) mscale=1(1) "
          + "mscale_all_dim=1(1) original_max_position_embeddings=4096(1) truncate=1(1); align 256"), "\(yarn)")
    let misaligned = try text(CaseCall(fixtures.golden(named: "glm-4-9b-chat/f16/misaligned/frequency")).call)
    #expect(misaligned.contains("; align 2; "), "\(misaligned)")
  }

  @Test("Data lies where its alignment says, and at no multiple of twice that")
  func alignment() throws {
    let source = """
      #define rope_backend_get plain_get
      #include "plain_rope.c"
      #undef rope_backend_get
      static int is_right(const rope_tensor *t) {
        return (uintptr_t)t->data % t->alignment == 0 && (t->alignment == 256 || (uintptr_t)t->data % (2 * t->alignment));
      }
      static int own_apply(void *state, const rope_call *call, rope_error *error) {
        if (!is_right(call->query_in) || !is_right(call->query_out)) return ROPE_FAILED;
        if (!is_right(call->key_in) || !is_right(call->key_out)) return ROPE_FAILED;
        return apply(state, call, error);
      }
      static const rope_backend own = { sizeof own, 1, 1, "own", "own", NULL, supports, own_apply };
      const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) { return &own; }
      """
    let fixtures = try Fixtures.ofPackage()
    let runner = try CaseRunner.undiagnosed(
      PluginBackend(path: PluginCompiler.library(source, name: "alignment")),
      "float32-exact-angle because the example computes so")
    for name in [
      "glm-4-9b-chat/f16/misaligned/frequency", "chatglm3-6b/f32/misaligned/position", "gpt2/f32/batch/none",
    ] {
      let report = try runner.report(on: fixtures.golden(named: name))
      #expect(report.outcome == .conforms, "\(report)")
    }
  }
}
