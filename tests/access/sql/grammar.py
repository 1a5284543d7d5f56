"""Random queries over the two-worlds tables, weighted towards what could tell hidden rows apart."""

import random

COLUMNS = {
    "orders": {"int": ["id", "tenant", "amount"], "text": ["email", "tag", "odd"], "date": ["day"]},
    "items": {"int": ["id", "order_id", "tenant", "n"], "text": ["tag", "email"], "date": []},
}
CONSTANTS = {
    "int": ["0", "1", "7", "14", "900", "5001", "20000", "-1"],
    "text": ["'gold'", "'plain'", "'7'", "'1'", "'x'", "'SECRET14'", "'abc'", "''"],
    "date": [
        "date '2020-01-15'",
        "date '2020-03-01'",
        "current_date",
        "date '2019-01-01' + interval '1 year'",
    ],
}


class Grammar:
    """A seeded source of queries."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._aliases = 0

    def query(self) -> str:
        source, columns = self._source(2)
        where = f" where {self._condition(columns, 3)}" if self._flip(0.85) else ""
        if self._flip(0.5):
            chosen = self._pick(["count(*)", f"max({self._value(columns, 'int', 2)})", "min(1)"])
            return f"select {chosen} from {source}{where}"
        first = self._value(columns, self._pick(["int", "text"]), 2)
        if self._flip(0.3):
            having = f" having count(*) > {self._pick(CONSTANTS['int'])}" if self._flip(0.5) else ""
            return f"select {first} as k, count(*) as c from {source}{where} group by 1{having}"
        tail = " order by 1, 2 limit 20" if self._flip(0.7) else ""
        return (
            f"select {first} as a, {self._value(columns, 'int', 2)} as b from {source}{where}{tail}"
        )

    def _source(self, depth: int) -> tuple[str, dict[str, list[str]]]:
        left, columns = self._item(depth)
        if depth == 0 or self._flip(0.55):
            return left, columns
        right, more = self._item(depth - 1)
        joined = {kind: columns[kind] + more[kind] for kind in columns}
        kind = self._pick(["join", "left join", "cross join", ","])
        if kind in ("cross join", ","):
            key = f"{self._pick(columns['int'])} = {self._pick(more['int'])}"
            return f"{left} join {right} on {key}", joined
        on = f"{self._pick(columns['int'])} = {self._pick(more['int'])}"
        if self._flip(0.4):
            on += f" and {self._condition(joined, 1)}"
        return f"{left} {kind} {right} on {on}", joined

    def _item(self, depth: int) -> tuple[str, dict[str, list[str]]]:
        self._aliases += 1
        alias = f"t{self._aliases}"
        table = self._pick(["orders", "orders", "items"])
        plain = COLUMNS[table]
        columns = {kind: [f"{alias}.{name}" for name in names] for kind, names in plain.items()}
        if depth == 0 or self._flip(0.6):
            return f"{table} {alias}", columns
        inner = {kind: list(names) for kind, names in plain.items()}
        made = self._value(inner, "int", 1)
        condition = self._condition(inner, 1)
        columns["int"].append(f"{alias}.made")
        return f"(select *, {made} as made from {table} where {condition}) {alias}", columns

    def _condition(self, columns: dict[str, list[str]], depth: int) -> str:
        roll = self._chance.random()
        if depth > 0 and roll < 0.45:
            word = self._pick(["and", "and", "and", "or"])
            one, two = self._condition(columns, depth - 1), self._condition(columns, depth - 1)
            return f"({one} {word} {two})"
        if depth > 0 and roll < 0.55:
            return self._subquery(columns)
        if roll < 0.7:
            return f"{self._pick(columns['text'])} = {self._pick(CONSTANTS['text'])}"
        kind = self._pick(["int", "int", "text", "date"])
        if kind == "date" and not columns["date"]:
            kind = "int"
        sign = self._pick(["=", "<", ">", "<>", ">="])
        return f"{self._value(columns, kind, 1)} {sign} {self._value(columns, kind, 1)}"

    def _subquery(self, columns: dict[str, list[str]]) -> str:
        self._aliases += 1
        alias = f"s{self._aliases}"
        key = self._pick(columns["int"])
        inner = {
            kind: [f"{alias}.{name}" for name in names] for kind, names in COLUMNS["items"].items()
        }
        condition = self._condition(inner, 1)
        form = self._pick(["exists", "in", "not in", "scalar"])
        if form == "exists":
            return f"exists (select 1 from items {alias} where {alias}.order_id = {key} and {condition})"
        if form == "scalar":
            return f"{key} > (select count(*) from items {alias} where {condition})"
        return f"{key} {form} (select {alias}.order_id from items {alias} where {condition})"

    def _value(self, columns: dict[str, list[str]], kind: str, depth: int) -> str:
        if kind == "date":
            return self._pick(
                columns["date"] + CONSTANTS["date"] if columns["date"] else CONSTANTS["date"]
            )
        if depth == 0 or self._flip(0.35):
            return self._pick(columns[kind] + columns[kind] + CONSTANTS[kind])
        inner = self._value(columns, kind, depth - 1)
        other = self._value(columns, kind, depth - 1)
        if kind == "text":
            forms = [
                f"upper({inner})",
                f"coalesce({inner}, {other})",
                f"substring({inner} from 1 for 2)",
                f"{inner} || {other}",
            ]
            return self._pick(forms)
        text = self._pick(columns["text"])
        forms = [
            f"cast({text} as integer)",
            f"({inner} + {other})",
            f"({inner} * {other})",
            f"({inner} / nullif({other}, 0))",
            f"cast({inner} / ({other} - {other}) as integer)",
            f"length({text})",
            f"case when {text} = {self._pick(CONSTANTS['text'])} then {inner} else {other} end",
            f"coalesce({inner}, {other})",
            "cast('abc' as integer)",
        ]
        return self._pick(forms)

    def _pick(self, items: list[str]) -> str:
        return self._chance.choice(items)

    def _flip(self, share: float) -> bool:
        return self._chance.random() < share
