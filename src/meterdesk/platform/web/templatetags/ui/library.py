"""The tag library and block components with named slots."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django import template
from django.template import loader
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.template.library import TagHelperNode, parse_bits
from django.utils.safestring import SafeString

library = template.Library()


class Body(NamedTuple):
    """What stood between the tags of a block component."""

    content: SafeString
    slots: dict[str, SafeString]
    context: Context

    def slot(self, name: str) -> SafeString:
        """Return a slot's markup, empty when it was not filled."""
        return self.slots.get(name, SafeString(""))


def _slot_stack(context: Context) -> list[dict[str, SafeString]]:
    # As render_context.setdefault does, but at once: a page asks hundreds of times.
    of_template = cast(dict[str, Any], context.render_context.dicts[-1])
    return cast(list[dict[str, SafeString]], of_template.setdefault("ui_slots", []))


class ComponentNode(TagHelperNode):
    """Renders the content first, collecting its slots, then hands both to the component."""

    def __init__(self, nodelist: NodeList, func: Any, args: Any, kwargs: Any) -> None:
        super().__init__(func, takes_context=False, args=args, kwargs=kwargs)
        self.nodelist = nodelist
        given = (*args, *kwargs.values())
        self.constant = (
            ([one.var for one in args], {name: one.var for name, one in kwargs.items()})
            if all(isinstance(one.var, str) and not one.filters for one in given)
            else None
        )

    def render(self, context: Context) -> SafeString:
        args, kwargs = self.constant or self.get_resolved_arguments(context)
        stack = _slot_stack(context)
        stack.append({})
        try:
            content = SafeString(self.nodelist.render(context).strip())
        finally:
            slots = stack.pop()
        return SafeString(self.func(Body(content, slots, context), *args, **kwargs))


def block(function: Callable[..., str]) -> Callable[..., str]:
    """Register `{% name ... %}...{% endname %}`; the function's first argument is its Body."""
    name = function.__name__.rstrip("_")
    spec = inspect.getfullargspec(inspect.unwrap(function))

    def compile_block(parser: Parser, token: Token) -> ComponentNode:
        args, kwargs = parse_bits(  # type: ignore[call-arg]  # stubs lack takes_context
            parser,
            token.split_contents()[1:],
            spec.args[1:],
            spec.varargs,
            spec.varkw,
            spec.defaults,
            spec.kwonlyargs,
            spec.kwonlydefaults,
            takes_context=False,
            name=name,
        )
        nodelist = parser.parse((f"end{name}",))
        parser.delete_first_token()
        return ComponentNode(nodelist, function, args, kwargs)

    library.tag(name, compile_block)
    return function


@block
def slot(body: Body, name: str) -> str:
    """Fill a named slot of the component around it."""
    stack = _slot_stack(body.context)
    if not stack:
        raise template.TemplateSyntaxError(f"The slot {name!r} stands in no component.")
    stack[-1][name] = body.content
    return ""


def draw(component: str, **values: Any) -> SafeString:
    """Render templates/ui/<component>.html with these values and nothing else."""
    return SafeString(loader.get_template(f"ui/{component}.html").render(values))


def page_request(context: Context) -> Any:
    """Return the request of the page being drawn, or None."""
    return context.get("request")
