"""``python -m lab_billing orders.csv claims.837``: what is wrong is held back and told."""

from __future__ import annotations

import sys
from pathlib import Path

import claimcheck

from lab_billing.lines import line_of
from lab_billing.orders import read_orders
from lab_billing.x12 import file_of


def main(orders: Path, out: Path) -> int:
    """Write the 837P file of the orders whose lines have no error; gives the number held back."""
    checker = claimcheck.Checker(config="pyproject.toml")
    ready, held_back = [], 0
    for order in read_orders(orders):
        line = line_of(order)
        report = checker.check(line)
        if report.ok:
            ready.append(line)
        else:
            held_back += 1
        for finding in report.findings:
            print(f"{report.line_id}: {finding.severity}: {finding.message}")
    out.write_text(file_of(ready), encoding="ascii")
    print(f"{len(ready)} lines written, {held_back} held back")
    return held_back


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 0)
