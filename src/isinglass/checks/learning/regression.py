# SPDX-License-Identifier: Apache-2.0
"""Is a linear relation right, and are its errors?  By rows that were not fitted.

`score`: for each of these rows Φ⁻¹ of the predictive distribution at the true y: independent N(0, 1) for a right model.
All p-values: `fail` below 1e-4, the rate of false alarms; `unknown` below 0.01, or where rows are few.
"""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from scipy.stats import chi2, kurtosistest, norm, rankdata, skewtest
from scipy.stats import t as student

from isinglass.checks.posterior import uniform_p_value
from isinglass.result import Check

__all__ = [
    "class_probabilities",
    "columns_independent",
    "errors_explain_scatter",
    "no_curvature",
    "no_repeats",
    "not_the_target",
    "nothing_separates",
    "predictive_uniform",
    "prior_found",
    "residuals_independent",
    "residuals_normal",
    "rows_enough",
    "rows_finite",
    "rows_of_each_class",
    "same_width",
    "solved",
]

FALSE_ALARM, DOUBT = 1e-4, 0.01
FEWEST = 30  # rows that were not fitted
RANK = 1e10  # condition from which columns are no more told apart
FREEDOM = 10  # of σ²
REPEATED = 1e-3
EVENTS = 10  # rows of a class for each column
FEWEST_CERTAIN = 5  # p (1 - p) summed: where all are certain, nothing is tested


def of_p_value(law: str, p: float, n: int, source: str = "") -> Check:
    """p at least 1e-4; `unknown` below 0.01, or where rows are few or have no noise."""
    why = f"{n} rows: too few" if n < FEWEST else f"doubtful below {DOUBT:g}"
    if not np.isfinite(p) or n < FEWEST or FALSE_ALARM <= p < DOUBT:
        why = why if np.isfinite(p) or n < FEWEST else "no noise to judge it by"
        return Check(f"{law}, p-value ({why})", float(p) if np.isfinite(p) else None, FALSE_ALARM, 0.0, "unknown",
                     source=source, relation=">=")  # fmt: skip
    return Check.at_least(f"{law}, p-value", p, FALSE_ALARM, source=source)


def worst(law: str, each: dict[str, float], n: int, source: str = "") -> Check:
    """The smallest of several p-values, times their number."""
    name = min(each, key=lambda one: each[one])
    named = f"{law} ({name})" if len(each) > 1 else law
    return of_p_value(named, float(np.minimum(1.0, each[name] * len(each))), n, source)  # which keeps nan


def predictive_uniform(pit: Float[np.ndarray, " n"]) -> Check:
    """The predictive distribution holds held-out y at every level as often as it claims.

    Resolution for 300 rows: a σ that is wrong by a fifth, a mean that is off by a third of σ.
    """
    p = uniform_p_value(pit) if len(pit) and np.isfinite(pit).all() else np.nan
    return of_p_value("held-out y are spread as predicted", p, len(pit), "doi:10.2307/2981683")


def residuals_normal(score: Float[np.ndarray, " n"]) -> Check:
    """Skewness and excess kurtosis are 0.  D'Agostino & Pearson 1973, doi:10.1093/biomet/60.3.613.

    Resolution for 300 rows: the tails of Student's t with 4 degrees of freedom, the skewness of exp.
    """
    if len(score) < FEWEST or not np.isfinite(score).all():
        return of_p_value("noise is normal", np.nan, len(score))
    each = {"skewness": float(skewtest(score).pvalue), "kurtosis": float(kurtosistest(score).pvalue)}
    return worst("noise is normal", each, len(score), "doi:10.1093/biomet/60.3.613")


def dependence(of: Float[np.ndarray, " n"], on: dict[str, np.ndarray]) -> dict[str, float]:
    """p-values of Spearman's rank correlation, for each of several quantities that vary."""
    seen = {name: a for name, a in on.items() if np.ptp(a) > 0}
    if len(of) < 3 or not np.isfinite(of).all() or np.ptp(of) == 0 or not seen:
        return {"": np.nan}
    x, y = (rankdata(a, axis=0) - (len(of) + 1) / 2 for a in (np.stack(list(seen.values()), axis=1), of))
    r = np.clip((x.T @ y) / np.sqrt((x**2).sum(axis=0) * (y @ y)), -1, 1)
    far = np.abs(r) * np.sqrt((len(of) - 2) / np.maximum(1 - r**2, 1e-300))
    return dict(zip(seen, (2 * student.sf(far, len(of) - 2)).tolist(), strict=True))


