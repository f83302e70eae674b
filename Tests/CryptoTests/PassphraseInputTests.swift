// SPDX-License-Identifier: AGPL-3.0-or-later
import Foundation
import MujawaraCrypto
import Testing

@Suite("Reading a passphrase", .serialized)
struct PassphraseInputTests {
  /// Reads lines from a pipe that holds these bytes and is then closed.
  private func withPipe(_ bytes: [UInt8], _ body: (Int32) throws -> Void) throws {
    var ends: [Int32] = [0, 0]
    pipe(&ends)
    _ = write(ends[1], bytes, bytes.count)
    close(ends[1])
    defer { close(ends[0]) }
    try body(ends[0])
  }

  @Test("one line at a time, without its newline")
  func lines() throws {
    try withPipe(Array("first\nsecond \n\nlast".utf8)) { fd in
      for expected in ["first", "second ", "", "last"] {
        let line = try SecretBytes.readLine(from: fd)
        #expect(line.array == Array(expected.utf8))
      }
      #expect(throws: CryptoError.inputClosed) { try SecretBytes.readLine(from: fd) }
    }
  }

  @Test("at most 1,024 bytes")
  func limit() throws {
    let longest = [UInt8](repeating: 0x61, count: 1_024)
    for ending: [UInt8] in [[0x0a], []] {
      try withPipe(longest + ending) { fd in
        let line = try SecretBytes.readLine(from: fd)
        #expect(line.array == longest)
      }
    }
    try withPipe(longest + [0x61, 0x0a]) { fd in
      #expect(throws: CryptoError.inputTooLong) { try SecretBytes.readLine(from: fd) }
    }
    #expect(throws: CryptoError.inputClosed) { try SecretBytes.readLine(from: -1) }
  }

  @Test("a pipe is no terminal")
  func noTerminal() throws {
    try withPipe([]) { fd in
      #expect(throws: CryptoError.noTerminal) {
        try SecretBytes.readPassphrase(terminal: fd, prompt: "Passphrase: ")
      }
    }
  }

  /// A pseudo-terminal: what the person sees and types at, and what the program asks at.
  private struct Terminal {
    let person: Int32
    let program: Int32

    init() throws {
      person = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      try #require(person >= 0)
      var (unlocked, number) = (CInt(0), CInt(0))
      let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
      try #require(ioctl(person, setLock, &unlocked) == 0 && ioctl(person, getNumber, &number) == 0)
      program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
      try #require(program >= 0)
    }

    var echoes: Bool {
      var settings = termios()
      return tcgetattr(program, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// Reads what the person sees until it ends with `text`.
    func waitFor(_ text: String) -> String {
      var (seen, byte) = ([UInt8](), UInt8(0))
      while !seen.suffix(text.utf8.count).elementsEqual(text.utf8), read(person, &byte, 1) == 1 {
        seen.append(byte)
      }
      return String(decoding: seen, as: UTF8.self)
    }

    func close() {
      Foundation.close(person)
      Foundation.close(program)
    }
  }

  @Test("at a terminal: prompted, not echoed, and the echo comes back")
  func terminal() throws {
    let terminal = try Terminal()
    defer { terminal.close() }
    #expect(terminal.echoes)
    let person = Thread {
      #expect(terminal.waitFor("Passphrase: ") == "Passphrase: ")
      #expect(!terminal.echoes)
      _ = write(terminal.person, "kaffee مقهى\n", "kaffee مقهى\n".utf8.count)
    }
    person.start()
    let typed = try SecretBytes.readPassphrase(terminal: terminal.program, prompt: "Passphrase: ")
    #expect(typed.array == Array("kaffee مقهى".utf8))
    #expect(terminal.echoes)
    #expect(!terminal.waitFor("\n").contains("kaffee"))
  }

  @Test("a signal puts the echo back and is raised again")
  func signals() throws {
    let terminal = try Terminal()
    defer { terminal.close() }
    let before = signal(SIGHUP) { _ in raised = true }
    defer { signal(SIGHUP, before) }
    raised = false
    let person = Thread {
      _ = terminal.waitFor("Passphrase: ")
      kill(getpid(), SIGHUP)
    }
    person.start()
    #expect(throws: CryptoError.interrupted) {
      try SecretBytes.readPassphrase(terminal: terminal.program, prompt: "Passphrase: ")
    }
    #expect(terminal.echoes)
    for _ in 0..<1_000 where !raised { usleep(10_000) }
    #expect(raised)
  }

  @Test("a signal that the program ignores stays ignored")
  func ignored() throws {
    let terminal = try Terminal()
    defer { terminal.close() }
    let before = signal(SIGHUP, SIG_IGN)
    defer { signal(SIGHUP, before) }
    let person = Thread {
      _ = terminal.waitFor("Passphrase: ")
      kill(getpid(), SIGHUP)
      _ = write(terminal.person, "still here\n", 11)
    }
    person.start()
    let typed = try SecretBytes.readPassphrase(terminal: terminal.program, prompt: "Passphrase: ")
    #expect(typed.array == Array("still here".utf8))
  }
}

/// Whether the program's own handler of the signal ran.
nonisolated(unsafe) private var raised = false
