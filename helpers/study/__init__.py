"""What a run makes: a table of steps, each from named inputs and settings to one artefact."""

from helpers.study.study import Study, open_study

__all__ = ["Study", "open_study"]
