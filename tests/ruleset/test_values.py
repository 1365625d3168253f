import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.ruleset.values import Pattern, Table, parse_pattern, value_matches, what_is_allowed

CODES = st.from_regex(r"[A-C][0-2][0-2A](\.[0-2]{1,2})?", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "meant", "not_meant"),
    [
        ("O03.9", ["O039"], ["O03", "O0390", "O034"]),
        ("C34.-", ["C34", "C3490", "C342"], ["C33", "C3"]),
        ("O00.9-", ["O009", "O0090"], ["O00", "O001"]),
        ("12-", ["12", "123"], ["1", "21"]),
        ("C81..C96", ["C81", "C8100", "C90", "C96", "C969"], ["C80", "C97", "C809", "D00"]),
        ("O00..O9A", ["O000", "O9A1", "O99"], ["P00", "N96"]),
        ("C90.00..C90.1", ["C9000", "C9002", "C901", "C9011"], ["C90", "C902"]),
    ],
)
def test_what_a_written_value_means(written, meant, not_meant):
    assert [code for code in meant if not value_matches(written, code)] == []
    assert [code for code in not_meant if value_matches(written, code)] == []


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("C34.-", "C34.9"),
        ("C3-", "C34.-"),
        ("C81..C96", "C90.00"),
        ("C81..C96", "C90.-"),
        ("C81..C96", "C82..C85"),
        ("C-", "C81..C96"),
    ],
)
def test_the_wider_covers_the_narrower_and_not_the_other_way(wide, narrow):
    assert parse_pattern(wide).covers(parse_pattern(wide))
    assert parse_pattern(wide).covers(parse_pattern(narrow))
    assert not parse_pattern(narrow).covers(parse_pattern(wide))


def test_a_prefix_shorter_than_a_range_is_not_covered_by_it():
    assert not parse_pattern("C81..C96").covers(parse_pattern("C8-"))


def test_exact_before_longer_prefix_before_shorter_before_range():
    written = ["C34..C39", "C3-", "C34.-", "C34.9"]
    table = Table((value, value) for value in written)
    assert table.find("C349") == "C34.9"
    assert table.find("C341") == "C34.-"
    assert table.find("C351") == "C3-"
    assert Table([("C34..C39", 1)]).find("C351") == 1
    assert table.find("D00") is None


@given(CODES, CODES)
def test_ranges_overlap_where_they_share_an_end(low, high):
    low, high = sorted([low, high])
    pattern = parse_pattern(f"{low}..{high}")
    assert pattern.overlaps(parse_pattern(f"{high}..{high}"))
    assert pattern.overlaps(parse_pattern(f"{low}..{low}"))


@given(CODES)
def test_a_code_is_meant_by_itself_and_by_all_of_its_prefixes(code):
    bare = code.replace(".", "")
    assert value_matches(code, bare)
    for length in range(1, len(bare) + 1):
        assert value_matches(bare[:length] + "-", bare)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("code", ["0252U", "81452", "G0123"], ["252U", "0252u", "8145", "8145-", ""]),
        ("modifier", ["80", "QK", "P-", "P1..P6"], ["8", "800", "qk", "P6..P1", "P1..", "--"]),
        ("place", ["81", "2-", "21..23"], ["8", "1", "AB", "21..2"]),
        (
            "diagnosis",
            ["O03.9", "N96", "C34.-", "O00.9-", "C-", "C81..C96", "C81..C81.9", "S72.001A"],
            ["O039", "o03.9", "03.9", "O03.", "O03-9", "-", "O03.12345", "C81.9..C80"],
        ),
        ("taxonomy", ["291U00000X", "207V-"], ["291U", "291u00000x"]),
    ],
)
def test_shapes(kind, good, bad):
    assert [text for text in good if what_is_allowed(kind, text) is not None] == []
    assert [text for text in bad if what_is_allowed(kind, text) is None] == []


