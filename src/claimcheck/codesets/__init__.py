"""Official code sets, each with the days it speaks for.

One module per set: :mod:`~claimcheck.codesets.icd10cm`, :mod:`~claimcheck.codesets.places`,
:mod:`~claimcheck.codesets.modifiers`, :mod:`~claimcheck.codesets.taxonomy`. Each has ``lookup``,
``entries`` and ``VINTAGE``, and reads its data at the first question: importing them costs little.
"""

from __future__ import annotations

from claimcheck.codesets import icd10cm, modifiers, places, taxonomy
from claimcheck.codesets.modifiers import Modifier
from claimcheck.codesets.places import Place
from claimcheck.codesets.taxonomy import TaxonomyCode
from claimcheck.codesets.vintage import Vintage

__all__ = [
    "Modifier",
    "Place",
    "TaxonomyCode",
    "Vintage",
    "icd10cm",
    "modifiers",
    "places",
    "taxonomy",
]
