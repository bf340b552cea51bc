# SPDX-License-Identifier: Apache-2.0
"""result.json and model.json as typed records."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from isinglass.errors import InputError
from isinglass.run.text.schema import typed

__all__ = ["ModelTable", "NumberType", "ResultTable", "result_record"]

Positive = Annotated[float, Meta(ge=0)]  # or 0: seconds, errors, tolerances
Word = Literal["pass", "fail", "unknown"]
NumberType = Literal[
    "bool", "float16", "float32", "float64", "complex64", "complex128", "int8", "int16", "int32", "int64", "uint8",
    "uint16", "uint32", "uint64",
]  # fmt: skip  # common to JAX and NumPy: no random keys, no bfloat16


class EstimateTable(Struct, forbid_unknown_fields=True, frozen=True):
    """An estimate; an unknown number is null."""

    value: float | None
    error: Positive | None
    unit: str
    label: str = ""  # the name in words, for other programs


class CheckTable(Struct, forbid_unknown_fields=True, frozen=True):
    """A check."""

    law: str
    measured: float | None
    expected: float | None
    tolerance: Positive | None
    verdict: Word
    error: Positive | None = None
    source: str = ""
    of: str = ""
    relation: Literal["=", "<=", ">="] = "="


class ResultTable(Struct, forbid_unknown_fields=True, frozen=True):
    """What `Result.to_json` writes."""

    name: str
    estimates: dict[str, EstimateTable]
    checks: list[CheckTable]
    verdict: Word
    settings: dict[str, Any]
    versions: dict[str, str]
    preset: str | None = None
    seed: int | None = None
    about: dict[str, str] = {}
    command: str = ""
    inputs: dict[str, str] = {}
    seconds: Positive | None = None
    status: str = "done"
    notes: list[str] = []
    figures: list[str] = []


class ModelTable(Struct, forbid_unknown_fields=True, frozen=True):
    """model.json: the description of a network, and the type of each array."""

    format: Literal["isinglass-model-2"]
    model: Any
    arrays: dict[str, NumberType]
    numpy: list[str]  # arrays of NumPy, others are of JAX


def result_record(value: Any, where: str) -> ResultTable:
    """The typed content of result.json.

    Errors: InputError that names the entry, and for a verdict that is not that of the checks.
    """
    record = typed(value, ResultTable, where)
    verdicts = {check.verdict for check in record.checks}
    expected = "fail" if "fail" in verdicts else "pass" if verdicts == {"pass"} else "unknown"
    if record.verdict != expected:
        raise InputError(f"verdict {expected!r}, as the checks say", f"{record.verdict!r} in {where}", "restore a copy")
    return record
