"""The audit: every entry of every rule file, held against the official lists at hand.

A list at hand is one that the package carries or one that the user has imported. The audit tells what
a list contradicts, what is marked ``disputed`` and no longer is, and what no list at hand can tell.
"""

from __future__ import annotations

from claimcheck.authoring.audit.model import OUTCOMES, Audit, AuditedList, AuditItem, Outcome
from claimcheck.authoring.audit.run import audit_rules

__all__ = ["OUTCOMES", "Audit", "AuditItem", "AuditedList", "Outcome", "audit_rules"]
