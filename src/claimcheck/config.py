"""Configuration: which findings are told, and how loud, each exception with its reason."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from claimcheck.codesets.national.tables import SETTINGS
from claimcheck.errors import ConfigurationError
from claimcheck.line import payer_slug
from claimcheck.table_policy import MEDICARE, TablePolicy
from claimcheck.verdict import Severity

__all__ = ["Config", "FailOn", "FindingException", "find_config", "load_config"]

FailOn: TypeAlias = Literal["error", "warning", "never"]
FAIL_ON: Final = ("error", "warning", "never")


def _upper(text: str | None) -> str | None:
    return None if text is None else text.strip().upper()


def _slug(text: str | None) -> str | None:
    return None if text is None else payer_slug(text)


def _dotless(text: str | None) -> str | None:
    return None if text is None else text.strip().upper().replace(".", "")


@attrs.frozen(kw_only=True)
class FindingException:
    """One exception to the findings: switch one off, or change its severity.

    Attributes:
        finding: slug, or the first word of slugs (``modifier`` means all of its findings).
        reason: why, in the user's words; never empty.
        severity: the new severity, or None to switch the finding off.
        code: only for this procedure code, or None for all.
        payer: only for this payer, or None for all.
        value: only for this value of the field, or None for all.
        until: last day on which the exception holds, or None.
        owner: who answers for it, or None.
        where: where it is written, for messages.
    """

    finding: str
    reason: str
    severity: Severity | None = None
    code: str | None = attrs.field(default=None, converter=_upper)
    payer: str | None = attrs.field(default=None, converter=_slug)
    value: str | None = attrs.field(default=None, converter=_dotless)
    until: date | None = None
    owner: str | None = None
    where: str = attrs.field(default="", eq=False, repr=False)

    def expired(self, today: date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and self.until < today

    @property
    def incomplete(self) -> bool:
        """Whether nobody answers for it, or it never ends."""
        return not (self.owner or "").strip() or self.until is None

    def covers(self, finding: str, value: str | None, code: str | None) -> bool:
        """Whether it speaks of a finding on a line with this code; the payer is not looked at."""
        return (
            (finding == self.finding or finding.startswith(self.finding + "-"))
            and (self.code is None or self.code == code)
            and (self.value is None or self.value == (value or "").replace(".", ""))
        )

    def __str__(self) -> str:
        what = "ignore" if self.severity is None else f"{self.severity} for"
        scope = [
            f"{name} {it}"
            for name, it in (("code", self.code), ("payer", self.payer), ("value", self.value))
            if it
        ]
        return f"{what} {self.finding}" + (f" ({', '.join(scope)})" if scope else "")


@attrs.frozen(kw_only=True)
class Config:
    """Which findings are told.

    Attributes:
        select: slugs or first words of slugs; empty means all.
        exceptions: switched off or changed findings, each with its reason; the first that covers a
            finding decides.
        payer: payer of lines that name none.
        rules: folders or packs of further rules.
        data: folder of imported code sets; see ``claimcheck codesets``.
        tables: which payers follow Medicare's tables, and whose claims are checked.
        fail_on: the severity from which the command line ends with 1.
        baseline: file of known findings; see ``claimcheck.Baseline``.
        strict_suppressions: whether the command line ends with 1 where an exception of the settings
            did nothing, has expired, or has no owner or no last day.
        where: file that it was read from and ``": "``, for messages.
    """

    select: tuple[str, ...] = ()
    exceptions: tuple[FindingException, ...] = ()
    payer: str | None = None
    rules: tuple[Path, ...] = ()
    data: Path | None = None
    tables: TablePolicy = attrs.field(factory=TablePolicy)
    fail_on: FailOn = "error"
    baseline: Path | None = None
    strict_suppressions: bool = False
    where: str = attrs.field(default="", eq=False, repr=False)

    def selects(self, finding: str) -> bool:
        """Whether a finding is among those selected."""
        return not self.select or any(
            finding == chosen or finding.startswith(chosen + "-") for chosen in self.select
        )

    def adding(self, ignore: Sequence[str], select: Sequence[str]) -> Config:
        """This configuration, with what a command line adds to it."""
        more = tuple(
            FindingException(finding=slug, reason="given on the command line") for slug in ignore
        )
        return attrs.evolve(
            self,
            select=tuple(select) or self.select,
            exceptions=more + self.exceptions,
        )


_KEYS: Final = (
    *("select", "ignore", "severity", "payer", "rules", "data", "national-tables"),
    *("fail-on", "baseline", "strict-suppressions"),
)
_TABLE_KEYS: Final = ("binding", "ignored", "setting")
_EXCEPTION_KEYS: Final = ("finding", "reason", "code", "payer", "value", "until", "owner")


def config_from(settings: Mapping[str, Any], where: str, folder: Path) -> Config:
    """Read a configuration from a parsed TOML table.

    Args:
        settings: the table ``[tool.claimcheck]`` or the whole of ``claimcheck.toml``.
        where: name of the file, for messages.
        folder: folder that relative rule folders start from.

    Raises:
        ConfigurationError: an unknown key, a value of the wrong type, an exception without a reason.
    """
    for key in settings:
        if key not in _KEYS:
            raise ConfigurationError(
                f"{where}: unknown setting {key!r}; the settings are {', '.join(_KEYS)}"
            )
    fail_on = settings.get("fail-on", "error")
    if fail_on not in FAIL_ON:
        raise ConfigurationError(f"{where}: fail-on is one of {', '.join(FAIL_ON)}")
    exceptions = [
        _exception(item, f"{where}: {table}[{number}]", table == "severity")
        for table in ("ignore", "severity")
        for number, item in enumerate(_list_of(settings, table, dict, where))
    ]
    strict = settings.get("strict-suppressions", False)
    if not isinstance(strict, bool):
        raise ConfigurationError(f"{where}: strict-suppressions is true or false")
    payer, data, baseline = (settings.get(name) for name in ("payer", "data", "baseline"))
    for name, given in (("payer", payer), ("data", data), ("baseline", baseline)):
        if given is not None and not isinstance(given, str):
            raise ConfigurationError(f"{where}: {name} is a text")
    return Config(
        select=tuple(_list_of(settings, "select", str, where)),
        exceptions=tuple(exceptions),
        payer=payer,
        rules=tuple(folder / name for name in _list_of(settings, "rules", str, where)),
        data=None if data is None else folder / data,
        tables=_table_policy(settings.get("national-tables", {}), f"{where}: national-tables"),
        fail_on=fail_on,
        baseline=None if baseline is None else folder / baseline,
        strict_suppressions=strict,
        where=f"{where}: ",
    )


def _table_policy(settings: object, where: str) -> TablePolicy:
    """Read the table ``national-tables``."""
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{where} is a table with {', '.join(_TABLE_KEYS)}")
    for key in settings:
        if key not in _TABLE_KEYS:
            raise ConfigurationError(
                f"{where}: unknown key {key!r}; the keys are {', '.join(_TABLE_KEYS)}"
            )
    setting = settings.get("setting", "practitioner")
    if setting not in SETTINGS:
        raise ConfigurationError(f"{where}: setting is one of {', '.join(SETTINGS)}")
    binding = _payers(settings, "binding", where) if "binding" in settings else MEDICARE
    ignored = _payers(settings, "ignored", where)
    both = sorted({*binding} & {*ignored})
    if both:
        raise ConfigurationError(f"{where}: {both[0]} is in binding and in ignored")
    return TablePolicy(binding=binding, ignored=ignored, setting=setting)


def _payers(settings: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Payers by their slugs.

    Raises:
        ConfigurationError: one has no letter or digit.
    """
    slugs = tuple(payer_slug(name) for name in _list_of(settings, key, str, where))
    if "" in slugs:
        raise ConfigurationError(f"{where}: {key} names a payer without letter or digit")
    return slugs


