// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "my-rope",
  platforms: [.macOS(.v15)],
  dependencies: [
    // In a package of your own: .package(url: "https://…/rope-conformance", from: "0.1.0")
    .package(name: "rope-conformance", path: "../..")
  ],
  targets: [
    .target(
      name: "MyRope",
      dependencies: [
        .product(name: "Backends", package: "rope-conformance"),
        .product(name: "Reference", package: "rope-conformance"),
        .product(name: "RoPE", package: "rope-conformance"),
      ],
      // A kernel is slow without it, also under test.
      swiftSettings: [.unsafeFlags(["-O"])]),
    .testTarget(
      name: "MyRopeTests",
      dependencies: [
        "MyRope",
        .product(name: "Conformance", package: "rope-conformance"),
        .product(name: "Reports", package: "rope-conformance"),
      ]),
  ]
)
