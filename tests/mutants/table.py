# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - one mutant, one line
"""Planted errors of the package, each with the quick tests that must see it."""

from typing import NamedTuple

__all__ = ["MUTANTS", "Mutant"]


class Mutant(NamedTuple):
    """One error: `old` becomes `new` in `file`."""

    name: str
    file: str  # below src/isinglass
    old: str  # stands there exactly once
    new: str
    tests: str  # files or ids below tests, separated by blanks


def planted(file: str, tests: str, *errors: tuple[str, str, str]) -> list[Mutant]:
    """Several errors of one file, which the same tests must see: (name, old, new)."""
    return [Mutant(name, file, old, new, tests) for name, old, new in errors]


STATISTICS = [
    *planted(
        "stats/weights.py", "stats/test_weights.py",
        ("sign of the bias of ln Z", "+ shift + error**2 / 2", "+ shift - error**2 / 2"),
        ("error of the effective share", "influence = 2 * (u - 1) / square", "influence = (u - 1) / square"),
        ("error of a weighted mean", "standard_error(u * (values - mean))", "standard_error(u * values)"),
        ("forward share without 1/w", "(2 - w / positive(w.mean()) - inverse", "(1 - w / positive(w.mean()) - 0 * inverse"),
    ),
    *planted("stats/weights.py", "sampling/weight/test_verdict.py",
             ("acceptance counts a pair once", "w * (2 * above + 1)", "w * (above + 1)")),
    *planted(
        "stats/convergence.py", "stats/test_convergence.py",
        ("R-hat with ddof 0", "within = jnp.var(x, axis=1, ddof=1)", "within = jnp.var(x, axis=1, ddof=0)"),
        ("tau of many chains plus 1", "tau = -1 + 2 * monotone", "tau = 1 + 2 * monotone"),
        ("R-hat without its folded part", "jnp.max(agreement(x).r_hat)", "agreement(x).r_hat[0]"),
    ),
    *planted(
        "stats/resampling.py", "stats/test_resampling.py",
        ("bootstrap without its stretch", "spread * (n / (n - 1)) ** 0.5", "spread"),
        ("jackknife without its factor", "jnp.sqrt((n_blocks - 1) * jnp.var", "jnp.sqrt(jnp.var"),
        ("weights 1/σ", "weight = 1 / errors**2", "weight = 1 / errors"),
        ("error of the mean of groups", "ddof=1) / groups**0.5", "ddof=0) / groups**0.5"),
    ),
    *planted("stats/autocorrelation.py", "stats/test_autocorrelation.py",
             ("tau begins at 0", "jnp.cumsum(autocorrelation(x)) - 0.5", "jnp.cumsum(autocorrelation(x)) - 1.0")),
    *planted("stats/fitting.py", "stats/test_fitting.py",
             ("fit without weights", "q.T @ (y / error)", "q.T @ y"),
             ("errors of a power law", "jnp.log(y), error / y, 1)", "jnp.log(y), error, 1)")),
    *planted("stats/goodness_of_fit.py", "stats/test_goodness_of_fit.py",
             ("a degree of freedom too many", "(jnp.where(small, 0.0, 1.0)) - joins", "(jnp.where(small, 0.0, 1.0))")),
    *planted("stats/pareto.py", "stats/test_pareto.py",
             ("sign in the likelihood of the tail", "(jnp.log(-b / k) - k - 1)", "(jnp.log(-b / k) + k - 1)")),
]  # fmt: skip