def _list_of(settings: Mapping[str, Any], key: str, kind: type, where: str) -> list[Any]:
    items = settings.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, kind) for item in items):
        what = "texts" if kind is str else "tables"
        raise ConfigurationError(f"{where}: {key} is a list of {what}")
    return items


def _exception(item: Mapping[str, Any], where: str, changes_severity: bool) -> FindingException:
    allowed = (*_EXCEPTION_KEYS, "severity") if changes_severity else _EXCEPTION_KEYS
    for key, value in item.items():
        if key not in allowed:
            raise ConfigurationError(
                f"{where}: unknown key {key!r}; the keys are {', '.join(allowed)}"
            )
        if key != "until" and not isinstance(value, str):
            raise ConfigurationError(f"{where}: {key} is a text")
    for key in ("finding", "reason", *(("severity",) if changes_severity else ())):
        if not str(item.get(key, "")).strip():
            raise ConfigurationError(f"{where}: {key} is missing")
    severity = None
    if changes_severity:
        if item["severity"] not in list(Severity):
            raise ConfigurationError(f"{where}: severity is one of error, warning, info")
        severity = Severity(item["severity"])
    return FindingException(
        finding=item["finding"],
        reason=item["reason"],
        severity=severity,
        code=item.get("code"),
        payer=item.get("payer"),
        value=item.get("value"),
        until=_until(item.get("until"), where),
        owner=item.get("owner"),
        where=where,
    )


def _until(value: object, where: str) -> date | None:
    if value is None or (isinstance(value, date) and type(value) is date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise ConfigurationError(f"{where}: until is a date such as 2027-03-31")


def load_config(path: Path) -> Config:
    """Read ``claimcheck.toml``, or the table ``[tool.claimcheck]`` of a ``pyproject.toml``.

    Raises:
        ConfigurationError: the file cannot be read, is no TOML, or has a setting that is not allowed.
    """
    try:
        settings = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path.name}: cannot be read ({type(error).__name__})") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path.name}: {error}") from None
    if path.name == "pyproject.toml":
        settings = settings.get("tool", {}).get("claimcheck", {})
    return config_from(settings, path.name, path.parent)


def find_config(folder: Path) -> Path | None:
    """The nearest ``claimcheck.toml`` or ``pyproject.toml`` with our table, from ``folder`` upwards."""
    for place in (folder, *folder.parents):
        own = place / "claimcheck.toml"
        if own.is_file():
            return own
        project = place / "pyproject.toml"
        if project.is_file():
            try:
                table = tomllib.loads(project.read_text("utf-8")).get("tool", {})
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                return None
            return project if "claimcheck" in table else None
    return None
