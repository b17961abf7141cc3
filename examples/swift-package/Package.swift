// swift-tools-version: 6.1
import PackageDescription

let conformance = Target.Dependency.product(name: "RoPEConformance", package: "rope-conformance")

let package = Package(
  name: "my-rope",
  platforms: [.macOS(.v15)],
  dependencies: [
    // In a package of your own: .package(url: "https://…/rope-conformance", from: "0.1.0")
    .package(name: "rope-conformance", path: "../..")
  ],
  targets: [
    .target(
      name: "MyRope", dependencies: [conformance],
      // A kernel is slow without it, also under test.
      swiftSettings: [.unsafeFlags(["-O"])]),
    // From the backend to a report. `swift run judge` needs libhdf5 and libmpfr, which `tools/setup` installs.
    .executableTarget(name: "judge", dependencies: ["MyRope", conformance]),
    .testTarget(name: "MyRopeTests", dependencies: ["MyRope", conformance]),
  ]
)
