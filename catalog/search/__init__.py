"""Finding datasets: by name, by word, by what they are about, for whoever may see them.

Everything takes the visible datasets as a queryset and filters it; nothing here knows who is looking.
"""

from catalog.search.documents import refresh
from catalog.search.facets import COUNTED, Facet, FacetValue
from catalog.search.filters import Filters
from catalog.search.finding import Hit, SearchPage, search, suggest
from catalog.search.paging import BadCursor
from catalog.search.popularity import set_popularity
from catalog.search.ranking import Tier
from catalog.search.snippets import Piece, Snippet

__all__ = [
    "COUNTED",
    "BadCursor",
    "Facet",
    "FacetValue",
    "Filters",
    "Hit",
    "Piece",
    "SearchPage",
    "Snippet",
    "Tier",
    "refresh",
    "search",
    "set_popularity",
    "suggest",
]
