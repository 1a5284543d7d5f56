"""Digests and quiet hours on the clocks of several places: one digest a day, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from access.delivering.hours import APART, Hours

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"])
@pytest.mark.parametrize("hour", [0, 2, 8, 23])
def test_a_year_of_ticks_gives_each_day_one_digest(zone: str, hour: int) -> None:
    hours = Hours(ZoneInfo(zone), hour)
    now, last = _at("2027-01-01T00:30"), None
    digests: list[tuple[date, datetime]] = []
    while now < _at("2028-01-01T00:30"):
        day = hours.digest_due(now, last)
        if day is not None:
            last = (day, now)
            digests.append(last)
        now += timedelta(minutes=30)

    days = [day for day, _ in digests]
    assert len(set(days)) == len(days)
    assert len(days) in {364, 365, 366}
    assert all(later[1] - earlier[1] >= APART for earlier, later in pairwise(digests))
    assert max(b[1] - a[1] for a, b in pairwise(digests)) <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        ([timedelta(hours=-30), timedelta(hours=31)], "set back by a day and forward again"),
        ([timedelta(hours=-1)] * 3, "set back an hour, again and again"),
    ],
)
def test_a_clock_that_is_moved_gives_no_second_digest(moves: list[timedelta], why: str) -> None:
    hours = Hours(BERLIN, 8)
    now, last = _at("2027-03-01T07:30"), None
    n_digests = 0
    for move in [timedelta(), *moves]:
        now += move
        for _ in range(4):
            day = hours.digest_due(now, last)
            if day is not None:
                n_digests += 1
                last = (day, now)
            now += timedelta(minutes=10)

    assert n_digests == 1, why


def test_somebody_who_travels_round_the_world_gets_no_two_digests_a_day() -> None:
    now, last = _at("2027-06-01T00:00"), None
    digests: list[datetime] = []
    zones = [
        "Pacific/Kiritimati",
        "Asia/Tokyo",
        "Europe/Berlin",
        "America/New_York",
        "Pacific/Niue",
    ]
    for step in range(24 * 20):
        hours = Hours(ZoneInfo(zones[step % len(zones)]), step % 24)
        day = hours.digest_due(now, last)
        if day is not None:
            last = (day, now)
            digests.append(now)
        now += HOUR

    assert all(b - a >= APART for a, b in pairwise(digests))
    assert len({each.date() for each in digests}) == len(digests)


@pytest.mark.parametrize(
    ("start", "end", "now", "told"),
    [
        ("22:00", "07:00", "2027-01-10T22:30", "2027-01-11T06:00"),
        ("22:00", "07:00", "2027-01-10T05:59", "2027-01-10T06:00"),
        ("22:00", "07:00", "2027-01-10T06:00", "2027-01-10T06:00"),
        ("22:00", "07:00", "2027-01-10T20:59", "2027-01-10T20:59"),
        ("12:00", "13:00", "2027-01-10T11:15", "2027-01-10T12:00"),
        ("12:00", "13:00", "2027-01-10T12:00", "2027-01-10T12:00"),
        # The clocks go forward at 02:00 on 28 March, and back at 03:00 on 31 October.
        ("22:00", "02:30", "2027-03-28T00:30", "2027-03-28T01:30"),
        ("22:00", "07:00", "2027-03-27T23:00", "2027-03-28T05:00"),
        ("22:00", "07:00", "2027-10-30T23:00", "2027-10-31T06:00"),
    ],
)
def test_quiet_hours_put_off_to_their_end(start: str, end: str, now: str, told: str) -> None:
    hours = Hours(BERLIN, 8, time.fromisoformat(start), time.fromisoformat(end))

    assert hours.told_from(_at(now)) == _at(told)


def test_a_digest_in_quiet_hours_comes_at_their_end() -> None:
    hours = Hours(NEW_YORK, 6, time(22), time(9))

    assert hours.digest_time() == time(9)
    assert hours.digest_due(_at("2027-01-10T13:59"), None) is None
    assert hours.digest_due(_at("2027-01-10T14:00"), None) == date(2027, 1, 10)


def test_a_worker_that_was_down_sends_the_digest_late_and_the_next_ones_in_time_again() -> None:
    hours = Hours(ZoneInfo("UTC"), 8)
    last = (date(2027, 1, 10), _at("2027-01-10T23:50"))
    sent = []
    now = last[1]
    for _ in range(24 * 5):
        now += HOUR
        day = hours.digest_due(now, last)
        if day is not None:
            last = (day, now)
            sent.append(now.hour)

    assert sent == [19, 15, 11, 8, 8]


def test_the_next_look_is_at_the_digests_time_or_soon() -> None:
    hours = Hours(ZoneInfo("UTC"), 8)

    assert hours.next_look(_at("2027-01-10T07:00")) == _at("2027-01-10T08:00")
    assert hours.next_look(_at("2027-01-10T09:00")) == _at("2027-01-10T09:05")
    assert hours.next_digest(_at("2027-01-10T08:00")) == _at("2027-01-11T08:00")
