"""Check three proposed claim lines and print what was found."""

import claimcheck

LINES = [
    {
        "line_id": "CLM-2001-1",
        "code": "0252U",
        "place_of_service": "81",
        "diagnoses": ["O03.9"],
        "taxonomy": "291U00000X",
        "service_date": "2026-05-04",
    },
    {
        "line_id": "CLM-2002-1",
        "code": "0252U",
        "modifiers": ["80"],
        "place_of_service": "12",
        "diagnoses": ["O03.9"],
        "service_date": "2026-05-04",
    },
    {"line_id": "CLM-2003-1", "code": "88305", "diagnoses": ["O03.9"]},
]


def main() -> None:
    """Print one row per line, and one per finding below it."""
    checker = claimcheck.Checker()
    for report in checker.check_lines(LINES):
        print(report.line_id, report.status)
        for finding in report.findings:
            print(f"  {finding.severity}: {finding.message}")
            print(f"    {finding.hint}")


if __name__ == "__main__":
    main()
