"""What a check is: a pure function, the fields that it reads, and the finding that it gives."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, TypeAlias

import attrs

from claimcheck.codesets.store.kinds import Kind
from claimcheck.errors import CheckDefinitionError
from claimcheck.finding import Citation
from claimcheck.fix import Fix
from claimcheck.verdict import Severity

__all__ = [
    "CONSTANTS",
    "HEADINGS",
    "LISTS",
    "READABLE",
    "Check",
    "Codes",
    "Defect",
    "Lonely",
    "PairSieve",
    "Pairs",
    "Provider",
    "Repeats",
    "Suspects",
    "Totals",
    "check",
    "provider_of",
]

EXPLODED: Final = {
    "modifier": "modifiers",
    "diagnosis": "diagnoses",
    "provider": "taxonomies",
    "problem": "problems",
    "diagnosis_pair": "diagnoses",
}
"""Names that stand for one value of a list field, or two; the engine calls the check once for each."""

LISTS: Final = frozenset({"modifiers", "diagnoses"})
"""Names that stand for a whole list field."""

CONSTANTS: Final = frozenset({"code_sets", "known_conditions"})
"""Names whose value is one and the same for every line that a checker sees.

So is ``table_authority`` where no table is imported.
"""

READABLE: Final = frozenset(
    {
        "rule",
        "epoch",
        "code",
        "modifiers",
        "place_of_service",
        "diagnoses",
        "primary_diagnosis",
        "diagnosis_verdicts",
        "taxonomy",
        "billing_taxonomy",
        "ordering_taxonomy",
        "payer",
        "units",
        "conditions",
        "table_authority",
        *EXPLODED,
        *CONSTANTS,
    }
)
"""The closed set of names that a check may read.

Two are made of the line's diagnoses and the rule: ``primary_diagnosis`` is the first readable one, or
None; ``diagnosis_verdicts`` is the set of what the rules say of them all, ``unlisted`` and
``unreadable`` included. They take few values where the list itself takes many. One is made of the payer
and the configuration: ``table_authority`` says what Medicare's tables are to the payer.
"""

CLAIM_READABLE: Final = frozenset({"lines", "code_sets", "table_authorities"})
"""What a check across the lines of a claim may read.