def test_where_only_a_code_is_allowed_the_words_name_no_prefix():
    assert "prefix" not in str(what_is_allowed("modifier", "P-", exact=True))
    assert what_is_allowed("modifier", "P1", exact=True) is None


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("C34.9", "C34.9", True),
        ("C34.9", "C34.-", False),  # a code covers no group
        ("C34.9", "C34.9..C34.9", False),
        ("C34.-", "C34.0..C34.9", True),
        ("C34.-", "C34.0..C35", False),
        ("C34.-", "C33..C34", False),
        ("C34.-", "C34", True),
        ("C34.-", "C35", False),
        ("C34.0..C34.9", "C34.-", False),
        ("C34..C39", "C3-", False),
        ("C34..C39", "C34.-", True),
        ("C34..C39", "C39.-", True),
        ("C34..C39", "C40.-", False),
        ("C34..C39", "C34", True),
        ("C34..C39", "C33.9", False),
        ("C34..D00", "D-", False),
        ("C81.00..C96", "C90", True),
    ],
)
def test_what_covers_what(wide, narrow, covers):
    assert parse_pattern(wide).covers(parse_pattern(narrow)) is covers


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("C81..C86", "C86..C96", True),
        ("C81..C86", "C87..C96", False),
        ("C87..C96", "C81..C86", False),
        ("C81..C86.5", "C86.6..C96", False),
        ("C81..C86", "C86.6..C96", True),  # C86 means all of C86
        ("C81..C96", "C85..C86", True),
    ],
)
def test_which_ranges_overlap(one, other, overlap):
    assert parse_pattern(one).overlaps(parse_pattern(other)) is overlap
    assert parse_pattern(other).overlaps(parse_pattern(one)) is overlap


def test_how_a_value_is_read():
    assert parse_pattern("C34.9") == Pattern("exact", "C349", "C349")
    assert parse_pattern("C34.-") == Pattern("prefix", "C34", "C34")
    assert parse_pattern("C34.0..C34.9") == Pattern("range", "C340", "C349")


def test_the_more_exactly_written_value_ranks_higher():
    written = ["C81..C96", "C-", "C8-", "C81.-", "C81.9"]
    ranks = [parse_pattern(value).rank for value in written]
    assert ranks == sorted(set(ranks))


WORDS = {
    "code": 'a procedure code of five characters ("0252U")',
    "modifier": 'two characters A-Z, 0-9 ("80"), a prefix ("P-") or a range ("P1..P6")',
    "place": 'two digits ("81"), a prefix ("2-") or a range ("21..23")',
    "diagnosis": (
        'an ICD-10-CM code with its dot ("O03.9"), a prefix ("C34.-") or a range ("C81..C96")'
    ),
    "taxonomy": 'ten characters A-Z, 0-9 ("291U00000X"), a prefix ("207Z-") or a range',
}


@pytest.mark.parametrize("kind", WORDS)
def test_what_is_allowed_in_words(kind):
    assert what_is_allowed(kind, "?") == WORDS[kind]
    assert what_is_allowed(kind, "?", exact=True) == WORDS[kind].partition(", a prefix")[0]
    assert what_is_allowed(kind, "-") == WORDS[kind]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            "code",
            ["00000", "9999Z", "A0000", "Z9999"],
            ["0-", "8145..81459", "81452..8145", "AA000"],
        ),
        ("modifier", ["00..99", "80..80"], ["80..8", "8..80", "81..80", "PP-", "P--"]),
        ("place", ["11..11"], ["22-", "2..3", "22..21", "A-"]),
        (
            "diagnosis",
            ["C3-", "C34.1-", "C34.12-", "C34.123-", "C9A.-", "C34.1234", "A0A", "C34.1..C34.9"],
            ["C34.1234-", "CB-", "C34.-..C35", "C34..C35.", "CBA.1"],
        ),
        ("taxonomy", ["207V00000-", "2-", "207V00000X..207VX0000X"], ["207V00000X-", "207v-"]),
    ],
)
def test_more_shapes(kind, good, bad):
    assert [text for text in good if what_is_allowed(kind, text) is not None] == []
    assert [text for text in bad if what_is_allowed(kind, text) is None] == []


def test_a_range_the_wrong_way_round_is_told_as_such():
    words = "a range from the lower to the higher code"
    assert what_is_allowed("diagnosis", "C35..C34") == words
    assert what_is_allowed("diagnosis", "C34.9..C34.1") == words
    assert what_is_allowed("place", "22..21") == words
