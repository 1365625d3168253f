"""The generated pages are what the generator gives, and the generator keeps its folders clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimcheck.authoring.documentation import OWNED, pages, stale, write
from claimcheck.authoring.documentation.__main__ import main
from claimcheck.authoring.rule_tests import run_rule_tests
from claimcheck.ruleset import bundled_folder, bundled_rules
from claimcheck.scalar import Checker

DOCS = Path(__file__).parents[2] / "docs"


def test_the_pages_in_the_repository_are_up_to_date() -> None:
    assert stale(DOCS) == ()


def test_the_generator_gives_the_same_pages_each_time(tmp_path: Path) -> None:
    write(tmp_path)
    made = {path.relative_to(tmp_path).as_posix(): path.read_bytes()
            for path in tmp_path.rglob("*") if path.is_file()}  # fmt: skip
    assert made == {name: text.encode() for name, text in pages().items()}
    assert write(tmp_path) == ()


def test_pages_that_no_longer_belong_are_removed(tmp_path: Path) -> None:
    write(tmp_path)
    old = tmp_path / "findings" / "modifier-retired.md"
    old.write_text("# modifier-retired\n", "utf-8")
    by_hand = tmp_path / "index.md"
    by_hand.write_text("# By hand\n", "utf-8")
    assert stale(tmp_path) == ("findings/modifier-retired.md",)
    assert write(tmp_path) == ("findings/modifier-retired.md",)
    assert not old.exists()
    assert by_hand.exists()


def test_checking_names_stale_pages_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    (tmp_path / "rules" / "index.md").write_text("changed", "utf-8")
    (tmp_path / "rules" / "sources.md").unlink()
    assert main([str(tmp_path), "--check"]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == ["stale: rules/index.md", "stale: rules/sources.md"]
    assert "documentation docs" in told.err
    assert (tmp_path / "rules" / "index.md").read_text("utf-8") == "changed"
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--check"]) == 0


def test_every_rule_file_has_its_page() -> None:
    rules = bundled_rules()
    made = set(pages())
    assert {f"rules/{name}.md" for name in (*rules.codes, *rules.families)} <= made


def test_a_rules_page_tells_every_entry_and_both_sides_of_every_dispute() -> None:
    rules, made = bundled_rules(), pages()
    for code in rules.codes:
        file, page = rules.code_file(code), made[f"rules/{code}.md"]
        assert file is not None
        for entry in file.statements.entries():
            assert f"| {entry.value} |" in page
            assert entry.because in page
            if entry.dispute is not None:
                assert entry.dispute.because in page
        for fact in file.statements.facts:
            assert fact.says in page
        assert "## Test cases" in page


def test_the_cases_on_the_rules_pages_give_what_they_say() -> None:
    results = list(run_rule_tests([bundled_folder()], Checker()))
    assert results
    assert [str(result) for result in results if not result.passed] == []


def test_only_generated_files_stand_in_the_owned_folders() -> None:
    assert {name.split("/")[0] for name in pages()} == set(OWNED)
