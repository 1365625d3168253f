"""Times ten thousand rule files: lint, compile and pack, open and answer.

Run from the checkout: ``python tests/benchmarks/rule_files.py [number of files]``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

SOURCES = """\
schema: claimcheck/sources@1
sources:
  - id: made-up
    title: Made-up document
    publisher: The benchmark
    kind: secondary
    date: "2026-01"
"""
FAMILY = """\
schema: claimcheck/family@1
family: synthetic
title: What all made-up codes share
source: made-up
status: draft
modifiers:
  - modifier: "90"
    verdict: applicable
    because: A reference laboratory may do the test.
    cite: {at: "row 90"}
"""
HEAD = """\
schema: claimcheck/code@1
code: "{code}"
title: Made-up test number {number}
family: synthetic
source: made-up
status: draft
effective: {{from: "2021-07-01", to: unstated, cite: {{at: "row {number}"}}}}
"""
MODIFIER = """\
  - modifier: "{value}"
    verdict: not-applicable
    belongs-to: the surgery of row {number}
    because: Names something that test {number} has not.
    cite: {{at: "modifier row {value}"}}
"""
DIAGNOSIS = """\
  - diagnosis: "{value}"
    verdict: indicated
    because: The document of test {number} names it.
    cite: {{at: "diagnosis row {value}"}}
"""
ANSWER = """\
import sys, time
from datetime import date
from pathlib import Path
from claimcheck.ruleset import open_pack
start = time.perf_counter()
rules = open_pack(Path(sys.argv[1]))
rule = rules.rule(sys.argv[2], None, date(2026, 5, 4))
ruling = rule.modifier("80")
print(f"{1000 * (time.perf_counter() - start):.1f}", ruling.entry.verdict)
print(sorted({"pydantic", "yaml"} & set(sys.modules)))
"""


def main() -> None:
    """Make the files, time the work, print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    from claimcheck.authoring.lint import lint_rules
    from claimcheck.ruleset import load_rules, open_pack, write_pack

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "rules"
        pack = Path(name) / "rules.pack"
        size = write_files(folder, count)
        print(f"{count} files, {size / 1e6:.1f} MB of YAML, {size // count} bytes each")
        with timed("lint"):
            problems = lint_rules([folder], bundled=False)
        if problems:
            sys.exit(f"{len(problems)} problems, the first: {problems[0]}")
        with timed("load and compile"):
            rules = load_rules(folder, bundled=False)
        with timed("pack"):
            write_pack(rules, pack)
        print(f"the pack has {pack.stat().st_size / 1e6:.1f} MB")
        with timed("read all codes of the pack"):
            opened = open_pack(pack)
            for code in opened.codes:
                opened.rule(code, None, date(2026, 5, 4))
        for _ in range(3):
            command = [sys.executable, "-c", ANSWER, str(pack), code_of(count // 2)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            milliseconds, verdict, *imported = out.split(maxsplit=2)
            print(f"open + first answer, new process: {milliseconds} ms ({verdict})", end="")
            print(f", pydantic and yaml imported: {imported[0].strip()}")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block took."""
    start = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - start:.2f} s")


def code_of(number: int) -> str:
    """A made-up procedure code."""
    return f"{number:04d}U"


def write_files(folder: Path, count: int) -> int:
    """Write ``count`` code files of 20 entries each with their family and source; give their size."""
    (folder / "codes").mkdir(parents=True)
    (folder / "families").mkdir()
    (folder / "sources.yaml").write_text(SOURCES)
    (folder / "families" / "synthetic.yaml").write_text(FAMILY)
    size = 0
    for number in range(count):
        text = HEAD.format(code=code_of(number), number=number)
        text += "modifiers:\n"
        text += "".join(MODIFIER.format(value=80 + n, number=number) for n in range(10))
        text += "diagnoses:\n"
        text += "".join(DIAGNOSIS.format(value=f"O03.{n}", number=number) for n in range(10))
        (folder / "codes" / f"{code_of(number)}.yaml").write_text(text)
        size += len(text)
    return size


if __name__ == "__main__":
    main()
