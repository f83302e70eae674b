#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Offsets from UTC by Python's zoneinfo, which reads the same files as ours.

Reads a JSON object of zone names, each with a list of instants in seconds since 1970, and prints the same with
the offsets in seconds.
"""
import datetime
import json
import sys
import zoneinfo

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def offset(zone, seconds):
    moment = EPOCH + datetime.timedelta(seconds=seconds)
    return int(moment.astimezone(zone).utcoffset().total_seconds())


questions = json.load(sys.stdin)
answers = {}
for name, instants in questions.items():
    zone = zoneinfo.ZoneInfo(name)
    answers[name] = [offset(zone, seconds) for seconds in instants]
json.dump(answers, sys.stdout)