JUDGES = [
    *planted(
        "checks/critical.py", "checks/test_critical.py",
        ("honest at 8 errors", "expected, 4 * estimate.error", "expected, 8 * estimate.error"),
        ("honest whatever the error", "estimate.error > largest_error", "estimate.error > 2 * largest_error"),
    ),
    *planted(
        "checks/energy.py", "checks/test_energy.py",
        ("mean value at 8 errors", "expected, 4 * error,", "expected, 8 * error,"),
        ("errors of draws, not of groups", "len(size) / (len(size) - 1)", "1"),
    ),
    *planted("checks/classifier.py", "checks/test_classifier.py",
             ("Bayes ceiling at 1e-2", "Z_1E4 = 3.719", "Z_1E4 = 2.326"),
             ("margin twice as wide", "tolerance=margin", "tolerance=2 * margin")),
    *planted("checks/agreement.py", "checks/test_agreement.py",
             ("agreement at 8 errors", "errors: float = 4.0", "errors: float = 8.0")),
    *planted("checks/geweke.py", "checks/test_geweke.py::test_threshold_is_shared_among_the_functions",
             ("Geweke at 1e-2", "FALSE_ALARM = 1e-4", "FALSE_ALARM = 1e-2")),
    *planted("checks/sampling.py", "checks/test_sampling.py",
             ("energies not shared among temperatures", "FALSE_ALARM / 2 / len(exact)", "FALSE_ALARM / 2"),
             ("R-hat of half its excess", "large**2 - bound**2", "large**2 / 2 - bound**2"),
             ("the best temperature counts", "float(np.min(effective_samples))", "float(np.max(effective_samples))")),
    *planted("checks/calibration.py", "checks/test_calibration.py",
             ("coverage at 1e-2", "FALSE_ALARM = 1e-4", "FALSE_ALARM = 1e-2")),
    *planted("checks/equilibrium.py", "checks/test_equilibrium.py",
             ("chi-square at 1e-2", "FALSE_ALARM = 1e-4", "FALSE_ALARM = 1e-2"),
             ("imbalance halved", "** 2 / both[rows]", "** 2 / both[rows] / 2")),
    *planted("exact/lattice/enumeration.py", "checks/test_equilibrium.py",
             ("state 0 all down", "(1 - 2 * digits)", "(2 * digits - 1)")),
    *planted("checks/variational.py", "checks/test_variational.py",
             ("energies may lie 8 errors low", "slack = max(4 *", "slack = max(8 *"),
             ("8 √Var H", "bound = max(4 * math.sqrt", "bound = max(8 * math.sqrt"),
             ("an error that a constant makes small", "min(abs(energy), depth) if", "max(abs(energy), depth) if"),
             ("shown without its error", "measured + ERRORS * error <= bound", "measured <= bound"),
             ("refuted without its error", "measured - ERRORS * error > bound", "measured > bound"),
             ("a V-score refutes", 'accuracy, above="unknown") if energy', "accuracy) if energy"),
             ("no state above the middle is refused", "if energy < infinite else", "if True else"),
             ("two steps end an optimization", "if len(history) < 40:", "if len(history) < 2:"),
             ("an extrapolated energy refutes", '"fail" if bound else "unknown"', '"fail"'),
             ("frozen chains pass", "acceptance >= FROZEN or rests", "True or rests")),
    *planted("systems/quantum/conserved.py", "systems/quantum/test_conserved.py",
             ("elements that cancel", "sums[key] = sums.get(key, 0) + value", "sums[key] = value"),
             ("changes modulo the levels", "(levels + shift) % space.levels - levels", "shift + 0 * levels"),
             ("no parities", "parities = more, [*parities, q]", "parities = more, parities")),
    *planted("symmetry/elimination.py", "systems/quantum/test_conserved.py",
             ("sign of the null space", "-reduced[:, free].T % p", "reduced[:, free].T % p")),
    *planted("checks/generative.py", "checks/test_generative.py",
             ("one draw alone proves a loss", "if without + Z_1E4 * its_error >= reverse / 2 and", "if False and"),
             ("a tail without mean is open", "return found if k >= NO_MEAN else", "return found if k >= 9 else"),
             ("Pareto-k up to 1", "LARGEST_K = 0.7", "LARGEST_K = 1.0"),
             ("ln Z at 8 errors", "other.value, 4 * error, error", "other.value, 8 * error, error"),
             ("a third of the effective share", "error < reverse / 2:", "error < reverse / 3:")),
    *planted("checks/causality.py", "checks/test_causality.py",
             ("a variable may see itself", "np.triu(D)", "np.triu(D, 1)")),
    *planted("checks/dynamics.py", "checks/test_dynamics.py",
             ("the mean drift, not the worst", "- energy[0]).max()", "- energy[0]).mean()"),
             ("a bound of the distance is a proof", "if reached <= tolerance:", "if reached <= 2 * tolerance:")),
    *planted("checks/symmetry.py", "checks/test_symmetry.py",
             ("ten times the round-off", "tolerance: float = 1e-5", "tolerance: float = 1e-4")),
    *planted("result.py", "test_result.py",
             ("one pass is enough", 'if verdicts == {"pass"} else', 'if "pass" in verdicts else'),
             ("what is no number passes", 'return "unknown"\n    return "pass" if holds', 'return "pass"\n    return "pass" if holds'),
             ("a claim missed by 6 errors is unknown", "if missed > 4 * self.error", "if missed > 6 * self.error"),
             ("at least, by the tolerance more", "measured, measured >= bound - tolerance", "measured, measured >= bound + tolerance"),
             ("bounds are written as equalities", '"relation": c.relation', '"relation": "="')),
    *planted("report/number.py", "test_result.py",
             ("one digit of the error", "1 - math.floor(math.log10(error))", "-math.floor(math.log10(error))")),
    *planted("report/table.py", "report/test_page.py::test_an_estimate_stands_beside_the_check_that_names_it "
             "report/test_page.py::test_comparison_counts_standard_errors",
             ("checks joined by their number", "if c.of == name and", "if c.measured == result.estimates[name].value and"),
             ("error of one side", "+ (error or 0.0) ** 2)", ")")),
]  # fmt: skip

