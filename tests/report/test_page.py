# SPDX-License-Identifier: Apache-2.0
"""The page holds all it shows; the tables say what the result says."""

import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.report.example import FIGURES, example

from isinglass.report.deviation import check_deviation, deviations, expected_of
from isinglass.report.figures import caption, draw, kinds, save_figures
from isinglass.report.html import render_cell, render_page, script
from isinglass.report.table import (
    expected_cells,
    render,
    render_comparison,
    render_verdicts,
    requirement,
    verdict_counts,
)
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import display, without_value


class References(HTMLParser):
    """Everything that a browser would fetch, and whether tags close."""

    def __init__(self):
        super().__init__()
        self.sources, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag != "a":  # a link is followed by a person
            self.sources += [v for k, v in attributes if k in ("src", "href", "srcset", "data", "action")]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def test_page_is_whole_and_offline(tmp_path):
    result = example(60)
    result.figures = ["confusion", "samples"]
    result.command = "isinglass run ising-phases --preset laptop --seed 3"
    result.notes = ["a <b>note</b> & more"]
    page = render_page(result, save_figures(result, tmp_path))
    reader = References()
    reader.feed(page)
    assert reader.open == []
    assert len(reader.sources) == 2
    assert all(source.startswith("data:image/svg+xml;base64,") for source in reader.sources)
    assert not re.search(r"@import|url\(", page)
    assert script() in page
    assert len(re.findall("<script(?! type=.application/json)", page)) == 1
    text = "".join(reader.text)
    for part in (
        "2.2711 ± 0.0031",
        "2.26918",
        "a <b>note</b> & more",
        "isinglass run ising-phases --preset laptop --seed 3",
    ):
        assert part in text, part
    assert "FAIL" in text.upper()


def test_the_cell_of_a_notebook_says_what_the_page_says():
    """Name, verdict, estimates, checks and notes, as text: nothing in them is HTML."""
    check = Check.at_most("a < b & c", 2.0, 1.0)
    result = Result("<i>name</i>", {"energy": Estimate(-1.25, 0.01)}, [check], notes=["a <b>note</b>"])
    for text in (render_cell(result), render_page(result)):
        for part in ("&lt;i&gt;name", "-1.25", "a &lt; b &amp; c", "a &lt;b&gt;note", verdict_counts(result)):
            assert part in text.replace("−", "-"), part
        assert "<b>note" not in text


def test_page_of_an_empty_result():
    assert "no check was made" in render_page(Result("empty"))


# drawn where their experiments are tested, in tests/experiments
BY_EXPERIMENTS = {
    "binary_error",
    "context_loss",
    "data_floor",
    "delay",
    "grokking",
    "sequence_loss",
    "series_of_answers",
    "symbol_loss",
    "bound_samples",
    "critic_slope",
    "generated_density",
    "generated_modes",
    "latent_curve",
    "latent_spectrum",
    "learned_energy",
    "binary_entropy",
    "dimension_temperature",
    "receptive_fields",
    "temperature_flow",
    "eigenvalues",
    "hard_phase",
    "margin",
    "plateau",
    "sparse_teacher",
    "spike_overlap",
    "state_evolution",
    "wrong_signs",
    "energy_along",
    "energy_drift",
    "learning_curves",
    "phase_portrait",
    "shifted_accuracy",
    "marginals",
    "budget_curve",
    "c2st_table",
    "calibration",
    "coefficients",
    "iso_loss",
    "loss_residuals",
    "loss_size",
    "roc",
    "reliability",
    "corner",
    "predicted_observed",
    "risk_curve",
    "theory_curve",
    "thermometer",
    "charge_history",
    "correlation",
    "entanglement",
    "field_samples",
    "fisher_bound",
    "flow_against_hmc",
    "flow_training",
    "foundation_state",
    "free_energy_against_temperature",
    "free_energy_excess",
    "ground_states",
    "lost_mode",
    "one_point_law",
    "posterior_maps",
    "power_spectrum",
    "quench",
    "reweighted_profile",
    "slices",
    "variational_energy",
    "committee",
    "doubt",
    "dynamics",
    "basin_hopping",
    "data_efficiency",
    "learning_curve",
    "parity",
    "phonons",
    "radial_distribution",
    "vibrations",
    "vibrations_compared",
    "overlap_load",
    "retrieval_share",
    "basins",
    "retrieval",
    "flow",
    "hardness",
    "exponents_by_step",
    "kept_information",
    "moments",
    "machine_weights",
    "machine_thermodynamics",
    "coupling_matrix",
    "coupling_error",
}


