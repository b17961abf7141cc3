import CRoPEBackend
import RoPE

// The numbers of `rope_backend.h`, which the kernel uses too.

extension ElementType {
  /// Number in a call: `ROPE_ELEMENT_FLOAT32` and so on.
  package var abiCode: UInt32 {
    switch self {
    case .float32: UInt32(ROPE_ELEMENT_FLOAT32)
    case .float16: UInt32(ROPE_ELEMENT_FLOAT16)
    case .bfloat16: UInt32(ROPE_ELEMENT_BFLOAT16)
    }
  }
}

extension Contract {
  /// Number in a call: `ROPE_CONTRACT_TABLE` and so on.
  package var abiCode: UInt32 {
    switch self {
    case .unrotated: UInt32(ROPE_CONTRACT_NONE)
    case .table: UInt32(ROPE_CONTRACT_TABLE)
    case .frequency: UInt32(ROPE_CONTRACT_FREQUENCY)
    case .position: UInt32(ROPE_CONTRACT_POSITION)
    }
  }
}

extension Pairing {
  /// Number in a call: `ROPE_PAIRING_HALF` or `ROPE_PAIRING_INTERLEAVED`.
  package var abiCode: UInt32 {
    switch self {
    case .half: UInt32(ROPE_PAIRING_HALF)
    case .interleaved: UInt32(ROPE_PAIRING_INTERLEAVED)
    }
  }
}
