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

/* Cosine and sine of every pair of a token. */
static void angles(const rope_call *call, int64_t tokens, int64_t token, float *cosines, float *sines) {
  const rope_plan *plan = call->plan;
  for (int64_t pair = 0; pair < plan->pair_count; pair++) {
    if (call->contract == ROPE_CONTRACT_TABLE) {
      int64_t entry = call->table_rows[token] * plan->pair_count + pair;
      cosines[pair] = load(call->cos, entry, call->table_type);
      sines[pair] = load(call->sin, entry, call->table_type);
      continue;
    }
    int64_t position = call->positions[plan->axis[pair] * tokens + token];
    double angle = call->contract == ROPE_CONTRACT_FREQUENCY
                     ? (double)((float)position * call->inv_freq_float32[pair])
                     : (double)position * plan->inv_freq[pair];
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

static int apply(void *state, const rope_call *call, rope_error *error) {
  const rope_plan *plan = call->plan;
  int64_t rows = call->query_in->shape[0], sequence = call->query_in->shape[1];
  size_t pairs = (size_t)plan->pair_count;
  float *cosines = malloc((2 * pairs + 1) * sizeof(float)), *sines = cosines + pairs;
  void *copy = malloc((size_t)plan->head_dim * 4);
  int status = ROPE_FAILED;
  (void)state;
  if (!cosines || !copy) {
    snprintf(error->text, error->capacity, "no memory for a head of %lld channels", (long long)plan->head_dim);
    goto end;
  }
  for (int64_t batch = 0; batch < rows; batch++)
    for (int64_t token = 0; token < sequence; token++) {
      angles(call, rows * sequence, batch * sequence + token, cosines, sines);
      for (int64_t head = 0; head < call->query_in->shape[2]; head++)
        rotate(plan, call->query_in, call->query_out, batch, token, head, cosines, sines, copy);
      for (int64_t head = 0; head < call->key_in->shape[2]; head++)
        rotate(plan, call->key_in, call->key_out, batch, token, head, cosines, sines, copy);
    }
  status = ROPE_OK;
end:
  free(cosines);
  free(copy);
  return status;
}

/* ---- The plug-in ------------------------------------------------------------------------------------------------- */

static int supports(void *state, const rope_call *call, rope_error *error) {
  (void)state;
  if (call->query_in->element_type <= ROPE_ELEMENT_BFLOAT16) return ROPE_OK;
  snprintf(
    error->text, error->capacity, "element type %u: must be float32, float16 or bfloat16",
    (unsigned)call->query_in->element_type);
  return ROPE_UNSUPPORTED;
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
