# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.inference.linear import class_fit as class_fit
from isinglass.inference.linear import gaussian_fit as gaussian_fit
from isinglass.inference.linear import innovation as innovation
from isinglass.inference.linear import plane as plane
from isinglass.inference.linear import predictor as predictor
from isinglass.inference.linear import separability as separability
from isinglass.inference.linear import side as side
from isinglass.inference.linear import target_table as target_table
from isinglass.inference.linear.class_fit import ClassFit as ClassFit
from isinglass.inference.linear.class_fit import fit_classes as fit_classes
from isinglass.inference.linear.class_fit import most_confident as most_confident
from isinglass.inference.linear.gaussian_fit import Decomposition as Decomposition
from isinglass.inference.linear.gaussian_fit import GaussianFit as GaussianFit
from isinglass.inference.linear.gaussian_fit import decompose as decompose
from isinglass.inference.linear.gaussian_fit import fit_gaussian as fit_gaussian
from isinglass.inference.linear.innovation import Innovations as Innovations
from isinglass.inference.linear.innovation import innovations as innovations
from isinglass.inference.linear.plane import LabelledPoints as LabelledPoints
from isinglass.inference.linear.plane import Plane as Plane
from isinglass.inference.linear.plane import best_margin as best_margin
from isinglass.inference.linear.plane import clean_points as clean_points
from isinglass.inference.linear.plane import distance as distance
from isinglass.inference.linear.plane import separating_plane as separating_plane
from isinglass.inference.linear.plane import with_intercept as with_intercept
from isinglass.inference.linear.predictor import LinearClasses as LinearClasses
from isinglass.inference.linear.predictor import LinearPredictor as LinearPredictor
from isinglass.inference.linear.separability import separable as separable
from isinglass.inference.linear.side import repeats as repeats
from isinglass.inference.linear.side import rows_to_test as rows_to_test
from isinglass.inference.linear.target_table import CleanTable as CleanTable
from isinglass.inference.linear.target_table import TargetTable as TargetTable
from isinglass.inference.linear.target_table import clean_table as clean_table
