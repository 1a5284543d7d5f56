"""A grammar over the allow-list: random queries with every kind of clause, weighted towards what could tell.

Answers must not depend on the order in which an engine meets rows, or two runs of one query would differ by
themselves: limits stand behind a total order, lists are built in order, windows use what ties cannot change.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.access.sql.company import DUCKDB

Columns = dict[str, list[str]]

TABLES: dict[str, Columns] = {
    "orders": {"int": ["id", "tenant", "amount"], "text": ["email", "tag", "odd"], "date": ["day"]},
    "items": {"int": ["id", "order_id", "tenant", "n"], "text": ["tag", "email"], "date": []},
    "people": {
        "int": ["id", "tenant", "pay", "score"],
        "text": ["mail", "phone", "note", "ssn", "city", "nick"],
        "date": ["born"],
    },
}
MOST_NESTED = 2
CONSTANTS = {
    "int": ["0", "1", "2", "7", "14", "900", "5001", "20000", "-1", "null"],
    "text": ["'gold'", "'plain'", "'7'", "'1'", "'x'", "'SECRET14'", "'abc'", "''", "'%'", "'('", "'2020-01-15'"],
    "date": ["date '2020-01-15'", "date '2020-03-01'", "date '1990-05-01'", "current_date"],
    "bool": ["true", "false", "null"],
}  # fmt: skip


class Language:
    """A seeded source of queries in one dialect."""

    def __init__(self, seed: int, dialect: str) -> None:
        self._chance = random.Random(f"{dialect} {seed}")
        self._duck = dialect == DUCKDB
        self._n = 0
        self._nested = 0
        self._ctes: dict[str, Columns] = {}

    # --- Queries

    def query(self) -> str:
        """One statement."""
        head = self._with() if self._flip(0.2) else ""
        roll = self._chance.random()
        if roll < 0.1:
            return head + self._united()
        if roll < 0.15 and self._duck:
            return head + self._pivoted()
        return head + self._select()

    def _select(self) -> str:
        source, columns = self._source(2)
        where = f" where {self._bool(columns, 3)}" if self._flip(0.75) else ""
        roll = self._chance.random()
        if roll < 0.35:
            return f"select {self._summaries(columns)} from {source}{where}"
        if roll < 0.6:
            return self._grouped(source, columns, where)
        return self._rows(source, columns, where)

    def _rows(self, source: str, columns: Columns, where: str) -> str:
        kinds = [
            self._pick(["int", "text", "date", "bool"]) for _ in range(self._chance.randint(1, 3))
        ]
        items = [f"{self._value(columns, kind, 2)} as c{i}" for i, kind in enumerate(kinds)]
        if self._flip(0.2):
            items.append(f"{self._window(columns)} as w")
        distinct = "distinct " if self._flip(0.2) else ""
        qualify = ""
        if self._duck and self._flip(0.1):
            qualify = f" qualify rank() over (order by {self._value(columns, 'int', 1)}) < 5"
        text = f"select {distinct}{', '.join(items)} from {source}{where}{qualify}"
        if self._flip(0.6):
            order = ", ".join(str(i + 1) for i in range(len(items)))
            text += f" order by {order} limit {self._limit()}"
        return text

    def _limit(self) -> str:
        if self._flip(0.85):
            return self._pick(["3", "20", "0"])
        return f"(select {self._pick(['max(n) + 1', 'min(n) - 1', 'count(*)'])} from items)"

    def _grouped(self, source: str, columns: Columns, where: str) -> str:
        keys = [
            self._value(columns, self._pick(["int", "text"]), 1)
            for _ in range(self._chance.randint(1, 2))
        ]
        items = [f"{key} as k{i}" for i, key in enumerate(keys)]
        by = ", ".join(str(i + 1) for i in range(len(keys)))
        if self._flip(0.2):
            keys = self._chance.choices(columns["int"] + columns["text"], k=len(keys))
            items = [f"{key} as k{i}" for i, key in enumerate(keys)]
            by = f"{self._pick(['rollup', 'cube'])}({', '.join(keys)})"
        having = f" having {self._having(columns)}" if self._flip(0.4) else ""
        return f"select {', '.join(items)}, {self._summaries(columns)} from {source}{where} group by {by}{having}"

    def _having(self, columns: Columns) -> str:
        return self._pick(
            [
                f"count(*) > {self._pick(CONSTANTS['int'])}",
                f"max({self._value(columns, 'int', 1)}) > {self._pick(CONSTANTS['int'])}",
                f"min({self._value(columns, 'text', 1)}) = {self._pick(CONSTANTS['text'])}",
            ]
        )

    def _summaries(self, columns: Columns) -> str:
        found = [self._summary(columns) for _ in range(self._chance.randint(1, 2))]
        return ", ".join(f"{each} as s{i}" for i, each in enumerate(found))

    def _summary(self, columns: Columns) -> str:
        number, text = self._value(columns, "int", 2), self._value(columns, "text", 1)
        forms = [
            "count(*)",
            f"count({number})",
            f"count(distinct {text})",
            f"max({number})",
            f"min({text})",
            f"sum({number})",
            f"count(*) filter (where {self._bool(columns, 1)})",
            f"bool_or({self._bool(columns, 1)})",
            f"string_agg({text}, ',' order by {text})",
            f"array_agg({number} order by {number})",
            f"max(length({text})) / nullif(count(*) - 1, 0)",
            f"cast(min({text}) as integer)",
        ]
        if self._duck:
            forms += [
                f"list_sort(list({number}))",
                f"quantile_disc({number}, 0.5)",
                f"arg_max({text}, {text})",
            ]
        return self._pick(forms)

    def _window(self, columns: Columns) -> str:
        number, part = self._value(columns, "int", 1), self._value(columns, "text", 1)
        return self._pick(
            [
                f"rank() over (partition by {part} order by {number})",
                f"dense_rank() over (order by {number})",
                f"sum({number}) over (partition by {part})",
                f"count(*) over (partition by {number})",
                f"max({number}) over (partition by {part} order by {self._pick(columns['int'])})",
                f"count(*) over (order by {self._pick(columns['int'])} range between 1 preceding and current row)",
            ]
        )

    def _united(self) -> str:
        kinds = self._chance.choices(["int", "text"], k=2)
        word = self._pick(["union all", "union", "intersect", "except"])
        return f" {word} ".join(self._member(kinds) for _ in range(2))

    def _member(self, kinds: list[str]) -> str:
        source, columns = self._source(1)
        items = ", ".join(
            f"{self._value(columns, kind, 2)} as c{i}" for i, kind in enumerate(kinds)
        )
        return f"select {items} from {source} where {self._bool(columns, 2)}"

    def _pivoted(self) -> str:
        inner = f"(select tag, tenant % 3 as third, {self._value(TABLES['orders'], 'int', 1)} as v from orders)"
        if self._flip(0.5):
            return f"pivot {inner} on tag in ('gold', 'plain') using {self._pick(['sum', 'max', 'count'])}(v)"
        return f"select name, count(*), max(value) from (unpivot {inner} on third, v into name name value value) u group by 1"

    # --- WITH

    def _with(self) -> str:
        parts = []
        for _ in range(self._chance.randint(1, 2)):
            name = self._name("w")
            if self._flip(0.15):
                parts.append(self._recursive(name))
            else:
                parts.append(self._part(name))
        word = "with recursive" if any(" recursive_" in part for part in parts) else "with"
        return f"{word} {', '.join(part.replace(' recursive_', ' ') for part in parts)} "

    def _part(self, name: str) -> str:
        source, columns = self._source(1)
        items = [(self._value(columns, "int", 1), "a"), (self._value(columns, "text", 1), "b")]
        listed = ", ".join(f"{value} as {alias}" for value, alias in items)
        self._ctes[name] = {"int": ["a"], "text": ["b"], "date": []}
        hint = self._pick(["", "", "materialized ", "not materialized "])
        return f"{name} as {hint}(select {listed} from {source} where {self._bool(columns, 2)})"

    def _recursive(self, name: str) -> str:
        step = self._pick(
            [
                "o.id = r.a + 1",
                "o.id = r.a + 1 and cast(o.odd as integer) >= 0",
                "o.tenant = r.a + 2",
            ]
        )
        self._ctes[name] = {"int": ["a"], "text": [], "date": []}
        self._ctes[name]["text"] = ["'r'"]
        return (
            f"{name} as (select cast(0 as bigint) as a union select r.a + 1 from  recursive_{name} r join orders o on {step}"
            " where r.a < 6)"
        )

    # --- FROM

    def _source(self, depth: int) -> tuple[str, Columns]:
        left, columns = self._item(depth)
        if depth == 0 or self._flip(0.5):
            return left, columns
        right, more = self._item(depth - 1)
        joined = {kind: columns[kind] + more[kind] for kind in ("int", "text", "date")}
        on = f"{self._pick(columns['int'])} = {self._pick(more['int'])}"
        if self._flip(0.35):
            on += f" and {self._bool(joined, 1)}"
        kinds = ["join", "join", "left join", "right join", "full join", "lateral"]
        kinds += ["semi join", "anti join", "asof join"] if self._duck else []
        kind = self._pick(kinds)
        if kind in ("semi join", "anti join"):
            return f"{left} {kind} {right} on {on}", columns
        if kind == "asof join":
            near = f"(select distinct on (id) * from {self._pick(['items', 'orders'])} where id % 40 = 0) z"
            return f"{left} asof join {near} on z.id <= {self._pick(columns['int'])}", columns
        if kind == "lateral":
            return self._lateral(left, columns)
        if kind == "full join":
            on = on.split(" and ")[0]
        return f"{left} {kind} {right} on {on}", joined

    def _lateral(self, left: str, columns: Columns) -> tuple[str, Columns]:
        alias = self._name("l")
        inner = f"select {self._value(columns, 'int', 2)} as made, {self._value(columns, 'text', 1)} as said"
        if self._flip(0.4):
            low = self._pick(columns["int"])
            table = (
                f"range(cast({low} % 5 as bigint)) {alias}(made)"
                if self._duck
                else f"generate_series(1, cast({low} % 5 as integer)) {alias}(made)"
            )
            return f"{left} cross join {table}", {
                **columns,
                "int": [*columns["int"], f"{alias}.made"],
            }
        more = {
            **columns,
            "int": [*columns["int"], f"{alias}.made"],
            "text": [*columns["text"], f"{alias}.said"],
        }
        return f"{left} cross join lateral ({inner}) {alias}", more

    def _item(self, depth: int) -> tuple[str, Columns]:
        alias = self._name("t")
        if self._ctes and self._flip(0.4):
            name = self._pick(sorted(self._ctes))
            return f"{name} {alias}", self._under(alias, self._ctes[name])
        if self._flip(0.04):
            rows = ", ".join(
                f"({self._pick(CONSTANTS['int'][:8])}, {self._pick(CONSTANTS['text'])})"
                for _ in range(3)
            )
            return f"(values {rows}) {alias}(v, u)", self._under(
                alias, {"int": ["v"], "text": ["u"], "date": []}
            )
        table = self._pick(["orders", "orders", "items", "people", "people"])
        plain = TABLES[table]
        if depth == 0 or self._flip(0.6):
            return f"{table} {alias}", self._under(alias, plain)
        return self._derived(table, plain, alias)

    def _derived(self, table: str, plain: Columns, alias: str) -> tuple[str, Columns]:
        roll = self._chance.random()
        if roll < 0.2:
            word = self._pick(["union all", "union"])
            other = self._pick(["orders", "items"])
            text = f"select id as a, tag as b from {other} {word} select {self._value(plain, 'int', 1)}, {self._value(plain, 'text', 1)} from {table}"
            return f"({text}) {alias}", self._under(
                alias, {"int": ["a"], "text": ["b"], "date": []}
            )
        if roll < 0.35:
            key = self._value(plain, "text", 1)
            text = f"select {key} as b, {self._pick(['count(*)', 'max(id)', 'min(tenant)'])} as a from {table} where {self._bool(plain, 1)} group by 1"
            return f"({text}) {alias}", self._under(
                alias, {"int": ["a"], "text": ["b"], "date": []}
            )
        star = "*"
        if self._duck and self._flip(0.3):
            gone = self._pick(plain["text"])
            star = f"* replace (upper({gone}) as {gone})"
        text = f"select {star}, {self._value(plain, 'int', 1)} as made from {table} where {self._bool(plain, 1)}"
        more = self._under(alias, plain)
        more["int"].append(f"{alias}.made")
        return f"({text}) {alias}", more

    def _under(self, alias: str, columns: Columns) -> Columns:
        return {
            kind: [name if name.startswith("'") else f"{alias}.{name}" for name in names]
            for kind, names in columns.items()
        }

    # --- Values

    def _value(self, columns: Columns, kind: str, depth: int) -> str:
        if kind == "bool":
            return self._bool(columns, depth)
        here = columns.get(kind) or CONSTANTS[kind]
        if depth <= 0 or self._flip(0.35):
            return self._pick([*here, *here, *CONSTANTS[kind]])
        forms: dict[str, Callable[[Columns, int], list[str]]] = {
            "int": self._ints,
            "text": self._texts,
            "date": self._dates,
        }
        return self._pick(forms[kind](columns, depth - 1))

    def _ints(self, columns: Columns, depth: int) -> list[str]:
        one, two = self._value(columns, "int", depth), self._value(columns, "int", depth)
        text = self._value(columns, "text", depth)
        day = self._value(columns, "date", 0)
        forms = [
            f"cast({text} as integer)",
            f"({one} + {two})",
            f"({one} * {two})",
            f"({one} - {two})",
            f"({one} / nullif({two}, 0))",
            f"({one} % {two})",
            f"({one} / ({two} - {two}))",
            f"length({text})",
            f"case when {self._bool(columns, 1)} then {one} else {two} end",
            f"coalesce({one}, {two})",
            f"greatest({one}, {two})",
            f"nullif({one}, {two})",
            f"abs({one})",
            f"-({one})",
            "cast('abc' as integer)",
            f"cast(extract(month from {day}) as integer)",
            f"position({self._value(columns, 'text', 0)} in {text})",
            f"ascii({text})",
            f"cast(sqrt({one}) as integer)",
            f"cast(ln({one}) as integer)",
            f"cast(power({one}, {two}) as integer)",
            self._scalar(columns),
        ]
        if self._duck:
            forms += [
                f"[{one}, {two}][{one}]",
                f"list_sum(list_transform([{one}, {two}], lambda x: x + {one}))",
                f"{{'a': {one}, 'b': {two}}}.a",
                f"try_cast({text} as integer)",
                f"({one} // {two})",
                f"len(string_split({text}, 'a'))",
                f"cast(json_extract({text}, '$.a') as integer)",
                f"cast(to_json({{'a': {one}}}) ->> 'a' as integer)",
                f"date_diff('day', {day}, date '2020-01-01')",
                f"cast(strptime({text}, '%Y') is null as integer)",
            ]
        else:
            forms += [
                f"(array[{one}, {two}])[cast({one} as integer)]",
                f"cast(json_build_object('a', {one}) ->> 'a' as bigint)",
                f"cardinality(string_to_array({text}, 'a'))",
                f"cast(cast({text} as json) ->> 'a' as integer)",
                f"({day} - date '2020-01-01')",
                f"width_bucket(cast({one} as numeric), 0, 10, cast({two} as integer))",
                f"div(cast({one} as numeric), {two})",
                f"jsonb_array_length(cast({text} as jsonb))",
            ]
        return forms

    def _texts(self, columns: Columns, depth: int) -> list[str]:
        one, two = self._value(columns, "text", depth), self._value(columns, "text", depth)
        number = self._value(columns, "int", depth)
        forms = [
            f"upper({one})",
            f"coalesce({one}, {two})",
            f"substring({one} from 1 for 2)",
            f"({one} || {two})",
            f"cast({number} as varchar)",
            f"case when {self._bool(columns, 1)} then {one} else {two} end",
            f"left({one}, 3)",
            f"left({one}, cast({number} as integer))",
            f"replace({one}, {self._value(columns, 'text', 0)}, 'q')",
            f"trim({one})",
            f"reverse({one})",
            f"split_part({one}, 'a', 1)",
            f"nullif({one}, {two})",
            f"regexp_replace({one}, {self._value(columns, 'text', 0)}, 'r')",
            f"chr(cast({number} as integer))",
            f"concat({one}, {number})",
            f"md5({one})",
            f"substring({one} from cast({number} as integer) for 2)",
        ]
        if self._duck:
            forms += [
                f"{one}[1:2]",
                f"list_aggregate([{one}], 'max')"
                if self._flip(0.1)
                else f"list_max([{one}, {two}])",
                f"strftime({self._value(columns, 'date', 0)}, '%Y-%m')",
                f"cast([{one}, {two}] as varchar)",
                f"json_extract_string({one}, '$')",
                f"{one}.lower()",
            ]
        else:
            forms += [
                f"to_char({self._value(columns, 'date', 0)}, 'YYYY-MM')",
                f"array_to_string(array[{one}, {two}], '-')",
                f"(cast({one} as json) ->> 0)",
                f"overlay({one} placing 'z' from 1 for 1)",
                f"encode(decode({one}, 'hex'), 'hex')",
            ]
        return forms

    def _dates(self, columns: Columns, depth: int) -> list[str]:
        one = self._value(columns, "date", 0)
        number, text = self._value(columns, "int", depth), self._value(columns, "text", depth)
        forms = [
            f"cast({text} as date)",
            f"({one} + cast({number} as integer))",
            f"cast(date_trunc('month', {one}) as date)",
            f"coalesce({one}, date '2020-01-01')",
            f"make_date(cast({number} as integer), 5, 3)",
            f"greatest({one}, date '2020-01-01')",
        ]
        forms.append(
            f"cast(strptime({text}, '%Y-%m-%d') as date)"
            if self._duck
            else f"to_date({text}, 'YYYY-MM-DD')"
        )
        return forms

    def _bool(self, columns: Columns, depth: int) -> str:
        roll = self._chance.random()
        if depth > 0 and roll < 0.4:
            word = self._pick(["and", "and", "and", "or"])
            return f"({self._bool(columns, depth - 1)} {word} {self._bool(columns, depth - 1)})"
        if depth > 0 and roll < 0.5:
            return self._subquery(columns)
        if roll < 0.62:
            return f"{self._pick(columns['text'])} = {self._pick(CONSTANTS['text'])}"
        if roll < 0.8:
            kind = self._pick(["int", "int", "text", "date"])
            sign = self._pick(["=", "<", ">", "<>", ">=", "is distinct from"])
            return f"{self._value(columns, kind, depth)} {sign} {self._value(columns, kind, depth)}"
        text, number = (
            self._value(columns, "text", depth - 1),
            self._value(columns, "int", depth - 1),
        )
        forms = [
            f"{text} like {self._value(columns, 'text', 0)}",
            f"{number} between {self._value(columns, 'int', 0)} and {self._value(columns, 'int', 0)}",
            f"{number} in (1, {self._value(columns, 'int', 0)}, 7)",
            f"{text} is null",
            f"not ({self._bool(columns, 0)})",
            f"starts_with({text}, {self._value(columns, 'text', 0)})",
            f"cast({text} as boolean)",
        ]
        if self._duck:
            forms += [
                f"regexp_matches({text}, {self._value(columns, 'text', 0)})",
                f"list_contains([{number}], 7)",
            ]
        else:
            forms += [f"{text} ~ {self._value(columns, 'text', 0)}", f"{number} = any(array[1, 7])"]
        return self._pick(forms)

    def _inner(self) -> tuple[str, str, Columns]:
        alias = self._name("s")
        table = self._pick(["items", "orders", "people"])
        return table, alias, self._under(alias, TABLES[table])

    def _subquery(self, columns: Columns) -> str:
        if self._nested >= MOST_NESTED:
            return self._bool(columns, 0)
        self._nested += 1
        try:
            return self._tested(columns)
        finally:
            self._nested -= 1

    def _tested(self, columns: Columns) -> str:
        table, alias, inner = self._inner()
        key = self._pick(columns["int"])
        condition = self._bool(inner, 1)
        form = self._pick(["exists", "not exists", "in", "not in", "all", "scalar"])
        if form.endswith("exists"):
            return f"{form} (select 1 from {table} {alias} where {self._pick(inner['int'])} = {key} and {condition})"
        if form == "scalar":
            return f"{key} > (select count(*) from {table} {alias} where {condition})"
        if form == "all":
            return f"{key} >= all (select {self._pick(inner['int'])} from {table} {alias} where {condition})"
        return f"{key} {form} (select {self._value(inner, 'int', 1)} from {table} {alias} where {condition})"

    def _scalar(self, columns: Columns) -> str:
        if self._nested >= MOST_NESTED:
            return self._pick(columns["int"])
        self._nested += 1
        try:
            return self._single(columns)
        finally:
            self._nested -= 1

    def _single(self, columns: Columns) -> str:
        table, alias, inner = self._inner()
        condition = self._bool(inner, 1)
        if self._flip(0.5):
            condition += f" and {self._pick(inner['int'])} = {self._pick(columns['int'])}"
        made = self._pick(
            ["count(*)", f"max({self._value(inner, 'int', 1)})", f"min({self._pick(inner['int'])})"]
        )
        if self._flip(0.1):
            made = self._pick(inner["int"])
        return f"(select {made} from {table} {alias} where {condition})"

    def _name(self, prefix: str) -> str:
        self._n += 1
        return f"{prefix}{self._n}"

    def _pick(self, items: list[str]) -> str:
        return self._chance.choice(items)

    def _flip(self, share: float) -> bool:
        return self._chance.random() < share
