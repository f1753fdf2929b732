"""Sentences: their words lie in a template beside each notebook, their numbers come from here.

A template is a text file ``notebooks/NN_name.md.j2`` in the language of Jinja2, with a named block
for each cell that shows sentences. Functions of this room return facts, a block turns them into
Markdown. Nothing is computed in a template: it chooses a sentence and writes numbers.

Where a line of a template ends does not matter; an empty line begins a paragraph, and a line that
begins with a hyphen an item of a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from helpers.errors import BadInputError, MissingInputError
from helpers.prose.writing.markdown import ITEM, PARAGRAPH, Markup, escaped, one_list, paragraphs
from helpers.prose.writing.wording import FILTERS, is_known

Facts = dict[str, Any]
"""What a sentence says, by name: numbers and names, lists of them, and facts within facts."""

ENDING = ".md.j2"

_SEPARATOR = "\x1f"
_ONLY_TAGS = re.compile(r"(\s*(\{%((?!%\}).)*%\}|\{#((?!#\}).)*#\}))+\s*")


class Template:
    """The sentences of a chapter.

    Parameters
    ----------
    path
        The file; what it includes lies in the same folder or below. It is read anew when it has
        changed, so that a sentence can be edited while a notebook is open.

    Raises
    ------
    MissingInputError
        If there is no such file.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise MissingInputError(f"{path} is missing: restore it from the repository.")
        self.path = path
        self._environment = _environment(path.parent)

    def files(self) -> list[Path]:
        """Return the file and all that it includes.

        Raises
        ------
        BadInputError
            If one of them breaks the rules of the language, naming file and line.
        """
        found: dict[str, Path] = {}
        waiting = [self.path.name]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.path.parent / name
                with self._explained(name):
                    tree = self._environment.parse(self._source(name), name)
                    # Parsing alone knows no filters.
                    self._environment.get_template(name)
                    waiting += filter(None, meta.find_referenced_templates(tree))
        return list(found.values())

    def blocks(self) -> list[str]:
        """Return the names of the blocks."""
        with self._explained(self.path.name):
            return list(self._environment.get_template(self.path.name).blocks)

    def write(self, block: str, facts: Mapping[str, Any] | None = None) -> str:
        """Write the sentences of a block as Markdown.

        Parameters
        ----------
        block
            Its name.
        facts
            What the sentences say, by name.

        Raises
        ------
        BadInputError
            If there is no such block, or a sentence needs a fact that is not given or cannot be
            written as it asks; the message names file and line.
        """
        facts = dict(facts or {})
        with self._explained(self.path.name, block, facts):
            template = self._environment.get_template(self.path.name)
            if block not in template.blocks:
                raise BadInputError(
                    f"{self.path} has no block {block!r}: it has {', '.join(template.blocks)}. "
                    f"Add {{% block {block} %}} … {{% endblock %}}, or correct the name in the "
                    "notebook."
                )
            context = template.new_context(facts)
            return paragraphs("".join(template.blocks[block](context)))

    def _source(self, name: str) -> str:
        return (self.path.parent / name).read_text(encoding="utf-8")

    def _explained(
        self, name: str, block: str = "", facts: Mapping[str, Any] | None = None
    ) -> _Explained:
        return _Explained(self.path.parent, name, block, facts)


def read_template(folder: Path, chapter: str) -> Template:
    """Return the sentences of a chapter.

    Parameters
    ----------
    folder
        The folder of the notebooks.
    chapter
        File name of the notebook without its ending.
    """
    return Template(folder / f"{chapter}{ENDING}")


