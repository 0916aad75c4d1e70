"""One engine takes in every kind of file, whatever is in it and whenever it is stopped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.platform.intake import (
    Batch,
    Intake,
    Outcome,
    Refusal,
    Unreadable,
    copy_into,
    last_taken_in,
    read_csv,
    read_ndjson,
    register,
    run_intake,
    sweep_stopped,
)
from meterdesk.platform.intake.kinds import _KINDS, Record
from meterdesk.platform.intake.runs import every_refusal, list_refusals, list_runs, run_view
from meterdesk.platform.models import IntakeRun

GOOD = "a,1"


def csv_items(path: Path, content: bytes) -> list[Record | Refusal]:
    path.write_bytes(content)
    return list(read_csv(path, ["name", "count"], dict))


def summary(items: list[Record | Refusal]) -> list[tuple[int, str]]:
    """Line, and the code of a refusal or the name of a row."""
    return [
        (item.line, item.code) if isinstance(item, Refusal) else (item[0], item[1]["name"])
        for item in items
    ]


@pytest.mark.req("REG-1", "SSI-NFR-22")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfname,count\r\na,1\r\nb,2", [(2, "a"), (3, "b")]),
        (b'Count , NAME\n1," a "\n', [(2, "a")]),
        (
            b'name,count\n"a, b",1\n"two\nlines",2\nc,3\n',
            [(2, "a, b"), (3, "two\nlines"), (5, "c")],
        ),
        (b'name,count\n"a ""b""",1\n', [(2, 'a "b"')]),
        (b"name,count\n\n  \na,1\n", [(4, "a")]),
        (b"name,count\na,1\nb", [(2, "a"), (3, "wrong_column_count")]),
        (b"name,count\na,1,2\nb,2\n", [(2, "wrong_column_count"), (3, "b")]),
        (b"name,count\n\xe9t\xe9,1\nb,2\n", [(2, "not_utf8"), (3, "b")]),
        (b"name,count\na\x00,1\nb,2\n", [(2, "not_text"), (3, "b")]),
        (b'name,count\n"a,1\nb,2\nc,3\n', [(2, "not_csv"), (3, "b"), (4, "c")]),
        (b'name,count\n"a"b,1\nb,2\n', [(2, "not_csv"), (3, "b")]),
        (b"name,count\n" + b"x" * 2_500_000 + b",1\nb,2\n", [(2, "line_too_long"), (3, "b")]),
        (b"name,count\na,1\n" + b"y" * 1_500_000, [(2, "a"), (3, "line_too_long")]),
    ],
)
def test_a_hostile_line_is_refused_by_itself(
    tmp_path: Path, content: bytes, expected: list[tuple[int, str]]
) -> None:
    items = csv_items(tmp_path / "file.csv", content)
    assert summary(items) == expected
    for item in items:
        if isinstance(item, Refusal):
            assert len(item.excerpt) <= 200
            assert "\x00" not in item.excerpt


def test_a_quote_never_closed_swallows_no_line_after_it(tmp_path: Path) -> None:
    lines = ['"open,1', *(f"n{number},1" for number in range(100)), '"shut,1', "last,1"]
    items = csv_items(tmp_path / "file.csv", "\n".join(["name,count", *lines]).encode())
    assert summary(items)[0] == (2, "not_csv")
    assert [one for one in summary(items) if one[1] == "not_csv"] == [
        (2, "not_csv"),
        (103, "not_csv"),
    ]
    assert len(items) == 103


