"""The shapes of rule files: pydantic models, their JSON Schema, problems in our own words.

Structure only: keys, types, closed vocabularies. What a value must look like, and what files must
say together, is ``resolve``'s.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar, Union, get_args, get_origin

import attrs
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError
from pydantic.fields import FieldInfo

from claimcheck.ruleset.yamlfile import TreePath
from claimcheck.verdict import DisputeEffect, Role

__all__ = [
    "KINDS",
    "SCHEMAS",
    "CodeFileModel",
    "FamilyFileModel",
    "FileKind",
    "FileModel",
    "OverlayFileModel",
    "SourcesFileModel",
    "StructureProblem",
    "TestFileModel",
    "json_schema",
    "validate",
]

FileKind = Literal["sources", "code", "family", "overlay", "test"]
T = TypeVar("T")

Text = Annotated[str, Field(min_length=1)]
StatusName = Literal["draft", "reviewed", "retired"]


def _is_list(value: object) -> str:
    return "<list>" if isinstance(value, list) else "<one>"


def _is_text(value: object) -> str:
    return "<word>" if isinstance(value, str) else "<mapping>"


class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        alias_generator=lambda name: name.rstrip("_").replace("_", "-"),
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


class CiteModel(_Model):
    source: Text | None = None
    """Id of a source in sources.yaml; without it, the file's own `source`."""
    at: Text
    """The place in the source: table and row, page, section."""


Cites = Annotated[
    Annotated[CiteModel, Tag("<one>")]
    | Annotated[list[CiteModel], Field(min_length=1), Tag("<list>")],
    Discriminator(_is_list),
]


class EffectiveModel(_Model):
    from_: Text = "unstated"
    """First day, "YYYY-MM-DD", or unstated."""
    to: Text = "unstated"
    """Last day (inclusive), "YYYY-MM-DD", or unstated."""


class CodeEffectiveModel(EffectiveModel):
    cite: Cites


Effective = Annotated[
    Annotated[Literal["unstated"], Tag("<word>")] | Annotated[EffectiveModel, Tag("<mapping>")],
    Discriminator(_is_text),
]
CodeEffective = Annotated[
    Annotated[Literal["unstated"], Tag("<word>")] | Annotated[CodeEffectiveModel, Tag("<mapping>")],
    Discriminator(_is_text),
]


class DisputeModel(_Model):
    effect: DisputeEffect
    """unfit: the fact makes the value unfit for the line; misnamed: only its name is wrong."""
    because: Text
    official_name: Text | None = None
    meant: list[Text] = []
    """The codes that the source will have meant."""
    cite: Cites


class _Statement(_Model):
    cite: Cites
    derived: Text | None = None
    """Why this is our derivation and not the source's own words."""
    effective: Effective = "unstated"


class _Entry(_Statement):
    because: Text
    """Why, in one sentence of our own."""
    hedged: Literal["yes"] | None = None
    """The source says "not typically"; only with not-applicable."""
    when: Text | None = None
    """Name of the condition; with the verdict conditional, and only then."""
    document: Text | None = None
    """What to document for the condition."""
    belongs_to: Text | None = None
    """Where the value belongs instead."""
    named: Text | None = None
    """The source's name for the value."""


class ModifierModel(_Entry):
    modifier: Text
    verdict: Literal["applicable", "conditional", "not-applicable"]
    disputed: DisputeModel | None = None


class PlaceModel(_Entry):
    place: Text
    verdict: Literal["applicable", "not-applicable"]


class ExclusionModel(_Model):
    codes: Annotated[list[Text], Field(min_length=1)]
    because: Text
    cite: Cites


class DiagnosisModel(_Entry):
    diagnosis: Text
    verdict: Literal["indicated", "secondary", "not-indicated"]
    disputed: DisputeModel | None = None
    excludes: list[ExclusionModel] = []
    """ICD-10-CM Excludes1."""


class TaxonomyModel(_Entry):
    taxonomy: Text
    role: Role
    verdict: Literal["applicable", "not-applicable"]
    disputed: DisputeModel | None = None


class OverlayModifierModel(ModifierModel):
    replaces: Literal["applicable", "conditional", "not-applicable", "unlisted"] | None = None
    """What the layers below must say; where they say something else, loading fails."""


class OverlayPlaceModel(PlaceModel):
    replaces: Literal["applicable", "not-applicable", "unlisted"] | None = None
    """What the layers below must say; where they say something else, loading fails."""


class OverlayDiagnosisModel(DiagnosisModel):
    replaces: Literal["indicated", "secondary", "not-indicated", "unlisted"] | None = None
    """What the layers below must say; where they say something else, loading fails."""


class OverlayTaxonomyModel(TaxonomyModel):
    replaces: Literal["applicable", "not-applicable", "unlisted"] | None = None
    """What the layers below must say; where they say something else, loading fails."""


