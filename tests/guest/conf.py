# SPDX-License-Identifier: GPL-2.0
"""Files of minifw.conf(5), put in force for the length of a test.

    parameter NAME=VALUE        in NAME ATTRIBUTE=VALUE …     # a comment
    set NAME ATTRIBUTE=VALUE …  element NAME ELEMENT …
    rule NAME ATTRIBUTE=VALUE … chain NAME ATTRIBUTE=VALUE …
"""

import contextlib
import re
import shlex

import tree

_KINDS = {"set": tree.Set, "rule": tree.Rule, "chain": tree.Chain}


class Refused(Exception):
    """A line that was not taken, and why."""


def words(line):
    """The words of a line, without the quotes that minifw_text_quote() writes."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split = True
    lexer.quotes = lexer.escapedquotes = '"'
    return list(lexer)


class _Loader:
    """Makes what lines say. Drafts and parameters come into force later."""

    def __init__(self):
        self.made = []
        self.parameters = {}
        self._to_publish = []

    def take(self, line):
        word, *rest = words(line) or [None]
        if word == "parameter":
            self.parameters.update(pair.split("=", 1) for pair in rest)
        elif word == "in":
            tree.Chain(rest[0])["add"] = line.split(None, 2)[2]
        elif word == "element":
            elements = re.sub(r" (?!timeout )(?<!timeout )", "\n", " ".join(rest[1:]))
            tree.Set(rest[0])["add"] = elements
        elif word:
            self._make(_KINDS[word](rest[0]), rest[1:], line)

    def _make(self, directory, pairs, line):
        directory.make()
        self.made.append(directory)
        for pair in pairs:
            attribute, value = pair.split("=", 1)
            directory[attribute] = value
        if not isinstance(directory, tree.Set):
            self._to_publish.append((directory, line))

    def publish(self):
        for directory, line in self._to_publish:
            with _explained(line, self.made):
                directory.publish()

    def remove(self):
        """Sets go last: no rule may name them then."""
        for directory in sorted(self.made, key=lambda made: isinstance(made, tree.Set)):
            directory.remove()


@contextlib.contextmanager
def _explained(line, made):
    """An error in the body is one of this line; the reason is in one of the last_error files."""
    try:
        yield
    except OSError as error:
        reasons = [one["last_error"] for one in made] + [tree.read(tree.ROOT + "/last_error")]
        raise Refused(f"{line}\n{error}: {', '.join(filter(None, reasons))}") from error
    except (IndexError, KeyError, ValueError) as error:
        raise Refused(f"{line}\nis no line of minifw.conf(5): {error!r}") from error


@contextlib.contextmanager
def in_force(lines):
    """Live while the body runs: all rules and chains at the end, then the parameters."""
    loader = _Loader()
    with contextlib.ExitStack() as stack:
        stack.callback(loader.remove)
        for line in lines:
            with _explained(line, loader.made):
                loader.take(line)
        loader.publish()
        stack.enter_context(tree.parameters(**loader.parameters))
        yield
