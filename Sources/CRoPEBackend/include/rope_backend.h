/*
 * A rotary position embedding (RoPE) as a plug-in: the interface that a shared library implements to be judged.
 *
 * The library exports one function, rope_backend_get. It needs only this file, which is valid C99 and C++11.
 *
 * Rules:
 * - Every struct begins with struct_size, its size in bytes for the code that filled it in. Fields are only added at
 *   the end, with a new minor version; a field is present if it ends within struct_size. Major versions are
 *   incompatible. A plug-in that was compiled with an earlier minor version is not given the calls that need a later
 *   one: they count as unsupported. Version 1.1 added the fields that say so, and these calls: Q alone, K with tokens of
 *   its own, no tokens or no heads, positions with a fraction, and invalid calls.
 * - An invalid call, in which a pair has a channel beyond the head or a token has a row beyond the table, must be
 *   refused: supports returns ROPE_UNSUPPORTED or ROPE_FAILED, or apply returns ROPE_FAILED or ROPE_UNSUPPORTED and
 *   writes nothing. Any other status is a failure in any call.
 * - Reserved fields are 0.
 * - Unless said otherwise, a pointer in an argument is valid only during the call that passes it.
 * - The functions are called one at a time, and all results must be in memory when a function returns: a plug-in that
 *   works on a stream waits for it.
 * - Only the elements of query_out and key_out and the text of an error may be written: the structs and lists of a call
 *   are compared after it.
 */
#ifndef ROPE_BACKEND_H
#define ROPE_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ROPE_BACKEND_MAJOR_VERSION 1
#define ROPE_BACKEND_MINOR_VERSION 1

#if defined(_WIN32)
#define ROPE_BACKEND_EXPORT __declspec(dllexport)
#else
#define ROPE_BACKEND_EXPORT __attribute__((visibility("default")))
#endif

/* The status that a function returns. */
enum {
  ROPE_OK = 0,
  /* From supports: this case is not supported; the error text says why, and what is supported instead. From apply it is
   * a failure in a valid call, and a refusal of an invalid one. */
  ROPE_UNSUPPORTED = 1,
  /* The error text says what went wrong. */
  ROPE_FAILED = 2
};

/* The format in which elements are stored. */
enum {
  ROPE_ELEMENT_FLOAT32 = 1,
  /* IEEE 754 binary16. */
  ROPE_ELEMENT_FLOAT16 = 2,
  /* The upper half of binary32. */
  ROPE_ELEMENT_BFLOAT16 = 3
};

/* The source of a call's angles, and so the contract that its result is held to. */
enum {
  /* No pair rotates: every channel is copied, bit for bit. */
  ROPE_CONTRACT_NONE = 0,
  /* cos, sin and table_rows. Expected: the exact rotation by those values. */
  ROPE_CONTRACT_TABLE = 1,
  /* positions, inv_freq_float32 and attention_factor. Expected: the exact rotation by the angle
   * fl32(fl32(position) * inv_freq_float32[pair]), times the attention factor. */
  ROPE_CONTRACT_FREQUENCY = 2,
  /* positions, inv_freq and attention_factor. Expected: real arithmetic end to end. */
  ROPE_CONTRACT_POSITION = 3
};

/* The two channels that make pair i in a slice of R channels. */
enum {
  /* Another pairing: only the lists of a plan describe it. */
  ROPE_PAIRING_OTHER = 0,
  /* i and i + R/2 (GPT-NeoX, Llama in Hugging Face form). */
  ROPE_PAIRING_HALF = 1,
  /* 2i and 2i + 1 (GPT-J, GLM-4). */
  ROPE_PAIRING_INTERLEAVED = 2
};

/* A buffer for the text of an error. */
typedef struct {
  size_t struct_size;
  /* A text in UTF-8, filled with zeros before the call. One that fills the whole buffer needs no terminator. */
  char *text;
  /* The size of the buffer in bytes. */
  size_t capacity;
} rope_error;

/* The program that calls the plug-in. */
typedef struct {
  size_t struct_size;
  uint32_t major_version;
  uint32_t minor_version;
} rope_host;

/* Q or K, as input or as output. */
typedef struct {
  size_t struct_size;
  /* The first element; null in a call of supports. */
  void *data;
  /* ROPE_ELEMENT_... */
  uint32_t element_type;
  uint32_t reserved;
  /* [batch, sequence, heads, head_dim]. Packed sequences have batch 1 and their tokens as the sequence. Sequence and heads
   * can be 0; then there is nothing to read or write. */
  int64_t shape[4];
  /* Elements from one index to the next along each axis; never negative. */
  int64_t strides[4];
  /* Since 1.1: the largest power of two, at most 256, at a multiple of which data lies, in bytes; also in a call of
   * supports. */
  int64_t alignment;
} rope_tensor;

/*
 * The pairs of channels that rotate together in a head of head_dim channels. For a pair, c and s are the cosine and the
 * sine of its angle, both times attention_factor:
 *
 *     y[out[pair][0]] = x[in[pair][0]] * c - x[in[pair][1]] * s
 *     y[out[pair][1]] = x[in[pair][1]] * c + x[in[pair][0]] * s
 *
 * Every channel that is in no pair is copied, bit for bit.
 */
