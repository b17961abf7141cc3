import HostKernel
import RoPE

/// One of the kernels in the source.
enum KernelName: Hashable, Sendable {
  /// Rotates elements of a type: in groups of 16 bytes if wide, on the host of more where it can, else one by one.
  case rotation(ElementType, isWide: Bool)
  /// Does nothing: what it takes, any launch takes.
  case nothing

  /// The kernel for the arguments of a call.
  init(_ arguments: RopeArguments, elementType: ElementType) {
    self = .rotation(elementType, isWide: arguments.wide != 0)
  }

  /// The function's name.
  var function: String {
    switch self {
    case .rotation(let type, let isWide): "position_embeddings_\(isWide ? "wide_" : "")\(type.rawValue)"
    case .nothing: "position_embeddings_nothing"
    }
  }
}
