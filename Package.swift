// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "rope-conformance",
  // The first macOS with Synchronization.Mutex.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "RoPE", targets: ["RoPE"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Reference", targets: ["Reference"]),
    .library(name: "HDF5", targets: ["HDF5"]),
  ],
  targets: [
    // MARK: - Public API
    .target(name: "RoPE"),
    .target(name: "Models", dependencies: ["RoPE"]),
    .systemLibrary(
      name: "CMPFR", pkgConfig: "mpfr", providers: [.apt(["libmpfr-dev"]), .brew(["mpfr"])]),
    .target(name: "Reference", dependencies: ["CMPFR", "RoPE"]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(name: "HDF5", dependencies: ["CHDF5"]),
    // The device code, compiled for the CPU.
    .target(
      name: "HostKernel", path: "Kernels", exclude: ["position_embeddings.hip"], sources: ["host/host.cpp"],
      publicHeadersPath: "include"),

    // MARK: - Unit test bundles
    .testTarget(name: "RoPETests", dependencies: ["RoPE"]),
    .testTarget(name: "HostKernelTests", dependencies: ["HostKernel"]),
    .testTarget(name: "ReferenceTests", dependencies: ["CMPFR", "Models", "Reference", "RoPE"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "RoPE"]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)

for target in package.targets where target.type != .system && target.name != "HostKernel" {
  var settings = target.swiftSettings ?? []
  // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
  settings.append(.enableUpcomingFeature("ExistentialAny"))
  // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
  settings.append(.enableUpcomingFeature("MemberImportVisibility"))
  target.swiftSettings = settings
}
