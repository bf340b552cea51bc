# SPDX-License-Identifier: Apache-2.0
"""Machine names as a person reads them."""

import pytest

from isinglass.report.label import estimate_label, readable

NAMES = {
    "chain_10_h_0.5": "chain, N = 10, h = 0.5",
    "square_3_h_3.04438": "square, L = 3, h = 3.04438",
    "ring_8_alpha_2": "ring, N = 8, α = 2",
    "ring_U_4_backflow": "ring, U = 4, backflow",
    "square_4_J2_0.5": "square, L = 4, J2 = 0.5",
    "ising_8_gru": "Ising, N = 8, GRU",
    "h_1e-05": "h = 1e-05",
    "h_2_to_1": "h = 2 to 1",
    "hmc_beta_4": "HMC, β = 4",
    "flow_L_4_lambda_8": "flow, L = 4, λ = 8",
    "confusion_L16": "confusion, L = 16",
    "L4": "L = 4",
    "SK8": "SK, N = 8",
    "4x4": "4 x 4",
    "supervised_mlp_crossing": "supervised perceptron crossing",
    "t_sne": "t-SNE",
    "reverse_kl": "reverse KL",
    "bayes_ceiling": "Bayes ceiling",
    "square, L = 16": "square, L = 16",
    "2": "2",
    "": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_as_words_and_equations(name):
    assert readable(name) == NAMES[name]


def test_an_estimate_is_its_quantity_and_its_case():
    assert estimate_label("ground_state_energy/chain_10_h_0.5") == "ground state energy, chain, N = 10, h = 0.5"
    assert estimate_label("free_energy/averaged/L4") == "free energy, averaged, L = 4"
    assert estimate_label("critical_temperature") == "critical temperature"
    assert estimate_label("v_score/rbm") == "V-score, RBM"