def test_every_kind_of_figure_has_an_example():
    assert {name.partition("/")[0] for name in FIGURES} | BY_EXPERIMENTS == set(kinds())


def test_every_figure_is_drawn():
    figures = draw(example(60))
    for name, figure in figures.items():
        assert figure.axes, name
        figure.savefig(io.BytesIO(), format="png", dpi=40)


@pytest.mark.parametrize(
    ("name", "word", "variable"),
    [("confusion", "Bayes ceiling", "confusion_ceiling"), ("embedding/tsne", "clusters", "cluster"),
     ("network_output/cnn", "Shaded", "crossing_cnn"),
     ("curve_vs_parameter/magnetization", "exact", "magnetization_exact")],
)  # fmt: skip
def test_a_caption_speaks_of_what_is_drawn(name, word, variable):
    result = example(60)
    assert word in caption(result, name)
    result.arrays = result.arrays.drop_vars(variable)
    assert word not in caption(result, name)


def test_the_training_history_speaks_of_validation_only_where_there_is_one():
    result = example(60)
    result.metrics = [{"step": 0, "loss": 2.0}, {"step": 1, "loss": 1.0, "validation_loss": 1.5}]
    assert "not in the training set" in caption(result, "training_history")
    result.metrics = [{"step": 0, "loss": 2.0}, {"step": 1, "loss": 1.0}]
    assert caption(result, "training_history") == "Training history."


def test_legends_hide_no_curve():
    """Each legend lies above its axes; a title does not lie under it."""
    for figure in draw(example(60)).values():
        figure.canvas.draw()
        for axes in figure.axes:
            if axes.get_legend() is not None:
                assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1 - 1
                assert axes.get_title() == ""


def test_names_of_cases_are_read_as_equations():
    """In the table, on the page and in JSON, where the name is the key."""
    result = Result("r", {"energy/chain_10_h_0.5": Estimate(1.0), "energy/cnn": Estimate(1.0)})
    assert "energy, chain, N = 10, h = 0.5" in render(result)
    assert "energy/cnn" in render(result)
    assert "energy, CNN" in render_page(result)
    assert result.to_json()["estimates"]["energy/chain_10_h_0.5"]["label"] == "energy, chain, N = 10, h = 0.5"


def test_figures_mark_the_exact_value():
    figure = draw(example(60))["extrapolation/cnn+mlp"]
    levels = [line.get_ydata()[0] for line in figure.axes[0].lines if line.get_linestyle() == "--"]
    assert levels == [pytest.approx(2.269185)]


def test_table_is_plain_and_ends_with_the_verdict():
    text = render(example(60))
    assert "\x1b" not in text
    assert text.splitlines()[-1] == "verdict: fail (3 of 5 checks passed, 1 failed, 1 unknown)"
    assert re.search(r"^critical_temperature +2.2711 ± 0.0031 J +2.26918 +\+0.6 σ$", text, re.M)
    assert "\x1b" in render(example(60), color=True)
    assert render(Result("none")).endswith("verdict: unknown (no check was made)")


