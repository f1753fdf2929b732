"""What a run makes: a table of steps, each from named inputs and settings to one artefact."""

from helpers.study.opening import open_study
from helpers.workflow.study import Study

__all__ = ["Study", "open_study"]
