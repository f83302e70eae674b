// SPDX-License-Identifier: AGPL-3.0-or-later
import FuzzTargets
import Glibc

/// The target that MUJAWARA_FUZZ names.
private let target: FuzzTarget = {
  let name = getenv("MUJAWARA_FUZZ").map { String(cString: $0) } ?? ""
  guard let target = FuzzTarget.named(name) else {
    print("MUJAWARA_FUZZ names one of: \(FuzzTarget.all.map(\.name).joined(separator: " "))")
    exit(2)
  }
  return target
}()

/// What libFuzzer calls with each input. A law that is broken traps, so that the input is kept.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard count <= target.longest else { return -1 }
  do throws(BrokenLaw) {
    _ = try target.check(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch { fatalError("\(target.name): \(error)") }
  return 0
}
