// SPDX-License-Identifier: AGPL-3.0-or-later

import Exchange
import Glibc
import Kinds
import SyncEngine
import Transport

/// The bundles that a name on the command line means.
enum BundleFolder {
  /// The file itself; of a folder its `.mjb` files by name. Throws `Failure` where there are none.
  static func bundles(at path: String) throws -> [String] {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [path] }
    let names = try names(in: path).filter { $0.hasSuffix(".mjb") }.sorted()
    guard !names.isEmpty else { throw Failure(.unreadable, "There is no bundle (no .mjb file) in \(path).") }
    return names.map { (path.hasSuffix("/") ? path : path + "/") + $0 }
  }

  private static func names(in path: String) throws -> [String] {
    guard let folder = opendir(path) else {
      throw Failure(.unreadable, "\(path) can't be read: \(systemWords(errno)).")
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      })
    }
    return names
  }
}

/// Takes in one bundle after the other and tells of each.
struct BundleReading {
  let partial: Bool
  let replica: Replica
  let context: Context

  /// Exit 3 if some failed or were taken in part; of a single one, and if all failed, that one's own code.
  func run(_ files: [String]) throws {
    var failures: [Failure] = []
    for file in files {
      do {
        try read(file)
      } catch {
        guard let failure = Failure.failure(for: error) else { throw error }
        failures.append(failure)
        if files.count > 1 { tell(file, failure) }
      }
    }
    try replica.settle()
    Nudge.send(folder: context.folder)
    if files.count == 1, let failure = failures.first { throw failure }
    if failures.count == files.count, let first = failures.first {
      throw Failure(first.status, "None of the \(files.count) bundles was read whole.")
    }
    if !failures.isEmpty { throw Failure(.partly, "\(files.count - failures.count) of \(files.count) bundles read whole.") }
  }

  private func read(_ file: String) throws {
    let report: BundleReport
    do {
      report = try BundleReader.read(file, into: replica, takingIntactPart: partial)
    } catch let error as BundleError where partial {
      throw nothingIntact(error) ?? error
    }
    try replica.settle()
    context.isJSON
      ? context.emit("bundle-read/1", BundleWords.members(report, file: file)) : try tell(report, file)
    if !report.info.isWhole { throw Failure(.partly, "Only the intact beginning of the bundle was taken. Ask for another copy.") }
  }

  /// Where even the beginning is damaged, asking for it again doesn't help.
  private func nothingIntact(_ error: BundleError) -> Failure? {
    switch error {
    case .damaged, .truncated:
      Failure(.unreadable, "The bundle is damaged from its beginning on, so there is no intact part to take. Ask for another copy.")
    default: nil
    }
  }

  private func tell(_ file: String, _ failure: Failure) {
    guard context.isJSON else { return context.output.print("\(context.output.user(file)): \(failure.sentence)") }
    context.emit(
      "bundle-failed/1",
      [
        JSONMember("file", .string(file)), JSONMember("exit", .int(Int64(failure.status.rawValue))),
        JSONMember("message", .string(failure.sentence)),
      ])
  }

  private func tell(_ report: BundleReport, _ file: String) throws {
    let names = try Directory(replica)
    let output = context.output
    let received = report.received
    output.print("\(output.user(file))")
    output.print(
      "  from \(output.user(BundleWords.name(of: report.info.maker, names))), \(SessionWords.plural(report.info.changes, "change")): \(received.new) new, \(received.known) already here"
        + (received.waiting > 0 ? ", \(received.waiting) can't be used yet." : "."))
    if received.new > 0 { output.print("  records: \(received.recordsNew) new, \(received.recordsChanged) changed, \(received.recordsRemoved) removed") }
    if !received.refused.isEmpty { output.print("  \(SessionWords.plural(received.refused.count, "change")) refused: \(SessionWords.reasons(received))") }
    if received.ownLogGrew { output.print("  " + HeldWords.ownLogGrew) }
    for missing in report.missing {
      let author = missing.author.map { names.name(ofDevice: DeviceID.device(signing: $0)).text } ?? "an unknown device"
      output.print("  not here yet: changes \(missing.first) to \(missing.last) of \(output.user(author)). What builds on them can't be used until another bundle or a sync brings them.")
    }
    if report.missing.isEmpty, received.waiting == 0 { output.print("  all of it could be used; the file is left as it was") }
  }
}
