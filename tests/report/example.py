# SPDX-License-Identifier: Apache-2.0
"""A result with every kind of figure, from made-up but plausible curves."""

import numpy as np
import xarray as xr

from isinglass.result import Check, Estimate, Result

__all__ = ["FIGURES", "example"]

TC = 2.269185
FIGURES = [
    "samples",
    "curve_vs_parameter/magnetization",
    "thermal_curve/binder_ratio",
    "network_output/cnn",
    "extrapolation/cnn+mlp",
    "collapse/cnn",
    "confusion",
    "components/pca",
    "embedding/tsne",
    "autocorrelation",
    "annealing",
    "training_history/cnn",
    "accuracy",
]


def example(n: int = 400) -> Result:
    """The larger `n`, the fuller the scatter plots."""
    rng = np.random.default_rng(7)
    L, T = np.array([8, 16, 32]), np.linspace(1.6, 3.0, 15)
    crossing = TC + 0.9 / L
    output = 1 / (1 + np.exp((T - crossing[:, None]) * L[:, None] * 0.9))
    m = np.clip(1 - np.sinh(2 / T) ** -4.0, 0, None) ** 0.125
    t = rng.choice(T, n)
    order = np.interp(t, T, m) * rng.choice([-1, 1], n) + rng.normal(0, 0.05, n)
    guess = np.linspace(1.6, 3.0, 29)
    edge = np.abs(guess - 2.3) / 0.7
    w = 1 - 0.28 * 4 * edge * (1 - edge)
    step = np.arange(0, 1000, 20)
    anneal = -1.4 + 0.5 * np.exp(-step / np.array([[150.0], [300.0]]))
    arrays = xr.Dataset(
        {
            "snapshots": (
                ("snapshot", "x", "y"),
                rng.choice(np.array([-1, 1], np.int8), (6, 32, 32)),
                {"kind": "ising"},
            ),
            "snapshot_parameter": ("snapshot", np.linspace(1.6, 3.0, 6)),
            "magnetization": (("size", "temperature"), np.clip(m + 0.3 / L[:, None], 0, 1)),
            "magnetization_error": (("size", "temperature"), np.full((3, 15), 0.02)),
            "magnetization_exact": ("temperature", m),
            "binder_ratio": (("size_of_curve", "point"), 2 / 3 / (1 + np.exp(2 * (T - crossing[:, None])))),
            "binder_ratio_error": (("size_of_curve", "point"), np.full((3, 15), 0.01)),
            "binder_ratio_infinite": (("size_of_curve", "curve"), np.tile(np.where(T < TC, 2 / 3, 0), (3, 1))),
            "output_cnn": (("size", "temperature"), output),
            "skewness_cnn": (("size", "temperature"), 2 - 4 * output),
            "critical_cnn": 2.2695,
            "output_cnn_error": (("size", "temperature"), 0.08 * output * (1 - output) + 0.002),
            "crossing_cnn": ("size", crossing),
            "crossing_cnn_error": ("size", 0.04 / L),
            "crossing_mlp": ("size", TC + 1.4 / L),
            "crossing_mlp_error": ("size", 0.06 / L),
            "extrapolated_cnn": TC + 0.002,
            "extrapolated_cnn_error": 0.003,
            "extrapolated_cnn_slope": 0.9,
            "extrapolated_mlp": TC - 0.004,
            "extrapolated_mlp_error": 0.005,
            "extrapolated_mlp_slope": 1.4,
            "nu_cnn": 1.02,
            "nu_cnn_error": 0.05,
            "confusion_accuracy": ("guess", w - 0.012),
            "confusion_accuracy_error": ("guess", np.full(29, 0.006)),
            "confusion_ceiling": ("guess", w),
            "confusion_peak": 2.28,
            "confusion_peak_error": 0.02,
            "component_pca": ("sample", 32 * order),
            "component_pca_correlation": 0.998,
            "order_parameter": ("sample", order),
            "sample_parameter": ("sample", t),
            "embedding_tsne": (("sample", "axis"), np.stack([20 * order, rng.normal(size=n)], 1)),
            "cluster": ("sample", np.where(np.abs(order) < 0.4, 1, np.where(order > 0, 0, 2))),
            "autocorrelation_time": (("method", "size"), np.stack([0.5 * L**2.15, 2.0 * L**0.3])),
            "autocorrelation_time_error": (("method", "size"), np.stack([0.05 * L**2.15, 0.1 * L**0.3])),
            "exponent": ("method", [2.15, 0.3]),
            "exponent_error": ("method", [0.04, 0.05]),
            "amplitude": ("method", [0.5, 2.0]),
            "annealing_energy": (("schedule", "step"), anneal),
            "annealing_energy_low": (("schedule", "step"), anneal - 0.02),
            "annealing_energy_high": (("schedule", "step"), anneal + 0.02),
            "annealing_temperature": (("schedule", "step"), np.stack([2 * 0.996**step, 2 - 0.002 * step])),
            "ground_state_energy": -1.4017,
            "accuracy": (("system", "network"), [[1.0, 0.502, 1.0], [0.999, 0.991, 1.0]]),
            "accuracy_error": (("system", "network"), [[0.0005, 0.01, 0.0005], [0.001, 0.004, 0.001]]),
        },
        coords={
            "size": L,
            "size_of_curve": L,
            "point": T,
            "curve": T,
            "temperature": T,
            "guess": guess,
            "step": step,
            "method": ["metropolis", "wolff"],
            "schedule": ["geometric", "linear"],
            "system": ["Ising gauge theory", "square ice"],
            "network": ["cnn", "mlp", "exact"],
        },
        attrs={"exact_critical_parameter": TC},
    )
    metrics = [
        {"step": float(s), "cnn/loss": float(np.exp(-s / 300)), "cnn/validation_loss": float(np.exp(-s / 300) + 0.02)}
        | ({"cnn/validation_accuracy": float(1 - 0.4 * np.exp(-s / 200))} if s % 40 == 0 else {})
        for s in step
    ]
    return Result(
        "ising-phases",
        estimates={
            "critical_temperature": Estimate(2.2711, 0.0031, "J"),
            "critical_temperature/cnn": Estimate(2.2711, 0.0031, "J"),
            "critical_temperature/confusion": Estimate(2.28, 0.02, "J"),
            "nu": Estimate(1.02, 0.05),
            "effective_sample_size": Estimate(51234.0),
        },
        checks=[
            Check.within(
                "T_c of the network is Onsager's",
                2.2711,
                TC,
                0.005,
                error=0.0031,
                source="doi:10.1103/PhysRev.65.117",
                of="critical_temperature",
            ),  # fmt: skip
            Check.within("ν of the collapse is 1", 1.02, 1.0, 0.1, error=0.05, source="exact", of="nu"),
            Check.at_most("accuracy is not above the Bayes ceiling", 0.971, 0.9745, error=0.002, source="exact g(E)"),
            Check.within("symmetry: the output does not change under a spin flip", 0.004, 0.0, 1e-5),
            Check("the error bars are calibrated", None, 0.68, 0.05, "unknown"),
        ],
        arrays=arrays,
        settings={
            "sizes": (8, 16, 32),
            "samples": 500,
            "method": "wolff",
            "learning_rate": 1e-3,
            "nested": {"a": None, "b": 'ü"\n'},
        },
        seed=3,
        preset="laptop",
        seconds=123.4,
        notes=["The perceptron sees a shifted domain as new; its T_c(L) lies further from the exact value."],
        figures=FIGURES,
        metrics=metrics,
    )
