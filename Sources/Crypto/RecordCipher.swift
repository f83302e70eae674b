// SPDX-License-Identifier: AGPL-3.0-or-later

/// The records of a session: AEAD(u16be length) ‖ AEAD(bytes), a new key after each 4,096
/// (protocol.md, section 11). Both directions of one side.
public final class RecordCipher {
  /// The most bytes that one record carries.
  public static let limit = 65_000
  /// Bytes that a record adds to what it carries.
  public static let overhead = 2 + 2 * CipherState.overhead
  /// Records of one direction between two REKEYs.
  public static let rekeyInterval = 4_096

  private let sending: CipherState
  private let receiving: CipherState
  private var sent = 0
  private var received = 0
  /// What has come of the record that isn't whole yet: at most one record.
  private var partial: [UInt8] = []
  /// The size of the sealed bytes that the length told; nil while the length itself is awaited.
  private var awaited: Int?
  private var isBroken = false

  public init(sending: CipherState, receiving: CipherState) {
    self.sending = sending
    self.receiving = receiving
  }

  /// The records of a finished handshake. Throws `outOfTurn` if it isn't.
  public convenience init(_ handshake: HandshakeState) throws(CryptoError) {
    let ciphers = try handshake.split()
    self.init(sending: ciphers.sending, receiving: ciphers.receiving)
  }

  /// One record of 1 to 65,000 bytes. Throws `wrongSize`.
  public func seal(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
    guard (1...Self.limit).contains(bytes.count) else { throw .wrongSize }
    let length = [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)]
    var record = try sending.encrypt(length)
    record.reserveCapacity(bytes.count + Self.overhead)
    record += try sending.encrypt(bytes)
    Self.count(&sent, sending)
    return record
  }

  /// As many records as the bytes need.
  public func sealAll(_ bytes: [UInt8]) throws(CryptoError) -> [UInt8] {
    var records: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: Self.limit) {
      records += try seal(Array(bytes[start..<min(start + Self.limit, bytes.count)]))
    }
    return records
  }

  /// Takes from the front of `input` what the current record still lacks, and returns what it carries once
  /// it is whole. Nil means that `input` is used up: more must come. Call again while it isn't nil.
  ///
  /// Throws `notAuthentic` for a changed, reordered or repeated record, `wrongSize` for an impossible
  /// length; the session is then over.
  public func open(_ input: inout ArraySlice<UInt8>) throws(CryptoError) -> [UInt8]? {
    guard !isBroken else { throw .outOfTurn }
    isBroken = true
    if awaited == nil {
      guard let box = collect(2 + CipherState.overhead, &input) else { return stillWhole() }
      let length = try receiving.decrypt(box)
      awaited = Int(length[0]) << 8 | Int(length[1])
    }
    guard let size = awaited, (1...Self.limit).contains(size) else { throw .wrongSize }
    guard let box = collect(size + CipherState.overhead, &input) else { return stillWhole() }
    let bytes = try receiving.decrypt(box)
    awaited = nil
    Self.count(&received, receiving)
    isBroken = false
    return bytes
  }

  /// Hands each record that the bytes complete to `take`.
  public func feed(_ bytes: [UInt8], _ take: ([UInt8]) -> Void) throws(CryptoError) {
    var rest = bytes[...]
    while let plaintext = try open(&rest) { take(plaintext) }
  }

  /// The bytes of an unfinished record held so far; never more than one record.
  public var buffered: Int { partial.count }

  private func stillWhole() -> [UInt8]? {
    isBroken = false
    return nil
  }

  /// `size` bytes in a row, from before and from the input; nil if they aren't all there.
  private func collect(_ size: Int, _ input: inout ArraySlice<UInt8>) -> [UInt8]? {
    let missing = size - partial.count
    partial += input.prefix(missing)
    input = input.dropFirst(missing)
    guard partial.count == size else { return nil }
    defer { partial.removeAll(keepingCapacity: true) }
    return partial
  }

  private static func count(_ records: inout Int, _ cipher: CipherState) {
    records += 1
    if records == rekeyInterval {
      cipher.rekey()
      records = 0
    }
  }
}
