# SPDX-License-Identifier: Apache-2.0
"""Documents of ours: whatever is wrong with one is one line; what we write is what is read."""

import json

import pytest

from isinglass.result import Check, Estimate, Result
from isinglass.run.directory import load
from isinglass.run.document import dumps, json_value, read_json, read_toml, to_toml, toml_table
from isinglass.run.model_file import load_model, save_model
from isinglass.run.text.record import ResultTable
from isinglass.run.text.schema import typed

DEEP = 100_000
BAD_JSON = {
    "": "JSON",
    "{": "JSON",
    "NaN": "JSON",
    '{"a": Infinity}': "JSON",
    "1e999": "out of range",
    "[" * DEEP: "nested too deeply",
    "[" * 200 + "]" * 200: "nested too deeply",
    '{"a":' * DEEP: "nested too deeply",
    "9" * 5000: "JSON",
    str(2**200): "64 bits",
    "\ufeff{}": "JSON",
    "{'a': 1}": "JSON",
    '{"a": 1,}': "JSON",
    '{"a": 1} x': "JSON",
}
BAD_TOML = {
    "x = [": "TOML",
    "x = nan": "finite numbers.* for x",
    "x = [1, [2, -inf]]": r"finite numbers.* for x\[1\]\[1\]",
    "[a]\nb = {c = 1e999}": "finite numbers.* for a.b.c",
    "x = " + "[" * DEEP: "nested too deeply",
    "x = " + "{a = " * DEEP: "nested too deeply",
    "a." * DEEP + "a = 1": "100 parts",
    '"a".' * DEEP + "a = 1": "100 parts",
    "[" + "a . " * DEEP + "a]": "100 parts",
    "x = " + "9" * 5000: "TOML",
    f"x = 0x{'f' * 5000}": "64 bits",
    "x = 1\nx = 2": "TOML",
    "\x00": "TOML",
}


def one_line(caught) -> None:
    """The message is one line of some length."""
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("text", BAD_JSON, ids=lambda t: t[:20])
def test_bad_json_is_one_line(text):
    with pytest.raises(ValueError, match=BAD_JSON[text]) as caught:
        json_value(text, "file.json")
    one_line(caught)


@pytest.mark.parametrize("text", BAD_TOML, ids=lambda t: t[:20])
def test_bad_toml_is_one_line(text):
    with pytest.raises(ValueError, match=BAD_TOML[text]) as caught:
        toml_table(text.encode(), "file.toml")
    one_line(caught)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "file"
    for content in (b"\xff\xfe\x00", b'{"a": "\xff"}', b'a = "\xc3"'):
        path.write_bytes(content)
        for read in (read_json, read_toml):
            with pytest.raises(ValueError, match="file") as caught:
                read(path)
            one_line(caught)


def test_a_document_without_end_is_not_read():
    for read in (read_json, read_toml):
        with pytest.raises(ValueError, match="a device"):
            read("/dev/zero")


def test_a_document_too_long_is_not_read(tmp_path):
    with (tmp_path / "long").open("wb") as file:
        file.truncate(1 << 27)
    with pytest.raises(ValueError, match="at most 67.1 MB; found 134 MB"):
        read_json(tmp_path / "long")


def test_what_is_written_is_read():
    table = {"a": 1, "b": [1.5, "é", [True]], "c": {"d.e": {"f": 2**63 - 1}}}
    assert toml_table(to_toml(table).encode(), "") == table
    assert json_value(dumps(table), "") == table


