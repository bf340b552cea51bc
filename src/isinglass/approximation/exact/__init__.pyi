# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.approximation.exact import dmrg as dmrg
from isinglass.approximation.exact import exact_diagonalization as exact_diagonalization
from isinglass.approximation.exact import lanczos as lanczos
from isinglass.approximation.exact import matrix_product_operator as matrix_product_operator
from isinglass.approximation.exact import observable as observable
from isinglass.approximation.exact import thermal as thermal
from isinglass.approximation.exact import time_evolution as time_evolution
from isinglass.approximation.exact.dmrg import Renormalized as Renormalized
from isinglass.approximation.exact.exact_diagonalization import Block as Block
from isinglass.approximation.exact.exact_diagonalization import CodedMoves as CodedMoves
from isinglass.approximation.exact.exact_diagonalization import MatrixFree as MatrixFree
from isinglass.approximation.exact.exact_diagonalization import ProductsOfCodes as ProductsOfCodes
from isinglass.approximation.exact.exact_diagonalization import dense as dense
from isinglass.approximation.exact.exact_diagonalization import diagonal as diagonal
from isinglass.approximation.exact.exact_diagonalization import sparse as sparse
from isinglass.approximation.exact.lanczos import Spectrum as Spectrum
from isinglass.approximation.exact.lanczos import basis_size as basis_size
from isinglass.approximation.exact.lanczos import krylov as krylov
from isinglass.approximation.exact.lanczos import lanczos_step as lanczos_step
from isinglass.approximation.exact.lanczos import lowest as lowest
from isinglass.approximation.exact.observable import entropy as entropy
from isinglass.approximation.exact.observable import expectation as expectation
from isinglass.approximation.exact.observable import fidelity as fidelity
from isinglass.approximation.exact.observable import occupation_correlation as occupation_correlation
from isinglass.approximation.exact.observable import reduced_density_matrix as reduced_density_matrix
from isinglass.approximation.exact.observable import variance as variance
from isinglass.approximation.exact.thermal import Thermal as Thermal
from isinglass.approximation.exact.thermal import full_diagonalization as full_diagonalization
from isinglass.approximation.exact.thermal import random_states as random_states
from isinglass.approximation.exact.time_evolution import Evolution as Evolution
from isinglass.approximation.exact.time_evolution import evolve as evolve
from isinglass.approximation.exact.time_evolution import krylov_basis as krylov_basis
