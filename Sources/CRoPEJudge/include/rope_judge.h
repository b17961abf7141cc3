/*
 * The judge as a library: cases, their inputs, and verdicts on outputs, in the memory of this process.
 *
 * There are two ways to use it:
 * - The judge drives: rope_judge_run and rope_judge_check call a backend, such as a plug-in has it (rope_backend.h), with
 *   each case, in memory that they guard, fill and compare after each call.
 * - The caller drives: rope_case_open gives the call of one case with its inputs, and rope_case_judge takes outputs.
 *
 * Rules:
 * - A function that returns int returns a status, unless said otherwise. Any but ROPE_OK puts one line of text into
 *   `error`, which can be null: what failed, on what, which value, what to do. Then no result is set.
 * - A text that a function returns through char ** is UTF-8 and ends with a zero; give it to rope_text_free.
 * - Functions can be called from any thread at any time, but a rope_case or rope_report by one thread at a time. An
 *   object is closed by its own function, and never used again; closing null does nothing. A case and a report can
 *   outlive their judge.
 * - The functions of one backend are called one at a time, on any thread of this process. A crash of it is a crash of the
 *   process.
 * - Structs follow the rules of rope_backend.h.
 */
#ifndef ROPE_JUDGE_H
#define ROPE_JUDGE_H

#include "rope_backend.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ROPE_JUDGE_MAJOR_VERSION 1
#define ROPE_JUDGE_MINOR_VERSION 0

/* The statuses, besides ROPE_OK of rope_backend.h. */
enum {
  /* An argument is null or not of the form that is asked for. */
  ROPE_JUDGE_ARGUMENT = 16,
  /* A setting cannot be used. */
  ROPE_JUDGE_SETTING = 17,
  /* There is no such case, or it is an invalid one, which cannot be opened. */
  ROPE_JUDGE_CASE = 18,
  /* A golden cannot be read, or is not what its manifest says. */
  ROPE_JUDGE_GOLDEN = 19,
  /* The system refuses something, such as memory. */
  ROPE_JUDGE_SYSTEM = 20
};

/* Goldens, rules and selected cases. */
typedef struct rope_judge rope_judge;
/* One case: its call, its inputs and its truth. */
typedef struct rope_case rope_case;
/* The verdicts of a run. */
typedef struct rope_report rope_report;

/* Memory in which a backend takes tensors, such as that of a GPU. The functions can be called from several threads at
 * once, also while the backend rotates another case. They return ROPE_OK, or ROPE_FAILED with a text in `error`, which
 * fails the case. */
typedef struct {
  size_t struct_size;
  /* Passed to all functions. */
  void *state;
  /* Sets `data` to byte_count bytes, aligned to 256: a tensor begins there or later, and the backend is given data plus an
   * offset. ROPE_UNSUPPORTED says that there is not so much memory; then the case counts as unsupported. */
  int (*allocate)(void *state, size_t byte_count, void **data, rope_error *error);
  /* Copies count bytes from `bytes`, in host memory, to data plus `offset` bytes; returns when they are there. */
  int (*write)(void *state, void *data, size_t offset, const void *bytes, size_t count, rope_error *error);
  /* Copies back in the same way, after all work that was begun on the memory. */
  int (*read)(void *state, const void *data, size_t offset, void *bytes, size_t count, rope_error *error);
  void (*release)(void *state, void *data);
} rope_memory;

/* The version of the library, which must have the major version of this header, and its minor version or a later one. */
ROPE_BACKEND_EXPORT void rope_judge_version(uint32_t *major, uint32_t *minor);

ROPE_BACKEND_EXPORT void rope_text_free(char *text);

/* ---- Cases ---- */

/*
 * Opens goldens and rules. `settings` is a JSON object, or null for none; all keys can be left out:
 *
 *   "goldens": "DIR"              the folder of the golden files
 *   "tolerances_file": "FILE"     tolerances.yaml
 *   "tolerances": ["RULE", ...]   further rules, `cases = budget because reason`
 *   "profile": "NAME"             such as "float32-angles"
 *   "runs": 3                     how often each case is run
 *   "cases": ["PATTERN", ...]     the cases to select; all without it
 *   "exclude": ["PATTERN", ...]   cases to leave out
 *   "tier": "default" or "full"   whether cases of millions of elements are there
 *   "diagnoses": true             whether failing cases are diagnosed
 *   "apply_may_refuse": false     whether apply may return ROPE_UNSUPPORTED in the first run of a case, with nothing
 *                                 written; then the case counts as unsupported
 *
 * What is left out comes from the environment as for the program rope-conformance (ROPE_FIXTURES, ...). Without that, the
 * files are Fixtures and tolerances.yaml in the folder of this library, or else in the folder that it was built in.
 */
