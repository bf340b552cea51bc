# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.prior import determinant_net as determinant_net
from isinglass.nets.prior import euclidean_graph as euclidean_graph
from isinglass.nets.prior import graph_network as graph_network
from isinglass.nets.prior import group_cnn as group_cnn
from isinglass.nets.prior import plaquette_net as plaquette_net
from isinglass.nets.prior import table as table
from isinglass.nets.prior.determinant_net import DeterminantNet as DeterminantNet
from isinglass.nets.prior.euclidean_graph import EuclideanGraph as EuclideanGraph
from isinglass.nets.prior.graph_network import GraphNetwork as GraphNetwork
from isinglass.nets.prior.group_cnn import GroupCNN as GroupCNN
from isinglass.nets.prior.group_cnn import signed_permutations as signed_permutations
from isinglass.nets.prior.plaquette_net import PlaquetteNet as PlaquetteNet
from isinglass.nets.prior.plaquette_net import plaquettes as plaquettes
from isinglass.nets.prior.table import Asked as Asked
from isinglass.nets.prior.table import PRIORS as PRIORS
from isinglass.nets.prior.table import PriorRow as PriorRow
from isinglass.nets.prior.table import net_for as net_for
from isinglass.nets.prior.table import table_of_priors as table_of_priors
