/// The kernel's source as this program was built with it, for compilers that run on the user's machine.
public enum KernelText {
  /// `position_embeddings.hip`, in UTF-8.
  public static let source = PackageResources.position_embeddings_hip
  /// `position_embeddings.h`, which the source includes.
  public static let header = PackageResources.position_embeddings_h
}
