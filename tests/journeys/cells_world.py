"""Two worlds of one big shop that differ only in what Ada may not see, and the shop as she should find it.

The copy is cut and masked by SQL of its own, so what it answers is an independent truth. Hidden are rows (by literal
filters, entitlements, teams and three grants that combine by cell), columns without a grant, and what masks leave out.
"""

from __future__ import annotations

from collections.abc import Iterator

DUCKDB = "duckdb"
SERIES = {
    DUCKDB: "(select cast(range as integer) as i from range(1, {} + 1)) s",
    "postgresql": "generate_series(1, {}) s(i)",
}
# What three grants cover, and the columns behind each.
_COHORT = "segment <> 'vip'"
_REGION = "country in ('DE', 'FR')"
_GROWTH = "segment = 'vip' and id % 2 = 0"
READABLE = ("people", "orders", "items", "products", "events", '"Order Lines"')


def statements(engine: str, one: bool) -> Iterator[str]:
    """Everything in the database of one world or the other."""
    series = SERIES[engine]
    json, dims = (
        ("json", ", dims struct(w double, h double)") if engine == DUCKDB else ("jsonb", "")
    )
    for schema in ("shop", "ref", "secret"):
        yield f"create schema {schema}"
    yield "create table ref.entitlements (username text, region text)"
    yield "insert into ref.entitlements values ('ada', 'north'), ('ada', 'south'), ('bob', 'west')"
    yield f"insert into ref.entitlements select 'u' || i, 'r' || i from {series.format(3000 if one else 2990)}"
    yield "create table ref.places (city text, land text)"
    yield "insert into ref.places values ('Bonn', 'DE'), ('Kiel', 'DE'), ('Lyon', 'FR'), ('Nice', 'FR')"
    yield "create table ref.calendar (day date, is_holiday boolean)"
    yield f"insert into ref.calendar select date '2025-01-01' + i, i % 7 = 0 from {series.format(40)}"
    yield "create table secret.salaries (person text, amount integer)"
    yield f"insert into secret.salaries values ('CEO', {1 if one else 2})"
    yield from _people(one, series)
    yield from _orders(one, series)
    yield f"create table shop.products (sku text, title text, category text, price numeric(10, 2), tags text[], attrs {json}{dims})"
    yield f"""insert into shop.products select 'sku' || i, 'Title ' || i, case when i > 12 then 'hidden' else 'c' || i % 3 end,
        i * 1.5, case i % 3 when 0 then array['new', 'a'] when 1 then array['b'] else array['old', 'new', 'c'] end,
        cast('{{"color": "' || case when i > 12 then '{"HIDDENone" if one else "7"}' when i % 2 = 0 then 'red' else 'blue' end
        || '", "weight": ' || i || '}}' as {json})
        {", {'w': i * 1.0, 'h': i / 2.0}" if engine == DUCKDB else ""} from {series.format(20 if one else 33)}"""
    yield f"create table shop.events (id bigint, person integer, session text, kind text, seen timestamptz, ms integer, props {json})"
    yield f"""insert into shop.events select i, i % 37, 'S' || cast(floor(i / 4.0) as integer), case i % 5 when 0 then 'buy' when 1 then 'cart' when 2 then
        'admin' else 'view' end,
        timestamptz '2025-01-01 00:00:00+00' + i * interval '7 hours', i * 13 % 500 - i * 13 % 500 % 10 + {"3" if one else "8"},
        cast('{{"page": "' || case when i % 5 = 2 then '{"HIDDENone" if one else "x"}' else 'p' || i % 4 end || '"}}' as {json})
        from {series.format(260)}"""
    hidden = "i % 5 = 2" if one else "i % 10 = 2"
    yield f"delete from shop.events where kind = 'admin' and id > {200 if one else 100} and {hidden.replace('i', 'id')}"
    yield 'create table shop."Order Lines" ("Order ID" bigint, "Größe" text, "select" integer, "Total €" numeric(10, 2))'
    yield f"""insert into shop."Order Lines" select i, case i % 3 when 0 then 'groß' when 1 then 'klein' end,
        i % 60, i * {"1.5" if one else "case when i % 60 < 50 then 1.5 else -2 end"} from {series.format(180)}"""


