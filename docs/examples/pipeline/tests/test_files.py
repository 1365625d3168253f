"""From lines to an 837P file, and the whole way."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import claimcheck
import pytest
from claimcheck.io import read_lines
from claimcheck.testing import assert_no_new_findings, claim_lines, defective_lines
from hypothesis import given
from hypothesis import strategies as st

from lab_billing.__main__ import main
from lab_billing.x12 import file_of

HERE = Path(__file__).parents[1]
SAID_IN_837P = (
    *("line_id", "claim_id", "code", "modifiers", "place_of_service", "diagnoses"),
    *("taxonomy", "billing_taxonomy", "payer", "service_date", "units"),
)
OURS = {
    "place_of_service": "81",
    "taxonomy": "291U00000X",
    "billing_taxonomy": "291U00000X",
    "payer": "Aetna",
    "service_date": date(2026, 5, 4),
    "units": 1,
}


def said(line: claimcheck.ClaimLine) -> dict[str, Any]:
    """What an 837P file can say of a line."""
    return {name: getattr(line, name) for name in SAID_IN_837P}


def read_back(text: str) -> list[claimcheck.ClaimLine]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "claims.837"
        path.write_text(text, encoding="ascii")
        return list(read_lines(path))


@given(st.lists(claim_lines(code="0252U"), min_size=1, max_size=5))
def test_an_837p_file_says_what_its_lines_say(drawn: list[dict[str, Any]]) -> None:
    lines = [
        {"modifiers": [], **line, **OURS, "line_id": f"L{number}", "claim_id": f"C{number}"}
        for number, line in enumerate(drawn)
    ]
    assert [said(line) for line in read_back(file_of(lines))] == [
        said(claimcheck.ClaimLine(**line)) for line in lines
    ]


@given(defective_lines("modifier-not-applicable", code="0252U"))
def test_a_defect_is_still_told_from_the_file(drawn: dict[str, Any]) -> None:
    (line,) = read_back(file_of([{**drawn, **OURS}]))
    assert "modifier-not-applicable" in [found.code for found in claimcheck.check(line).findings]


def test_the_whole_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(HERE)
    out = tmp_path / "claims.837"
    assert main(Path("orders.csv"), out) == 0
    assert capsys.readouterr().out.endswith("5 lines written, 0 held back\n")
    lines = list(read_lines(out))
    assert [line.line_id for line in lines] == [f"ORD-{number}" for number in range(1001, 1006)]
    # An 837P file cannot say that a condition is confirmed: that, and the microarray, are known.
    assert_no_new_findings(lines, HERE / "tests" / "known.json")
