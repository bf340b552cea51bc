# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.experiments.learning import hopfield_capacity as hopfield_capacity
from isinglass.experiments.learning import hopfield_ensemble as hopfield_ensemble
from isinglass.experiments.learning import hopfield_scaling as hopfield_scaling
from isinglass.experiments.learning import linear_first as linear_first
from isinglass.experiments.learning import sbi_benchmark as sbi_benchmark
from isinglass.experiments.learning import scaling_laws as scaling_laws
from isinglass.experiments.learning import spiked_ensemble as spiked_ensemble
from isinglass.experiments.learning import spiked_matrix as spiked_matrix
from isinglass.experiments.learning import teacher_ensemble as teacher_ensemble
from isinglass.experiments.learning import teacher_student as teacher_student
from isinglass.experiments.learning.hopfield_capacity import HopfieldCapacity as HopfieldCapacity
from isinglass.experiments.learning.hopfield_ensemble import Retrieved as Retrieved
from isinglass.experiments.learning.hopfield_ensemble import retrieve as retrieve
from isinglass.experiments.learning.hopfield_ensemble import warm_overlaps as warm_overlaps
from isinglass.experiments.learning.hopfield_scaling import capacity_by_crossing as capacity_by_crossing
from isinglass.experiments.learning.hopfield_scaling import capacity_by_overlaps as capacity_by_overlaps
from isinglass.experiments.learning.hopfield_scaling import to_infinity as to_infinity
from isinglass.experiments.learning.linear_first import LinearFirst as LinearFirst
from isinglass.experiments.learning.sbi_benchmark import PUBLISHED as PUBLISHED
from isinglass.experiments.learning.sbi_benchmark import SbiBenchmark as SbiBenchmark
from isinglass.experiments.learning.scaling_laws import ScalingLaws as ScalingLaws
from isinglass.experiments.learning.spiked_ensemble import Found as Found
from isinglass.experiments.learning.spiked_ensemble import spiked_samples as spiked_samples
from isinglass.experiments.learning.spiked_matrix import SpikedMatrix as SpikedMatrix
from isinglass.experiments.learning.teacher_ensemble import Passed as Passed
from isinglass.experiments.learning.teacher_ensemble import hinge_errors as hinge_errors
from isinglass.experiments.learning.teacher_ensemble import lasso_errors as lasso_errors
from isinglass.experiments.learning.teacher_ensemble import passed_samples as passed_samples
from isinglass.experiments.learning.teacher_ensemble import student_errors as student_errors
from isinglass.experiments.learning.teacher_student import TeacherStudent as TeacherStudent
