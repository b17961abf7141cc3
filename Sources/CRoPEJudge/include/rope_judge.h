/*
 * The judge as a library: cases, their inputs, and verdicts on outputs, in the memory of this process.
 *
 * There are two ways to use it:
 * - The judge drives: rope_judge_run and rope_judge_check call a backend, such as a plug-in has it (rope_backend.h), with
 *   each case, in memory that they guard, fill and compare after each call.
 * - The caller drives: rope_case_open gives the call of one case with its inputs, and rope_case_judge takes outputs.
 *
 * Rules:
 * - Every function but those that close returns a status. Any but ROPE_OK puts one line of text into `error`, which can
 *   be null: what failed, on what, which value, what to do. Then no result is set.
 * - A text that a function returns through char ** is UTF-8 and ends with a zero; give it to rope_text_free.
 * - Functions can be called from any thread at any time, but a rope_case or rope_report by one thread at a time. An
 *   object is closed by its own function, and never used again. A case and a report can outlive their judge.
 * - A backend's functions are called one at a time, on any thread of this process.
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
  /* There is no such case, or it is not one of those that the settings select. */
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
 * once, but not while the backend rotates. They return ROPE_OK, or ROPE_FAILED with a text in `error`. */
typedef struct {
  size_t struct_size;
  /* Passed to all functions. */
  void *state;
  /* Sets `data` to byte_count bytes, aligned to 256, as the data of a tensor begins there or behind; the backend is
   * given it plus an offset. */
  int (*allocate)(void *state, size_t byte_count, void **data, rope_error *error);
  /* Copies count bytes from `bytes`, in host memory, to `offset` bytes behind data; ends when they are there. */
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
 *   "tier": "standard" or "full"  whether cases of millions of elements are there
 *   "diagnoses": true             whether failing cases are diagnosed
 *
 * What is left out comes from the environment as for the program rope-conformance (ROPE_FIXTURES, ...).
 */
ROPE_BACKEND_EXPORT int rope_judge_open(const char *settings, rope_judge **judge, rope_error *error);
ROPE_BACKEND_EXPORT void rope_judge_close(rope_judge *judge);

/* The names of the selected cases, in order, as a JSON list. */
ROPE_BACKEND_EXPORT int rope_judge_case_names(rope_judge *judge, char **names, rope_error *error);

/* ---- The judge drives ---- */

/* Runs a backend on the selected cases, on all cores. `backend` has version 1.1 of its interface. `memory` can be null:
 * then tensors are in host memory. `progress` can be null; otherwise it is given the JSON object of each case as soon as
 * it is judged, in order, on one thread at a time, and ends the run if it does not return ROPE_OK (the run then returns
 * that status). */
ROPE_BACKEND_EXPORT int rope_judge_run(
    rope_judge *judge, const rope_backend *backend, const rope_memory *memory,
    int (*progress)(void *state, const char *case_json), void *progress_state, rope_report **report, rope_error *error);

/* Runs a backend on one case. `verdict` is its JSON object: the line that a report has for a case. */
ROPE_BACKEND_EXPORT int rope_judge_check(
    rope_judge *judge, const char *case_name, const rope_backend *backend, const rope_memory *memory, char **verdict,
    rope_error *error);

/* 1 if at least one case conforms, none fails and nothing else is wrong; otherwise 0. */
ROPE_BACKEND_EXPORT int rope_report_conforms(const rope_report *report);
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

/* What is known of the case beside its call, as a JSON object: name, layout, direction, configuration, workload. */
ROPE_BACKEND_EXPORT int rope_case_description(const rope_case *opened, char **description, rope_error *error);

/* Judges outputs in host memory, of the case's element type and shapes and of any strides; `key` is null if the call has
 * no K. The outputs of the call itself are judged in their memory, and writes outside them are found. */
ROPE_BACKEND_EXPORT int rope_case_judge(
    rope_case *opened, const rope_tensor *query, const rope_tensor *key, char **verdict, rope_error *error);

/* The expected values and the limits of their errors, of Q (tensor 0) or K (tensor 1), as float64 in the order
 * [batch, sequence, heads, head_dim]. `count` is the number of elements that each array has room for. A limit is 0 where
 * bits are copied, and infinity where nothing is judged. */
ROPE_BACKEND_EXPORT int rope_case_limits(
    rope_case *opened, int tensor, double *expected, double *limits, size_t count, rope_error *error);

#ifdef __cplusplus
}
#endif

#endif
