// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc
import SyncEngine
import Transport

/// The errors of sessions, bundles and sockets, in words.
enum OtherFailures {
  static func failure(for error: any Error) -> Failure? {
    switch error {
    case let error as SessionProblem: Failure(about: error)
    case let error as BundleError: Failure(error)
    case let error as DialError: Failure(error)
    case let error as ListenError: Failure(error)
    case let error as ServeError: Failure(error)
    case let error as GovernanceError: Failure(error)
    case let error as DecodingError: Failure(.damaged, "Something stored can't be read: \(error). \(Failure.afterDamage)")
    default: RecordFailures.failure(for: error)
    }
  }
}

extension Failure {
  /// What to say where a file is to be made in a folder that isn't there.
  static func noFolder(for path: String) -> Failure {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    return Failure(.usage, "There is no folder \(folder), so \(path) can't be made: is the stick mounted?")
  }

  init(about problem: SessionProblem) {
    switch problem {
    case .silence:
      self.init(.unreachable, "It doesn't answer: it isn't of this network, has lost the network's key, has removed this device, or isn't mujawara.")
    case .handshake: self.init(.unreachable, "What answered isn't of this network.")
    case .noKey: self.init(.unreachable, "The network's key hasn't come to this device yet, so it can't call anybody. Try again when a member is reachable at the address you joined at, or read a bundle from a member:  mujawara bundle read FILE")
    case .wrongPeer: self.init(.wrongCode, "Whoever answered isn't the device that was called.")
    case .newerVersion: self.init(.newerVersion, "The two programs speak no common version. Update the older one.")
    case .notMember: self.init(.notAllowed, "The other isn't, or is no longer, part of the network.")
    case .closed(let code): self.init(.unreachable, "The other ended the session: \(Self.words(code)).")
    case .malformed(let what): self.init(.unreachable, "The other broke the protocol: \(what).")
    case .stalled: self.init(.unreachable, "Nothing came for too long. What had come is kept.")
    case .cut: self.init(.unreachable, "The link broke. What had come is kept; the next sync goes on from there.")
    case .unequal: self.init(.partly, "The two still differ: somebody wrote meanwhile, changes were refused, or a device was restored from a backup. Sync again.")
    case .digestsDiffer: self.init(.damaged, "Both hold the same changes and show different records: a fault of a program. Run mujawara check --full on both.")
    case .limit(let what): self.init(.failed, "The session was ended here: \(what).")
    case .refused(let reason): self.init(.wrongCode, Invitations.sentence(reason))
    case .badAdmission(let what): self.init(.wrongCode, "The admission doesn't hold together: \(what).")
    case .store(let error): self = Failure.failure(for: error) ?? Failure(.failed, "\(error)")
    }
  }

  private static func words(_ code: CloseCode) -> String {
    switch code {
    case .converged: "all is equal"
    case .finishedUnequal: "it finished, and the two differ"
    case .notMember: "this device isn't a member for it"
    case .protocolError: "it says that this side broke the protocol"
    case .busy: "it is busy"
    case .ownLimit: "it is at a limit of its own"
    case .goingDown: "it is going down"
    default: "code \(code.rawValue)"
    }
  }

  init(_ error: BundleError) {
    switch error {
    case .noSuchFile(let path): self.init(.unreadable, "There is no file \(path).")
    case .notAFile(let path): self.init(.unreadable, "\(path) is no ordinary file.")
    case .cannotRead(let path, let code): self.init(.unreadable, "\(path) can't be read: \(systemWords(code)).")
    case .notABundle: self.init(.unreadable, "That is no bundle, or it is cut short. Nothing was taken from it.")
    case .noKey: self.init(.otherNetwork, "No key held here opens that file: it is of another network, for somebody else, made under a key that hasn't come here yet, or damaged at its start. Nothing was taken from it.")
    case .damaged(at: 0): self.init(.unreadable, "The bundle is damaged at its start. Nothing was taken from it; ask for another copy.")
    case .damaged(let place): self.init(.unreadable, "The bundle is damaged at byte \(place). Nothing was taken from it; ask for another copy, or take the intact beginning with --partial.")
    case .truncated: self.init(.unreadable, "The bundle is cut short. Nothing was taken from it; ask for another copy, or take the intact beginning with --partial.")
    case .newerVersion: self.init(.newerVersion, "The bundle was made by a newer version of the program. Update mujawara; nothing was taken from it.")
    case .malformed(let what): self.init(.unreadable, "The bundle was made wrongly: \(what). Nothing was taken from it.")
    case .otherNetwork: self.init(.otherNetwork, "The bundle is of another network. Nothing was taken from it.")
    case .otherPurpose(let purpose): self.init(.usage, "That file is \(Self.words(purpose)).")
    case .tooLarge: self.init(.unreadable, "The bundle is larger than 8 GiB. Nothing was taken from it.")
    case .exists(let path): self.init(.failed, "\(path) is there already. Nothing was written; name another file.")
    case .diskFull(let path): self.init(.disk, "There is no room for \(path). Nothing stays of it.")
    case .cannotWrite(let path, ENOENT), .cannotWrite(let path, ENOTDIR): self = .noFolder(for: path)
    case .cannotWrite(let path, let code): self.init(.disk, "\(path) can't be written: \(systemWords(code)). Nothing stays of it.")
    case .notAsWritten(let path): self.init(.disk, "\(path) reads back otherwise than it was written: don't trust that stick. Nothing stays of it.")
    case .tooManyLogs: self.init(.failed, "The network has too many logs for one bundle.")
    case .noOwnKey: self.init(.notAllowed, "The key of this space hasn't arrived yet, so no bundle can be sealed. Sync with a place that has it.")
    }
  }

  private static func words(_ purpose: BundleHead.Purpose) -> String {
    switch purpose {
    case .sync: "a bundle: mujawara bundle read"
    case .request: "a request to join: mujawara invite admit"
    case .admission: "an admission: mujawara join CODE --admission"
    }
  }

  init(_ error: DialError) {
    switch error {
    case .unreachable(let address, let why): self.init(.unreachable, "\(address) can't be reached: \(why).")
    }
  }

  init(_ error: ListenError) {
    switch error {
    case .cannotBind(let address, let why): self.init(.failed, "It can't listen at \(address): \(ListenWords.sentence(why)).")
    }
  }

  init(_ error: ServeError) {
    switch error {
    case .alreadyServing: self.init(.busy, "A mujawara serve runs on this replica already.")
    case .pathTooLong(let limit): self.init(.usage, "The replica's folder has too long a path for its socket: at most \(limit) bytes with /serve.sock.")
    case .cannotListenForCommands(let why): self.init(.failed, "The socket for commands can't be made: \(why).")
    }
  }

  init(_ error: GovernanceError) {
    switch error {
    case .newerPolicy: self.init(.newerVersion, "The network's rules need a newer version of the program. Update mujawara.")
    default: self.init(.damaged, "The network's membership doesn't hold together: \(error).")
    }
  }
}
