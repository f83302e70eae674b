# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads strings, one a line as a JSON string; writes the cells each takes, one number a line."""
import json
import sys

import wcwidth

for line in sys.stdin:
    print(wcwidth.wcswidth(json.loads(line)))
