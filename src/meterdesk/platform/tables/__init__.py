"""Tables of the lists: their columns, what each person chose of them, and their CSV.

A list describes its table once (`register`), asks what its person chose (`view_of`), draws it with
the `ui` components, and gives the same rows as a file (`export`).
"""

from meterdesk.platform.tables.columns import Column, Table, TableView, find, register
from meterdesk.platform.tables.exporting import export
from meterdesk.platform.tables.remembering import forget, remember, view_of

__all__ = [
    "Column",
    "Table",
    "TableView",
    "export",
    "find",
    "forget",
    "register",
    "remember",
    "view_of",
]
