"""Whoever reads only what was written is told of damage, too."""

from __future__ import annotations

import json
import re

import pytest
from fhir.resources import operationoutcome as r5
from fhir.resources.R4B import operationoutcome as r4
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

pytest.importorskip("pyx12")
from ..io.x12_files import (
    Biller,
    Claim,
    Interchange,
    Line,
    Subscriber,
    build,
    joined,
    segments_of,
)

LINES = (Line("0252U", ("80",)), Line("0252U", ("QW",), reference="R-2"))
FILE = Interchange((((Biller(subscribers=(Subscriber(claims=(Claim(lines=LINES),)),)),),),))
WHOLE = segments_of(FILE)
LOST = WHOLE.index("LX*2")
# The second line has no SV1 and the count of segments is wrong.
CUT = [*WHOLE[: LOST + 1], *WHOLE[LOST + 3 :]]
SE = next(number for number, segment in enumerate(CUT) if segment.startswith("SE*"))
BAD = joined([*CUT[:SE], "SE*7*0001", *CUT[SE + 1 :]]).replace(b"005010X222A1", b"004010X098A1")
DAMAGE = [
    f"segment {LOST + 1}: the service line has no SV1; the line is not read",
    f"segment {SE + 1}: SE01 says 7 segments; there are {SE - 1}",
]
NOTE = "segment 3: is version 4010, which 5010 has replaced; read as 5010"


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.837"
    path.write_bytes(BAD)
    return path


@pytest.fixture
def told(run, bad):
    """What is written of the damaged file in a format."""

    def written(name, path=bad, code=2):
        done = run("check", path, "--format", name)
        assert done.exit_code == code, done.stderr
        return done.stdout

    return written


def alarm(page):
    found = re.search(r'<section id="incomplete".*?</section>', page, re.DOTALL)
    return found and " ".join(re.sub("<[^>]*>", " ", found[0]).split())


def test_text(told):
    summary = " ".join(told("text").partition("\nSummary\n")[2].split())
    assert f"2 problems: {DAMAGE[0]}; {DAMAGE[1]} notes" in summary
    assert NOTE in summary


def test_json(told):
    summary = json.loads(told("json"))["summary"]
    assert (summary["damage"], summary["notes"]) == (DAMAGE, [NOTE])


