// SPDX-License-Identifier: AGPL-3.0-or-later
import MujawaraCrypto

extension Frame {
  /// Bytes of a frame's head: its type and the length of its payload.
  public static let headSize = 5

  /// Type, length and payload. The payload must not be above 1,048,576 bytes.
  public func encoded() -> [UInt8] { Self.encoded(type: type, payload: payload()) }

  /// A frame around a payload that is encoded already.
  public static func encoded(type: UInt8, payload: [UInt8]) -> [UInt8] {
    precondition(payload.count <= Limits.frame, "a frame's payload has at most 1,048,576 bytes")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headSize + payload.count)
    bytes.append(type)
    appendBigEndian(UInt32(payload.count), to: &bytes)
    bytes.append(contentsOf: payload)
    return bytes
  }

  /// What stands after type and length.
  public func payload() -> [UInt8] {
    switch self {
    case .changes(let run): return run.encoded()
    case .bhead(let head): return head.encoded()
    case .pad(let count): return [UInt8](repeating: 0, count: count)
    case .unknown(_, let payload): return payload
    default:
      var writer = CBORWriter()
      writer.payload(self)
      return writer.bytes
    }
  }
}

extension CBORWriter {
  fileprivate mutating func payload(_ frame: Frame) {
    switch frame {
    case .hello(let hello): self.hello(hello)
    case .root(let root): self.root(root)
    case .list(let list): self.list(list)
    case .credit(let bytes): uint(bytes)
    case .ping: null()
    case .close(let code): uint(code.rawValue)
    case .end(let changes):
      array(count: 1)
      uint(changes)
    case .done(let done): self.done(done)
    case .join(let join): self.join(join)
    case .admit(let admit): self.admit(admit)
    case .refuse(let reason): uint(reason.rawValue)
    case .changes, .bhead, .pad, .unknown: preconditionFailure("these frames encode their own payload")
    }
  }

  private mutating func hello(_ hello: Frame.Hello) {
    var map = MapWriter(&self, known: 3, unknown: hello.unknown)
    map.key(1, &self)
    array(count: hello.spaces.count)
    for space in hello.spaces { bytes8(space) }
    map.key(2, &self); uint(hello.credit)
    map.key(3, &self); text(hello.program)
    map.finish(&self)
  }

  private mutating func root(_ root: Frame.Root) {
    array(count: 4)
    id(root.space)
    id(root.root)
    if let digest = root.digest { id(digest) } else { null() }
    uint(root.round)
  }

  private mutating func list(_ list: Frame.List) {
    array(count: 2)
    id(list.space)
    array(count: list.entries.count)
    for entry in list.entries {
      array(count: 3)
      bytes8(entry.log)
      uint(entry.seq)
      bytes8(entry.tip)
    }
  }

  private mutating func done(_ done: Frame.Done) {
    array(count: 3)
    id(done.space)
    uint(done.changes)
    uint(done.round)
  }

  private mutating func join(_ join: Frame.Join) {
    var map = MapWriter(&self, known: 3, unknown: join.unknown)
    map.key(1, &self); raw(join.card.encoded)
    map.key(2, &self); bytes(join.countersign)
    map.key(3, &self); text(join.name)
    map.finish(&self)
  }

  private mutating func admit(_ admit: Frame.Admit) {
    var map = MapWriter(&self, known: 2, unknown: admit.unknown)
    map.key(1, &self); id(admit.network)
    map.key(2, &self); ids(admit.anchor)
    map.finish(&self)
  }
}