def _people(one: bool, series: str) -> Iterator[str]:
    """Visible cells are alike in both worlds; behind a mask only what the mask shows is."""
    mark = "HIDDENone" if one else "7"
    yield """create table shop.people (id integer, name text, email text, phone text, ssn text, born date, country text,
        city text, segment text, balance numeric(12, 2), joined timestamp, score double precision, active boolean, referrer integer)"""
    yield f"""insert into shop.people select id,
        case when segment <> 'vip' or id % 2 = 0 then 'N' || id % 9 || '{mark}' || id else '{mark}' end,
        case when country in ('DE', 'FR') then 'user' || id || '@example' || id % 3 || '.com'
             when {_GROWTH} then 'u{mark}' || id || '@example' || id % 3 || '.com' else '{mark}' end,
        case when country in ('DE', 'FR') then '+49{"000" if one else "999"}' || (1000 + id) else '{mark}' end,
        'SSN0{mark}' || id,
        case when segment <> 'vip' then cast((1950 + id % 40) || '-{"02-03" if one else "11-12"}' as date) else date '{"2031-01-01" if one else "1931-05-05"}' end,
        country,
        case when segment <> 'vip' then case id % 3 when 0 then {"'Bonn'" if one else "'Kiel'"} when 1 then {"'Lyon'" if one else "'Nice'"} else 'Rome' end else '{mark}' end,
        segment,
        case when country in ('DE', 'FR') then id * 100 + {"3" if one else "98"} else {"1" if one else "-5"} end,
        timestamp '2024-01-01 10:00:00' + case when segment <> 'vip' then id else {"1000" if one else "-3"} end * interval '1 day',
        case when country in ('DE', 'FR') then id % 8 + {"0.2" if one else "0.7"} else {"0" if one else "1e300"} end,
        case when segment <> 'vip' or id % 2 = 0 then id % 4 > 0 else {"true" if one else "false"} end,
        case when segment <> 'vip' then case when id > 3 then cast(floor(id / 3.0) as integer) end else {"0" if one else "-1"} end
        from (select i as id, case i % 6 when 1 then 'DE' when 2 then 'FR' when 3 then 'ES' when 4 then 'IT' when 5 then 'DE' else 'XX' end as country,
              case i % 4 when 0 then 'vip' when 1 then 'smb' when 2 then 'vip' else 'ent' end as segment from {series.format(72)}) numbered
        where not (segment = 'vip' and id % 2 = 1)"""
    # Rows that no grant reaches, and cells that none covers.
    yield f"insert into shop.people select 1000 + i, '{mark}', '{mark}', '{mark}', '{mark}', date '2031-01-01', 'XX', '{mark}', '{mark}', {'0' if one else '-1'}, timestamp '1999-01-01', 0, true, 0 from {series.format(40 if one else 9)}"
    yield f"insert into shop.people select 2001 + 2 * i, '{mark}', '{mark}', '{mark}', '{mark}', date '2031-01-01', 'ES', '{mark}', 'vip', {'0' if one else '-1'}, timestamp '1999-01-01', 0, true, 0 from {series.format(11 if one else 30)}"


