// Cosines and sines of the angles of rotary embeddings, without float64 and without scratch memory.
//
// The difficulty is size. Position 100,000 at one radian per position is an angle of 15,915 turns, and a float32 of
// that size is only good to 0.008 radians. So this file does not hold angles in radians until they are small. It holds a
// *phase*: an unsigned 64-bit integer that counts 2^-64ths of a turn. When a sum or product of phases overflows, the
// integer loses whole turns, and a cosine does not depend on those.
//
//   phase_of_position   position · step                                        the phase accumulator
//   phase_of_fraction   the same for the fraction of a position
//   phase_of_radians    a float32 angle in radians, however large              Payne and Hanek
//   cos_sin_of_phase    a phase, cut into quarter turns and at most π/4 rest
//   cos_sin             the rest, by two polynomials
//
// The file has them in reverse order, because C++ requires a declaration before its use.
#ifndef ROPE_ANGLES_H
#define ROPE_ANGLES_H

#ifdef __clang__
// HIP contracts a * b + c into one operation by default, even if the product is written as __fmul_rn. The error terms
// below need the rounded product. For NVRTC an option does the same.
#pragma clang fp contract(off)
#endif

struct CosSin {
  float cosine, sine;
};

// MARK: - Polynomials

// Cosine and sine of high + low + quarter · π/2 radians, where |high| ≤ π/4.
//
// The Taylor polynomials are off by less than 2^-27 at π/4, and `low` carries the bits that the float `high` cannot hold.
// Two errors remain, the polynomial's rounding and that of the last addition, below one ulp each.
__device__ inline CosSin cos_sin(float high, float low, unsigned quarter) {
  float square = high * high;

  // sin x = x + x³ p(x²). Near high, the sine grows by low.
  float p = fmaf(square, 2.7557319e-6f, -1.9841270e-4f);
  p = fmaf(square, p, 8.3333333e-3f);
  p = fmaf(square, p, -1.6666667e-1f);
  float sine = high + fmaf(high * square, p, low);

  // cos x = 1 − x²/2 + x⁴ q(x²). Near high, the cosine falls by high · low.
  float q = fmaf(square, -2.7557319e-7f, 2.4801587e-5f);
  q = fmaf(square, q, -1.3888889e-3f);
  q = fmaf(square, q, 4.1666667e-2f);
  // `lost` is the rounding error of 1 − x²/2, and is added back among the small terms.
  float half_square = 0.5f * square;
  float head = 1.0f - half_square;
  float lost = (1.0f - head) - half_square;
  // x² was rounded too: fmaf(high, high, −square) is exactly its error.
  lost -= 0.5f * fmaf(high, high, -square);
  float cosine = head + (lost + fmaf(square * square, q, -high * low));

  // A quarter turn takes (cosine, sine) to (−sine, cosine).
  CosSin result;
  result.cosine = quarter & 1 ? sine : cosine;
  result.sine = quarter & 1 ? cosine : sine;
  if ((quarter + 1) & 2) result.cosine = -result.cosine;
  if (quarter & 2) result.sine = -result.sine;
  return result;
}

// MARK: - From a phase to an angle of at most π/4

__device__ inline CosSin cos_sin_of_phase(unsigned long long phase) {
  // The nearest quarter turn, 2^62, and the rest in −2^61 ..< 2^61. Just before a whole turn the addition overflows to
  // quarter 0, and the subtraction gives the negative rest.
  unsigned quarter = (unsigned)((phase + (1ull << 61)) >> 62);
  long long rest = (long long)(phase - ((unsigned long long)quarter << 62));
  // Two floats hold the first 48 bits of the rest.
  float head = (float)rest;
  float tail = (float)(rest - (long long)head);
  // 2π · 2^-64, the radians of one unit, in two floats.
  const float scale = 0x1.921fb6p-62f, scale_low = -0x1.777a5cp-87f;
  // (head + tail) · (scale + scale_low) in two floats: fmaf finds what the rounded product lost, which is why that
  // product must not be contracted into an addition of cos_sin.
  float high = __fmul_rn(head, scale);
  float low = fmaf(head, scale, -high) + fmaf(head, scale_low, tail * scale);
  return cos_sin(high, low, quarter & 3);
}

