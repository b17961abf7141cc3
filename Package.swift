// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "rope-conformance",
  // Synchronization begins there.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "RoPE", targets: ["RoPE"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Reference", targets: ["Reference"]),
    .library(name: "Goldens", targets: ["Goldens"]),
    .library(name: "Backends", targets: ["Backends"]),
    .library(name: "CRoPEBackend", targets: ["CRoPEBackend"]),
    .library(name: "Conformance", targets: ["Conformance"]),
    .library(name: "Reports", targets: ["Reports"]),
  ],
  dependencies: [
    // The command line: parsing, checks and help.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // tolerances.yaml, which people write by hand.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: - Public API
    .target(name: "RoPE"),
    .target(name: "Models", dependencies: ["RoPE"], resources: [.copy("Resources")]),
    .target(name: "Reference", dependencies: ["CMPFR", "RoPE"]),
    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "Goldens", dependencies: ["HDF5", "Models", "Reference", "RoPE", "SHA256"]),
    .target(
      name: "HIP", dependencies: ["CDeviceRuntimes", "CRoPEBackend", "HostKernel", "KernelText", "RoPE", "SHA256"]),
    .target(name: "Backends", dependencies: ["CRoPEBackend", "HDF5", "HIP", "Isolation", "Reference", "RoPE"]),
    // The header that a plug-in implements.
    .target(name: "CRoPEBackend"),
    .target(
      name: "Conformance",
      dependencies: ["Backends", "Goldens", "HIP", "Reference", "RoPE", .product(name: "Yams", package: "Yams")]),
    .target(name: "Benchmarks", dependencies: ["HIP", "Models", "PlainRotation", "Reference", "RoPE"]),
    .target(name: "Reports", dependencies: ["Conformance", "Goldens", "Models", "RoPE"]),
    .executableTarget(
      name: "rope-conformance",
      dependencies: [
        "Backends", "Benchmarks", "Conformance", "Goldens", "HIP", "Isolation", "Models", "Reference", "Reports",
        "RoPE",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: - Implementation details
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CMPFR", pkgConfig: "mpfr", providers: [.apt(["libmpfr-dev"]), .brew(["mpfr"])]),
    // Checksums of golden files and of compiled kernels.
    .target(name: "SHA256"),
    .target(name: "CIsolation"),
    // Processes that are not trusted.
    .target(name: "Isolation", dependencies: ["CIsolation"]),
    // Headers alone: the libraries are found at run time.
    .systemLibrary(name: "CDeviceRuntimes"),
    // The device code, compiled for the CPU.
    .target(
      name: "HostKernel", path: "Kernels", exclude: ["position_embeddings.hip", "KernelText.swift"],
      sources: ["host/host.cpp"], publicHeadersPath: "include"),
    // What the kernel's speed on the CPU is compared with. No product for other packages holds it, so that it may say
    // how it is compiled.
    .target(name: "PlainRotation", cSettings: [.unsafeFlags(["-O3"], .when(configuration: .release))]),
    // The device code as text, for the compilers of other devices.
    .target(
      name: "KernelText", path: "Kernels", exclude: ["host", "include/host_launch.h", "include/module.modulemap"],
      sources: ["KernelText.swift"],
      resources: [.embedInCode("position_embeddings.hip"), .embedInCode("include/position_embeddings.h")]),

    // MARK: - Unit test bundles
    .testTarget(name: "IsolationTests", dependencies: ["Isolation", "rope-conformance"]),
    .testTarget(
      name: "BackendTests",
      dependencies: ["Backends", "Conformance", "Goldens", "HIP", "Isolation", "Reports", "RoPE", "rope-conformance"]),
    .testTarget(
      name: "RecordedTests",
      dependencies: [
        "Backends", "CHDF5", "Conformance", "Goldens", "HDF5", "Models", "Reports", "RoPE", "rope-conformance",
      ]),
    .testTarget(name: "RoPETests", dependencies: ["RoPE"]),
    .testTarget(name: "SHA256Tests", dependencies: ["SHA256"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"]),
    .testTarget(name: "HostKernelTests", dependencies: ["HostKernel"]),
    .testTarget(name: "KernelSourceTests", exclude: ["function_types.cpp", "runtime_compile.py"]),
    .testTarget(
      name: "HIPTests", dependencies: ["Benchmarks", "Conformance", "Goldens", "HIP", "HostKernel", "RoPE"],
      exclude: ["FakeDrivers"]),
    .testTarget(name: "ReferenceTests", dependencies: ["Models", "Reference", "RoPE"]),
    .testTarget(name: "GoldensTests", dependencies: ["Goldens", "HDF5", "Models", "Reference", "RoPE"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "RoPE"]),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Backends", "Benchmarks", "Conformance", "Goldens", "HIP", "Models", "Reference", "Reports", "RoPE",
      ]),
    .testTarget(name: "BudgetTests", dependencies: ["Conformance", "RoPE"]),
    .testTarget(name: "MutantTests", dependencies: ["Backends", "Conformance", "Goldens", "KnownGood", "RoPE"]),
    .testTarget(name: "InvariantTests", dependencies: ["Backends", "Conformance", "HIP", "RoPE"]),
    // Right implementations, which no test that judges may accuse.
    .target(name: "KnownGood", dependencies: ["RoPE"], path: "Tests/KnownGood"),
    .testTarget(name: "KnownGoodTests", dependencies: ["Conformance", "KnownGood", "Reference", "RoPE"]),
    .testTarget(name: "CommandLineTests", dependencies: ["rope-conformance"]),
    .testTarget(name: "HarnessTests", dependencies: ["Backends", "Conformance", "Goldens", "HIP", "Reports", "RoPE"]),

    // MARK: - The conformance suite: `swift test --filter conformance`
    .testTarget(
      name: "conformance-suite", dependencies: ["Backends", "Conformance", "Goldens", "HIP", "Reports", "RoPE"],
      path: "Tests/conformance"),
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