@pytest.mark.req("REG-1", "SSI-NFR-22")
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"name\n", "has no column count"),
        (b"name,count,Name\n", "names the column name twice"),
        ("name,count\n".encode("utf-16"), "is not UTF-8"),
        (b"x" * 1_200_000, "longer than 1 MB"),
        (b"name;count\n", "has no column name, count"),
    ],
)
def test_a_file_of_another_format_is_unreadable(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(Unreadable, match=message):
        csv_items(tmp_path / "file.csv", content)


def test_ndjson_refuses_bad_lines_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "file.ndjson"
    path.write_bytes(
        b'\xef\xbb\xbf{"name":"a"}\r\n[1]\n{"name":\n\n\xff\n{"name":"\\u0000"}\n'
        + b" " * 1_500_000
        + b'\n{"name":"b"}'
    )
    assert summary(list(read_ndjson(path, dict))) == [
        (1, "a"),
        (2, "not_an_object"),
        (3, "not_json"),
        (5, "not_utf8"),
        (6, "not_text"),
        (7, "line_too_long"),
        (8, "b"),
    ]


@dataclass
class Sample:
    """A kind whose records land in a table of the tests' own, and which can be made to fail."""

    fail_at: set[str] = field(default_factory=set)

    def read(self, path: Path, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
        def parse(row: dict[str, str]) -> str:
            if row["name"] == "bad":
                raise Refused("It is bad.", code="bad")
            return row["name"]

        return read_csv(path, ["name", "count"], parse)

    def apply(self, batch: Batch) -> Outcome:
        outcome = Outcome()
        names = dict.fromkeys(name for _, name in batch.records)
        with connection.cursor() as cursor:
            cursor.execute("select name from sample where name = any(%s)", [list(names)])
            there = {name for (name,) in cursor.fetchall()}
            copy_into(cursor, "sample", ["name"], ([name] for name in names if name not in there))
        for line, name in batch.records:
            if name in self.fail_at:
                raise RuntimeError("the machine went away")
            if name == "odd":
                outcome.refused.append(Refusal(line, "odd", "It is odd.", name))
            elif name in there:
                outcome.unchanged += 1
            else:
                outcome.accepted += 1
                outcome.noted["New names"] += 1
                there.add(name)
        return outcome


@pytest.fixture
def sample(db: None) -> Iterator[Sample]:
    one = Sample()
    with connection.cursor() as cursor:
        cursor.execute("create table sample (name text primary key)")
    register(Intake("sample", "Sample", one.read, one.apply, batch_size=3))
    yield one
    del _KINDS["sample"]


def write(path: Path, *names: str) -> Path:
    path.write_text("\n".join(["name,count", *(f"{name},1" for name in names)]), encoding="utf-8")
    return path


def counts(run: IntakeRun) -> tuple[int, int, int]:
    return run.accepted, run.unchanged, run.refused


@pytest.mark.database
@pytest.mark.req("REG-1")
def test_a_run_stopped_halfway_keeps_whole_batches_and_is_mended_by_running_again(
    sample: Sample, tmp_path: Path
) -> None:
    path = write(tmp_path / "file.csv", "a", "b", "c", "d", "e", "f", "g")
    sample.fail_at = {"e"}
    with pytest.raises(RuntimeError):
        run_intake("sample", [path])
    stopped = IntakeRun.objects.get()
    assert stopped.state == IntakeRun.State.STOPPED
    assert counts(stopped) == (3, 0, 0)
    sample.fail_at = set()
    assert counts(run_intake("sample", [path])) == (4, 3, 0)
    assert counts(run_intake("sample", [path])) == (0, 7, 0)


@pytest.mark.database
@pytest.mark.req("REG-1")
def test_a_run_reports_counts_notes_and_each_refusal_with_file_and_line(
    sample: Sample, tmp_path: Path
) -> None:
    first = write(tmp_path / "first.csv", "a", "bad", "odd", "b")
    second = write(tmp_path / "second.csv", "c", "odd", "a", "bad")
    seen: list[tuple[int, int]] = []
    run = run_intake(
        "sample",
        [first, second],
        started_by="ann",
        on_progress=lambda r: seen.append((r.lines_read, r.lines_total)),
    )
    assert counts(run) == (3, 1, 4)
    assert run.note == "New names: 3."
    assert seen == [(4, 10), (8, 10), (10, 10)]
    assert [(one.file, one.line, one.code) for one in every_refusal(run.pk)] == [
        ("first.csv", 3, "bad"),
        ("first.csv", 4, "odd"),
        ("second.csv", 3, "odd"),
        ("second.csv", 5, "bad"),
    ]
    page = list_refusals(run.pk, PageRequest(limit=3))
    rest = list_refusals(run.pk, PageRequest(limit=3, cursor=page.next))
    assert [one.line for one in (*page.items, *rest.items)] == [3, 4, 3, 5]
    view = run_view(run.pk)
    assert view is not None
    assert view.closing_line == "accepted 3 unchanged 1 refused 4"
    assert (view.filename, view.started_by, view.is_over) == ("2 files", "ann", True)
    assert last_taken_in("sample") == run.finished_at


@pytest.mark.database
def test_a_file_that_cannot_be_read_fails_the_run_and_keeps_what_came_before(
    sample: Sample, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.csv", "a", "b", "c")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(Unreadable):
        run_intake("sample", [good, wrong])
    run = IntakeRun.objects.get()
    assert run.state == IntakeRun.State.FAILED
    assert "wrong.csv has no column" in run.note
    assert counts(run) == (3, 0, 0)
    with pytest.raises(Unreadable, match="cannot be read: No such file"):
        run_intake("sample", [tmp_path / "absent.csv"])
    with pytest.raises(Unreadable, match="no intake called sampel"):
        run_intake("sampel", [good])


@pytest.mark.database
def test_runs_whose_process_went_away_are_marked_and_live_ones_are_noted(
    sample: Sample, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    gone, live = (
        IntakeRun.objects.create(
            kind="sample",
            filename="x",
            state=IntakeRun.State.RUNNING,
            created_at=now,
            heartbeat_at=now - age,
        )
        for age in (timedelta(minutes=6), timedelta(minutes=1))
    )
    assert sweep_stopped(now) == 1
    gone.refresh_from_db()
    live.refresh_from_db()
    assert (gone.state, live.state) == (IntakeRun.State.STOPPED, IntakeRun.State.RUNNING)
    run = run_intake("sample", [write(tmp_path / "file.csv", "a")])
    assert f"Run {live.pk} of the same kind was under way" in run.note
    newest = list_runs(PageRequest(limit=2))
    assert [one.id for one in newest.items] == [run.pk, live.pk]
    assert newest.next is not None