def test_sarif(told):
    text = told("sarif")
    Log.model_validate_json(text)
    (run,) = json.loads(text)["runs"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    found = [(n["level"], n["message"]["text"]) for n in invocation["toolExecutionNotifications"]]
    assert found == [
        *(("error", f"The input is damaged: {place}.") for place in DAMAGE),
        ("note", f"{NOTE}."),
    ]
    places = [one["locations"][0] for one in run["results"]]
    assert [place["logicalLocations"][0]["fullyQualifiedName"] for place in places] == [
        "segment 24",
        f"segment {LOST + 1}",
    ]
    assert all("region" not in place["physicalLocation"] for place in places)


def test_operation_outcome(told):
    outcomes = [json.loads(line) for line in told("operation-outcome").splitlines()]
    for outcome in outcomes:
        for model in (r4.OperationOutcome, r5.OperationOutcome):
            model.model_validate(outcome)
    assert "extension" not in json.dumps(outcomes)
    assert "(row 1; segment 24; claim CLM-1; " in outcomes[0]["issue"][0]["diagnostics"]
    last = [(issue["severity"], issue["code"]) for issue in outcomes[-1]["issue"]]
    assert last == [("fatal", "incomplete")] * 2 + [("information", "informational")]


def test_html(told):
    page = told("html")
    assert "<strong>bad.837</strong></p>" in page
    assert alarm(page) == (
        "The input is damaged: not all of it was checked bad.837 is damaged in 2 places: "
        f"{DAMAGE[0]} {DAMAGE[1]} 1 of 2 rows were rejected and not checked. Why"
    )
    assert f"<li>{NOTE}</li>" in page


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_rows_stay_rows(told, name):
    assert len(told(name).splitlines()) == (2 if name == "jsonl" else 3)
    assert "SE01" not in told(name)


def test_a_whole_file_has_none_of_it(told, tmp_path):
    path = tmp_path / "good.837"
    path.write_bytes(build(FILE))
    assert alarm(told("html", path, 1)) is None
    assert json.loads(told("sarif", path, 1))["runs"][0]["invocations"] == [
        {"executionSuccessful": True}
    ]
    assert len(told("operation-outcome", path, 1).splitlines()) == 1
    assert "damaged" not in told("text", path, 1)


def test_standard_input_is_named(run):
    done = run("check", "-", "--format", "html", input=b"code,mod1\n0252U,80\n")
    assert "Input: <strong>standard input</strong>" in done.stdout


def test_the_line_of_a_table_stays_the_line_of_the_file(run, tmp_path):
    (tmp_path / "a.csv").write_text("code,mod1\n\n0252U,80\n")
    (run_of_sarif,) = json.loads(run("check", "a.csv", "--format", "sarif").stdout)["runs"]
    (location,) = run_of_sarif["results"][0]["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 3}
    assert "logicalLocations" not in location
    (outcome,) = run("check", "a.csv", "--format", "operation-outcome").stdout.splitlines()
    (extension,) = json.loads(outcome)["issue"][0]["extension"]
    assert extension["valueInteger"] == 3


def test_claims_that_were_not_in_one_piece_are_a_note(run, tmp_path):
    (tmp_path / "a.csv").write_text("claim_id,code\nA,0252U\nB,0252U\nA,0252U\n")
    (note,) = json.loads(run("check", "a.csv", "--format", "json").stdout)["summary"]["notes"]
    assert note.startswith("1 claim was not in one piece and not checked as a whole")


# --- the batch command ---------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """A damaged file, one that cannot be read, and one in order."""
    pytest.importorskip("pyarrow")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "bad.837").write_bytes(BAD)
    (folder / "empty.csv").write_bytes(b"")
    (folder / "good.837").write_bytes(build(FILE))
    return folder


def test_the_page_of_a_batch_tells_each_file(run, folder, tmp_path):
    done = run("batch", folder, "-o", "out", "--report", "page.html")
    assert done.exit_code == 2
    page = (tmp_path / "page.html").read_text()
    assert "<summary>3 input files</summary>" in page
    assert f"<li>bad.837: {NOTE}</li>" in page
    assert alarm(page) == (
        "The input is damaged: not all of it was checked "
        "empty.csv could not be read: is empty. "
        f"bad.837 is damaged in 2 places: {DAMAGE[0]} {DAMAGE[1]} "
        "1 of 4 rows were rejected and not checked. Why"
    )


def test_the_closing_summary_tells_it_also_of_files_done_earlier(run, folder):
    first = run("batch", folder, "-o", "out")
    again = run("batch", folder, "-o", "out", "--resume")
    assert "2 done earlier" in again.stderr
    for done in (first, again):
        assert done.exit_code == 2
        for words in (
            f"{folder / 'bad.837'}: 2 problems: {DAMAGE[0]}; {DAMAGE[1]}",
            f"{folder / 'bad.837'}: {NOTE}",
        ):
            # A long path is folded anywhere.
            assert "".join(words.split()) in "".join(done.stderr.split())


def test_parquet_findings_tell_it_in_their_metadata(run, folder, tmp_path):
    import pyarrow.parquet as pq

    run("batch", folder, "-o", "out")
    told = pq.read_metadata(tmp_path / "out" / "bad.837.findings.parquet").metadata
    assert json.loads(told[b"claimcheck.damage"]) == {"count": 2, "places": DAMAGE}
    whole = pq.read_metadata(tmp_path / "out" / "good.837.findings.parquet").metadata
    assert b"claimcheck.damage" not in whole
    assert b"claimcheck.ruleset.name" in whole


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_text_findings_stay_rows(run, folder, tmp_path, name):
    run("batch", folder, "-o", "out", "--format", name)
    assert "SE01" not in (tmp_path / "out" / f"bad.837.findings.{name}").read_text()
    told = json.loads((tmp_path / "out" / "bad.837.summary.json").read_text())
    assert told["damage"] == {"count": 2, "places": DAMAGE}
