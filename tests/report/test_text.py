from __future__ import annotations

import re

from claimcheck.report import Damage, Note

WHOLE = """\
line 1  CLM-7  1  0252U  findings: 1 error, 1 warning

  error    modifier-not-applicable  modifiers[0] 80
           Modifier 80 does not fit 0252U: nobody assists at surgery in a laboratory test.
           do: Remove modifier 80 if it does not describe this service.
           rule: codes/0252U#modifiers/80
           source: The page of a code (a-page): row 80; row 81
           source: a-list: 80
           denial ahead: CARC 4 - procedure code and modifier do not go together

  warning  diagnosis-missing  diagnoses
           The line has no diagnosis.
           do: Give one.
           rule: checks#diagnosis-missing
           denial ahead: CARC 999

Summary
  rows        4 read: 3 checked, 1 rejected
  lines       1 clean, 1 with findings, 1 not checked (neither a rule file nor a table has the code)
  findings    1 error, 1 warning, 1 info
  suppressed  2 findings by the configuration
  exceptions  ignore place: expired on 2026-01-31; reason: we know
  rejected    row 4: the row has 1 cell, the header 2
  columns     3 not read; one looks like modifiers
  rules       a-rule-set 1.2.3, content abababababababab
  code sets   ICD-10-CM: 2026, in force 2026-04-01 to 2026-09-30

  error    modifier-not-applicable  1
  warning  diagnosis-missing        1
  info     code-no-rule             1
"""


def test_the_whole_text(write):
    rows = (write.bad, write.clean, write.not_checked, "the row has 1 cell, the header 2")
    assert write("text", *rows, columns_not_read=3, looks_like="modifiers") == WHOLE


def test_nothing_is_wider_than_the_terminal(write):
    text = write("text", write.bad, "the row has 1 cell, the header 2" * 4, width=60)
    assert max(map(len, text.splitlines())) <= 60


def test_a_narrow_terminal_loses_no_word(write):
    wide = write("text", write.bad, width=120)
    narrow = write("text", write.bad, width=60)
    assert narrow.split() == wide.split()


def test_no_row_ends_in_a_blank(write):
    text = write("text", write.bad, write.clean, "why")
    assert not re.search(r" +$", text, re.M)


def test_without_a_terminal_there_are_no_colours(write):
    assert "\x1b" not in write("text", write.bad)


def test_colours_change_no_word(write):
    coloured = write("text", write.bad, write.clean, "why", colour=True)
    assert "\x1b[1;31m" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert plain.split() == write("text", write.bad, write.clean, "why").split()


def test_clean_lines_have_no_block(write):
    assert write("text", write.clean, write.clean).startswith("Summary\n")


def test_lines_that_were_not_checked_are_counted_only(write):
    text = write("text", write.not_checked)
    assert text.startswith("Summary\n")
    assert "1 not checked (neither a rule file nor a table has the code)" in text


def test_the_first_twenty_rejected_rows_are_told(write):
    text = write("text", *["why"] * 25)
    assert text.count(": why") == 20
    assert "row 20: why" in text
    assert "and 5 more rows" in text


def test_the_most_frequent_come_first(write):
    other = write.report_of(write.error, write.error)
    text = write("text", write.bad, other)
    assert re.search(r"error +modifier-not-applicable +3\n +warning", text)


def test_damage_and_notes_are_in_the_summary(write):
    damage = [Damage("a.837", tuple(f"segment {n}: x" for n in range(100)), 250)]
    notes = [Note(f"{n}.837", "read as 5010") for n in range(22)]
    text = " ".join(write("text", write.clean, damage=damage, notes=notes).split())
    assert "damaged a.837: 250 problems: segment 0: x; segment 1: x; " in text
    assert "segment 9: x; and 240 more notes 0.837: read as 5010 1.837: " in text
    assert "19.837: read as 5010 and 2 more lines" in text
    assert "damaged" not in write("text", write.clean)


def test_large_numbers_are_grouped(write):
    assert "1,200 errors" in write("text", *[write.report_of(write.error)] * 1200)
