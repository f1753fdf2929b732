from __future__ import annotations

import io
import warnings
import xml.etree.ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import nasty
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.cbook import is_math_text

from helpers.figures import naming, style

texts = st.text(min_size=1, max_size=80)
lists = st.lists(texts, min_size=1, max_size=6, unique=True)


def shown(text: str) -> str:
    return text.replace(r"\$", "$")


@given(lists, st.integers(6, 40))
def test_labels_fit_and_are_as_different_as_the_names(names: list[str], most: int) -> None:
    labels = naming.one_line(names, most)
    assert all(naming.columns(shown(label)) <= most for label in labels)
    assert len(set(labels)) == len(names)
    for name, label in zip(names, labels, strict=True):
        assert not is_math_text(label) or "$" not in name
        assert is_math_text(label) is False
        if naming.visible(name).isprintable() and naming.columns(name) <= most:
            assert shown(label).startswith(naming.class_name(name))


@given(lists, st.integers(8, 30), st.integers(1, 3))
def test_wrapped_labels_fit_line_by_line(names: list[str], width: int, lines: int) -> None:
    for label in naming.wrapped(names, width, lines):
        parts = shown(label).split("\n")
        assert len(parts) <= lines
        assert all(naming.columns(part) <= width for part in parts)


def test_a_name_that_fits_in_lines_loses_nothing_but_spaces() -> None:
    (label,) = naming.wrapped(["naive thymus-derived CD8-positive T cell"], 24, 2)
    assert label == "naive thymus-derived\nCD8-positive T cell"


def test_a_long_name_loses_its_middle_and_those_alike_another_part() -> None:
    assert naming.label("abcdefghijklmnopqrstuvwxyz", 11) == "abcdef…wxyz"
    long = [f"{'a' * 30}{k}{'z' * 30}" for k in range(3)]
    assert len(set(naming.one_line(long, 12))) == 3
    assert naming.one_line(["xxxxxxxx1", "xxxxxxxx2"], 6) == ["xxx…x1", "xxx…x2"]


def test_accents_and_joined_signs_stay_together() -> None:
    label = naming.label("e\u0301" * 30, 11)
    assert label.count("e") == label.count("\u0301") == 10
    assert "👩‍🔬" in naming.label("👩‍🔬" + "x" * 40, 12)


def test_letters_that_are_wide_count_twice() -> None:
    assert naming.columns("肝臓") == 4
    assert naming.columns("e\u0301") == 1


def test_only_classes_of_ours_lose_their_underscores() -> None:
    assert naming.class_name("thyroid_gland") == "thyroid gland"
    for other in ("T_cell_1", "TCGA_LIHC", "GTEx_Liver"):
        assert naming.class_name(other) == other


@pytest.mark.parametrize("name", nasty.NAMES)
def test_any_name_can_be_drawn_as_it_is_written(name: str) -> None:
    label = naming.label(name, 40)
    with style.journal(), warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", "Glyph")
        figure, axis = plt.subplots()
        axis.set_yticks([0], [label])
        axis.set_title(naming.title(name, 30))
        axis.plot([0, 1], label=naming.legend([name], 30)[0])
        legend = axis.legend()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg")
    assert len(legend.get_texts()) == 1
    drawn = axis.get_yticklabels()[0]
    read, mathematics = drawn._preprocess_math(drawn.get_text())
    assert not mathematics
    assert read == shown(label)
    ET.fromstring(buffer.getvalue())
    plt.close(figure)


def draw() -> bytes:
    with style.journal():
        figure, axes = plt.subplots(1, 2, figsize=(4, 2), layout="constrained")
        axes[0].plot([1, 2, 3], label="a $line$")
        axes[0].set(title="Title", xlabel="x", yscale="log")
        axes[0].legend()
        axes[1].bar(["a", "b"], [1, 2])
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()


def test_figures_do_not_depend_on_the_settings_of_the_user() -> None:
    expected = draw()
    loud = {
        "axes.grid": True, "lines.linewidth": 6, "axes.facecolor": "red", "font.size": 20,
        "text.usetex": True, "figure.constrained_layout.use": True, "savefig.transparent": True,
        "axes.prop_cycle": mpl.cycler(color=["pink"]), "figure.autolayout": True, "axes.xmargin": 1,
        "font.family": "serif", "xtick.direction": "in", "svg.fonttype": "none",
        "legend.loc": "center", "savefig.facecolor": "blue", "path.sketch": (1, 100, 2),
    }  # fmt: skip
    with mpl.rc_context(loud):
        assert draw() == expected
        assert mpl.rcParams["lines.linewidth"] == 6


def test_fonts_are_looked_for_in_a_chain_of_those_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        style.font_manager, "get_font_names",
        lambda: ["DejaVu Sans", "Unifont", "Noto Sans SC", "WenQuanYi Zen Hei", "NanumGothic"],
    )  # fmt: skip
    style.fonts.cache_clear()
    assert style.fonts() == ["DejaVu Sans", "Noto Sans SC", "NanumGothic", "Unifont"]
    style.fonts.cache_clear()
