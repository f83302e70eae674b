#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Expands repeat rules with python-dateutil, as a second opinion on ours.

Reads a JSON list of rules on standard input and prints a JSON list of lists of dates. A rule is

    {"start": "2026-12-05", "through": "2030-12-31", "frequency": "monthly", "interval": 1,
     "weekdays": [[4, 1], [7, 0]], "monthDays": [], "months": [], "count": 10, "weekStart": 1}

Weekdays are 1 (Monday) to 7, each with its ordinal or 0; `through` is the last day to print or the
rule's own last day, whichever comes first; `count` may be null.
"""
import datetime
import json
import sys
import warnings

from dateutil import rrule

FREQUENCIES = {
    "daily": rrule.DAILY,
    "weekly": rrule.WEEKLY,
    "monthly": rrule.MONTHLY,
    "yearly": rrule.YEARLY,
}


def moment(text):
    return datetime.datetime.combine(datetime.date.fromisoformat(text), datetime.time(12))


def expand(rule):
    weekdays = [
        rrule.weekday(day - 1, ordinal) if ordinal else rrule.weekday(day - 1)
        for day, ordinal in rule["weekdays"]
    ]
    dates = rrule.rrule(
        FREQUENCIES[rule["frequency"]],
        dtstart=moment(rule["start"]),
        interval=rule["interval"],
        wkst=rule["weekStart"] - 1,
        count=rule.get("count"),
        until=moment(rule["through"]),
        bymonth=rule["months"] or None,
        bymonthday=rule["monthDays"] or None,
        byweekday=weekdays or None,
    )
    return [date.date().isoformat() for date in dates]


def main():
    warnings.simplefilter("ignore")  # dateutil warns where a rule has both a count and a last day
    json.dump([expand(rule) for rule in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
