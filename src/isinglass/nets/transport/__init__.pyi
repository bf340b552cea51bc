# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.transport import context_velocity as context_velocity
from isinglass.nets.transport import continuous_flow as continuous_flow
from isinglass.nets.transport import graph_velocity as graph_velocity
from isinglass.nets.transport import mean_free as mean_free
from isinglass.nets.transport import pair_velocity as pair_velocity
from isinglass.nets.transport import scaled_flow as scaled_flow
from isinglass.nets.transport import velocity as velocity
from isinglass.nets.transport.context_velocity import ContextVelocity as ContextVelocity
from isinglass.nets.transport.continuous_flow import ContinuousFlow as ContinuousFlow
from isinglass.nets.transport.continuous_flow import Transport as Transport
from isinglass.nets.transport.graph_velocity import GraphVelocity as GraphVelocity
from isinglass.nets.transport.mean_free import MeanFreeNormal as MeanFreeNormal
from isinglass.nets.transport.pair_velocity import PairVelocity as PairVelocity
from isinglass.nets.transport.pair_velocity import distances as distances
from isinglass.nets.transport.pair_velocity import pair_classes as pair_classes
from isinglass.nets.transport.pair_velocity import pair_differences as pair_differences
from isinglass.nets.transport.velocity import AbstractVelocity as AbstractVelocity
from isinglass.nets.transport.velocity import DenseVelocity as DenseVelocity
from isinglass.nets.transport.velocity import divergence_estimate as divergence_estimate
from isinglass.nets.transport.velocity import exact_divergence as exact_divergence
from isinglass.nets.transport.velocity import time_features as time_features