SAMPLERS = [
    *planted("sampling/ensemble/start.py", "sampling/ensemble/test_start.py",
             ("known modes are left out", "return x.at[:, ::2].set(", "return x.at[:, :0].set(0 * ")),
    *planted("observables/charge_time.py", "observables/test_charge_time.py",
             ("error of a rare charge without chains", "M))), jackknife)", "M))), 0.0)")),
    *planted("inference/phases/unsupervised.py", "inference/test_unsupervised.py",
             ("a fit at the edge is a crossing", "T[1] <= found.value <= T[-2]", "T[0] <= found.value <= T[-1]")),
    *planted("sampling/ensemble/driver.py", "sampling/ensemble/test_driver.py::test_a_row_is_the_energy_of_its_configuration",
             ("a configuration one measurement early", "first = -(log.done + 1)", "first = -(log.done + 2)")),
    *planted("sampling/ensemble/driver.py",
             "sampling/ensemble/test_driver.py::test_a_run_ends_when_it_has_as_many_as_were_asked_for",
             ("the best temperature ends the run", "float(np.min(diagnosis.effective_samples))",
              "float(np.max(diagnosis.effective_samples))"),
             ("half a run more", "if sweeps + 2 * plan", "if sweeps + plan")),
    *planted("sampling/ensemble/tempering.py", "sampling/ensemble/test_tempering.py",
             ("sign of the exchange", "(system.beta - system.beta[partner])", "(system.beta[partner] - system.beta)"),
             ("odd pairs never", "(rank + state.step) % 2", "rank % 2")),
    *planted("sampling/chain/hmc.py", "sampling/chain/test_hmc.py::test_a_short_step_keeps_the_energy",
             ("kinetic part x 0.98", "+ after - before", "+ 0.98 * (after - before)")),
    *planted("sampling/chain/metropolis.py",
             "sampling/test_laws.py::test_detailed_balance_by_the_exact_transition_matrix",
             ("Metropolis at 0.95 beta", "jnp.exp(-beta * jnp.maximum", "jnp.exp(-0.95 * beta * jnp.maximum")),
    *planted("sampling/chain/metropolis.py",
             "checks/test_geweke.py::test_continuous_kernels_keep_the_joint_law[random_walk-pass]",
             ("all variables at 0.7 beta", "jnp.exp(jnp.minimum(log_ratio, 0.0))", "jnp.exp(jnp.minimum(0.7 * log_ratio, 0.0))")),
    *planted("sampling/chain/heat_bath.py",
             "sampling/test_laws.py::test_a_sweep_leaves_the_boltzmann_law_invariant[heat_bath-potts_small]",
             ("heat bath at 0.8 beta", "-system.beta * dE", "-0.8 * system.beta * dE")),
    *planted("sampling/chain/cluster.py",
             "sampling/test_laws.py::test_a_sweep_leaves_the_boltzmann_law_invariant[wolff-ising_small]",
             ("bonds of half the coupling", "-jnp.expm1(-system.beta * jnp", "-jnp.expm1(-system.beta / 2 * jnp")),
    *planted("sampling/chain/langevin.py", "sampling/chain/test_continuous.py::test_mala_accepts_what_hastings_says",
             ("MALA's proposal half as probable", "/ (4 * epsilon)", "/ (2 * epsilon)")),
    *planted("sampling/chain/soundness.py", "sampling/chain/test_soundness.py",
             ("energy changes of a stranger unseen", "<= allowed).all()", "< jnp.inf).all()"),
             ("symmetries of a stranger unseen", "if not holds:", "if False:")),
    *planted("sampling/chain/reach.py", "sampling/chain/test_soundness.py",
             ("reflections that do not undo themselves", "and undone(system, tried)", "and True"),
             ("proposals without the way back", "(np.abs(count - count.T) >", "(0 * np.abs(count - count.T) >")),
    *planted("approximation/variational/markov_chain.py", "tasks/test_approximate_ground_state.py",
             ("walkers of a stranger unseen", "error, 0.0)", "0 * error, 0.0)")),
    *planted("sampling/weight/independence.py",
             "sampling/weight/test_independence.py::test_detailed_balance_by_enumeration",
             ("square root of the weights", "jnp.exp(jnp.minimum(new - old, 0.0))", "jnp.exp(jnp.minimum(0.5 * (new - old), 0.0))")),
    *planted("sampling/weight/free_energy.py",
             "sampling/weight/test_free_energy.py::test_unequal_numbers_do_not_shift_a_constant_work "
             "sampling/weight/test_free_energy.py::test_a_perfect_map_gives_the_answer_without_error",
             ("Bennett without ln(n_A/n_B)", "M = jnp.log(forward.size / reverse.size)", "M = jnp.zeros(())"),
             ("sign of the Jacobian", "- log_det.astype(float)", "+ log_det.astype(float)"),
             ("sign of the free energy", "Estimate(-float(value)", "Estimate(float(value)")),
    *planted("systems/system.py", "sampling/ensemble/test_driver.py::test_energies_of_a_gauge_theory_are_per_vertex",
             ("energy per link", "math.prod(self.shape) // self.variables_per_site", "math.prod(self.shape)")),
]  # fmt: skip

