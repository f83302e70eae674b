// swift-tools-version: 6.2
// SPDX-License-Identifier: AGPL-3.0-or-later
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// Rooms that hold C pointers mark each use `unsafe`, so that a reviewer can find them all.
let strict = settings + [.strictMemorySafety()]

/// Bytes in, laws checked: what the fuzzer (scripts/fuzz.sh) and the tests both run.
let fuzzTargets: Target = .target(
  name: "FuzzTargets", dependencies: ["CRDT", "Exchange", "Kinds", "MujawaraCrypto", "SyncEngine"],
  path: "Fuzz/Targets", swiftSettings: settings)

/// The fuzzer's program has no `main` but libFuzzer's, so it is part of the package only where that is linked.
let fuzzer: [Target] = Context.environment["MUJAWARA_FUZZER"] != "1" ? [] : [
  .executableTarget(
    name: "mujawara-fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/Runner",
    swiftSettings: settings + [.unsafeFlags(["-parse-as-library", "-sanitize=fuzzer"])],
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
]

let package = Package(
  name: "mujawara",
  products: [
    .executable(name: "mujawara", targets: ["mujawara"]),
    .executable(name: "simulate", targets: ["Simulator"]),
    .library(name: "SyncEngine", targets: ["SyncEngine"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
  ],
  targets: [
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CUTF8Proc", pkgConfig: "libutf8proc", providers: [.apt(["libutf8proc-dev"])]),

    .target(name: "CRDT", swiftSettings: settings),
    .target(
      name: "MujawaraCrypto", dependencies: ["CSodium"], path: "Sources/Crypto",
      swiftSettings: strict),
    .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: strict),
    .target(name: "FaultDisk", dependencies: ["CSQLite", "SQLite"], swiftSettings: strict),
    .target(
      name: "SyncEngine", dependencies: ["CRDT", "MujawaraCrypto", "SQLite"],
      swiftSettings: settings),
    .target(name: "NormalForms", dependencies: ["CUTF8Proc"], swiftSettings: strict),
    .target(name: "Kinds", dependencies: ["CRDT", "NormalForms", "SyncEngine"], swiftSettings: settings),
    .target(
      name: "Exchange", dependencies: ["CRDT", "Kinds", "NormalForms", "SyncEngine"], swiftSettings: settings),
    .target(
      name: "Transport",
      dependencies: [
        "MujawaraCrypto", "SyncEngine",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "mujawara",
      dependencies: [
        "CRDT", "MujawaraCrypto", "SyncEngine", "Kinds", "Exchange", "Transport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),

    .executableTarget(
      name: "Simulator", dependencies: ["CRDT", "FaultDisk", "MujawaraCrypto", "SQLite", "SyncEngine"],
      swiftSettings: settings),
    fuzzTargets,

    .testTarget(
      name: "CRDTTests", dependencies: ["CRDT"], exclude: ["Traces"], swiftSettings: settings),
    .testTarget(
      name: "CryptoTests", dependencies: ["MujawaraCrypto"], exclude: ["Vectors"],
      swiftSettings: settings),
    .testTarget(name: "SQLiteTests", dependencies: ["FaultDisk", "SQLite"], swiftSettings: settings),
    .testTarget(
      name: "SyncEngineTests", dependencies: ["CRDT", "FaultDisk", "MujawaraCrypto", "SQLite", "SyncEngine"],
      swiftSettings: settings),
    .testTarget(
      name: "SimulatorTests", dependencies: ["MujawaraCrypto", "Simulator", "SyncEngine"], swiftSettings: settings),
    .testTarget(name: "KindsTests", dependencies: ["CRDT", "Kinds", "SyncEngine"], swiftSettings: settings),
    .testTarget(
      name: "ExchangeTests", dependencies: ["CRDT", "Exchange", "Kinds", "SyncEngine"],
      swiftSettings: settings),
    .testTarget(
      name: "TransportTests", dependencies: ["CRDT", "MujawaraCrypto", "SyncEngine", "Transport"],
      swiftSettings: settings),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "CRDT", "Exchange", "Kinds", "MujawaraCrypto", "SQLite", "SyncEngine", "mujawara",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: settings),
  ] + fuzzer,
  swiftLanguageModes: [.v6]
)