RESULT = Result(
    "r",
    {"E": Estimate(1.0, 0.1, "J"), "F": Estimate(float("nan"))},
    [Check.within("law", 1.0, 1.0, 0.1)],
    settings={"a": [1, None]},
    seed=3,
).to_json()
CHANGES = {
    "a great verdict": (
        ("checks", 0, "verdict"),
        "great",
        r"checks\[0\].verdict among fail, pass, unknown; found 'great'",
    ),
    "a great result": (("verdict",), "great", "verdict among fail, pass, unknown; found 'great'"),
    "a verdict of its own": (("verdict",), "fail", "'pass', as the checks say"),
    "text for a number": (("estimates", "E", "value"), "1.0", "a number for estimates.E.value; found '1.0'"),
    "a list for a number": (("estimates", "E", "error"), [0.1], r"a number for estimates.E.error; found \[0.1\]"),
    "a boolean for a number": (("checks", 0, "measured"), True, r"a number for checks\[0\].measured; found True"),
    "a number for text": (("checks", 0, "law"), 1, r"text for checks\[0\].law"),
    "an unknown relation": (("checks", 0, "relation"), "<", "relation among .*'<'"),
    "a list of estimates": (("estimates",), [], "a table for estimates"),
    "a table of checks": (("checks",), {}, "a list for checks"),
    "an estimate of text": (("estimates", "E"), "1 +- 2", "a table for estimates.E"),
    "half a seed": (("seed",), 0.5, "a whole number for seed"),
    "notes of numbers": (("notes",), [1], r"text for notes\[0\]"),
    "one note": (("notes",), "note", "a list for notes"),
    "a name of null": (("name",), None, "text for name"),
    "settings of a list": (("settings",), [], "a table for settings"),
    "an entry too many": (("verdit",), "pass", "'verdit'.*write verdict"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_result_of_other_types_is_refused(tmp_path, name):
    place, value, message = CHANGES[name]
    record = json.loads(json.dumps(RESULT))
    inside = record
    for entry in place[:-1]:
        inside = inside[entry]
    inside[place[-1]] = value
    (tmp_path / "result.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match=message) as caught:
        load(tmp_path, Result.from_json)
    one_line(caught)


def test_every_entry_of_a_result_is_in_the_schema():
    """Each is written, read, and missed or given a value of its own where it is absent."""
    assert set(ResultTable.__struct_fields__) == set(RESULT)
    assert Result.from_json(RESULT).to_json() == RESULT
    for name in ("name", "estimates", "checks", "verdict", "settings", "versions"):
        with pytest.raises(ValueError, match=f"the entry {name}; found none in result.json"):
            Result.from_json({k: v for k, v in RESULT.items() if k != name})


@pytest.mark.parametrize("value", [None, 1, "x", [], [1], True, {}, {"name": 1}])
def test_a_result_that_is_none(value):
    with pytest.raises(ValueError, match=r"result\.json") as caught:
        typed(value, ResultTable, "result.json")
    one_line(caught)


HEADERS = [
    "[" * DEEP, "{}", "[]", "1", '{"format": "isinglass-model-2"}', "null", '{"format": 2}',
    '{"format": "isinglass-model-2", "model": 1, "arrays": [], "numpy": []}',
    '{"format": "isinglass-model-2", "model": 1, "arrays": {".a": "float99"}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": 1, "arrays": {".a": 1}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": 1, "arrays": {}, "numpy": {}}',
    '{"format": "isinglass-model-2", "model": {"class": 1, "settings": {}}, "arrays": {}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": {"class": "os:system"}, "arrays": {}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": {"class": "isinglass:MLP", "settings": 3}, "arrays": {}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": {"array": [1]}, "arrays": {}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": {"dict": []}, "arrays": {}, "numpy": []}',
    '{"format": "isinglass-model-2", "model": {"list": {}}, "arrays": {}, "numpy": [], "pickle": "x"}',
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=lambda t: t[:40] + t[-30:])
def test_a_damaged_header_of_a_model_is_one_line(tmp_path, header):
    import jax.numpy as jnp

    save_model(tmp_path, {"a": jnp.ones(2)})
    (tmp_path / "model.json").write_text(header)
    with pytest.raises(ValueError, match="saved isinglass model") as caught:
        load_model(tmp_path)
    one_line(caught)