class ConflictModel(_Statement):
    modifiers: Annotated[list[Text], Field(min_length=2)]
    because: Text


class PayerModel(_Statement):
    payer: Text
    named: Text
    also_written: list[Text] = []
    because: Text | None = None


class RelatedModel(_Statement):
    code: Text
    relation: Text
    named: Text | None = None
    because: Text | None = None
    disputed: DisputeModel | None = None


class FactModel(_Statement):
    fact: Text
    says: Text
    because: Text | None = None
    disputed: DisputeModel | None = None


class SourceModel(_Model):
    id: Text
    title: Text
    publisher: Text
    kind: Literal["primary", "secondary"]
    date: Text
    """"YYYY-MM-DD", "YYYY-MM", "YYYY" or unstated."""
    sha256: Text | None = None
    """Of the document or table that was read: 64 hexadecimal digits."""
    note: Text | None = None


class SourcesFileModel(_Model):
    """The documents and tables that citations name."""

    schema_: Literal["claimcheck/sources@1"]
    sources: list[SourceModel]


class CodeFileModel(_Model):
    """What is known of one procedure code."""

    schema_: Literal["claimcheck/code@1"]
    code: Text
    title: Text | None = None
    family: Text | None = None
    source: Text
    status: StatusName
    effective: CodeEffective
    disputed: DisputeModel | None = None
    modifiers: list[ModifierModel] = []
    places: list[PlaceModel] = []
    diagnoses: list[DiagnosisModel] = []
    taxonomies: list[TaxonomyModel] = []
    conflicts: list[ConflictModel] = []
    payers: list[PayerModel] = []
    related: list[RelatedModel] = []
    facts: list[FactModel] = []


class FamilyFileModel(_Model):
    """What a class of procedure codes shares."""

    schema_: Literal["claimcheck/family@1"]
    family: Text
    extends: Text | None = None
    title: Text | None = None
    source: Text | None = None
    status: StatusName
    modifiers: list[ModifierModel] = []
    places: list[PlaceModel] = []
    diagnoses: list[DiagnosisModel] = []
    taxonomies: list[TaxonomyModel] = []
    conflicts: list[ConflictModel] = []
    facts: list[FactModel] = []


class OverlayStatementModel(_Model):
    code: Text | None = None
    """A code, or else:"""
    family: Text | None = None
    """a family."""
    modifiers: list[OverlayModifierModel] = []
    places: list[OverlayPlaceModel] = []
    diagnoses: list[OverlayDiagnosisModel] = []
    taxonomies: list[OverlayTaxonomyModel] = []
    conflicts: list[ConflictModel] = []
    payers: list[PayerModel] = []
    facts: list[FactModel] = []


class OverlayFileModel(_Model):
    """What one payer or one site says on top of codes and families."""

    schema_: Literal["claimcheck/overlay@1"]
    overlay: Text
    payer: Text | None = None
    source: Text | None = None
    statements: list[OverlayStatementModel]


Words = Annotated[
    Annotated[str, Tag("<one>")] | Annotated[list[str], Tag("<list>")], Discriminator(_is_list)
]


class TestLineModel(_Model):
    """The line of a case; its code is the file's."""

    __test__: ClassVar[bool] = False  # pytest need not collect it
    model_config = ConfigDict(alias_generator=None)
    line_id: str | None = None
    claim_id: str | None = None
    modifiers: Words | None = None
    place_of_service: str | None = None
    diagnoses: Words | None = None
    taxonomy: str | None = None
    billing_taxonomy: str | None = None
    ordering_taxonomy: str | None = None
    payer: str | None = None
    service_date: str | None = None
    units: str | None = None
    conditions: Words | None = None


class TestFindingModel(_Model):
    __test__: ClassVar[bool] = False
    finding: Text
    severity: Literal["error", "warning", "info"]
    value: Text | None = None


class TestCaseModel(_Model):
    __test__: ClassVar[bool] = False
    name: Text
    line: TestLineModel
    findings: list[TestFindingModel]
    """Exactly these, in any order; an empty list: clean."""


class TestFileModel(_Model):
    """Lines and the findings that they must give."""

    __test__: ClassVar[bool] = False
    schema_: Literal["claimcheck/test@1"]
    code: Text
    cases: list[TestCaseModel]


FileModel = SourcesFileModel | CodeFileModel | FamilyFileModel | OverlayFileModel | TestFileModel
KINDS: dict[FileKind, type[FileModel]] = {
    "sources": SourcesFileModel,
    "code": CodeFileModel,
    "family": FamilyFileModel,
    "overlay": OverlayFileModel,
    "test": TestFileModel,
}
SCHEMAS: dict[str, FileKind] = {f"claimcheck/{kind}@1": kind for kind in KINDS}


