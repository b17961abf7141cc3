/// The rule that says which two channels rotate together.
///
/// With `R` rotary dimensions and `n = R/2` pairs, counted from the rotary offset:
/// - ``half``: partners `(i, i + n)`; GPT-NeoX, Llama in Hugging Face form, GLM-4.5.
/// - ``interleaved``: partners `(2i, 2i + 1)`; GPT-J, ChatGLM, GLM-4, Cohere.
package enum Pairing: String, Codable, Sendable, CaseIterable {
  case half
  case interleaved
}

/// The form in which a backend is given its angles, which decides what it can be held to.
///
/// Switch over it with a `default` that answers ``Support/unsupported(reason:)``: a later version may add contracts.
#if hasAttribute(nonexhaustive)
  @nonexhaustive
#endif
public enum Contract: String, Codable, Sendable, CaseIterable {
  /// Rows of cosines and sines. Expected: the exact rotation by exactly those values.
  case table
  /// Positions and float32 inverse frequencies. Expected: the exact rotation by the angle
  /// `fl32(fl32(position) · inv_freq[i])`, which is what mainstream frameworks compute.
  case frequency
  /// Positions and the configuration. Expected: real arithmetic end to end.
  case position
  /// Nothing: a model or layer without RoPE (NoPE). Expected: the input, bit for bit.
  case unrotated = "none"
}

/// The order of the axes of Q and K in memory.
package enum Layout: String, Codable, Sendable, CaseIterable {
  /// `[batch, sequence, heads, head dimension]`
  case bshd
  /// `[batch, heads, sequence, head dimension]`
  case bhsd
  /// `[tokens, heads, head dimension]`, ragged sequences packed one after the other.
  case thd
}

/// The sense of rotation.
package enum Direction: String, Codable, Sendable, CaseIterable {
  /// Rotation by `+position · frequency`: the embedding.
  case forward
  /// Rotation by `−position · frequency`, from output channels to input channels: the transpose, which the backward
  /// pass runs.
  case inverse
}
