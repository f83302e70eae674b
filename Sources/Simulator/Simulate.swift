// SPDX-License-Identifier: AGPL-3.0-or-later
import Glibc
import SyncEngine

/// The command: see `Options.help`.
@main
enum Simulate {
  static func main() {
    do throws(Options.Problem) {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      exit(run(options))
    } catch {
      let text = Array("simulate: \(error.text)\n\(Options.help)".utf8)
      _ = write(STDERR_FILENO, text, text.count)
      exit(64)
    }
  }

  private static func run(_ options: Options) -> Int32 {
    switch options.job {
    case .help:
      print(Options.help, terminator: "")
      return 0
    case .one(let script, let seed): return Stage(options).play([(seed, script ?? Script(seed: seed))])
    case .seeds(let range): return Stage(options).play(range.lazy.map { ($0, Script(seed: $0)) })
    case .soak(let minutes, let first): return Stage(options).soak(minutes: minutes, from: first)
    }
  }
}

/// What the command line asks for.
struct Options {
  enum Job {
    case help
    case one(Script?, seed: UInt64)
    case seeds(ClosedRange<UInt64>)
    case soak(minutes: Int, from: UInt64)
  }

  struct Problem: Error {
    let text: String
  }

  var job = Job.help
  var canary: Canary?
  var isVerbose = false
  var shrinks = true

  static let help = """
    simulate --seed N            one run; its replicas, their harm and their keys all come from N
    simulate --run HEX           one run from its bytes, as a failure prints it (with --seed N)
    simulate --seeds A..B        many runs, and what happened in them
    simulate --soak MINUTES      runs until the time is over (from --seed N on)
      --canary NAME              makes a fault on purpose: the run must fail
                                 (\(Canary.allCases.map(\.rawValue).joined(separator: ", ")))
      --verbose                  prints what happens
      --no-shrink                leaves a failing run as it is

    """

  init(_ arguments: [String]) throws(Problem) {
    var seed: UInt64?
    var script: Script?
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      switch flag {
      case "--verbose": isVerbose = true
      case "--no-shrink": shrinks = false
      case "--help", "-h": return
      case "--seed": seed = try Self.number(rest.popFirst(), flag)
      case "--run": script = try Self.script(rest.popFirst())
      case "--seeds": job = .seeds(try Self.range(rest.popFirst()))
      case "--soak": job = .soak(minutes: Int(try Self.number(rest.popFirst(), flag)), from: 1)
      case "--canary": canary = try Self.canary(rest.popFirst())
      default: throw Problem(text: "unknown option \(flag)")
      }
    }
    if case .soak(let minutes, _) = job { job = .soak(minutes: minutes, from: seed ?? 1) }
    if case .help = job, seed != nil || script != nil { job = .one(script, seed: seed ?? 0) }
  }

  private static func number(_ text: String?, _ flag: String) throws(Problem) -> UInt64 {
    guard let number = text.flatMap({ UInt64($0) }), number < 1 << 62 else {
      throw Problem(text: "\(flag) takes a number")
    }
    return number
  }

  private static func script(_ text: String?) throws(Problem) -> Script {
    guard let bytes = text.flatMap({ Hex.decode($0) }) else { throw Problem(text: "--run takes hexadecimal digits") }
    return Script(bytes)
  }

  private static func range(_ text: String?) throws(Problem) -> ClosedRange<UInt64> {
    let ends = (text ?? "").split(separator: ".", omittingEmptySubsequences: true).compactMap { UInt64($0) }
    guard ends.count == 2, ends[0] <= ends[1] else { throw Problem(text: "--seeds takes two numbers: 1..300") }
    return ends[0]...ends[1]
  }

  private static func canary(_ text: String?) throws(Problem) -> Canary {
    guard let canary = text.flatMap({ Canary(rawValue: $0) }) else { throw Problem(text: "no canary of this name") }
    return canary
  }
}
