"""What a person typed, understood."""

from dataclasses import dataclass

from catalog.search.words import LONGEST_QUERY, Word, fold, name_forms, terms_of


@dataclass(frozen=True)
class Asked:
    """A query: its text, its words, the names it may be, and whether the last word may go on."""

    text: str
    terms: tuple[Word, ...]
    forms: tuple[str, ...]
    is_open: bool

    @classmethod
    def of(cls, query: str) -> "Asked":
        """Reads a query; a space at its end says that the last word is finished."""
        text = query[:LONGEST_QUERY].replace("\x00", "")
        is_open = not text.endswith((" ", '"', "'"))
        return cls(" ".join(text.split()), terms_of(text), name_forms(text), is_open)

    @property
    def start(self) -> str:
        """What a name has to begin with to be meant."""
        return fold(self.text) or "\x01"

    def __bool__(self) -> bool:
        return bool(self.text)
