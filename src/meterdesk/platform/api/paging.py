"""Which part of a list is asked for."""

from ninja import Field, Schema

from meterdesk.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT, PageRequest


class Paged(Schema):
    """A page of a list; the filters of a list inherit from it."""

    limit: int = Field(DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="Rows a page.")
    cursor: str | None = Field(
        None, max_length=1_200, description="The `next` of the page before; empty: the first."
    )

    @property
    def page(self) -> PageRequest:
        """The same, as queries take it."""
        return PageRequest(self.limit, self.cursor or None)
