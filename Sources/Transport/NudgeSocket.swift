// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc
import NIOCore
import NIOPosix

/// How a command tells a running `serve` that there is something new: a socket in the replica's folder that its
/// owner alone can open. A connection is the whole message.
public enum Nudge {
  public static let fileName = "serve.sock"

  /// Tells `serve`, if one runs. Best effort: never waits longer than 200 ms.
  @discardableResult
  public static func send(folder: String) -> Bool {
    guard var address = UnixAddress(folder + "/" + fileName) else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 0, tv_usec: 200_000)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    return address.connect(descriptor)
  }
}

/// A UNIX socket's address; nil where the path is too long for one.
struct UnixAddress {
  static let limit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1
  private var address = sockaddr_un()

  init?(_ path: String) {
    guard path.utf8.count <= Self.limit else { return nil }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  }

  mutating func connect(_ descriptor: Int32) -> Bool {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
  }
}

/// The `serve` side of `Nudge`. Who holds it is the one `serve` of the replica: a lock on the folder itself, which
/// dies with its holder, says so.
struct NudgeSocket {
  private let path: String
  private let folder: Int32
  private let channel: any Channel

  enum Failure: Error, Equatable {
    /// A `serve` runs on this replica already.
    case taken
    /// The folder's path is too long for a socket in it.
    case pathTooLong(Int)
    case cannotBind(String)
  }

  /// Listens; `nudged` is called on `loop`.
  static func open(folder: String, on loop: any EventLoop, nudged: @escaping () -> Void) throws -> NudgeSocket {
    let path = folder + "/" + Nudge.fileName
    guard UnixAddress(path) != nil else { throw Failure.pathTooLong(UnixAddress.limit) }
    let held = try lock(folder)
    unlink(path)
    let old = umask(0o177)
    defer { umask(old) }
    let nudged = HandedOver(nudged)
    do {
      let channel = try ServerBootstrap(group: loop)
        .childChannelInitializer { channel in
          nudged.value()
          return channel.close()
        }
        .bind(unixDomainSocketPath: path).wait()
      return NudgeSocket(path: path, folder: held, channel: channel)
    } catch {
      Glibc.close(held)
      throw Failure.cannotBind("\(error)")
    }
  }

  private static func lock(_ folder: String) throws(Failure) -> Int32 {
    let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotBind(String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let failure = errno == EWOULDBLOCK ? Failure.taken : .cannotBind(String(cString: strerror(errno)))
      Glibc.close(descriptor)
      throw failure
    }
    return descriptor
  }

  func close() {
    channel.close(promise: nil)
    unlink(path)
    Glibc.close(folder)
  }
}
