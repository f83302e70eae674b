// SPDX-License-Identifier: AGPL-3.0-or-later
import CSodium

extension Hash {
  /// H or HK over bytes that come in pieces. A value: a copy goes on by itself.
  public struct Hasher {
    private var state = InlineArray<48, UInt64>(repeating: 0)
    private let count: Int

    /// H under a label.
    public init(_ label: String) {
      unsafe self.init(label, rawKey: UnsafeRawBufferPointer(start: nil, count: 0), count: Hash.size)
    }

    /// HK under a label and a secret key of 1 to 64 bytes; the result has `count` bytes.
    public init(_ label: String, key: SecretBytes, count: Int = Hash.size) {
      self = key.withBytes { unsafe Hasher(label, rawKey: $0, count: count) }
    }

    /// HK under a label and a key that is no secret of its own.
    public init(_ label: String, key: [UInt8], count: Int = Hash.size) {
      self = unsafe key.withUnsafeBytes { unsafe Hasher(label, rawKey: $0, count: count) }
    }

    init(_ label: String, rawKey key: UnsafeRawBufferPointer, count: Int) {
      Sodium.initialize()
      self.count = count
      withState { unsafe $0.start(label, key: key, count: count) }
    }

    /// Takes in more bytes.
    public mutating func update(_ bytes: [UInt8]) {
      unsafe bytes.withUnsafeBytes { unsafe update(raw: $0) }
    }

    /// Takes in more bytes.
    public mutating func update(_ bytes: ArraySlice<UInt8>) {
      unsafe bytes.withUnsafeBytes { unsafe update(raw: $0) }
    }

    /// Takes in bytes that lie elsewhere, without a copy.
    public mutating func update(raw bytes: UnsafeRawBufferPointer) {
      withState { unsafe $0.update(bytes) }
    }

    /// The result over all that was taken in. The hasher itself isn't changed.
    public func finish() -> [UInt8] {
      var last = self
      let size = count
      return unsafe [UInt8](unsafeUninitializedCapacity: size) { out, filled in
        last.withState { unsafe $0.finish(into: UnsafeMutableRawBufferPointer(out).part(0..<size)) }
        filled = size
      }
    }

    /// Runs with the state in aligned memory, which a value can't promise, and takes it back.
    @safe
    private mutating func withState(_ body: (HashState) -> Void) {
      unsafe withStackSecret(HashState.size, alignment: HashState.alignment) { memory in
        var span = state.mutableSpan
        unsafe span.withUnsafeMutableBytes { kept in
          unsafe memory.copyMemory(from: UnsafeRawBufferPointer(kept))
          unsafe body(HashState(memory))
          unsafe kept.copyMemory(from: memory.readOnly)
        }
      }
    }
  }
}
