# SPDX-License-Identifier: Apache-2.0
# Written by `python -m isinglass.stubs`; do not edit.

from isinglass.tasks.model_choice import infer_model as infer_model
from isinglass.tasks.model_choice import model_files as model_files
from isinglass.tasks.model_choice import model_odds as model_odds
from isinglass.tasks.model_choice import simulated_models as simulated_models
from isinglass.tasks.model_choice.infer_model import InferModel as InferModel
from isinglass.tasks.model_choice.model_files import ModelFiles as ModelFiles
from isinglass.tasks.model_choice.model_odds import ModelOdds as ModelOdds
from isinglass.tasks.model_choice.simulated_models import SimulatedModels as SimulatedModels