class _Explained:
    """Turns an error within a template into a sentence with the file and the line."""

    def __init__(
        self, folder: Path, name: str, block: str, facts: Mapping[str, Any] | None
    ) -> None:
        self._folder, self._name, self._block, self._facts = folder, name, block, facts

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, traceback: Any) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, BadInputError):
            return
        if isinstance(error, jinja2.TemplateNotFound):
            raise BadInputError(
                f"{self._folder / self._name} includes {error.name}, which is not in "
                f"{self._folder}: correct the name."
            ) from error
        if isinstance(error, jinja2.TemplateSyntaxError):
            file = self._folder / (error.name or self._name)
            raise BadInputError(
                f"{file}, line {error.lineno}: {_ended(error.message)} Correct the template."
            ) from error
        place = _place(traceback)
        if place is None:
            return
        known = ", ".join(sorted(self._facts or {})) or "none"
        raise BadInputError(
            f"{self._folder / place[0]}, line {place[1]} (block {self._block}): "
            f"{_ended(str(error))} Facts of this block: {known}."
        ) from error


def _ended(text: str | None) -> str:
    return f"{(text or 'it cannot be read').rstrip('.')}."


def _place(traceback: Any) -> tuple[str, int] | None:
    """Return the template and the line of the innermost frame that a template is in."""
    found = None
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            found = template.name, template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


class _Environment(jinja2.Environment):
    """Reads ``facts.name`` as the fact of this name, never as a method of the dictionary."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if not isinstance(obj, Mapping):
            return super().getattr(obj, attribute)
        if attribute in obj:
            return obj[attribute]
        return self.undefined(f"there is no fact {attribute!r}, only {', '.join(map(str, obj))}")


class _Lines(Extension):
    """Marks paragraphs and items by the template's own lines, whatever is written into them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return "\n".join(map(_marked, source.rstrip("\n").split("\n")))


def _marked(line: str) -> str:
    if not line.strip():
        return PARAGRAPH
    return _kept(f"{ITEM}{line.lstrip()}" if line.lstrip().startswith(("- ", "|")) else line)


def _kept(line: str) -> str:
    """Mark a tag at the end of a line of text, so that the end of the line is kept."""
    text = line.rstrip()
    # After a list in words the text goes on.
    alone = _ONLY_TAGS.fullmatch(text) and not text.endswith("endlisted %}")
    if alone or "{%" not in text or not text.endswith("%}") or text.endswith(("-%}", "+%}")):
        return line
    return f"{text[:-2]}+%}}"


class _Listed(Extension):
    """The tag ``{% listed x in xs %}…{% endlisted %}``: one text for each, as a list in words.

    A text that is empty is left out.
    """

    tags = {"listed"}  # noqa: RUF012 (as the class above has it)

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        target = parser.parse_assign_target(extra_end_rules=("name:in",))
        parser.stream.expect("name:in")
        each = parser.parse_tuple(with_condexpr=False)
        body = parser.parse_statements(("name:endlisted",), drop_needle=True)
        separator = nodes.Output([nodes.TemplateData(_SEPARATOR)])
        loop = nodes.For(target, each, [*body, separator], [], None, False, lineno=line)
        joined = nodes.Filter(None, "_separated", [], [], None, None, lineno=line)
        return nodes.FilterBlock([loop], joined, lineno=line)


def _separated(text: str) -> Markup:
    parts = (Markup(" ".join(part.split(" ")).strip()) for part in str(text).split(_SEPARATOR))
    return one_list([part for part in parts if part])


def _environment(folder: Path) -> jinja2.Environment:
    environment = _Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        finalize=_written,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Lines, _Listed],
    )
    environment.filters |= {**FILTERS, "_separated": _separated}
    environment.tests["known"] = is_known
    return environment


def _written(value: Any) -> Markup:
    """Write a fact that no filter has written: a name or a whole number."""
    if isinstance(value, jinja2.Undefined):
        value._fail_with_undefined_error()
    if isinstance(value, Markup):
        return value
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, bool) or value is None:
        raise ValueError(f"{value} is no text: write {{% if … %}} with a sentence for each case")
    if isinstance(value, (list, tuple, dict)):
        raise ValueError("these are several facts: use the filter listed, or the tag listed")
    try:
        return Markup(f"{value.__index__():,}")
    except AttributeError:
        raise ValueError(
            f"{value!r} needs a filter that says how it is written, such as percent or number"
        ) from None