``table_authorities`` has for each line what Medicare's tables are to its payer.
"""

FINDING_FIELDS: Final = frozenset(
    {
        "code",
        "modifiers",
        "place_of_service",
        "diagnoses",
        "taxonomy",
        "billing_taxonomy",
        "ordering_taxonomy",
        "payer",
        "service_date",
        "units",
    }
)
"""The fields that a finding may stand on."""

SLUG: Final = re.compile(
    r"(line|code|modifier|place|diagnosis|taxonomy|payer|units|claim)(-[a-z0-9]+)+"
)
HEADINGS: Final = ("What it finds", "Why it matters", "Example", "What to do", "Sources")


@attrs.frozen(kw_only=True)
class Defect:
    """What a check yields: everything of a finding that is not fixed by the check itself.

    ``field`` is for checks that look at several fields; ``index`` for checks that read a whole list,
    or ``diagnosis_pair``, where 0 is the first of the two and 1 the second (0 if it is not told);
    ``line`` (counted from 0) for checks across the lines of a claim. ``fix`` is an edit of the line that
    settles the finding; it is told only where it gives no new error.
    """

    severity: Severity
    message: str
    hint: str
    value: str | None = None
    rule: str | None = None
    citations: tuple[Citation, ...] = ()
    carc: str | None = None
    field: str | None = None
    index: int | None = None
    line: int | None = None
    fix: Fix | None = None


@attrs.frozen(cache_hash=True)
class Provider:
    """One provider taxonomy of a line: the field it stands in, and the code."""

    field: str
    taxonomy: str


@lru_cache(maxsize=65_536)
def provider_of(field: str, taxonomy: str) -> Provider:
    """The ``Provider`` of a field and a code; the same object for the same two."""
    return Provider(field, taxonomy)


CheckFunction: TypeAlias = Callable[..., Iterable[Defect]]

REPEATABLE: Final = frozenset(
    READABLE
    - EXPLODED.keys()
    - CONSTANTS
    - {"rule", "epoch", "primary_diagnosis", "diagnosis_verdicts", "table_authority"}
) | {"service_date"}


@attrs.frozen
class Repeats:
    """Suspects are claims in which two lines agree in all these fields.

    Lines that have nothing in the first field, which is no list, are no repeats. Lists agree if they
    have the same values in any order, blank ones aside.
    """

    fields: tuple[str, ...]


@attrs.frozen
class Pairs:
    """Suspects are claims with two different codes on one day of which ``function`` says so.

    ``function(code_sets, code, other, epoch)`` is asked once for each two codes and epoch, in either
    order. A line without a date may be of any day.
    """

    function: Callable[[Any, str, str, Any], bool]


@attrs.frozen
class Codes:
    """Suspects are claims with a code of which ``function(code_sets, code, epoch)`` says so."""

    function: Callable[[Any, str, Any], bool]


@attrs.frozen
class Lonely:
    """Suspects are claims with a code that needs company, and no company for it on the same day.

    ``function(code_sets, code, epoch)`` tells whether a code needs any, and
    ``company(code_sets, code, other, epoch)`` whether another code is that.
    """

    function: Callable[[Any, str, Any], bool]
    company: Callable[[Any, str, str, Any], bool]


@attrs.frozen
class Totals:
    """Suspects are claims with lines of one code and day whose units together pass a limit.

    ``limit(code_sets, code, epoch)`` gives it, or None if the code has none. A line without units
    counts as one.
    """

    limit: Callable[[Any, str, Any], int | None]


Suspects: TypeAlias = Repeats | Pairs | Codes | Lonely | Totals


@attrs.frozen
class PairSieve:
    """Which pairs of diagnoses a check can find anything on; saves work, and changes no outcome.

    Attributes:
        rules: whether a rule (or None) has a say of its own. Under the others the check finds what it
            finds under None.
        speaks: whether a rule (or None) has a say of its own about pairs with a diagnosis.
        standing: what of a diagnosis decides else, given the code sets: something hashable, equal for
            diagnoses that are alike, and false in a condition if it meets none.
        meet: whether two such standings may give something together.
    """

    rules: Callable[[Any], bool]
    speaks: Callable[[Any, str], bool]
    standing: Callable[[Any, str], Hashable]
    meet: Callable[[Any, Any], bool]


@attrs.frozen
class Check:
    """A registered check.

    Attributes:
        finding: slug of the finding that it gives.
        field: the field that its findings stand on, unless a defect names another.
        reads: names of the parameters of ``function``, each one of ``READABLE``.
        function: the pure function.
        carc: claim adjustment reason code of the denial it forestalls, unless a defect names one.
        at_least: how many slots the list that it reads must have for it to find anything.
        concerns: whether it can find anything under a rule; None means under any.
        late: those of ``reads`` that only the words of the finding depend on.
        tables: kinds of imported tables; it runs only if one of them is imported. Empty: it always does.
        sieve: for a check of ``diagnosis_pair``: which pairs it can find anything on; None means any.
        suspects: for a check across the lines of a claim, the claims in which it can find anything;
            None means in any.
    """

    finding: str
    field: str
    reads: tuple[str, ...]
    function: CheckFunction
    carc: str | None = None
    at_least: int = 0
    concerns: Callable[[Any], bool] | None = None
    late: tuple[str, ...] = ()
    tables: tuple[Kind, ...] = ()
    sieve: PairSieve | None = None
    suspects: Suspects | None = None

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        # The function's name in its module is the check's; so a check is sent by that name.
        return _named_check, (self.function.__module__, self.function.__qualname__)

    @property
    def across_lines(self) -> bool:
        """Whether it reads the lines of a claim together."""
        return "lines" in self.reads

    @property
    def sections(self) -> dict[str, str]:
        """The docstring, cut at its headings; the summary line stands under ``""``."""
        return dict(_sections(inspect.getdoc(self.function) or ""))


def _named_check(module: str, name: str) -> Any:
    found: Any = import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _sections(doc: str) -> Iterator[tuple[str, str]]:
    heading, kept = "", list[str]()
    for row in doc.splitlines():
        if row.rstrip(":") in HEADINGS and row.endswith(":"):
            yield heading, "\n".join(kept).strip()
            heading, kept = row.rstrip(":"), []
        else:
            kept.append(row[4:] if heading and row.startswith("    ") else row)
    yield heading, "\n".join(kept).strip()


def check(
    finding: str,
    *,
    field: str,
    carc: str | None = None,
    at_least: int = 0,
    concerns: Callable[[Any], bool] | None = None,
    late: tuple[str, ...] = (),
    tables: tuple[Kind, ...] = (),
    sieve: PairSieve | None = None,
    suspects: Suspects | None = None,
) -> Callable[[CheckFunction], Check]:
    """Make a check of a function.

    Args:
        finding: slug of the finding, for example ``modifier-not-applicable``; its first word is one
            of line, code, modifier, place, diagnosis, taxonomy, payer, units, claim.
        field: the line's field that the finding stands on.
        carc: claim adjustment reason code of the denial that it forestalls.
        at_least: for a check that reads ``modifiers`` or ``diagnoses`` whole: lists with fewer slots
            give nothing, and the check is not called for them.
        concerns: tells for a rule (or None) whether the check can find anything under it; where not,
            it need not be called. Saves work on checks of long lists, and changes no outcome.
        late: names of parameters on which only the words of the finding depend, not whether there is
            one. The check may be called with None for them first, to find that out.
        tables: kinds of imported tables that it asks; without any of them it does not run.
        sieve: for a check that reads ``diagnosis_pair``: on which pairs it can find anything.
        suspects: for a check that reads ``lines``: tells by numbers alone in which claims it can find
            anything, with ``Repeats``, ``Pairs``, ``Codes``, ``Lonely`` or ``Totals``. It may name too
            many claims and must not miss one; on others the check need not be called. Saves work on
            files, and changes no outcome.

    Raises:
        CheckDefinitionError: a parameter that is no field, a slug or field that is not allowed, or
            two parameters that each stand for one value of a list.
    """

    def make(function: CheckFunction) -> Check:
        reads = tuple(inspect.signature(function).parameters)
        _refuse_bad_definition(finding, field, reads, function.__name__)
        if at_least and len(LISTS & {*reads}) != 1:
            raise CheckDefinitionError(
                f"check {function.__name__}: at_least is for checks that read one of "
                f"{' and '.join(sorted(LISTS))}"
            )
        if not set(late) <= {*reads} - EXPLODED.keys() - CONSTANTS:
            raise CheckDefinitionError(
                f"check {function.__name__}: late names are some of what it reads"
            )
        if sieve is not None and "diagnosis_pair" not in reads:
            raise CheckDefinitionError(
                f"check {function.__name__}: a sieve is for checks that read diagnosis_pair"
            )
        _refuse_bad_suspects(suspects, reads, function.__name__)
        return Check(
            *(finding, field, reads, function, carc, at_least, concerns, late),
            tables=tables,
            sieve=sieve,
            suspects=suspects,
        )

    return make


def _refuse_bad_suspects(suspects: Suspects | None, reads: tuple[str, ...], name: str) -> None:
    if suspects is None:
        return
    if "lines" not in reads:
        raise CheckDefinitionError(f"check {name}: suspects are for checks that read lines")
    if isinstance(suspects, Repeats):
        wrong = [field for field in suspects.fields if field not in REPEATABLE]
        if wrong or not suspects.fields or suspects.fields[0] in LISTS:
            raise CheckDefinitionError(
                f"check {name}: Repeats takes some of {', '.join(sorted(REPEATABLE))}; "
                "the first is no list"
            )


def _refuse_bad_definition(finding: str, field: str, reads: tuple[str, ...], name: str) -> None:
    def refuse(why: str) -> Any:
        raise CheckDefinitionError(f"check {name}: {why}")

    if not SLUG.fullmatch(finding):
        refuse(
            f"the finding {finding!r} is no slug of the shape <field>-<defect>; "
            "the first word is one of line, code, modifier, place, diagnosis, taxonomy, payer, "
            "units, claim"
        )
    if field not in FINDING_FIELDS:
        refuse(f"the field {field!r} is not one of {', '.join(sorted(FINDING_FIELDS))}")
    if not reads:
        refuse("it reads nothing")
    allowed = CLAIM_READABLE if "lines" in reads else READABLE
    for parameter in reads:
        if parameter not in allowed:
            refuse(f"it reads {parameter!r}, which is not one of {', '.join(sorted(allowed))}")
    exploded = [parameter for parameter in reads if parameter in EXPLODED]
    if len(exploded) > 1:
        refuse(
            f"it reads {' and '.join(exploded)}, each one value of a list; "
            f"read {' or '.join(EXPLODED[name] for name in exploded)} whole instead"
        )
