// SPDX-License-Identifier: AGPL-3.0-or-later

/// What the first pass over a file found: all of it authentic, and its frames in order.
struct BundleScan {
  var info: BundleInfo
  var join: Frame.Join?
  var admit: Frame.Admit?
  /// Where the authentic part ends, and how many whole frames stand in it.
  var end: Int
  var frames: Int
}

extension BundleReader {
  /// Goes over a file from end to end. `visit` sees each run before it is known whether the rest is
  /// authentic.
  static func scan(
    _ source: any ByteSource, keys: [BundleKey], takingIntactPart: Bool = false,
    visit: (Run, BundleHead) throws -> Void = { _, _ in }
  ) throws -> BundleScan {
    var opener = try BundleOpener(source, keys: keys)
    var scan = try begin(&opener, size: source.count)
    var order = FrameOrder(purpose: scan.info.purpose)
    do {
      while let (type, payload) = try opener.next() {
        let frame = try frame(type, payload)
        try order.take(frame)
        try note(frame, in: &scan, visit)
        scan.frames += 1
      }
      try opener.finish()
      try order.finish()
    } catch let error as BundleError where takingIntactPart && error.isOfTheMedium {
      scan.info.isWhole = false
    }
    scan.end = opener.offset
    return scan
  }

  private static func begin(_ opener: inout BundleOpener, size: Int) throws -> BundleScan {
    guard let (type, payload) = try opener.next() else {
      try opener.finish()
      throw BundleError.malformed("there is nothing in it")
    }
    guard type == 0x0e else { throw BundleError.malformed("BHEAD comes first") }
    guard let version = BundleHead.version(of: payload), version <= BundleHead.branchesVersion, version > 0 else {
      throw BundleError.newerVersion
    }
    guard case .bhead(let head) = try frame(type, payload) else {
      throw BundleError.malformed("BHEAD comes first")
    }
    let info = BundleInfo(head: head, origin: opener.origin, size: size, changes: 0, isWhole: true)
    return BundleScan(info: info, join: nil, admit: nil, end: 0, frames: 1)
  }

  private static func frame(_ type: UInt8, _ payload: [UInt8]) throws -> Frame {
    do throws(DecodingError) { return try Frame(type: type, payload: payload) } catch {
      throw BundleError.malformed("\(error)")
    }
  }

  private static func note(
    _ frame: Frame, in scan: inout BundleScan, _ visit: (Run, BundleHead) throws -> Void
  ) throws {
    switch frame {
    case .changes(let run):
      scan.info.changes += run.entries.count
      try visit(run, scan.info.head)
    case .join(let join): scan.join = join
    case .admit(let admit): scan.admit = admit
    default: break
    }
  }
}

/// Checks that frames after BHEAD stand in the order of protocol.md section 14.
struct FrameOrder {
  private enum Part: Int { case head, changes, pad, end }

  private let purpose: BundleHead.Purpose
  private var part = Part.head
  private var changes: UInt64 = 0
  private var spaces: [SpaceID] = []

  init(purpose: BundleHead.Purpose) { self.purpose = purpose }

  mutating func take(_ frame: Frame) throws(BundleError) {
    guard part != .end else { throw .malformed("END is last") }
    switch frame {
    case .join where purpose == .request && part == .head: part = .changes
    case .admit where purpose == .admission && part == .head: part = .changes
    case .changes(let run) where purpose != .request && part.rawValue <= Part.changes.rawValue:
      if purpose == .admission && part == .head { throw .malformed("ADMIT comes before changes") }
      part = .changes
      changes += UInt64(run.entries.count)
      try enter(run.space)
    case .pad: part = .pad
    case .end(let count):
      guard count == changes else { throw .malformed("END with a wrong count") }
      part = .end
    case .unknown(let type, _):
      if type >= 0x80 { throw .newerVersion }
    default: throw .malformed("a frame of type \(frame.type) out of place")
    }
  }

  func finish() throws(BundleError) {
    guard part == .end else { throw .malformed("END is missing") }
  }

  /// Governance first, then each space once.
  private mutating func enter(_ space: SpaceID) throws(BundleError) {
    guard spaces.last != space else { return }
    let isFirst = spaces.isEmpty || space != ChangeHeader.governanceSpace
    guard isFirst, !spaces.contains(space) else { throw .malformed("spaces out of order") }
    spaces.append(space)
  }
}

extension BundleError {
  /// Whether the file is what it was but for what happened to the medium.
  fileprivate var isOfTheMedium: Bool {
    switch self {
    case .damaged, .truncated, .cannotRead: true
    default: false
    }
  }
}

extension BundleHead {
  /// The version that a head of any version tells.
  static func version(of payload: [UInt8]) -> UInt64? {
    var reader = CBORReader(payload)
    do throws(DecodingError) {
      var map = try MapReader(&reader, known: Key.version...Key.version, inside: 0)
      var version: UInt64?
      while try map.next(&reader) != nil { version = try reader.readUInt() }
      return version
    } catch { return nil }
  }
}

extension BundleHead.Receipt {
  func tips(of space: SpaceID) -> [BundleHead.Tip] { frontiers.first { $0.space == space }?.tips ?? [] }
}
