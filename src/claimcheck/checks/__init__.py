"""The checks: pure functions, one finding each, and the one list of all of them.

``CHECKS`` is the order in which findings of a line are told. A check that is not in it does not run.
"""

from __future__ import annotations

from typing import Final

from claimcheck.checks import (
    claim,
    claim_tables,
    code,
    diagnoses,
    line,
    modifiers,
    payer,
    places,
    table_modifiers,
    taxonomies,
    units,
)
from claimcheck.checks.definition import Check, Defect, Provider, check, provider_of

__all__ = ["CHECKS", "CLAIM_CHECKS", "Check", "Defect", "Provider", "check", "provider_of"]

CHECKS: Final[tuple[Check, ...]] = (
    line.line_malformed,
    line.line_field_unknown,
    line.line_id_withheld,
    line.line_condition_unknown,
    code.code_missing,
    code.code_malformed,
    code.code_other_code_set,
    code.code_no_rule,
    code.code_unknown,
    code.code_not_in_effect,
    code.code_disputed,
    modifiers.modifier_malformed,
    modifiers.modifier_unknown,
    modifiers.modifier_too_many,
    modifiers.modifier_duplicate,
    modifiers.modifier_conflict,
    modifiers.modifier_not_applicable,
    table_modifiers.modifier_not_payable,
    modifiers.modifier_disputed,
    modifiers.modifier_needs_condition,
    table_modifiers.modifier_needs_documentation,
    modifiers.modifier_unlisted,
    places.place_malformed,
    places.place_digit_lost,
    places.place_unassigned,
    places.place_not_applicable,
    places.place_unlisted,
    diagnoses.diagnosis_missing,
    diagnoses.diagnosis_malformed,
    diagnoses.diagnosis_other_code_set,
    diagnoses.diagnosis_unknown,
    diagnoses.diagnosis_not_billable,
    diagnoses.diagnosis_excludes,
    diagnoses.diagnosis_not_indicated,
    diagnoses.diagnosis_not_supporting,
    diagnoses.diagnosis_disputed,
    diagnoses.diagnosis_too_many,
    taxonomies.taxonomy_malformed,
    taxonomies.taxonomy_unknown,
    taxonomies.taxonomy_not_applicable,
    taxonomies.taxonomy_disputed,
    taxonomies.taxonomy_unlisted,
    payer.payer_malformed,
    units.units_malformed,
    units.units_over_limit,
)
"""Checks of one line."""

CLAIM_CHECKS: Final[tuple[Check, ...]] = (
    claim.claim_duplicate_line,
    claim_tables.claim_bundled_pair,
    claim_tables.claim_units_over_limit,
    claim_tables.claim_addon_without_primary,
)
"""Checks across the lines of a claim."""
