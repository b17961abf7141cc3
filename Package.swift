// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "rope-conformance",
  // The first with Synchronization.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "RoPE", targets: ["RoPE"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "HIP", targets: ["HIP"]),
  ],
  targets: [
    // MARK: - Public API
    .target(name: "RoPE"),
    .target(name: "Models", dependencies: ["RoPE"]),
    .target(name: "HIP", dependencies: ["HostKernel", "RoPE"]),
    // The device code, compiled for the CPU.
    .target(
      name: "HostKernel", path: "Kernels", exclude: ["position_embeddings.hip"], sources: ["host/host.cpp"],
      publicHeadersPath: "include"),

    // MARK: - Unit test bundles
    .testTarget(name: "RoPETests", dependencies: ["RoPE"]),
    .testTarget(name: "HostKernelTests", dependencies: ["HostKernel"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "RoPE"]),
    .testTarget(name: "HIPTests", dependencies: ["HIP", "HostKernel", "RoPE"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)

for target in package.targets where target.name != "HostKernel" {
  var settings = target.swiftSettings ?? []
  // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
  settings.append(.enableUpcomingFeature("ExistentialAny"))
  // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
  settings.append(.enableUpcomingFeature("MemberImportVisibility"))
  target.swiftSettings = settings
}
