# SPDX-License-Identifier: Apache-2.0
"""A report begins with what was asked and the number that answers it; references are links, hostile names are text."""

from pathlib import Path

import pytest
import xarray as xr

from isinglass.experiments.catalogue import catalogue, find
from isinglass.jobs import experiment_job
from isinglass.report.html import render_page
from isinglass.report.link import linked
from isinglass.report.question import asked, headline, setting_text
from isinglass.result import Check, Estimate, Result
from isinglass.run.job import describe
from isinglass.tasks.find import tasks
from isinglass.tasks.own.sample_function import SampleFunction
from isinglass.verbs import sample

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("about", [
    *(pytest.param(find(name).in_words(), id=name) for name in catalogue()),
    *(pytest.param(task.in_words(), id=task.__name__)
      for verb in ("sample", "infer", "approximate") for task in tasks(verb)),
])  # fmt: skip
def test_everything_says_what_it_is_asked_and_where_that_is_explained(about):
    assert about["question"]
    assert not about["question"].endswith(".")
    assert (ROOT / about["guide"]).is_file()
    if "paper" in about:
        assert "<a href=" in linked(about["paper"])


def test_of_an_experiment_the_paper_and_the_claim_are_on_the_page():
    experiment = find("linear-first").preset("smoke")
    result = Result("linear-first", {"risk": Estimate(0.2, 0.01)})
    job = experiment_job(experiment, "smoke", 0, ("run", "linear-first"))
    describe(result, job, 1.0)
    assert result.about == experiment.in_words()
    page = render_page(result)
    for part in (experiment.claim, 'href="https://arxiv.org/abs/1903.08560"', "docs/linear.md", "isinglass run linear"):
        assert part in page, part


def test_of_a_verb_its_task_says_what_was_asked(monkeypatch):
    monkeypatch.setattr(SampleFunction, "run", lambda *_, **__: Result("x"))
    result = sample(0, lambda x: 0.5 * (x**2).sum(), start=[0.0])
    assert result.about["question"].startswith("Markov chains of exp(-E(x) / T) / Z")
    assert Result.from_json(result.to_json()).about == result.about


@pytest.mark.parametrize(
    ("result", "said"),
    [(Result("r", {"r_hat": Estimate(1.0), "energy": Estimate(-1.25, 0.01)}), ("energy", "-1.250 ± 0.010", "", "")),
     (Result("r", {"effective_sample_size": Estimate(99.0)}), ("effective sample size", "99", "", "")),
     (Result("r", {"a": Estimate(1.0), "b": Estimate(2.0, 0.1)}, [Check.within("b", 2.0, 2.1, 0.5, of="b")]),
      ("b", "2.00 ± 0.10", "2.1", "-1.0 σ")),
     (Result("r", {"E": Estimate(1.0), "E/exact": Estimate(2.0)}, [Check.within("E", 2.0, 2.0, 0.5, of="E/exact")]),
      ("E", "1", "", "")),
     (Result("r", {"a": Estimate(1.0)}, [Check.at_most("a", 1.0, 2.0, of="a")]), ("a", "1", "≤ 2", "")),
     (Result("r", checks=[Check.at_most("law", 0.5, 1.0)]), ("law", "0.5", "≤ 1", "")),
     (Result("r"), None)],
)  # fmt: skip
def test_the_headline_is_what_was_found(result, said):
    found = headline(result)
    assert (found if found is None else tuple(found)) == said


def test_of_several_temperatures_the_headline_is_the_largest_specific_heat():
    """With the exact value between the two points of its curve about it."""
    arrays = xr.Dataset(
        {"specific_heat": ("point", [0.5, 1.5, 1.0]), "specific_heat_error": ("point", [0.1, 0.1, 0.1]),
         "specific_heat_exact": ("curve", [1.3, 1.5])},
        {"point": [1.0, 2.0, 3.0], "curve": [1.0, 3.0]},
    )  # fmt: skip
    result = Result("sample", {"effective_sample_size": Estimate(99.0)}, arrays=arrays)
    assert headline(result) == ("largest specific heat per site, at T = 2", "1.50 ± 0.10", "1.4", "+1.0 σ")
    result.arrays = arrays.isel(point=[0])
    assert tuple(headline(result) or ())[:2] == ("effective sample size", "99")


def test_the_system_and_the_sizes_are_asked():
    result = Result("sample", arrays=xr.Dataset(attrs={"system": "Ising", "parameters": "shape = 4 x 4"}))
    result.settings = {"samples": 64, "temperature": [1.0 + k / 10 for k in range(21)], "unseen": 1, "chains": None}
    assert asked(result) == [
        ("system", "Ising, shape = 4 x 4"), ("temperature", "1 ... 3, 21 values"), ("samples", "64"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "not given"), (True, "yes"), (0.30000000000000004, "0.3"), ([8, 16], "8, 16"), ([], "none"),
     ({"class": "HeatBath", "part": True, "rule": "<function f at 0x7f>", "width": 0.5,
       "inner": {"class": "Wolff", "n": 1}}, "HeatBath(width = 0.5, inner = Wolff)"),
     ("x" * 500, "x" * 197 + "...")],
)  # fmt: skip
def test_settings_are_read_by_persons(value, text):
    assert setting_text(value) == text


@pytest.mark.parametrize(
    ("text", "link"),
    [("Yang 1952, doi:10.1103/PhysRev.85.808.", "https://doi.org/10.1103/PhysRev.85.808"),
     ("doi:10.1016/0039-6028(96)00816-3", "https://doi.org/10.1016/0039-6028(96)00816-3"),
     ("(Onsager 1944, doi:10.1103/PhysRev.65.117).", "https://doi.org/10.1103/PhysRev.65.117"),
     ("arXiv:hep-th/0405152;", "https://arxiv.org/abs/hep-th/0405152"),
     ("arXiv:1605.01735", "https://arxiv.org/abs/1605.01735")],
)  # fmt: skip
def test_references_are_links(text, link):
    found = linked(text)
    assert f'href="{link}"' in found
    assert found.count("<a ") == 1
    assert found.striptags() == text


@pytest.mark.parametrize("text", ["javascript:alert(1)", '<a href="x">', 'doi:10.1/"onmouseover="x', "arXiv:12"])
def test_nothing_else_is_a_link(text):
    found = linked(text)
    assert "<a " not in found or 'onmouseover="' not in found
    assert '<a href="x"' not in found
    assert "<a " not in linked("javascript:alert(1)")
