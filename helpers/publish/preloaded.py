"""What the fork server imports: all that workers and notebooks have in common.

PyTorch's optimizers import its compiler at their first step, in every process anew.

Nothing here may start a thread: a fork of a process with threads is not safe.
"""
# ruff: noqa: F401

import ipykernel.kernelapp
import ipykernel.zmqshell
import matplotlib.backends.backend_svg
import seaborn
import torch._dynamo

import helpers.publish.display
import helpers.publish.run
from helpers.explain import compile_ahead
from helpers.study.catalogue import STEPS
from helpers.workspace import fingerprints

# Freshness needs the code of all steps parsed: once here, in place of once in every fork.
fingerprints.of_code({step.module for step in STEPS.values()})
compile_ahead()
