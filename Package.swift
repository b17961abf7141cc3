// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "rope-conformance",
  // The first version with Synchronization.
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "RoPEConformance", targets: ["RoPEConformance"]),
    .library(name: "CRoPEBackend", targets: ["CRoPEBackend"]),
    // The judge for programs in any language: librope_judge and rope_judge.h.
    .library(name: "rope_judge", type: .dynamic, targets: ["RoPEJudge"]),
  ],
  dependencies: [
    // The command line: parsing, checks and help.
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // tolerances.yaml, which people write by hand.
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // MARK: - From a configuration to a report; each target depends only on earlier ones and on the foundations
    // The vocabulary. Imports nothing.
    .target(name: "RoPE"),
    .target(name: "Models", dependencies: ["Files", "Installation", "RoPE"], resources: [.copy("Resources")]),
    // Exact numbers, by MPFR.
    .target(name: "Reference", dependencies: ["CMPFR", "RoPE"]),
    // Cases and their truth.
    .target(name: "Goldens", dependencies: ["Files", "HDF5", "Models", "Reference", "RoPE", "SHA256"]),
    // Budgets, the judge, the verdict.
    .target(name: "Judging", dependencies: ["Goldens", "RoPE"]),
    // The backends that are judged.
    .target(
      name: "Backends",
      dependencies: [
        "CRoPEBackend", "CRoPEJudge", "Devices", "Files", "Goldens", "HDF5", "Judging", "Reference", "RoPE", "Workers",
      ]),
    // Published bugs, as backends.
    .target(name: "Mistakes", dependencies: ["Backends", "Goldens", "Reference", "RoPE"]),
    // The cause of a verdict.
    .target(name: "Diagnosis", dependencies: ["Backends", "Goldens", "Judging", "Mistakes", "Reference", "RoPE"]),
    // Properties that hold without a golden.
    .target(name: "Invariants", dependencies: ["Backends", "Goldens", "Judging", "Reference", "RoPE"]),
    // The suite as a library: selection, settings, the run, the report model.
    .target(
      name: "Conformance",
      dependencies: [
        "Backends", "Devices", "Diagnosis", "Files", "Goldens", "Installation", "Judging", "Mistakes", "RoPE", "SHA256",
        "Workers",
        .product(name: "Yams", package: "Yams"),
      ]),
    // The report model as text, JSON Lines, JUnit and HTML.
    .target(
      name: "Reports",
      dependencies: ["Conformance", "Diagnosis", "Files", "Goldens", "Invariants", "Judging", "Models", "RoPE"]),
    // The library that a Swift user imports.
    .target(
      name: "RoPEConformance",
      dependencies: ["Backends", "Conformance", "Judging", "Reference", "Reports", "RoPE"]),
    // The library that any other language calls.
    .target(
      name: "RoPEJudge",
      dependencies: [
        "Backends", "CRoPEBackend", "CRoPEJudge", "Conformance", "Files", "Goldens", "HDF5", "Judging", "Models",
        "Reports", "RoPE",
      ], exclude: ["exports.map"],
      // No package in Swift depends on this library, so it may set unsafe flags.
      linkerSettings: [
        .unsafeFlags(
          ["-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/RoPEJudge/exports.map"],
          .when(platforms: [.linux]))
      ]),
    // Tools that only this repository uses.
    .target(
      name: "Laboratory",
      dependencies: [
        "Backends", "Devices", "Diagnosis", "Files", "Goldens", "Judging", "Mistakes", "Models", "PlainRotation",
        "Reference", "RoPE",
      ]),
    .executableTarget(
      name: "rope-conformance",
      dependencies: [
        "Backends", "Conformance", "Devices", "Diagnosis", "Files", "Goldens", "Invariants", "Judging", "Laboratory",
        "Mistakes", "Models", "Reference", "Reports", "RoPE", "Workers",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: - Foundations
    // What is read, written and printed: checked, whole, and visible.
    .target(name: "Files"),
    .target(name: "HDF5", dependencies: ["CHDF5", "Files"]),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CMPFR", pkgConfig: "mpfr", providers: [.apt(["libmpfr-dev"]), .brew(["mpfr"])]),
    // Checksums of golden files and of compiled kernels.
    .target(name: "SHA256"),
    // AMD, NVIDIA and the host: memory, compilation, launch.
    .target(
      name: "Devices",
      dependencies: ["CDeviceRuntimes", "CRoPEBackend", "Files", "HostKernel", "RoPE", "SHA256"]),
    // Only headers: the libraries are found at run time.
    .systemLibrary(name: "CDeviceRuntimes"),
    // The header that a plug-in implements.
    .target(name: "CRoPEBackend"),
    // The header of the library for other languages.
    .target(name: "CRoPEJudge", dependencies: ["CRoPEBackend"]),
    // Where the program or the library is installed.
    .target(name: "Installation"),
    // Child processes that are not trusted.
    .target(name: "Workers", dependencies: ["CWorkers", "Files"]),
    .target(name: "CWorkers"),
    // The device code, compiled for the CPU, and its text for the compilers of other devices.
    .target(
      name: "HostKernel", path: "Kernels", exclude: ["position_embeddings.hip"], sources: ["host"],
      publicHeadersPath: "include"),
    // The loop that the kernel's speed on the CPU is compared with. No product for other packages holds it, so it may
    // set unsafe flags.
    .target(name: "PlainRotation", cSettings: [.unsafeFlags(["-O3"], .when(configuration: .release))]),

    // MARK: - Unit test bundles
    .testTarget(name: "RoPETests", dependencies: ["RoPE"]),
    .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
    .testTarget(name: "SHA256Tests", dependencies: ["SHA256", "TestSupport"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5", "TestSupport"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "RoPE", "TestSupport"]),
    .testTarget(name: "ReferenceTests", dependencies: ["Models", "Reference", "RoPE", "TestSupport"]),
    .testTarget(
      name: "GoldensTests",
      dependencies: ["Files", "Goldens", "HDF5", "Models", "Reference", "RoPE", "TestSupport"]),
    .testTarget(name: "WorkersTests", dependencies: ["TestSupport", "Workers", "rope-conformance"]),
    .testTarget(name: "HostKernelTests", dependencies: ["HostKernel"]),
    .testTarget(
      name: "KernelSourceTests", dependencies: ["TestSupport"], exclude: ["function_types.cpp", "runtime_compile.py"]),
    .testTarget(
      name: "DevicesTests",
      dependencies: [
        "Backends", "Conformance", "Devices", "Goldens", "HostKernel", "Judging", "Laboratory", "RoPE", "TestSupport",
      ],
      exclude: ["FakeDrivers"]),
    .testTarget(
      name: "JudgingTests",
      dependencies: [
        "Backends", "Conformance", "Devices", "Diagnosis", "Goldens", "Judging", "Mistakes", "Reference", "Reports",
        "RoPE",
        "TestSupport",
      ]),
    .testTarget(
      name: "BackendsTests",
      dependencies: [
        "Backends", "Conformance", "Devices", "Diagnosis", "Goldens", "Invariants", "Judging", "Reports", "RoPE",
        "TestSupport", "Workers", "rope-conformance",
      ], exclude: ["Version1.0"]),
    .testTarget(
      name: "RecordedTests",
      dependencies: [
        "Backends", "CHDF5", "Conformance", "Devices", "Diagnosis", "Goldens", "HDF5", "Judging", "Models", "Reports",
        "RoPE", "TestSupport", "Workers", "rope-conformance",
      ]),
    .testTarget(
      name: "MistakesTests",
      dependencies: [
        "Backends", "Conformance", "Diagnosis", "Goldens", "Judging", "KnownGood", "Laboratory", "Mistakes", "RoPE",
        "TestSupport",
      ]),
    .testTarget(
      name: "InvariantsTests",
      dependencies: ["Backends", "Conformance", "Devices", "Invariants", "Judging", "Mistakes", "RoPE", "Workers"]),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Backends", "Conformance", "Devices", "Diagnosis", "Files", "Goldens", "Invariants", "Judging", "Laboratory",
        "Mistakes", "Models", "Reference", "Reports", "RoPE", "TestSupport",
      ]),
    .testTarget(
      name: "RoPEJudgeTests",
      dependencies: [
        "Backends", "CRoPEJudge", "Conformance", "Devices", "Goldens", "Judging", "Reports", "RoPE", "RoPEJudge",
        "TestSupport", "rope-conformance",
      ]),
    // Support shared by several test targets.
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    // Right implementations, which no test that judges may reject.
    .target(name: "KnownGood", dependencies: ["RoPE"], path: "Tests/KnownGood"),
    .testTarget(name: "KnownGoodTests", dependencies: ["Judging", "KnownGood", "Reference", "RoPE", "TestSupport"]),
    .testTarget(name: "CommandLineTests", dependencies: ["TestSupport", "rope-conformance"]),

    // MARK: - The conformance suite: `swift test --filter conformance`
    .testTarget(
      name: "conformance-suite",
      dependencies: ["Backends", "Conformance", "Devices", "Goldens", "Judging", "Reports", "RoPE", "Workers"],
      path: "Tests/conformance"),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx20
)

// Only tools/fuzz builds this program, whose main function is that of libFuzzer.
if Context.environment["FUZZ_READERS"] != nil {
  package.targets.append(
    .executableTarget(
      name: "fuzz-readers",
      dependencies: [
        "Backends", "Conformance", "Files", "Goldens", "HDF5", "Judging", "Models", "Reports", "RoPE", "Workers",
      ]))
}

for target in package.targets where target.type != .system && target.name != "HostKernel" {
  var settings = target.swiftSettings ?? []
  // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
  settings.append(.enableUpcomingFeature("ExistentialAny"))
  // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
  settings.append(.enableUpcomingFeature("MemberImportVisibility"))
  target.swiftSettings = settings
}
