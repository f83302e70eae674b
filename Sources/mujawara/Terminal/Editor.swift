// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc

/// Why a text couldn't be edited.
enum EditorError: Error, Equatable {
  /// There is neither XDG_RUNTIME_DIR nor a replica's folder to write the text in.
  case noFolder
  /// The file for the text couldn't be made or read (errno).
  case file(Int32)
  /// The editor couldn't be started (errno).
  case notStarted(Int32)
  /// The editor ended with this status, or by a signal (128 + its number).
  case ended(status: Int32)
  /// What was saved isn't UTF-8.
  case notText
  /// What was saved has more bytes than the limit.
  case tooLong(limit: Int)
}

/// Lets the user's own editor change a text.
///
/// The text lies in a file of its own (0600) in a folder of its own (0700), where the editor's backup and
/// swap files fall too; the folder is removed whatever happens. It is made in memory under XDG_RUNTIME_DIR,
/// else in the replica's folder, never in /tmp.
struct Editor {
  var environment: [String: String]
  /// Where the text goes when there is no XDG_RUNTIME_DIR.
  var replicaFolder: String?
  /// Bytes that may come back.
  var limit = 256 << 10

  init(
    environment: [String: String] = Editor.processEnvironment(), replicaFolder: String? = nil
  ) {
    self.environment = environment
    self.replicaFolder = replicaFolder
  }

  /// The text as saved, one line end at its end removed. `name` is the file's, whose ending tells the editor
  /// what it edits.
  func edit(_ text: String, name: String = "text.md") throws(EditorError) -> String {
    let signals = HeldSignals()
    defer { signals.release() }
    let folder = try makeFolder()
    defer { Self.remove(folder) }
    let path = folder + "/" + name
    try write(text, to: path)
    let status = try EditorProcess.run(command, path: path, environment: environment, mask: signals.previous)
    guard status == 0 else { throw .ended(status: status) }
    return try read(path)
  }

  /// VISUAL, EDITOR, else the system's choice, else vi.
  var command: String {
    for name in ["VISUAL", "EDITOR"] {
      if let command = environment[name], !command.allSatisfy(\.isWhitespace) { return command }
    }
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let hasChoice = folders.contains { access("\($0)/sensible-editor", X_OK) == 0 }
    return hasChoice ? "sensible-editor" : "vi"
  }

  private func makeFolder() throws(EditorError) -> String {
    guard let parent = runtimeFolder ?? replicaFolder else { throw .noFolder }
    var template = Array((parent + "/mujawara-edit-XXXXXX").utf8CString)
    guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
      throw .file(errno)
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// XDG_RUNTIME_DIR, if it is an absolute folder that belongs to this user.
  private var runtimeFolder: String? {
    guard let folder = environment["XDG_RUNTIME_DIR"], folder.hasPrefix("/") else { return nil }
    var facts = stat()
    let isOurs = stat(folder, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR && facts.st_uid == getuid()
    return isOurs ? folder : nil
  }

  private func write(_ text: String, to path: String) throws(EditorError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .file(errno) }
    defer { close(descriptor) }
    var rest = Array((text.isEmpty || text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count >= 0 || errno == EINTR else { throw .file(errno) }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  private func read(_ path: String) throws(EditorError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .file(errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    while count < bytes.count {
      let got = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard got >= 0 || errno == EINTR else { throw .file(errno) }
      if got == 0 { break }
      count += max(got, 0)
    }
    guard count <= limit else { throw .tooLong(limit: limit) }
    guard let text = String(validating: bytes[..<count], as: UTF8.self) else { throw .notText }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

extension Editor {
  /// The variables of this process.
  static func processEnvironment() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return variables
  }

  /// Removes the folder with all that the editor left in it.
  private static func remove(_ path: String) {
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        if unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
      }
      closedir(folder)
    }
    rmdir(path)
  }
}
