"""Keep the Spanish catalogue: `python -m scripts.messages` adds what is new to the .po file and compiles it.

The catalogue holds every text a student, a parent or somebody signing in may read: those of the files in SPOKEN, and
nothing else. Texts are found by Django's own template parser and by Python's, so nothing needs to be installed; and the
compiled file is committed, so running the portal needs no compiler either. tests/interop/test_languages.py holds the
catalogue to the texts, and the compiled file to the catalogue.
"""

import ast
import os
import re
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "es" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
SPOKEN = (
    "templates/account/*.html", "templates/mfa/**/*.html", "templates/socialaccount/*.html", "templates/4*.html",
    "templates/5*.html", "templates/gradebook/home/**/*.html", "templates/gradebook/viewing.html",
    "templates/gradebook/computed_sum.html", "templates/interop/page.html", "templates/interop/head.html",
    "templates/interop/header.html", "templates/interop/session.html", "templates/interop/messages.html",
    "templates/interop/languages.html", "gradebook/family/*.py", "gradebook/pages/home/*.py",
    "gradebook/pages/entering.py", "gradebook/teaching/explaining.py", "interop/dates.py", "interop/signin/*.py",
    "templates/gradebook/records/show.html", "templates/gradebook/records/card.html",
    "templates/gradebook/records/transcript.html", "templates/gradebook/records/total.html",
    "templates/assessments/family.html", "templates/assessments/chart_trend.html", "assessments/pages/*.py",
    "assessments/telling.py", "assessments/models/setup.py",
    "templates/lti/*.html", "templates/lti/pages/family_*.html", "templates/lti/pages/opening.html",
    "templates/lti/pages/way.html", "lti/pages/__init__.py", "lti/pages/family.py", "lti/pages/opening.py",
    "lti/access.py", "lti/launching.py", "lti/views/pages.py", "lti/views/launching.py",
    "interop/admin/errors.py", "interop/outage.py", "roster/screens/entrance.py", "roster/signin/people.py",
)  # fmt: skip
"""The files whose texts students, parents and people who sign in read."""
HEAD = (
    "Project-Id-Version: Interop\nLanguage: es\nMIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
)
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
"""How many of a call's arguments are texts."""
AS_ARGUMENT = re.compile(r'_\("([^"]+)"\)')
"""A text that a template hands to a filter or to another template."""
STRING = re.compile(r'^"(?:[^"\\]|\\.)*"$')


class Text(NamedTuple):
    """A text of the program, with its plural where it has one."""

    one: str
    many: str = ""


Catalogue = dict[Text, tuple[str, ...]]
"""The translations of each text: one, or one for each number; blank while nobody has translated it."""


def texts() -> list[Text]:
    """Return every text of the spoken files, each once, in their order."""
    found: dict[Text, None] = {}
    for path in files():
        of_file = _of_template(path) if path.suffix == ".html" else _of_module(path)
        found |= dict.fromkeys(of_file)
    return list(found)


def files() -> list[Path]:
    """Return the files of SPOKEN."""
    return sorted({path for pattern in SPOKEN for path in ROOT.glob(pattern)})


def read(path: Path = CATALOGUE) -> Catalogue:
    """Return what a .po file holds; nothing when there is none. Its head is left out."""
    blocks = path.read_text(encoding="utf-8").split("\n\n") if path.exists() else []
    parsed = [_parsed(block) for block in blocks if block.strip()]
    return {text: told for text, told in parsed if text.one}


def write(catalogue: Catalogue, path: Path = CATALOGUE) -> None:
    """Write a .po file, its texts in alphabetical order."""
    blocks = [f'msgid ""\nmsgstr {_quoted(HEAD)}']
    for text, told in sorted(catalogue.items()):
        lines = [f"msgid {_quoted(text.one)}"]
        if text.many:
            lines.append(f"msgid_plural {_quoted(text.many)}")
            lines += [f"msgstr[{at}] {_quoted(each)}" for at, each in enumerate(told)]
        else:
            lines.append(f"msgstr {_quoted(told[0])}")
        blocks.append("\n".join(lines))
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def compiled(catalogue: Catalogue) -> bytes:
    """Return the catalogue as gettext reads it (the GNU .mo format): sorted texts, then their translations."""
    pairs = {"": HEAD} | {
        f"{text.one}\0{text.many}" if text.many else text.one: "\0".join(told)
        for text, told in catalogue.items()
        if all(told)
    }
    keys = sorted(pairs, key=str.encode)
    tables, place, body = b"", 28 + 16 * len(keys), b""
    for each in (*keys, *(pairs[key] for key in keys)):
        encoded = each.encode()
        tables += struct.pack("<II", len(encoded), place + len(body))
        body += encoded + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, 0) + tables + body


def _of_template(path: Path) -> Iterator[Text]:
    from django.template.loader import get_template  # noqa: PLC0415 - Django is set up by then
    from django.templatetags.i18n import BlockTranslateNode, TranslateNode  # noqa: PLC0415

    loaded: Any = get_template(str(path.relative_to(ROOT / "templates")))
    nodes = loaded.template.nodelist
    for node in nodes.get_nodes_by_type(TranslateNode):
        yield Text(node.filter_expression.var.literal.replace("%", "%%"))
    for node in nodes.get_nodes_by_type(BlockTranslateNode):
        many = node.render_token_list(node.plural)[0] if node.plural else ""
        yield Text(node.render_token_list(node.singular)[0], many)
    for told in AS_ARGUMENT.findall(path.read_text(encoding="utf-8")):
        yield Text(told)


def _of_module(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
            given = node.args[: CALLS[node.func.id]]
            yield Text(*[ast.literal_eval(each) for each in given])


def _parsed(block: str) -> tuple[Text, tuple[str, ...]]:
    told: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        word, _, rest = line.partition(" ") if line.startswith("msg") else (name, "", line)
        name = word
        if not STRING.match(rest):
            raise ValueError(line)
        told[name] = told.get(name, "") + ast.literal_eval(rest)
    translations = tuple(each for key, each in told.items() if key.startswith("msgstr"))
    return Text(told["msgid"], told.get("msgid_plural", "")), translations


def _quoted(text: str) -> str:
    """Return a text as strings of a .po file, a line for each of its lines."""
    parts = text.splitlines(keepends=True) or [""]
    escaped = [
        '"' + part.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
        for part in parts
    ]
    return escaped[0] if len(escaped) == 1 else "\n".join(['""', *escaped])


def _blank(wanted: Iterable[Text], known: Catalogue) -> Catalogue:
    return {text: known.get(text, ("", "") if text.many else ("",)) for text in wanted}


def main() -> None:
    """Bring the catalogue up to date; say what is not translated."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "interop.settings")
    django.setup()
    catalogue = _blank(texts(), read())
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    write(catalogue)
    COMPILED.write_bytes(compiled(catalogue))
    blank = [text.one for text, told in catalogue.items() if not all(told)]
    print(f"{len(catalogue)} texts, {len(blank)} not translated.")
    for each in blank:
        print(f"  {each}")


if __name__ == "__main__":
    main()
