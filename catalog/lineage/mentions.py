"""Whether a piece of SQL names something the reader may not know of."""

import re
from typing import Final

from django.db.models import QuerySet

from catalog.models import Dataset
from catalog.search.words import fold

_NAMES: Final = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|([^\W]+)')


def names_hidden(sql: str, *, visible: QuerySet[Dataset]) -> bool:
    """Whether the SQL has the name of a table that is not among the visible ones, anywhere in it.

    It looks at words, not at meaning: SQL that no parser follows is judged all the same, and a word that happens to be
    the name of a hidden table closes it too.

    Cost: one query.
    """
    words = {
        fold(quoted.replace('""', '"') or ticked or bare)
        for quoted, ticked, bare in _NAMES.findall(sql)
    }
    if not words:
        return False
    named = Dataset.objects.filter(search_names__overlap=sorted(words)).order_by()
    # Compared with what is visible by exclusion: what nobody listed stays closed.
    hidden = named.exclude(pk__in=visible.order_by().values("pk"))
    return any(fold(table) in words for table in hidden.values_list("table_name", flat=True))


def readable_sql(sql: str, *, visible: QuerySet[Dataset]) -> str:
    """The SQL, or nothing when it names something the reader may not know of."""
    return "" if names_hidden(sql, visible=visible) else sql
