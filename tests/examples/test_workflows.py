"""Examples for workflow managers call what there is, and images install as make does."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from helpers.cli import app

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SNAKEFILE, NEXTFLOW = EXAMPLES / "snakemake" / "Snakefile", EXAMPLES / "nextflow" / "main.nf"


def commands(text: str) -> list[str]:
    """Return the calls of the package in a workflow, each on one line."""
    joined = re.sub(r'\\\n\s*|"\s*\n\s*"', " ", text)
    return re.findall(r"python -m helpers ([^\n&\"]+)", joined)


@pytest.mark.parametrize("path", [SNAKEFILE, NEXTFLOW], ids=lambda path: path.name)
def test_workflows_call_what_there_is(path: Path) -> None:
    found = commands(path.read_text())
    assert found
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for command in found:
        name, *words = command.split()
        options = {o for p in known[name].params for o in (*p.opts, *p.secondary_opts)}
        used = {word for word in words if word.startswith("--")}
        assert used <= options
        assert {"--dataset", "--samples", "--workspace"} <= used


@pytest.mark.parametrize("path", [SNAKEFILE, NEXTFLOW], ids=lambda path: path.name)
def test_managers_watch_nothing_in_a_workspace(path: Path) -> None:
    outputs = re.findall(r"output:\n\s+(?:path )?\"([^\"]+)\"", path.read_text())
    assert outputs
    assert not any("workspace" in output for output in outputs)


def test_snakemake_plans_a_run_for_each_table(tmp_path: Path) -> None:
    if importlib.util.find_spec("snakemake") is None:
        pytest.skip("snakemake is not installed: pip install snakemake")
    tables = {}
    for name in ("one", "two"):
        files = {"matrix": tmp_path / f"{name}.tsv", "samples": tmp_path / f"{name}.csv"}
        for file in files.values():
            file.touch()
        tables[name] = {what: str(file) for what, file in files.items()}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({"profile": "smoke", "tables": tables}))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE), "--configfile",
               str(config), "--directory", str(tmp_path), "--cores", "1", "--dry-run",
               "--printshellcmds"]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    for name in ("one", "two"):
        assert f"--dataset {tmp_path / name}.tsv --samples {tmp_path / name}.csv" in said
    assert re.search(r"^study\s+2$", said, re.MULTILINE)


def test_the_example_of_a_configuration_has_what_the_rules_read() -> None:
    config = yaml.safe_load((EXAMPLES / "snakemake" / "config.yaml").read_text())
    read = set(re.findall(r'config\["(\w+)"\]', SNAKEFILE.read_text()))
    assert read == set(config)
    assert all(set(files) == {"matrix", "samples"} for files in config["tables"].values())


def test_the_image_and_binder_install_as_make_does() -> None:
    make, image = (ROOT / "Makefile").read_text(), (ROOT / "Dockerfile").read_text()
    image = re.sub(r"\s*\\\n\s*", " ", image)
    installs = re.findall(r"^\t\$\(PIP\) (.+)$", make[: make.index("$(TESTED):")], re.MULTILINE)
    assert len(installs) == 3
    for line in installs:
        assert line.strip() in image
    binder = (ROOT / "postBuild").read_text()
    assert installs[-1].strip() in binder
    copied = re.search(r"^COPY (.+) \./$", image, re.MULTILINE)
    assert copied is not None
    assert all((ROOT / name).is_file() for name in copied[1].split())