ROPE_BACKEND_EXPORT int rope_judge_open(const char *settings, rope_judge **judge, rope_error *error);
ROPE_BACKEND_EXPORT void rope_judge_close(rope_judge *judge);

/* The names of the selected cases, in order, as a JSON list. */
ROPE_BACKEND_EXPORT int rope_judge_case_names(rope_judge *judge, char **names, rope_error *error);

/* The facts of a case that its call does not have, as a JSON object: name, model, section, contract, element_type, layout,
 * direction, configuration, workload, flags (the bugs that it catches), tolerance (its rule). The case is any of the
 * goldens, selected or not, or the twin of an invalid one, which calls name too. */
ROPE_BACKEND_EXPORT int rope_judge_describe(
    rope_judge *judge, const char *case_name, char **description, rope_error *error);

/* ---- The judge drives ---- */

/* Runs a backend on the selected cases, on all cores. `memory` can be null: then tensors are in host memory. `progress`
 * can be null; otherwise it is given the JSON object of each case as soon as it is judged, in order, on one thread at a
 * time. If it does not return ROPE_OK, that ends the run, which returns the same status. */
ROPE_BACKEND_EXPORT int rope_judge_run(
    rope_judge *judge, const rope_backend *backend, const rope_memory *memory,
    int (*progress)(void *state, const char *case_json), void *progress_state, rope_report **report, rope_error *error);

/* Runs a backend on one case, selected or not. `verdict` is its JSON object: the line that a report has for a case. */
ROPE_BACKEND_EXPORT int rope_judge_check(
    rope_judge *judge, const char *case_name, const rope_backend *backend, const rope_memory *memory, char **verdict,
    rope_error *error);

/* A verdict in full, as text for people. */
ROPE_BACKEND_EXPORT int rope_verdict_text(const char *verdict, char **text, rope_error *error);

/* Not a status: 1 if at least one case conforms, none fails and nothing else is wrong; otherwise 0. */
ROPE_BACKEND_EXPORT int rope_report_conforms(const rope_report *report);
/* Adds a sentence on what the run could not check, which every format says. */
ROPE_BACKEND_EXPORT int rope_report_note(rope_report *report, const char *not_checked, rope_error *error);
/* The report as "text" (the terminal's), "json" (JSON Lines), "junit", "html" or "markdown". */
ROPE_BACKEND_EXPORT int rope_report_text(
    const rope_report *report, const char *format, char **text, rope_error *error);
ROPE_BACKEND_EXPORT void rope_report_close(rope_report *report);

/* ---- The caller drives ---- */

/* Opens a case of the goldens, selected or not. An invalid case cannot be opened: only the judge can try it. */
ROPE_BACKEND_EXPORT int rope_case_open(
    rope_judge *judge, const char *case_name, rope_case **opened, rope_error *error);
ROPE_BACKEND_EXPORT void rope_case_close(rope_case *closed);

/* The call, valid until the case is closed. Its tensors lie in host memory, in the case's own strides and aliasing, with
 * guards and poison around them; the outputs of an in-place call replace its inputs. */
ROPE_BACKEND_EXPORT const rope_call *rope_case_call(const rope_case *opened);

/* Brings the memory of the call to its state before the first use, for another run: inputs, guards and poison. */
ROPE_BACKEND_EXPORT int rope_case_reset(rope_case *opened, rope_error *error);

/* Judges the outputs of one run: query_out and key_out of the call, or tensors elsewhere in host memory with the case's
 * element type and shapes and any strides, negative ones too. `key` is null if the call has no K. Changes of the call's
 * inputs, of the call itself and of the memory around its tensors are found in either case, and so is an output that
 * still has the poison that the call's outputs began with. */
ROPE_BACKEND_EXPORT int rope_case_judge(
    rope_case *opened, const rope_tensor *query, const rope_tensor *key, char **verdict, rope_error *error);

/* The exact results, each the nearest float64, and the largest errors that the rule of the case allows, of Q (tensor 0) or
 * K (tensor 1), in the order [batch, sequence, heads, head_dim]. `count` is the number of elements that each array has
 * room for.
 *
 * An output conforms if its distance from the exact result is at most the limit. A larger one fails, unless the output
 * lies in a larger binade than the exact result: there, half of its own spacing is allowed. An infinity counts as the
 * number that would follow the largest finite one. The limit is 0 where bits are copied. Where the exact result is NaN
 * or infinite, the output must be the same and the limit is 0, or any NaN or infinity is allowed and the limit is
 * infinite. */
ROPE_BACKEND_EXPORT int rope_case_limits(
    rope_case *opened, int tensor, double *expected, double *limits, size_t count, rope_error *error);

#ifdef __cplusplus
}
#endif

#endif
