"""Moments read in UK local time with the zone, over both changes of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from meterdesk.platform.web.moments import ago_words, day_words, duration_words, moment_words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 22, 14, 5, tzinfo=UTC), "22 Nov 2026 14:05 GMT"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 Mar 2026 00:59 GMT"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 Mar 2026 02:00 BST"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 2026 01:30 BST"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 2026 01:30 GMT"),
    ],
)
def test_moment_has_the_zone_of_its_season(at: datetime, words: str) -> None:
    assert moment_words(at) == words


def test_day_of_an_instant_is_the_day_in_london() -> None:
    assert day_words(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 Jul 2026"
    assert day_words(date(2026, 6, 30)) == "30 Jun 2026"


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (timedelta(seconds=40), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3, minutes=59), "3 hours ago"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_ago_names_the_largest_whole_unit(gap: timedelta, words: str) -> None:
    now = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
    assert ago_words(now - gap, now=now) == words


def test_duration_counts_hours_not_days() -> None:
    assert duration_words(timedelta(hours=27, minutes=20)) == "27 h 20 min"
    assert duration_words(timedelta(minutes=-5)) == "5 min"
    assert duration_words(timedelta(hours=4)) == "4 h"
