"""FHIR Claims, R4 and R5: a Claim as JSON, a Bundle, or NDJSON of either.

A slim reader of our own, on plain JSON: of a Claim it takes what a claim line has, and of Patient
and the like nothing. ``detect`` tells FHIR from other JSON, ``documents`` reads the JSON, ``rows`` gives
the lines, ``claims`` knows what a Claim means, ``references`` follows its references, ``codings`` reads
its codes.
"""

from __future__ import annotations

from claimcheck.io.fhir.detect import is_fhir, looks_like_fhir
from claimcheck.io.fhir.documents import LARGEST
from claimcheck.io.fhir.rows import FhirRows
from claimcheck.io.fhir.version import FhirVersion

__all__ = ["LARGEST", "FhirRows", "FhirVersion", "is_fhir", "looks_like_fhir"]
