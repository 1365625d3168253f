from __future__ import annotations

import io
import subprocess
import sys

import pytest

from claimcheck.report import FORMATS, Context, open_writer


def test_the_formats():
    assert list(FORMATS) == [
        *("text", "json", "jsonl", "csv", "html", "operation-outcome", "sarif")
    ]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "html"])
def test_every_row_is_told_at_once_and_none_is_kept(write, name):
    out = io.StringIO()
    writer = open_writer(name, out, Context(ruleset=write.stamp))
    writer.start()
    before = len(out.getvalue())
    writer.line(1, write.bad, "0252U")
    assert len(out.getvalue()) > before


@pytest.mark.parametrize("name", FORMATS)
def test_rejected_rows_are_in_every_format(write, name):
    assert "a certain reason" in write(name, write.bad, "a certain reason")


def test_rich_is_loaded_by_a_text_summary_only():
    code = "import sys, claimcheck.report; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
