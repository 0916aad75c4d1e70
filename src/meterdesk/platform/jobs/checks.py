"""The start-up check that every job deferred by name exists."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.checks import Error, register
from procrastinate.contrib.django import app

_DEFERRING = {"defer", "defer_at", "defer_once"}
_PACKAGE = Path(__file__).resolve().parents[2]
_LEFT_OUT = {"tests", "migrations"}


def names_deferred(source: str) -> Iterator[tuple[int, str | None]]:
    """Line and job name of every call that defers; the name is None when it is not a text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        named = isinstance(called, ast.Name) and called.id in _DEFERRING
        through_jobs = (
            isinstance(called, ast.Attribute)
            and called.attr in _DEFERRING
            and isinstance(called.value, ast.Name)
            and called.value.id == "jobs"
        )
        if named or through_jobs:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield node.lineno, name.value
            else:
                yield node.lineno, None


@register()
def check_jobs(**_kwargs: Any) -> list[Error]:
    """Compare the jobs that are deferred in the source with the jobs that are registered."""
    known, errors = set(app.tasks), []
    for path in sorted(_PACKAGE.rglob("*.py")):
        parts = path.relative_to(_PACKAGE).parts
        if _LEFT_OUT & set(parts) or parts[:2] == ("platform", "jobs"):
            continue
        source = path.read_text(encoding="utf-8")
        if "defer" not in source:
            continue
        for line, name in names_deferred(source):
            where = f"{'/'.join(parts)}, line {line}"
            if name is None:
                errors.append(
                    Error(f"{where}: write the job's name as a text.", id="meterdesk.E011")
                )
            elif name not in known:
                errors.append(Error(f"{where}: no job is called {name!r}.", id="meterdesk.E012"))
    return errors