def _orders(one: bool, series: str) -> Iterator[str]:
    mark = "HIDDENone" if one else "7"
    yield """create table shop.orders (id bigint, person integer, region text, placed timestamp, status text,
        amount numeric(12, 2), discount double precision, channel text, note text, shipped date, margin numeric(12, 2))"""
    yield f"""insert into shop.orders select i, i % 55, case i % 3 when 0 then 'north' when 1 then 'south' else 'west' end,
        timestamp '2025-01-01 08:30:00' + i * interval '11 hours',
        case when i % 3 = 2 then '{mark}' when i % 4 = 0 then 'paid' when i % 4 = 1 then 'open' when i % 4 = 2 then 'void' end,
        case when i % 3 = 2 then {"0" if one else "-9999999999"} else i * 37 % 400 + 0.25 end,
        case when i % 3 = 2 then {"0" if one else "1e308"} else i % 7 / 10.0 end,
        case when i % 3 = 2 then '{mark}' else case i % 5 when 0 then 'web' when 1 then 'app' when 2 then 'shop' when 3 then 'web' end end,
        'HIDDEN{"one" if one else "two"}' || i, case when i % 2 = 0 then cast(timestamp '2025-01-01' + i * interval '12 hours' as date) end,
        {"1" if one else "2"} from {series.format(240)}"""
    yield f"insert into shop.orders select 5000 + i, {'0' if one else '-1'}, 'west', timestamp '1999-01-01', '{mark}', 0, 0, '{mark}', '{mark}', null, 0 from {series.format(60 if one else 7)}"
    yield "create table shop.items (order_id bigint, line integer, sku text, qty integer, price numeric(10, 2))"
    yield f"""insert into shop.items select o, l, 'sku' || (o * l) % 14, case when o % 3 = 2 or o % 4 = 2 then {"0" if one else "-7"} else l end,
        case when o % 4 = 2 then {"0" if one else "-1"} else o % 50 + 0.5 end
        from (select i % 240 + 1 as o, cast(floor(i / 240.0) as integer) + 1 as l from {series.format(700)}) numbered"""
    # The lines of orders that are void or of no known state are hidden; what they hold differs.
    void = "select id from shop.orders where status = 'void' or status is null"
    yield f"update shop.items set sku = '{mark}', qty = {'0' if one else '5'}, price = {'0' if one else '3'} where order_id in ({void})"
    yield f"update shop.items set qty = 2, price = 3 where order_id % 3 = 2 and order_id not in ({void})"


def copy_statements(engine: str, key: str) -> Iterator[str]:
    """The shop as Ada should find it, from the first world's tables in the same database, which go."""
    literal = "'" + key.replace("'", "''") + "'"
    digest = (
        f"sha256({literal} || session)" if engine == DUCKDB
        else f"encode(sha256(convert_to({literal} || session, 'UTF8')), 'hex')"
    )  # fmt: skip
    yield "create schema cut"
    yield f"""create table cut.people as select id, case when {_COHORT} or {_GROWTH} then left(name, 2) end as name,
        case when {_REGION} then email when {_GROWTH} then left(email, 1) || '***@' || split_part(email, '@', 2) end as email,
        case when {_REGION} then left(phone, 2) || '****' || right(phone, 2) end as phone, cast(null as text) as ssn,
        case when {_COHORT} then cast(date_trunc('year', cast(born as timestamp)) as date) end as born,
        case when {_COHORT} or {_REGION} then country end as country,
        case when {_COHORT} then case when city in ('Bonn', 'Kiel') then 'DE' when city in ('Lyon', 'Nice') then 'FR' end end as city,
        segment, case when {_REGION} then cast(balance - balance % 100 as numeric(12, 2)) end as balance,
        case when {_COHORT} then joined end as joined,
        case when {_REGION} then case when score < 1 then 'under 1' when score < 3 then '1 to 3' when score < 6 then '3 to 6' else '6 and over' end end as score,
        case when {_COHORT} or {_GROWTH} then active end as active, case when {_COHORT} then referrer end as referrer
        from shop.people where country <> 'XX' and ({_COHORT} or {_REGION} or ({_GROWTH}))"""
    yield """create table cut.orders as select id, person, region, placed, status, amount, discount, channel,
        cast('REDACTED' as text) as note, shipped from shop.orders where region in ('north', 'south')"""
    yield """create table cut.items as select * from shop.items where order_id in (select id from shop.orders where status <> 'void')"""
    yield "create table cut.products as select * from shop.products where category <> 'hidden'"
    yield f"""create table cut.events as select id, person, {digest} as session, kind, seen,
        cast(ms - ms % 10 as integer) as ms, props from shop.events where kind <> 'admin' and person % 10 <> 0"""
    yield """create table cut."Order Lines" as select * from shop."Order Lines" where "select" < 50"""
    if engine == DUCKDB:
        yield "drop schema secret cascade"
        yield "drop schema shop cascade"
        yield "create schema shop"
        yield from (f"create table shop.{name} as select * from cut.{name}" for name in READABLE)
        yield "drop schema cut cascade"
    else:
        yield "drop schema secret, shop cascade"
        yield "alter schema cut rename to shop"
    yield "drop table ref.entitlements"
    yield "drop table ref.places"