// MARK: - Payne and Hanek: the phase of an angle in radians

// 32 zero bits, which the window of a small angle needs, then the first 224 bits of 1/2π: bit i, from the left, is worth
// 2^(31 − i). In constant memory, because an array that is indexed by a variable would be copied to scratch memory.
__constant__ const unsigned one_over_two_pi[8] = {0x00000000u, 0x28BE60DBu, 0x9391054Au, 0x7F09D5F4u,
                                                  0x7D4D3770u, 0x36D8A566u, 0x4F10E410u, 0x7F9458EAu};

// The phase of a float32 angle, for any finite angle of at least 1/2 radian (Payne and Hanek 1983).
//
// An angle is significand · 2^exponent radians, so its turns are significand · (2^exponent / 2π). The bits of
// 2^exponent / 2π left of the point, times the significand, an integer, are whole turns and are skipped. 96 bits to the
// right of the point, the window, are enough for a phase: the others, times a significand below 2^24, are less than
// 2^-72 turns.
__device__ inline unsigned long long phase_of_radians(float radians) {
  unsigned bits = __float_as_uint(radians);
  unsigned long long significand = (bits & 0x7FFFFF) | 0x800000;
  int exponent = (int)(bits >> 23 & 0xFF) - 150;

  // 2^exponent moves bit exponent + 32 to the first place after the point.
  unsigned first = (unsigned)(exponent + 32);
  unsigned word = first >> 5, shift = first & 31;
  unsigned window[3];
  for (int i = 0; i < 3; i++) {
    unsigned upper = one_over_two_pi[word + i], lower = one_over_two_pi[word + i + 1];
    // A shift by 32 is undefined.
    window[i] = shift ? upper << shift | lower >> (32 - shift) : upper;
  }

  // The window's words are worth 2^-32, 2^-64 and 2^-96 turns; a phase counts 2^-64. Whole turns overflow.
  unsigned long long phase =
      (significand * window[0] << 32) + significand * window[1] + (significand * window[2] >> 32);
  return bits >> 31 ? 0 - phase : phase;
}

// The cosine and sine of the float32 angle fl32(position · frequency), taken as exact.
__device__ inline CosSin cos_sin_of_product(float position, float frequency) {
  // A plain product could be contracted into a later addition and would not be rounded.
  float radians = __fmul_rn(position, frequency);
  // A small angle needs no reduction. A phase would cut off its last bits, and with them the sine's precision.
  return fabsf(radians) < 0.75f ? cos_sin(radians, 0.0f, 0) : cos_sin_of_phase(phase_of_radians(radians));
}

// MARK: - The phase accumulator: the phase of a position

// `step` is the phase of one position, to the nearest 2^-64 turn, so the product is off by at most
// |position| · 2^-65 turns. A negative position works as well: modulo 2^64 it is a multiple like any other.
__device__ inline unsigned long long phase_of_position(long long position, unsigned long long step) {
  return (unsigned long long)position * step;
}

// What a fraction of a position, in 2^-64ths, adds to the phase.
//
// One position makes `turns` + step · 2^-64 turns, where 0 ≤ step < 2^64, so that negative frequencies round `turns` down.
// Whole turns of a whole position do not matter, but a fraction of them does: fraction · turns are 2^-64ths of a turn. The
// product of the two fractions has 128 bits, and its upper half counts 2^-64ths too; it is cut off by less than one.
__device__ inline unsigned long long phase_of_fraction(unsigned long long fraction, unsigned long long step,
                                                       long long turns) {
  return fraction * (unsigned long long)turns + __umul64hi(fraction, step);
}

#endif