def test_a_bound_that_is_kept_has_no_distance():
    check = Check.at_most("below", 0.5, 1.0, error=0.01, of="x")
    text = render(Result("r", estimates={"x": Estimate(0.5, 0.01)}, checks=[check]))
    assert "σ" not in text
    assert re.search(r"^x +0.500 ± 0.010 +≤ 1$", text, re.M)
    assert re.search(r"^below +0.500 ± 0.010 +≤ 1 +pass$", text, re.M)


@pytest.mark.parametrize("make", [Check.within, Check.at_most, Check.at_least])
def test_an_estimate_stands_beside_the_check_that_names_it(make):
    """Two estimates of the same number: the check is of one of them; a check of no estimate stands beside none."""
    result = Result("r", estimates={"x": Estimate(0.5, 0.1), "y": Estimate(0.5, 0.1)})
    result.checks = [make("other", 0.5, 7.0, tolerance=9.0), make("law", 0.5, 0.4, tolerance=9.0, of="y")]
    assert expected_of(result, "x") is None
    assert expected_of(result, "y") is result.checks[1]
    sign = {"=": "", "<=": "≤ ", ">=": "≥ "}[result.checks[1].relation]
    assert expected_cells(result, "x") == ("", "")
    assert expected_cells(result, "y") == (f"{sign}0.4", "+1.0 σ")
    assert f"{sign}0.4" in render_page(result)


def test_a_deviation_counts_the_error_of_what_is_expected():
    """0.1 from a reference known to 0.5: 0.2 σ of the check's error, not 10 of the estimate's."""
    result = Result("r", estimates={"x": Estimate(0.5, 0.01)})
    result.checks = [Check.within("law", 0.5, 0.4, 2.0, error=0.5, of="x")]
    assert expected_cells(result, "x") == ("0.4", "+0.2 σ")


@pytest.mark.parametrize(
    ("check", "said"),
    [(Check.within("law", 0.25, 0.2, 0.1), "= 0.2 ± 0.1"), (Check.within("law", 0.25, 0.25, 0.0), "= 0.25"),
     (Check.at_most("W shape", 0.038, 0.02), "≤ 0.02"),
     (Check.at_most("law", 0.01, 0.02, tolerance=0.1), "≤ 0.02 + 0.1"),
     (Check.at_least("law", 0.5, 0.68, tolerance=0.05), "≥ 0.68 - 0.05"),
     (Check.at_least("law", 0.4, 0.358091593521, tolerance=1e-16), "≥ 0.358092"),
     (Check.within("law", 1.0, -1.2732395449, 1e-9), "= -1.2732395449 ± 1e-09")],
)  # fmt: skip
def test_everywhere_a_check_shows_its_relation(check, said):
    """In the table, on the page, in a notebook, in `compare` and in `verify`; and in JSON, see test_result."""
    result = Result("r", checks=[check])
    assert requirement(check) == said
    for text in (render(result), render_page(result), render_cell(result), render_comparison(result, result),
                 render_verdicts([result])):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    ("check", "cell", "far"),
    [(Check.within("law", 1.31, 1.0, 0.5, of="x"), "+3.1 σ", True),
     (Check.within("law", 1.31, 1.02, 0.5, of="x"), "+2.9 σ", False),
     (Check.within("law", 1.31, 1.62, 0.5, of="x"), "-3.1 σ", True),
     (Check.within("law", 1.31, 1.0, 0.5, of="x", error=0.2), "+1.6 σ", False),
     (Check.within("law", 1.31, 1.0, 0.1, of="x"), "+3.1 σ", False),  # that check fails
     (Check.within("law", 1.31, 1.0, 0.5), "", False),  # of another number
     (Check.at_most("law", 1.31, 1.0, tolerance=0.5, of="x"), "+3.1 σ", True),
     (Check.at_least("law", 1.31, 1.0, tolerance=0.5, of="x"), "+3.1 σ", False)],
)  # fmt: skip
def test_an_estimate_three_errors_from_the_truth_is_named_beside_the_verdict(check, cell, far):
    """The estimate is 1.31 ± 0.10; a bound that is kept and an error known to be larger are no deviation."""
    result = Result("r", {"x": Estimate(1.31, 0.1)}, [check])
    assert expected_cells(result, "x")[1] == cell
    assert ("x deviates by 3.1 errors" in render(result).splitlines()[-1]) is far
    assert ("x deviates by 3.1 errors" in render_page(result)) is far
    assert ("x deviates by 3.1 errors" in render_cell(result)) is far
    assert ("x deviates by 3.1 errors" in render_verdicts([result])) is far