def json_schema(kind: FileKind) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of rule file, for editors and other tools."""
    schema = KINDS[kind].model_json_schema(by_alias=True)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {**head, **schema, "title": f"claimcheck {kind} file"}


@attrs.frozen
class StructureProblem:
    """Where a tree departs from its model.

    Attributes:
        path: path of the value, or of the mapping that lacks a key.
        at_key: whether the problem stands on the key rather than on its value.
        message: what was found, and what is allowed.
    """

    path: TreePath
    at_key: bool
    message: str


def validate(kind: FileKind, tree: Any) -> tuple[FileModel | None, tuple[StructureProblem, ...]]:
    """The model of a tree, or every departure from it."""
    try:
        return KINDS[kind].model_validate(tree), ()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
    return None, tuple(_in_our_words(kind, tree, problem) for problem in found)


def _in_our_words(kind: FileKind, tree: Any, error: Any) -> StructureProblem:
    path = _path_of(tree, error["loc"])
    what, model = error["type"], _model_at(KINDS[kind], path)
    name = _name_of(path)
    value = _value_at(tree, path)
    if what == "missing":
        key = error["loc"][-1]
        needed = ", ".join(_aliases(model, required=True)) if model else key
        return StructureProblem(path, False, f"`{key}` is missing; needed here: {needed}")
    if what == "extra_forbidden":
        owner = _model_at(KINDS[kind], path[:-1])
        allowed = _aliases(owner) if owner else ()
        return StructureProblem(path, True, f"unknown key {name}; {near(str(path[-1]), allowed)}")
    if what == "literal_error":
        words = [word.strip("' ") for word in _quoted(error["ctx"]["expected"])]
        return StructureProblem(path, False, f"{name} is {_found(value)}; {near(value, words)}")
    if what in ("string_too_short", "too_short"):
        least = error["ctx"]["min_length"]
        need = "some text" if what == "string_too_short" else f"a list of {least} or more"
        return StructureProblem(path, False, f"{name} is {_found(value)}; allowed: {need}")
    allowed_type = _WANTED.get(what, "another shape")
    if what.startswith("model") and model:
        allowed_type = f"a mapping with the keys {', '.join(_aliases(model))}"
    return StructureProblem(path, False, f"{name} is {_found(value)}; allowed: {allowed_type}")


_WANTED = {"string_type": "text", "list_type": "a list"}


def near(found: object, allowed: Sequence[str]) -> str:
    """What is allowed, the nearest first where one is near."""
    close = get_close_matches(found, allowed, 1, 0.75) if isinstance(found, str) else []
    nearest = f"nearest is {close[0]}; " if close and len(allowed) > 1 else ""
    return f"{nearest}allowed: {', '.join(allowed)}"


def _quoted(expected: str) -> Iterable[str]:
    return expected.replace(" or ", ",").split(",")


def _found(value: object) -> str:
    if isinstance(value, str):
        return f"`{value}`" if value else "empty"
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    return "a mapping"


def _name_of(path: TreePath) -> str:
    names = [part for part in path if isinstance(part, str)]
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"item {path[-1] + 1} of `{names[-1]}`" if names else "the file"
    return f"`{path[-1]}`"


def _path_of(tree: Any, loc: tuple[str | int, ...]) -> TreePath:
    """The part of pydantic's place that is in the tree; it also names unions' branches."""
    path: list[str | int] = []
    for part in loc:
        inside = isinstance(tree, dict) and part in tree
        if inside or (isinstance(tree, list) and isinstance(part, int) and part < len(tree)):
            tree = tree[part]
            path.append(part)
    return tuple(path)


def _value_at(tree: Any, path: TreePath) -> Any:
    for part in path:
        tree = tree[part]
    return tree


def _model_at(model: type[BaseModel], path: TreePath) -> type[BaseModel] | None:
    at: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str):
            at = _nested(at).get(part) if at is not None else None
    return at


@cache
def _nested(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {}
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            found[_alias(name, field)] = inner
    return found


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Annotated, list, Union, types.UnionType):
        for argument in get_args(annotation):
            found = _model_in(argument)
            if found is not None:
                return found
    return None


def _aliases(model: type[BaseModel], *, required: bool = False) -> tuple[str, ...]:
    """The keys of a model, its own before those that it shares with others."""
    fields = model.model_fields
    names: dict[str, None] = {}
    for owner in model.__mro__:
        inherited = getattr(owner.__base__, "model_fields", {})
        own = (name for name in getattr(owner, "model_fields", {}) if name not in inherited)
        names.update(dict.fromkeys(own))
    return tuple(
        _alias(name, fields[name]) for name in names if not required or fields[name].is_required()
    )


def _alias(name: str, field: FieldInfo) -> str:
    return field.alias or name
