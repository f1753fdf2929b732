"""A GCT of GTEx's width into the store: against `pandas.read_csv`, and how it grows.

Run with ``pytest tests/benchmarks/test_gct_speed.py -s`` to see the numbers. Seconds of the clock
and of the processor are both shown: on a busy machine only the second say much.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gtex_tcga_study import ANNOTATION, ATTRIBUTES, MATRIX, pack

GENES, SAMPLES = 3_000, 17_382
DISTINCT = 40
"""Lines that are made anew; the others repeat them, since formatting numbers is slow."""

MEASURE = """
import sys, time
from pathlib import Path
def peak():
    text = Path("/proc/self/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) * 1024
{setup}
before, start, processor = peak(), time.perf_counter(), time.process_time()
{work}
print(time.perf_counter() - start, time.process_time() - processor, peak() - before)
"""
PANDAS = (
    "import pandas",
    "pandas.read_csv(next(Path(sys.argv[1]).glob('*.gct.gz')), sep='\\t', skiprows=2)",
)
OURS = (
    "from helpers.datasets.gtex_tcga import load_gtex_tcga",
    "load_gtex_tcga(Path(sys.argv[1]), min_class_size=10).write(Path(sys.argv[1]) / 'out.h5ad')",
)


def make(folder: Path, samples: int, genes: int, coding: float = 1) -> None:
    """Write GTEx's files: values of four digits, a fifth of them zero, as in version 8."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(DISTINCT):
        values = rng.lognormal(0, 2.5, samples)
        values[rng.random(samples) < 0.2] = 0
        lines.append("\t".join("0" if v == 0 else f"{v:.4g}" for v in values))
    names = [f"GTEX-{k // 10:04d}-{k:05d}" for k in range(samples)]
    text = [f"#1.2\n{genes}\t{samples}", "\t".join(["Name", "Description", *names])]
    text += [f"ENSG{k:011d}.1\tG{k}\t{lines[k % DISTINCT]}" for k in range(genes)]
    pack(folder / MATRIX, "\n".join(text) + "\n")
    told = "\n".join(f"{name}\t{('Liver', 'Lung')[k % 2]}" for k, name in enumerate(names))
    pack(folder / ATTRIBUTES, f"SAMPID\tSMTSD\n{told}\n")
    cells = "chr1\tX\tgene\t1\t2\t1000\t+\t.\tgene_id"
    kinds = np.where(rng.random(genes) < coding, "protein_coding", "lincRNA")
    genes_told = (
        f'{cells} "ENSG{k:011d}.1"; gene_type "{kind}"; gene_name "G{k}";'
        for k, kind in enumerate(kinds)
    )
    pack(folder / ANNOTATION, "\n".join(genes_told) + "\n")


def measure(code: tuple[str, str], folder: Path) -> tuple[float, float, int]:
    """Return seconds of the clock and of the processor, and bytes at most beyond the start."""
    script = MEASURE.format(setup=code[0], work=code[1])
    command = [sys.executable, "-c", script, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    clock, processor, peak = done.stdout.split()
    return float(clock), float(processor), int(peak)


@pytest.mark.slow
@pytest.mark.parametrize("coding", [0.35, 1], ids=["a third coding, as in GTEx", "all coding"])
def test_faster_than_pandas_and_within_memory(tmp_path: Path, coding: float) -> None:
    make(tmp_path / "x", SAMPLES, GENES, coding)
    theirs, ours = measure(PANDAS, tmp_path / "x"), measure(OURS, tmp_path / "x")
    result, cells = 4 * GENES * SAMPLES * coding, GENES * SAMPLES / 1e6
    for what, unit in enumerate(("clock", "processor")):
        print(  # noqa: T201
            f"\n{unit}: pandas {cells / theirs[what]:.1f}, ours {cells / ours[what]:.1f} million "
            f"cells a second ({theirs[what] / ours[what]:.1f} ×)"
        )
    print(f"\npeak {ours[2] / 1e6:.0f} MB, of which {result / 1e6:.0f} MB result")  # noqa: T201
    # The clock of an idle machine shows more, since unpacking and parsing overlap.
    assert max(theirs[0] / ours[0], theirs[1] / ours[1]) >= 3
    assert ours[2] <= result + 1e9


@pytest.mark.slow
def test_linear_in_samples(tmp_path: Path) -> None:
    sizes, seconds = (4_000, 8_000, 16_000), []
    for samples in sizes:
        make(tmp_path / str(samples), samples, GENES // 4)
        clock, processor, peak = measure(OURS, tmp_path / str(samples))
        seconds.append(processor)
        print(  # noqa: T201
            f"\n{samples:,} samples: {clock:.2f} s, {processor:.2f} s of the processor, "
            f"{peak / 1e6:.0f} MB"
        )
    # Four times the samples; a machine that others use is allowed a third more.
    assert seconds[2] / seconds[0] < 4 * 1.33