def same_width(score: Float[np.ndarray, " n"], on: dict[str, np.ndarray]) -> Check:
    """|residual| depends on no input, nor on what is predicted: σ is one number.

    Resolution for 300 rows: noise that grows by a factor 2 over the range of an input.
    """
    law = "noise has one width everywhere"
    return worst(law, dependence(np.abs(score), on), len(score), "Spearman")


def no_curvature(score: Float[np.ndarray, " n"], on: dict[str, np.ndarray]) -> Check:
    """Residuals do not depend on |input - median|, nor on that of what is predicted: the relation is linear.

    Resolution for 300 rows: a parabola of half the size of the noise.  Products of two inputs are seen where the
    prediction shows them.
    """
    away = {name: np.abs(a - np.median(a)) for name, a in on.items()}
    return worst("residuals show no curvature", dependence(score, away), len(score), "Spearman")


def residuals_independent(score: Float[np.ndarray, " n"]) -> Check:
    """Held-out rows in the order of the table: neighbours' residuals are not alike, so that rows count one by one.

    Resolution for 300 rows: a correlation of 0.3.
    """
    each = dependence(score[1:], {"": score[:-1]}) if len(score) > 3 else {"": np.nan}
    return worst("residuals of neighbouring rows are independent", each, len(score), "Spearman")


def errors_explain_scatter(chi_square: float, freedom: int) -> Check:
    """χ² = Σ (y - x·w)²/s² about fits the errors of y that were given: not too large, nor too small."""
    p = 2 * min(chi2.cdf(chi_square, freedom), chi2.sf(chi_square, freedom)) if freedom > 0 else np.nan
    law = f"scatter is that of the given errors, χ² = {chi_square:.4g} for {freedom}"
    return of_p_value(law, float(p), FEWEST if freedom > 0 else 0)


def rows_enough(n: int, p: int, freedom: float) -> Check:
    """Rows beyond the coefficients: with fewer, σ is not known, and value ± error covers less than 68 %."""
    law = f"rows beyond the coefficients ({n} rows, {p} columns)"
    if freedom >= FREEDOM:
        return Check.at_least(law, min(freedom, n), FREEDOM)
    return Check(f"{law}; use ridge, or fewer columns", freedom, FREEDOM, 0.0, "unknown", relation=">=")


def columns_independent(condition: float, undetermined: tuple[str, ...], n_undetermined: int) -> Check:
    """No column is a sum of others, else their coefficients are one choice of many."""
    law = "columns differ from sums of others, condition number"
    if n_undetermined or not condition < RANK:
        names = ", ".join(undetermined) + (f" and {n_undetermined - len(undetermined)} more"
                                           if n_undetermined > len(undetermined) else "")  # fmt: skip
        law += f" (not determined: {names or 'which, rounding hides'}; leave some out, or use ridge)"
        return Check(law, condition if np.isfinite(condition) else None, RANK, 0.0, "unknown", relation="<=")
    return Check.at_most(law, condition, RANK)


def not_the_target(correlation: float, name: str) -> Check:
    """No input alone gives the target to all digits: it would be the target itself, in other units."""
    law = f"no input is the target itself: 1 - |correlation| with {name}"
    if 1 - abs(correlation) > 1e-10:
        return Check.at_least(law, 1 - abs(correlation), 1e-10)
    return Check(f"{law}; leave it out if so", 1 - abs(correlation), 1e-10, 0.0, "unknown", relation=">=")


def no_repeats(repeated: int, n: int) -> Check:
    """Rows that stand twice, to the last digit of every number, count twice in the errors."""
    law = f"share of rows that repeat another ({repeated} of {n})"
    if repeated <= REPEATED * n:
        return Check.at_most(law, repeated / n, REPEATED)
    return Check(f"{law}; the errors count them all", repeated / n, REPEATED, 0.0, "unknown", relation="<=")


