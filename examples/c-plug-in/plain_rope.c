/*
 * A rotary position embedding in plain C, as a plug-in: angles in double, arithmetic in float, one rounding at the end.
 *
 *     cc -O2 -shared -fPIC -I Sources/CRoPEBackend/include -o libplain_rope.so examples/c-plug-in/plain_rope.c -lm
 */
#include "rope_backend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Elements ---------------------------------------------------------------------------------------------------- */

static float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint32_t to_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static float from_float16(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;
  if (exponent == 31) return from_bits(sign | 0x7F800000 | fraction << 13);
  if (exponent) return from_bits(sign | (exponent + 112) << 23 | fraction << 13);
  return from_bits(sign | to_bits(ldexpf((float)fraction, -24)));
}

/* Rounds to nearest, ties to even. */
static uint16_t to_float16(float value) {
  uint16_t sign = (uint16_t)(to_bits(value) >> 16 & 0x8000);
  float magnitude = fabsf(value);
  int exponent;
  float scaled;
  if (isnan(value)) return sign | 0x7E00;
  if (magnitude >= 65520) return sign | 0x7C00;
  if (magnitude < 0x1p-14f) return sign | (uint16_t)nearbyintf(ldexpf(magnitude, 24));
  frexpf(magnitude, &exponent);
  scaled = nearbyintf(ldexpf(magnitude, 11 - exponent)); /* 2^10 to 2^11; a carry moves on into the exponent */
  return sign | (uint16_t)(((exponent + 14) << 10) + ((int)scaled - 1024));
}

