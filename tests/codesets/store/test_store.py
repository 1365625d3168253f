from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import attrs
import platformdirs
import pytest

from claimcheck.codesets.store import KINDS, SourceFile, Store, data_folder, open_store
from claimcheck.codesets.store.kinds import TITLES
from claimcheck.codesets.store.schema import COLUMNS, SCHEMA, TABLES
from claimcheck.codesets.store.writing import Edition, add_edition
from claimcheck.errors import ConfigurationError, InputError

ROWS = (("00001", "", None), ("0252U", "", None), ("0252U", "QW", None))


def clfs(name="2026Q3", rows=ROWS, digest="a", **changes) -> Edition:
    """An edition of the clinical laboratory fee schedule."""
    given = Edition(
        "clfs",
        name,
        True,
        date(2026, 7, 1),
        date(2026, 9, 30),
        (SourceFile("clfs.csv", digest * 64),),
        {"clfs": iter(rows)},
        False,
        lambda: len(rows) + 1,
    )
    return attrs.evolve(given, **changes)


def ptp(name="2026Q3", rows=(("00001", "00002", 0, 0, 1),), **changes) -> Edition:
    """An edition of the pairs."""
    return attrs.evolve(clfs(name, **changes), kind="ptp-practitioner", rows={"ptp": iter(rows)})


def content(folder) -> bytes:
    return (folder / "codesets.sqlite").read_bytes()


def query(folder, text: str) -> list[tuple]:
    store = open_store(folder)
    try:
        return store.rows(text)
    finally:
        store.close()


def vintages(folder):
    store = open_store(folder)
    store.close()
    return store.vintages


def test_no_store(tmp_path):
    assert open_store(tmp_path) is None
    assert open_store(tmp_path / "nowhere") is None


def test_where_the_store_is(tmp_path, monkeypatch):
    monkeypatch.setenv("CLAIMCHECK_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    assert data_folder("given") == Path("given")
    monkeypatch.setenv("CLAIMCHECK_DATA", " ")
    assert data_folder() == Path(platformdirs.user_data_dir("claimcheck", appauthor=False))


def test_every_kind_has_a_title_and_tables():
    assert set(TITLES) == set(TABLES) == set(KINDS)
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    for table, columns in COLUMNS.items():
        there = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        assert there == ["vintage", *columns]
    connection.close()


def test_an_edition_is_added(tmp_path):
    outcome, vintage = add_edition(tmp_path / "new", clfs())
    assert outcome == "added"
    assert (vintage.kind, vintage.name, vintage.stated) == ("clfs", "2026Q3", True)
    assert (vintage.rows_read, vintage.rows, vintage.descriptions) == (4, 3, False)
    assert vintage.files == (SourceFile("clfs.csv", "a" * 64),)
    assert vintages(tmp_path / "new") == (vintage,)
    assert query(tmp_path / "new", "SELECT code, modifier, description FROM clfs") == list(ROWS)


def test_what_an_edition_covers(tmp_path):
    _, vintage = add_edition(tmp_path, clfs())
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1)]
    assert [vintage.covers(day) for day in days] == [False, True, True, False]
    _, unstated = add_edition(
        tmp_path, clfs("unstated", digest="b", stated=False, first=None, last=None)
    )
    assert not any(unstated.covers(day) for day in days)


def test_editions_live_side_by_side(tmp_path):
    add_edition(tmp_path, clfs())
    other = clfs("2026Q2", digest="b", first=date(2026, 4, 1), last=date(2026, 6, 30))
    add_edition(tmp_path, other)
    add_edition(tmp_path, ptp(digest="c"))
    assert [(one.kind, one.name) for one in vintages(tmp_path)] == [
        ("clfs", "2026Q2"),
        ("clfs", "2026Q3"),
        ("ptp-practitioner", "2026Q3"),
    ]
    assert query(tmp_path, "SELECT count(*) FROM clfs") == [(6,)]


def test_the_days_on_which_answers_change(tmp_path):
    # 20,000 days after 1970-01-01 is 2024-10-04.
    rows = (("00001", "00002", 20_000, 20_001, 1), ("00001", "00003", 20_000, 0, 1))
    add_edition(tmp_path, ptp(rows=rows, first=None))
    store = open_store(tmp_path)
    found = store.boundaries()
    store.close()
    assert found == {date(2024, 10, 4), date(2024, 10, 6), date(2026, 10, 1)}


def test_the_same_files_again_change_nothing(tmp_path):
    _, vintage = add_edition(tmp_path, clfs())
    before = content(tmp_path)

    def never():
        raise AssertionError("rows are not read again")
        yield

    again = clfs(digest="a", rows=()).rows
    assert add_edition(tmp_path, attrs.evolve(clfs(), rows={**again, "clfs": never()})) == (
        "unchanged",
        vintage,
    )
    assert content(tmp_path) == before


