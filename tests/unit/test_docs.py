"""What the pages point to is there: files, headings, paths, commands, targets and versions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders.commands import every_command

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PACKAGE = ROOT / "components" / "creditrisk"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
SOURCE = re.compile(  # a file of the tree, or a folder of it
    r"[\w./-]+\.(?:py|mk|toml|sh)|[\w.-]+/[\w./-]+\.yaml"
    r"|(?:components|pipelines|tests|tools|bench)/[\w./-]*"
)
PATTERNS = {"component.py", "utils.py"}  # of a name that every stage has, and that none may have


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text("utf-8"))


def code(page: Path) -> str:
    """A line for each line of a code block and each code span."""
    text = page.read_text("utf-8")
    blocks = [block.split("\n", 1)[1] for block in FENCED.findall(text)]
    indented = re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    return "\n".join([*blocks, *indented, *SPAN.findall(FENCED.sub("", text))])


def links(page: Path) -> set[Path]:
    """The files a page links to."""
    targets = (target.partition("#")[0] for target in LINK.findall(prose(page)))
    return {
        (page.parent / target).resolve() for target in targets if target and "://" not in target
    }


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub makes links of them."""
    words = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in HEADING.findall(prose(page)))
    return {re.sub(r"\s", "-", each.strip()) for each in words}


def dead_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(prose(page)):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if "://" in target:
            continue
        if not file.exists() or (anchor and anchor not in anchors(file)):
            yield target


def known(path: str) -> bool:
    """Whether the tree has it: from its root or the package's on, or, of a bare name, anywhere."""
    roots = (ROOT, PACKAGE, PACKAGE / "stages")
    anywhere = "/" not in path and any(ROOT.glob(f"[ct]*/**/{path}"))
    return anywhere or any((root / path).exists() for root in roots)


def command(words: list[str]) -> tuple[Any, list[str]]:
    """The command that some words begin with, and the words after its name."""
    found = every_command()
    while words and words[0] in getattr(found, "commands", {}):
        found, words = found.commands[words[0]], words[1:]
    return found, words


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_leads_to_a_file_and_a_heading(page):
    assert list(dead_links(page)) == []


def test_every_page_is_linked_from_the_index():
    linked = links(DOCS / "index.md") | links(DOCS / "decisions" / "README.md")
    unlinked = set(DOCS.rglob("*.md")) - linked - {DOCS / "index.md"}
    assert sorted(map(named, unlinked)) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_source_file_a_page_names_is_there(page):
    spans = (span for span in SPAN.findall(prose(page)) if SOURCE.fullmatch(span))
    gone = [span for span in spans if span not in PATTERNS and not known(span)]
    assert gone == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_a_page_shows_exists_with_its_options(page):
    for shown in re.findall(r"\b(?<!//)creditrisk ([a-z]+\b(?!/)[^\n|;&]*)", code(page)):
        found, rest = command(re.sub(r"[\[\]]", " ", shown).split())
        assert not (rest and hasattr(found, "commands")), shown
        options = {name for one in found.params for name in (*one.opts, *one.secondary_opts)}
        used = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert used <= options | {"--help"}, shown


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_a_page_shows_exists(page):
    makefiles = "".join((ROOT / name).read_text() for name in ("Makefile", "manifests/cluster.mk"))
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefiles, re.MULTILINE))
    shown = re.findall(r"\bmake ((?:[a-z][a-z-]+\b(?!=) ?)+)", code(page))
    assert {word for words in shown for word in words.split()} <= targets


def test_decisions_are_numbered_without_a_hole():
    numbers = sorted(int(page.name[:4]) for page in (DOCS / "decisions").glob("0*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_glossary_is_in_alphabetical_order():
    terms = HEADING.findall(prose(DOCS / "glossary.md"))[1:]
    assert terms == sorted(terms, key=str.casefold)


def test_packages_in_the_version_table_are_those_of_the_lock():
    shown = re.findall(r"`([a-z-]+) (\d[\d.]*)`", prose(DOCS / "versions.md"))
    lock = (ROOT / "requirements" / "dev.txt").read_text()
    locked = set(re.findall(r"^([^\s#=]+)==(\S+)", lock, re.MULTILINE))
    assert set(shown) - locked == set()
    assert shown
