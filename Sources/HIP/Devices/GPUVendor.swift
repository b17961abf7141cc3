/// Who makes a GPU, and so whose libraries run the kernel on it.
public enum GPUVendor: String, Sendable, CaseIterable {
  case amd, nvidia
}
