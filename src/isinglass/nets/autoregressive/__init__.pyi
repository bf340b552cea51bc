# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.nets.autoregressive import autoregressive as autoregressive
from isinglass.nets.autoregressive import causal_transformer as causal_transformer
from isinglass.nets.autoregressive import front as front
from isinglass.nets.autoregressive import group_average as group_average
from isinglass.nets.autoregressive import local_field as local_field
from isinglass.nets.autoregressive import masked_dense as masked_dense
from isinglass.nets.autoregressive import pixel_cnn as pixel_cnn
from isinglass.nets.autoregressive import recurrent as recurrent
from isinglass.nets.autoregressive import visit as visit
from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive as AbstractAutoregressive
from isinglass.nets.autoregressive.autoregressive import numbers_of as numbers_of
from isinglass.nets.autoregressive.autoregressive import values_of as values_of
from isinglass.nets.autoregressive.causal_transformer import CausalTransformer as CausalTransformer
from isinglass.nets.autoregressive.front import Front as Front
from isinglass.nets.autoregressive.group_average import GENERATORS as GENERATORS
from isinglass.nets.autoregressive.group_average import GroupAverage as GroupAverage
from isinglass.nets.autoregressive.local_field import LocalField as LocalField
from isinglass.nets.autoregressive.local_field import one_hot as one_hot
from isinglass.nets.autoregressive.masked_dense import MaskedDense as MaskedDense
from isinglass.nets.autoregressive.pixel_cnn import PixelCNN as PixelCNN
from isinglass.nets.autoregressive.recurrent import CELLS as CELLS
from isinglass.nets.autoregressive.recurrent import Recurrent as Recurrent
from isinglass.nets.autoregressive.visit import ORDERS as ORDERS
from isinglass.nets.autoregressive.visit import known_neighbors as known_neighbors
from isinglass.nets.autoregressive.visit import visiting_order as visiting_order