/* Rounds to nearest, ties to even. */
static uint16_t to_bfloat16(float value) {
  uint32_t bits = to_bits(value);
  if (isnan(value)) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static size_t element_size(uint32_t type) { return type == ROPE_ELEMENT_FLOAT32 ? 4 : 2; }

static float load(const void *data, int64_t index, uint32_t type) {
  switch (type) {
  case ROPE_ELEMENT_FLOAT16: return from_float16(((const uint16_t *)data)[index]);
  case ROPE_ELEMENT_BFLOAT16: return from_bits((uint32_t)((const uint16_t *)data)[index] << 16);
  default: return ((const float *)data)[index];
  }
}

static void store(void *data, int64_t index, uint32_t type, float value) {
  switch (type) {
  case ROPE_ELEMENT_FLOAT16: ((uint16_t *)data)[index] = to_float16(value); break;
  case ROPE_ELEMENT_BFLOAT16: ((uint16_t *)data)[index] = to_bfloat16(value); break;
  default: ((float *)data)[index] = value;
  }
}

/* ---- Rotation ---------------------------------------------------------------------------------------------------- */

/* The tokens of a tensor: K can have tokens of its own. */
static rope_tokens tokens_of(const rope_call *call, int is_key) {
  rope_tokens tokens = {sizeof tokens, NULL, NULL, NULL, NULL, 0, 0, 0};
  if (is_key && call->key_tokens) return *call->key_tokens;
  tokens.positions = call->positions;
  tokens.fractional_positions = call->fractional_positions;
  tokens.table_rows = call->table_rows;
  return tokens;
}

/* Cosine and sine of every pair of a token. */
static void angles(
  const rope_call *call, const rope_tokens *tokens, int64_t count, int64_t token, float *cosines, float *sines
) {
  const rope_plan *plan = call->plan;
  for (int64_t pair = 0; pair < plan->pair_count; pair++) {
    if (call->contract == ROPE_CONTRACT_TABLE) {
      int64_t entry = tokens->table_rows[token] * plan->pair_count + pair;
      cosines[pair] = load(call->cos, entry, call->table_type);
      sines[pair] = load(call->sin, entry, call->table_type);
      continue;
    }
    int64_t index = plan->axis[pair] * count + token;
    double position =
      tokens->fractional_positions ? tokens->fractional_positions[index] : (double)tokens->positions[index];
    double angle = call->contract == ROPE_CONTRACT_FREQUENCY
                     ? (double)((float)position * call->inv_freq_float32[pair])
                     : position * plan->inv_freq[pair];
    cosines[pair] = (float)(plan->attention_factor * cos(angle));
    sines[pair] = (float)(plan->attention_factor * sin(angle));
  }
}

/* One head of one token. The head is read before anything is written, for the call may be in place. */
static void rotate(
  const rope_plan *plan, const rope_tensor *in, const rope_tensor *out, int64_t batch, int64_t token, int64_t head,
  const float *cosines, const float *sines, void *copy
) {
  int64_t first_in = batch * in->strides[0] + token * in->strides[1] + head * in->strides[2];
  int64_t first_out = batch * out->strides[0] + token * out->strides[1] + head * out->strides[2];
  size_t size = element_size(in->element_type);
  for (int64_t channel = 0; channel < plan->head_dim; channel++)
    memcpy(
      (char *)copy + channel * size, (const char *)in->data + (first_in + channel * in->strides[3]) * size, size);
  /* Copy every channel; the channels in pairs are overwritten below. */
  for (int64_t channel = 0; channel < plan->head_dim; channel++)
    memcpy(
      (char *)out->data + (first_out + channel * out->strides[3]) * size, (char *)copy + channel * size, size);
  for (int64_t pair = 0; pair < plan->pair_count; pair++) {
    float x0 = load(copy, plan->in[2 * pair], in->element_type), c = cosines[pair];
    float x1 = load(copy, plan->in[2 * pair + 1], in->element_type), s = sines[pair];
    int64_t to0 = first_out + plan->out[2 * pair] * out->strides[3];
    int64_t to1 = first_out + plan->out[2 * pair + 1] * out->strides[3];
    store(out->data, to0, out->element_type, x0 * c - x1 * s);
    store(out->data, to1, out->element_type, x1 * c + x0 * s);
  }
}

/* Q or K. Without tokens or heads the loops do nothing. */
static void rotate_tensor(
  const rope_call *call, const rope_tensor *in, const rope_tensor *out, int is_key, float *cosines, float *sines,
  void *copy
) {
  rope_tokens tokens = tokens_of(call, is_key);
  int64_t sequence = in->shape[1], count = in->shape[0] * sequence;
  for (int64_t token = 0; token < count; token++) {
    angles(call, &tokens, count, token, cosines, sines);
    for (int64_t head = 0; head < in->shape[2]; head++)
      rotate(call->plan, in, out, token / sequence, token % sequence, head, cosines, sines, copy);
  }
}

static int apply(void *state, const rope_call *call, rope_error *error) {
  size_t pairs = (size_t)call->plan->pair_count;
  float *cosines = malloc((2 * pairs + 1) * sizeof(float)), *sines = cosines + pairs;
  void *copy = malloc((size_t)call->plan->head_dim * 4);
  int status = ROPE_FAILED;
  (void)state;
  if (cosines && copy) {
    rotate_tensor(call, call->query_in, call->query_out, 0, cosines, sines, copy);
    if (call->key_in) rotate_tensor(call, call->key_in, call->key_out, 1, cosines, sines, copy);
    status = ROPE_OK;
  } else {
    snprintf(
      error->text, error->capacity, "no memory for a head of %lld channels", (long long)call->plan->head_dim);
  }
  free(cosines);
  free(copy);
  return status;
}

/* ---- The plug-in ------------------------------------------------------------------------------------------------- */

/* Refuses a table row that is not there; the text of the error says which. */
static int has_rows(const rope_call *call, const rope_tensor *tensor, int is_key, rope_error *error) {
  const rope_tokens tokens = tokens_of(call, is_key);
  for (int64_t token = 0; token < tensor->shape[0] * tensor->shape[1]; token++) {
    int32_t row = tokens.table_rows[token];
    if (row >= 0 && row < call->table_row_count) continue;
    snprintf(
      error->text, error->capacity, "token %lld has row %ld, but the table has %lld rows", (long long)token, (long)row,
      (long long)call->table_row_count);
    return 0;
  }
  return 1;
}

static int supports(void *state, const rope_call *call, rope_error *error) {
  const rope_plan *plan = call->plan;
  (void)state;
  if (call->query_in->element_type > ROPE_ELEMENT_BFLOAT16) {
    snprintf(
      error->text, error->capacity, "element type %u: must be float32, float16 or bfloat16",
      (unsigned)call->query_in->element_type);
    return ROPE_UNSUPPORTED;
  }
  for (int64_t index = 0; index < 2 * plan->pair_count; index++) {
    if (plan->in[index] < plan->head_dim && plan->out[index] < plan->head_dim) continue;
    snprintf(
      error->text, error->capacity, "%lld rotating channels in heads of %lld", (long long)(2 * plan->pair_count),
      (long long)plan->head_dim);
    return ROPE_UNSUPPORTED;
  }
  if (call->contract != ROPE_CONTRACT_TABLE) return ROPE_OK;
  if (!has_rows(call, call->query_in, 0, error)) return ROPE_UNSUPPORTED;
  if (call->key_in && !has_rows(call, call->key_in, 1, error)) return ROPE_UNSUPPORTED;
  return ROPE_OK;
}

static const rope_backend backend = {
  sizeof(rope_backend),       ROPE_BACKEND_MAJOR_VERSION, ROPE_BACKEND_MINOR_VERSION, "plain-rope",
  "plain C on one processor", NULL,                       supports,                   apply,
};

const rope_backend *rope_backend_get(const rope_host *host, rope_error *error) {
  (void)host;
  (void)error;
  return &backend;
}
