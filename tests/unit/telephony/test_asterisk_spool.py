"""The importer of stranded calls: what the dialplan wrote is read, whatever else is in the file."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnavailableError
from telephony.asterisk.spool import StrandedCall, import_stranded, read_stranded

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def write(folder: Path, name: str, *lines: str, age: timedelta = timedelta()) -> Path:
    path = folder / f"{name}.call"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    os.utime(path, ((NOW - age).timestamp(),) * 2)
    return path


async def imported(folder: Path, *, now: datetime = NOW) -> list[StrandedCall]:
    seen: list[StrandedCall] = []

    async def keep(call: StrandedCall) -> None:
        seen.append(call)

    await import_stranded(folder, keep, now=now)
    return seen


async def test_a_finished_file_becomes_a_call_and_is_removed(tmp_path: Path) -> None:
    path = write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", "number 0701740605", "end")
    (call,) = await imported(tmp_path)
    assert call == StrandedCall("0701740605", "0771524524", datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "kc-1")
    assert not path.exists()


async def test_a_number_that_was_keyed_in_counts_more_than_the_one_that_was_shown(tmp_path: Path) -> None:
    write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", "number 0701740605", "number 0701740606", "end")
    assert [call.number for call in await imported(tmp_path)] == ["0701740606"]


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (("number 0701740605", "number 0701740606", "wrong"), "0701740605"),
        (("number ", "number 0701740606", "wrong"), ""),  # withheld: none is better than somebody else's
        (("number ", "number 0701740606", "wrong", "number 0701740607"), "0701740607"),
        (("number ", "number 0701740606", "wrong", "number 0701740607", "wrong"), ""),
    ],
)
async def test_a_number_that_its_caller_calls_wrong_is_not_rung(
    tmp_path: Path, lines: tuple[str, ...], kept: str
) -> None:
    write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", *lines, "end")
    assert [call.number for call in await imported(tmp_path)] == [kept]


async def test_a_withheld_number_is_empty_and_the_call_is_handed_over_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", "number ", "end")
    assert [call.number for call in await imported(tmp_path)] == [""]


@pytest.mark.parametrize(
    ("after", "handed_over"),
    [
        (("waits", "served", "end"), False),  # a controller took the call, and it is a contact like any other
        (("waits", "served", "waits", "end"), True),  # hung up before anybody came
        (("waits", "served"), False),  # a talk of half an hour, or one that died with the switch
        (("waits", "served", "waits"), True),
    ],
)
async def test_whoever_stayed_until_they_were_served_is_not_counted_again(
    tmp_path: Path, after: tuple[str, ...], handed_over: bool
) -> None:
    path = write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", "number ", *after, age=timedelta(minutes=30))
    assert len(await imported(tmp_path)) == handed_over
    assert not path.exists()


async def test_a_call_that_still_goes_on_is_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", "number 0701740605", age=timedelta(minutes=2))
    assert await imported(tmp_path) == []
    assert path.exists()


async def test_a_call_that_died_with_the_switch_is_taken_up_after_ten_minutes(tmp_path: Path) -> None:
    write(tmp_path, "kc-1", "called 0771524524", "at 1772442000", "number 0701740605", age=timedelta(minutes=11))
    assert len(await imported(tmp_path)) == 1


async def test_the_oldest_call_comes_first(tmp_path: Path) -> None:
    write(tmp_path, "kc-a", "at 1772442500", "end")
    write(tmp_path, "kc-b", "at 1772442100", "end")
    assert [call.name for call in await imported(tmp_path)] == ["kc-b", "kc-a"]


async def test_a_file_stays_until_its_call_was_taken(tmp_path: Path) -> None:
    path = write(tmp_path, "kc-1", "at 1772442000", "number 0701740605", "end")

    async def refuse(call: StrandedCall) -> None:
        raise UnavailableError("the database is away")

    assert await import_stranded(tmp_path, refuse, now=NOW) == []
    assert path.exists()
    assert len(await imported(tmp_path)) == 1


async def test_one_call_that_is_refused_does_not_hold_up_the_next(tmp_path: Path) -> None:
    write(tmp_path, "kc-1", "at 1772442000", "number 0701740605", "end")
    write(tmp_path, "kc-2", "at 1772442001", "number 0701740606", "end")

    async def refuse_first(call: StrandedCall) -> None:
        if call.name == "kc-1":
            raise UnavailableError

    assert [call.name for call in await import_stranded(tmp_path, refuse_first, now=NOW)] == ["kc-2"]


def test_a_number_never_appears_when_a_call_is_printed() -> None:
    assert "0701740605" not in repr(StrandedCall("0701740605", "0771524524", NOW, "kc-1"))


@pytest.mark.parametrize(
    "line",
    [
        "number ${SHELL(id)}",  # what a hostile display name would try
        "number 0701740605; rm",
        "number 07017406\u0660\u0665",  # Arabic digits are digits to Python, not to us
        "number " + "1" * 40,
        "at 99999999999999999999",
    ],
)
def test_a_line_that_is_not_ours_is_skipped(line: str) -> None:
    call, finished = read_stranded(f"{line}\nend\n", name="kc-1", written_at=NOW)
    assert (call.number, call.at, finished) == ("", NOW, True)


@given(st.text(max_size=500))
def test_no_content_whatever_raises_or_yields_more_than_digits(text: str) -> None:
    call, _ = read_stranded(text, name="x", written_at=NOW)
    assert set(call.number + call.called) <= set("+0123456789")


def test_what_cannot_be_a_telephones_number_is_not_taken_for_one() -> None:
    """Whoever hears the switch's own question may have gone on keying what the menus asked for."""
    text = "called 0771524524\nat 1772442000\nnumber 0701740605\nnumber 119910717238027\nend\n"
    assert read_stranded(text, name="kc-1", written_at=NOW)[0].number == "0701740605"