def test_an_equality_comes_before_a_bound_and_a_difference_without_error_is_shown():
    result = Result("r", {"E": Estimate(-1.27)})
    bound, truth = Check.at_least("variational", -1.27, -1.28, of="E"), Check.within("E_0", -1.27, -1.28, 0.1, of="E")
    result.checks = [bound, truth]
    assert expected_of(result, "E") is truth
    assert expected_cells(result, "E") == ("-1.28", "+0.01")
    assert "deviates" not in render(result)


def test_comparison_counts_standard_errors():
    a = Result("a", estimates={"x": Estimate(1.0, 0.3), "only": Estimate(1.0)})
    b = Result("b", estimates={"x": Estimate(2.0, 0.4)})
    a.checks = [Check.within("one", 1.0, 1.0, 0.1), Check.within("both", 1.0, 1.0, 0.1)]
    b.checks = [Check.within("both", 1.2, 1.0, 0.1)]
    text = render_comparison(a, b)
    assert "-2.0 σ" in text  # (1 - 2) / √(0.3² + 0.4²) = -2
    assert re.search(r"^one += 1 ± 0.1 +1 pass +-$", text, re.M)
    assert re.search(r"^both += 1 ± 0.1 +1 pass +1.2 fail$", text, re.M)


def test_verdicts_name_every_check():
    text = render_verdicts([example(60), Result("silent")])
    assert text.count("ising-phases") == 5
    assert "unknown" in text.splitlines()[-1]


def test_a_message_with_a_value_stays_one_line():
    """A value at the end changes from block to block; what is counted, and where, does not."""
    same = ["<H> = -1.27", "<H> = -1.28", "<H> = nan"], ["sweep 1: E = -1.2", "sweep 2: E = -1.3e-05"]
    assert [{without_value(m) for m in messages} for messages in same] == [{"<H> = "}, {"sweep: E = "}]
    errors = [
        f"validation: energy {e} meV/atom, forces {f} meV/Å" for e, f in ((0.951, 29.5), (1e-05, 115), ("nan", 3))
    ]
    assert len({without_value(message) for message in errors}) == 1
    assert without_value("chain, N = 10: sampling") == "chain, N = 10: sampling"
    assert without_value("L = 16") != without_value("L = 32")


def test_progress_off_a_terminal_is_a_line_at_the_start_and_the_end():
    stream = io.StringIO()
    with display(stream) as progress:
        for done in range(1, 101):
            progress(done, 100, "sampling")
    assert stream.getvalue() == "sampling: 1/100\nsampling: 100/100\n"


def test_rounding_is_no_deviation():
    """E = -4.3179519 with an error of 1e-16 and a difference of 4e-15 is the exact one, in the table and beside it."""
    check = Check.within("E", -4.3179519 + 4e-15, -4.3179519, 1e-8, error=1e-16, of="E")
    assert check_deviation(check) == "+0.0 σ"
    assert deviations(Result("r", estimates={"E": Estimate(-4.3179519 + 4e-15, 1e-16)}, checks=[check])) == {}


def test_a_huge_deviation_is_written_by_its_power_of_ten():
    check = Check.at_least("no mode is lost", 3e-17, 0.36, tolerance=1e-16, error=2.7e-17)
    assert check_deviation(check) == "-1e+16 σ"
    assert check_deviation(replace(check, error=1e-4)) == "-3600.0 σ"