typedef struct {
  size_t struct_size;
  int64_t head_dim;
  /* Pairs, at most head_dim / 2 except in an invalid call; 0 without RoPE, and then the lists below are null. */
  int64_t pair_count;
  /* Coordinates of a position; 1 for text. */
  int64_t axis_count;
  /* [pair_count][2] */
  const int32_t *in;
  /* [pair_count][2] */
  const int32_t *out;
  /* [pair_count], the index of the position's coordinate that drives the pair, below axis_count. */
  const int32_t *axis;
  /* [pair_count], radians per position, each the float64 nearest to the exact value; null unless the contract gives
   * it. */
  const double *inv_freq;
  /* The multiplier on cosine and sine; 1 if the table's values include it. */
  double attention_factor;
  /* ROPE_PAIRING_... of the channels read and of those written. If the pairs are one slice of channels, they say the
   * same as the lists; otherwise both are ROPE_PAIRING_OTHER. */
  uint32_t pairing;
  uint32_t out_pairing;
  /* The number of channels in the slice, 2 * pair_count, and the first of them. */
  int64_t rotary_dim;
  int64_t rotary_offset;
} rope_plan;

/* The tokens of K, where they are not those of Q. Each field is as in rope_call. Since 1.1. */
typedef struct {
  size_t struct_size;
  const int64_t *positions;
  const double *fractional_positions;
  const int32_t *table_rows;
  const int32_t *cu_seqlens;
  int64_t cu_seqlens_count;
  double least_position;
  double largest_position;
} rope_tokens;

/* A parameter of a frequency scaling. Since 1.1. */
typedef struct {
  size_t struct_size;
  /* Hugging Face's name, such as "factor" or "beta_fast". */
  const char *name;
  /* Its value; only a list, such as "short_factor", has several. A flag is 0 or 1. */
  const double *values;
  int64_t value_count;
  /* This struct never grows, because an array of it is stepped by its size. */
} rope_parameter;

/* One rotation of Q and K. It is in place if the data and strides of input and output are the same; otherwise they
 * do not overlap. Tokens are counted in row-major order of [batch, sequence]. */
typedef struct {
  size_t struct_size;
  /* ROPE_CONTRACT_... */
  uint32_t contract;
  uint32_t reserved;
  const rope_plan *plan;
  const rope_tensor *query_in;
  const rope_tensor *query_out;
  /* Null in a call that has no K. */
  const rope_tensor *key_in;
  const rope_tensor *key_out;
  /* [axis_count][tokens]; null unless the contract gives it, or if a position has a fraction. */
  const int64_t *positions;
  /* [pair_count], radians per position; null unless the contract gives it. */
  const float *inv_freq_float32;
  /* [table_row_count][pair_count] each, of table_type; null unless the contract gives it. */
  const void *cos;
  const void *sin;
  /* ROPE_ELEMENT_..., which may differ from the type of Q and K. */
  uint32_t table_type;
  uint32_t reserved2;
  int64_t table_row_count;
  /* [tokens], the row of each token. */
  const int32_t *table_rows;

  /* The fields below are present since 1.1. */

  /* [axis_count][tokens], if a position has a fraction, and then instead of positions. Under ROPE_CONTRACT_FREQUENCY each
   * is rounded once, to float32. */
  const double *fractional_positions;
  /* [cu_seqlens_count], the token at which each packed sequence begins, then the number of tokens; null and 0 if the
   * tokens are not packed. */
  const int32_t *cu_seqlens;
  int64_t cu_seqlens_count;
  /* The range of the positions on all axes; both 0 if the contract gives none, or there are no tokens. */
  double least_position;
  double largest_position;
  /* The tokens of K; null if they are those of Q, or there is no K. If it is there, the fields of this struct that
   * say something of tokens describe only those of Q. */
  const rope_tokens *key_tokens;
  /* The name of the case, such as "glm-4-9b-chat/f32/prompt/position"; empty for a call that belongs to none. */
  const char *case_name;
  /* The convention as an engine's own scaling code takes it, whatever the contract: the base of the frequencies, 0 if
   * they are listed; the type of the scaling by Hugging Face's name, such as "default" or "yarn", null for a call that
   * belongs to no case; and its parameters. */
  double base;
  const char *scaling_type;
  const rope_parameter *scaling_parameters;
  int64_t scaling_parameter_count;
} rope_call;

/* A plug-in. */
typedef struct {
  size_t struct_size;
  /* The interface version whose calls it takes: ROPE_BACKEND_MAJOR_VERSION, and ROPE_BACKEND_MINOR_VERSION or an earlier
   * minor version, whose calls are fewer. A later one than the host's is not loaded. */
  uint32_t major_version;
  uint32_t minor_version;
  /* A short name for reports, and one line with implementation and device. Both last as long as the plug-in. */
  const char *name;
  const char *description;
  /* Passed to both functions. */
  void *state;
  /* Asks if apply can carry out a call: ROPE_OK, ROPE_UNSUPPORTED or ROPE_FAILED. It is called before each case. All of
   * the call but the tensors' data can be read, such as the plan, positions, cos, sin and table_rows. */
  int (*supports)(void *state, const rope_call *call, rope_error *error);
  /* Rotates: ROPE_OK or ROPE_FAILED. The same call may be repeated and must give the same bits. */
  int (*apply)(void *state, const rope_call *call, rope_error *error);
} rope_backend;

/*
 * Returns the plug-in, which lasts until the process ends; or null, with the reason in `error`, if it cannot be used at
 * all, for example without its device. It is called once.
 */
typedef const rope_backend *(*rope_backend_get_function)(const rope_host *host, rope_error *error);
ROPE_BACKEND_EXPORT const rope_backend *rope_backend_get(const rope_host *host, rope_error *error);

#ifdef __cplusplus
}
#endif

#endif