QUANTUM = [
    *planted("approximation/variational/markov_chain.py",
             "approximation/variational/test_markov_chain.py::test_moves_reach_the_whole_space",
             ("pieces stay apart", "*(joined(pairs, sites) for", "*(joined(pairs, sites)[:0] for"),
             ("within a sector nothing moves", "return Either(Flip(), own) if", "return Flip() if")),
    *planted("approximation/variational/lanczos_step.py",
             "approximation/variational/test_lanczos_step.py::test_what_is_no_extrapolation",
             ("noise is an extrapolation", "> (self.extrapolated.error or 0.0)", "> -float('inf')")),
    *planted("approximation/variational/markov_chain.py",
             "approximation/variational/test_markov_chain.py::test_a_move_is_accepted_with_the_square_of_the_amplitudes",
             ("|ψ| for |ψ|²", "u < jnp.abs(ratio) ** 2", "u < jnp.abs(ratio)")),
    *planted("systems/quantum/infinite_temperature.py", "systems/quantum/test_infinite_temperature.py",
             ("random states of a sector not weighted", "np.exp(log_p.min() - log_p)", "np.exp(0 * log_p)"),
             ("width of the diagonal alone", "((diagonal - energy) ** 2 + squares)", "((diagonal - energy) ** 2)")),
    *planted("approximation/variational/stochastic_reconfiguration.py",
             "approximation/variational/test_stochastic_reconfiguration.py::test_a_heavy_ball_rolls_downhill_only",
             ("a shift that falls after a rise", "jnp.where(rose, HIGHER, LOWER)", "jnp.where(rose, LOWER, HIGHER)"),
             ("inertia uphill", "downhill = ~rose & (", "downhill = True | (")),
    *planted("approximation/variational/renyi_entropy.py",
             "approximation/variational/test_renyi_entropy.py::test_both_copies_exchange_their_blocks",
             ("the swap of one copy", "log_psi(jnp.where(block, n, other))", "log_psi(other)")),
    *planted("approximation/variational/local_energy.py", "approximation/variational/test_local_energy.py",
             ("sign of the moves", "diagonal + weights @ ratio", "diagonal - weights @ ratio"),
             ("no conjugate", "weights.conj().astype(dtype)", "weights.astype(dtype)")),
    *planted("approximation/exact/lanczos.py", "approximation/exact/test_lanczos.py",
             ("levels after a restart", "np.arange(keep)] = energies[:keep]", "np.arange(keep)] = energies[:keep] * 1.001"),
             ("degenerate levels once", "for again in range(k if k > 1 else 0)", "for again in range(0)")),
    *planted("systems/quantum/heisenberg.py", "systems/quantum/test_hamiltonian.py exact/quantum approximation/exact/test_lanczos.py",
             ("exchange twice as strong", "0.5 * (Sp(i) @ Sm(j)", "1.0 * (Sp(i) @ Sm(j)")),
    *planted("systems/quantum/hubbard.py", "systems/quantum/test_hamiltonian.py approximation/exact/test_lanczos.py",
             ("hopping of the wrong sign in Hubbard's model",
              "return Hamiltonian(-t * hops + repel, fermions", "return Hamiltonian(t * hops - repel, fermions")),
    *planted("exact/quantum/transverse_field_ising.py", "exact/quantum/test_quantum.py",
             ("momenta of the odd sector", "(2 * np.arange(n_sites) + 1) * np.pi / n_sites\n    return float(-np.sqrt(J**2 + h**2 + 2",
              "(2 * np.arange(n_sites)) * np.pi / n_sites\n    return float(-np.sqrt(J**2 + h**2 + 2")),
]  # fmt: skip