def test_other_files_need_a_word(tmp_path):
    add_edition(tmp_path, clfs())
    before = content(tmp_path)
    with pytest.raises(InputError) as caught:
        add_edition(tmp_path, clfs(digest="b"))
    assert str(caught.value) == (
        "clfs 2026Q3 is in the store already, from other files (clfs.csv); give all files of an "
        "edition in one command, and --replace to put them in its place"
    )
    assert content(tmp_path) == before
    outcome, vintage = add_edition(tmp_path, clfs(digest="b", rows=ROWS[:1]), replace=True)
    assert (outcome, vintage.rows) == ("replaced", 1)
    assert query(tmp_path, "SELECT code FROM clfs") == [("00001",)]
    assert query(tmp_path, "SELECT count(*) FROM source_file") == [(1,)]


def test_other_settings_need_a_word(tmp_path):
    add_edition(tmp_path, clfs())
    with pytest.raises(InputError, match="already, with other settings"):
        add_edition(tmp_path, clfs(descriptions=True))
    outcome, _ = add_edition(tmp_path, clfs(descriptions=True), replace=True)
    assert outcome == "replaced"


def failing(*good):
    yield from good
    raise InputError("x.csv, row 4: is wrong")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (failing(*ROWS), "x.csv, row 4: is wrong"),
        ((), "clfs.csv: has no rows"),
        ((*ROWS, ROWS[1]), "clfs.csv: 0252U is there twice"),
    ],
)
def test_a_refusal_leaves_the_store_as_it_was(tmp_path, rows, message):
    add_edition(tmp_path, clfs())
    before = content(tmp_path)
    with pytest.raises(InputError) as caught:
        add_edition(tmp_path, clfs("2026Q4", rows, "b"))
    assert str(caught.value) == message
    assert content(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["codesets.sqlite"]


def test_the_place_of_a_repeated_key(tmp_path):
    many = [(f"{number:05}", f"{number + 1:05}", 0, 0, 1) for number in range(30_000)]
    asked = []

    def place(table, number):
        asked.append((table, number))
        return "part.txt, row 5"

    with pytest.raises(InputError) as caught:
        add_edition(tmp_path, ptp(rows=[*many, many[7]], place=place))
    assert str(caught.value) == "part.txt, row 5: 00007 with 00008 is there twice"
    assert asked == [("ptp", 30_000)]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: b"", "is no store of code sets; import the code sets into another folder"),
        (
            lambda data: b"x" * 4000,
            "is no store of code sets (file is not a database); import them into another folder",
        ),
        (
            lambda data: data[:60] + b"\0\0\0\x63" + data[64:],
            "is a store of version 99, and this claimcheck reads version 1; "
            "import the code sets into another folder",
        ),
        (
            lambda data: data[:8192] + b"\xff" * (len(data) - 8192),
            "is a damaged store (database disk image is malformed); "
            "import the code sets into another folder",
        ),
    ],
)
def test_what_is_no_store(tmp_path, damage, message):
    add_edition(tmp_path, clfs())
    path = tmp_path / "codesets.sqlite"
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        open_store(tmp_path)
    assert str(caught.value) == f"{path}: {message}"
    with pytest.raises(ConfigurationError) as caught:
        add_edition(tmp_path, clfs("2026Q4"))
    assert str(caught.value) == f"{path}: {message}"
    assert path.read_bytes() == before


def test_a_store_with_other_tables(tmp_path):
    add_edition(tmp_path, clfs())
    path = tmp_path / "codesets.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE ptp")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigurationError) as caught:
        add_edition(tmp_path, ptp())
    assert str(caught.value) == (
        f"{path}: is damaged (no such table: ptp); import the code sets into another folder"
    )


def test_the_store_is_read_only_and_shared_by_threads(tmp_path):
    add_edition(tmp_path, clfs())
    store = Store(tmp_path / "codesets.sqlite")
    with pytest.raises(ConfigurationError, match="readonly"):
        store.rows("DELETE FROM clfs")
    with ThreadPoolExecutor(4) as pool:
        counted = list(pool.map(lambda _: store.rows("SELECT count(*) FROM clfs"), range(40)))
    store.close()
    assert counted == [[(3,)]] * 40


ONE_IMPORT = """
import sys
from claimcheck.codesets.imports import import_files
import_files("mue-dme", [sys.argv[2]], sys.argv[1])
"""


def test_imports_at_once_lose_nothing(tmp_path):
    started = []
    for number in (1, 2, 3, 4):
        path = tmp_path / f"mue_dme_2026q{number}.csv"
        path.write_text(f"code,mue_value,mai\nE000{number},1,2\n")
        command = [sys.executable, "-c", ONE_IMPORT, tmp_path / "store", path]
        started.append(subprocess.Popen(command))
    assert [one.wait(60) for one in started] == [0, 0, 0, 0]
    assert [one.name for one in vintages(tmp_path / "store")] == [
        "2026Q1",
        "2026Q2",
        "2026Q3",
        "2026Q4",
    ]
