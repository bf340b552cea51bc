# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.linear import class_evidence as class_evidence
from isinglass.tasks.linear import infer_linear as infer_linear
from isinglass.tasks.linear import linear_file as linear_file
from isinglass.tasks.linear import number_evidence as number_evidence
from isinglass.tasks.linear import word_table as word_table
from isinglass.tasks.linear.class_evidence import ClassEvidence as ClassEvidence
from isinglass.tasks.linear.infer_linear import InferLinear as InferLinear
from isinglass.tasks.linear.linear_file import LinearFile as LinearFile
from isinglass.tasks.linear.number_evidence import NumberEvidence as NumberEvidence
from isinglass.tasks.linear.number_evidence import largest as largest
from isinglass.tasks.linear.word_table import TEXT as TEXT
from isinglass.tasks.linear.word_table import word_columns as word_columns