SYSTEMS = [
    *planted("systems/lattice/ising.py", "systems/test_laws.py::test_energies_by_hand",
             ("antiferromagnet", "return -(a * b).astype(float)", "return (a * b).astype(float)"),
             ("field the other way", "return -self.h * a", "return self.h * a")),
    *planted("systems/lattice/potts.py", "systems/test_laws.py::test_energies_by_hand",
             ("Potts without its sign", "return -(a == b)", "return (a == b)")),
    *planted("systems/lattice/xy.py", "systems/test_laws.py::test_reflection_is_an_involution_and_keeps_pair_energies",
             ("sum of angles", "-jnp.cos(a - b)", "-jnp.cos(a + b)")),
    *planted("systems/lattice/gauge.py", "systems/test_laws.py::test_energy_changes_are_differences_of_energy",
             ("half of a flip", "self.J * change * jnp", "0.5 * self.J * change * jnp")),
    *planted("systems/lattice/square_ice.py", "systems/test_laws.py::test_energy_changes_are_differences_of_energy",
             ("end and start of an arrow", "+ 2 * d**2)", "+ d**2)")),
    *planted("systems/field/u1.py", "systems/test_laws.py::test_energy_changes_are_differences_of_energy",
             ("signs around a plaquette", "np.array([1, -1, -1, 1], np.int32)[place]", "np.array([1, -1, 1, -1], np.int32)[place]")),
    *planted("systems/field/phi4.py", "systems/field/test_fields.py::test_three_parametrizations_of_one_action",
             ("m² + d", "m2 + 2.0 * len(shape)", "m2 + 1.0 * len(shape)")),
    *planted("systems/graph.py", "systems/test_graph.py",
             ("the other diagonal", "offsets = ((1, 0), (0, 1), (1, -1))", "offsets = ((1, 0), (0, 1), (2, 0))")),
]  # fmt: skip

EXACT = [
    *planted("exact/lattice/onsager.py", "exact/lattice/test_onsager.py",
             ("another critical temperature", "np.log1p(np.sqrt(2))", "np.log1p(np.sqrt(3))"),
             ("sign in Onsager's energy", "(1 + 2 / np.pi * kappa * elliptic_k)", "(1 - 2 / np.pi * kappa * elliptic_k)"),
             ("beta = 1/4", "[()] ** 0.125", "[()] ** 0.25")),
    *planted("exact/lattice/kaufman.py", "exact/lattice/test_kaufman.py",
             ("sign of gamma_0", "2 * np.arcsinh((s - 1) /", "2 * np.arcsinh(np.abs(s - 1) /")),
    *planted("exact/lattice/gauge.py", "exact/lattice/test_lattice_models.py",
             ("fluxes in odd numbers", "(t + t ** (Np - 1))", "(t - t ** (Np - 1))")),
    *planted("exact/field/free_field.py", "exact/field/test_fields.py",
             ("determinant for its root", "np.sum(np.log(k)) / 2)", "np.sum(np.log(k)))")),
]  # fmt: skip

NETS = [
    *planted("nets/flow/affine_coupling.py", "nets/flow/test_affine_coupling.py",
             ("sign of ln det", "z.shape, parity), jnp.sum(s)", "z.shape, parity), -jnp.sum(s)"),
             ("ln det of the inverse", "x.shape, parity), -jnp.sum(s)", "x.shape, parity), jnp.sum(s)")),
    *planted("nets/layer/rational_quadratic.py", "nets/layer/test_rational_quadratic.py",
             ("slope of a bin", "+ 2 * s * rest + d", "+ s * rest + d"),
             ("slope of the inverse", "1 / k.d), -log_slope)", "1 / k.d), log_slope)")),
]  # fmt: skip

DATA = [
    *planted("data/boundary.py", "data/test_layouts.py",
             ("a window is open", '"open" if all(s - SIGMAS * error > 0 for s, error in weaker) else "part"', '"open"'),
             ("no lattice is open", "ratio(middle - edge, middle - half, group)", "ratio(edge - middle, middle - half, group)")),
    *planted("data/kind.py", "data/test_files.py::test_zero_and_one_become_spins",
             ("0 is up", "2 * x.astype(np.int8) - np.int8(1)", "np.int8(1) - 2 * x.astype(np.int8)")),
    *planted("data/reading.py", "data/test_files.py",
             ("NaN is let in", "if not np.isfinite(array).all():", "if np.isinf(array).any():"),
             ("one temperature is enough", "if distinct < 2:", "if distinct < 1:")),
]  # fmt: skip

MUTANTS = STATISTICS + JUDGES + SAMPLERS + QUANTUM + SYSTEMS + EXACT + NETS + DATA