def prior_found(edge: int) -> Check:
    """The evidence, or the error of rows left out, has its best λ within the range, from 1e-12 to 1e8 of d².

    At the upper end the prior shrinks to nothing and with it the errors of the coefficients; at the lower end there is
    no noise, or no need of a prior.
    """
    law = "the best λ is within the range"
    if not edge:
        return Check.within(law, 0.0, 0.0, 0.5)
    low, high = "there is no noise, or no need of a prior", "no dependence is found; errors are of a prior of no width"
    return Check(f"{law}: {high if edge > 0 else low}; try least squares", float(edge), 0.0, 0.5, "unknown")


def rows_finite(lost: int, kept: int) -> Check:
    """Rows with a number that is not finite are left out: what is found is for the others."""
    law = f"share of rows that are whole ({lost} of {lost + kept} are left out)"
    return Check(law, kept / (lost + kept), 1.0, 0.0, "unknown", relation=">=")


def solved(decrement: float) -> Check:
    """The gradient of the loss is 0, to 1e-3 of an error of the coefficients."""
    return Check.at_most("distance to the minimum of the loss, in errors of the coefficients",
                         max(decrement, 0.0) ** 0.5, 1e-3)  # fmt: skip


def nothing_separates(separable: bool) -> Check:  # noqa: FBT001
    """No plane separates the classes, else their coefficients are infinite, and what is reported is the prior's."""
    law = "directions that separate the classes"
    if separable:
        law += "; coefficients have no largest likelihood and are those of the penalty"
    return Check(law, float(separable), 0.0, 0.0, "unknown" if separable else "pass", relation="<=")


def rows_of_each_class(n: int, p: int) -> Check:
    """Rows of the smallest class for each column: with few, coefficients are too large and their errors too small.

    Peduzzi et al. 1996, doi:10.1016/S0895-4356(96)00236-3; Sur & Candès 2019, doi:10.1073/pnas.1810420116.
    """
    law = f"rows of the smallest class for each column ({n} rows, {p} columns)"
    check = Check.at_least(law, n / p, EVENTS, source="doi:10.1016/S0895-4356(96)00236-3")
    return check if check.verdict == "pass" else replace(check, verdict="unknown")


def class_probabilities(
    p: Float[np.ndarray, "n K"], y: Int[np.ndarray, " n"], odds: Float[np.ndarray, "n K"],
    slope: Float[np.ndarray, "n q"], covariance: Float[np.ndarray, "m m"], names: tuple[str, ...],
    on: dict[str, np.ndarray],
) -> Check:  # fmt: skip
    """Σ_i a_i ([y_i = k] - p_ik) is 0 within its error, for a = 1, ranks of the log odds and of |log odds - median|.

    The first sees a wrong share, the second probabilities too near to 0 and 1 or too far, the third a relation that is
    not linear in the log odds.  Errors: of the held-out y, and of the coefficients, by their covariance.  The same with
    the ranks of |input - median| for every input.  Resolution for 300 rows: log odds 1.6 times too large.
    """
    each, n = {}, len(y)
    away = {f"{name}, shape": ranks(np.abs(a - np.median(a))) for name, a in on.items()}
    for k, name in enumerate(names):
        left = (y == k) - p[:, k]
        of = odds[:, k] - odds.mean(axis=1) if len(names) > 2 else odds[:, 1]
        own_odds = {"share": np.ones(n), "confidence": ranks(of), "shape": ranks(np.abs(of - np.median(of)))}
        for word, a in (own_odds | away).items():
            own = np.sum(a**2 * p[:, k] * (1 - p[:, k]))
            if own < FEWEST_CERTAIN * np.max(a**2):
                continue
            g = gradient(a, p, k, slope)
            each[f"{word} of {name}"] = float(2 * norm.sf(abs(np.sum(a * left)) / np.sqrt(own + g @ covariance @ g)))
        if len(names) == 2:
            break
    return worst("probabilities of held-out rows are right", each or {"": np.nan}, n, "score tests")


def ranks(a: Float[np.ndarray, " n"]) -> np.ndarray:
    """From -1/2 to 1/2: no outlier decides."""
    return rankdata(a) / (len(a) + 1) - 0.5


def gradient(
    a: Float[np.ndarray, " n"], p: Float[np.ndarray, "n K"], k: int, slope: Float[np.ndarray, "n q"]
) -> np.ndarray:
    """Σ_i a_i ∂p_ik/∂θ for θ = (w, b) of each class but the first."""
    parts = [(a * p[:, k] * ((j == k) - p[:, j])) @ slope for j in range(1, p.shape[1])]
    return np.concatenate(parts)
