// SPDX-License-Identifier: AGPL-3.0-or-later

import Glibc

/// The system's words for an error number.
func systemWords(_ code: Int32) -> String { String(cString: strerror(code)) }
