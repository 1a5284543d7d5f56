# Queries that try to tell hidden rows by errors, emptiness or statistics. Run in two databases that differ only in rows
# Alice may not see, each must end alike: with the same rows, or with a failure in both.

[both]
select count(*) from orders where cast(email as integer) > 5
select count(*) from orders where tag = 'gold' and cast('abc' as integer) = 1
select count(*) from orders where cast('abc' as integer) = 1 and tag = 'gold'
select count(*) from orders where tag = 'gold' and day > cast('abc' as date)
select count(*) from orders where tag = 'gold' and 1 / (amount - amount) = 1
select count(*) from orders where case when tag = 'gold' then cast('abc' as integer) else 0 end = 1
select count(*) from orders where tag = 'gold' and (select cast('abc' || count(*) as integer) from items) = 1
select count(*) from orders where tag = 'gold' and (select id from items) = 1
select * from (select cast('abc' as integer) as c, tag from orders) t where c = 1 and tag = 'gold'
select * from (select cast(email as integer) as c, id from orders) t where c > 90 and id < 5000
select tag, cast('abc' as integer) from orders where tag = 'gold'
select count(*) from orders o join items i on o.id = i.order_id where i.tag = 'gold' and cast(o.odd as integer) = 1
select count(*) from items i join orders o on o.id = i.order_id where i.tag = 'gold' and cast(o.odd as integer) = 1
select count(*) from (select id from orders where cast(odd as integer) = 1) o, items i where i.tag = 'gold'
select count(*) from orders o, items i where i.tag = 'gold' and cast(o.odd as integer) = 1
select count(*) from orders o where exists (select 1 from items i where i.order_id = o.id and i.tag = 'gold' and cast(o.odd as integer) = 1)
select count(*) from orders o where cast(o.odd as integer) = 1 and o.id in (select order_id from items where tag = 'gold')
select count(*) from items i where i.tag = 'gold' and i.n in (select cast(odd as integer) from orders)
select count(*) from items i left join orders o on o.id = i.order_id and cast(o.odd as integer) = 1 where i.tag = 'gold'
select count(*) from orders o left join items i on i.tag = 'gold' where cast(o.odd as integer) = 1
select sum(cast(odd as integer)) from orders, items where items.tag = 'gold'
with m as (select * from orders) select count(*) from m where cast(email as integer) > 3
with m as materialized (select * from orders) select count(*) from m where cast(email as integer) > 3 and tag = 'gold'
select max(amount / (amount - 3)) from orders where tag = 'gold'
select count(*) from orders a join orders b on cast(a.email as integer) = b.id
select count(*) from orders a join items i on cast(a.email as integer) = i.n
select count(*) from (select cast(id as text) as x from orders union all select email from orders) t where cast(x as integer) > 1
select count(*) from (select tag as x from orders union all select email from items) t where cast(x as integer) > 1
select id from orders order by cast(email as integer), id limit 3
select id from orders where cast(email as integer) > 3 order by id limit 3
select tag, count(*) from orders group by tag
select distinct tag from orders
select count(*), min(email), max(email), min(tag), max(tag), max(amount) from orders
select row_number() over (order by id) as r, id from orders where tag = 'gold'
select sum(case when tag = 'gold' then cast(email as integer) else 0 end) from orders
select count(*) from orders where amount + 0 > 1000 and cast(odd as integer) = 1
select count(*) from orders where amount > 1000 and cast(odd as integer) = 1
select count(*) from orders where cast(odd as integer) = 1 and day > date '2030-01-01'
select count(*) from orders where substring(tag from 1 for amount - amount - 1) = 'x'
select count(*) from orders where position(tag in email) > 0 and cast(email as integer) > 0
select tag from orders group by tag having min(cast(email as integer)) > 100
select count(*) from orders where tag like email
select o.id from orders o where o.id < 40 and amount > (select avg(cast(n as numeric)) from items i where i.order_id = o.id and i.tag = 'gold')
select count(*) from orders o cross join lateral (select cast(o.email as integer) as e) l where e > 5
select tenant, sum(amount) over (partition by cast(email as integer)) from orders where id < 50
select count(*) from orders natural join (select cast(email as integer) as e, id from orders) z where e > 2
select coalesce(cast(email as integer), 0) as c, count(*) from orders group by 1 order by 1 limit 5
with recursive r as (select cast(0 as bigint) as i union all select r.i + 1 from r, orders o where o.id = r.i + 1 and cast(o.email as integer) >= 0 and r.i < 5) select count(*) from r

select count(*) from orders where amount ^ 2 > 100 and tag = 'gold'
select count(*) from orders where email ^@ 'S' or cast(odd as integer) = 1

select count(*) from (select * from orders limit 100000) t where cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select * from orders order by id limit 100000) t where cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select * from orders offset 0) t where cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select *, row_number() over (order by id) as r from orders) t where cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select *, count(*) over (partition by tenant) as r from orders) t where cast(odd as integer) = 1 and tag = 'gold' and r > 0
select count(*) from (select distinct on (id) * from orders order by id) t where cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select distinct * from orders) t where cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select odd, tag, count(*) as c from orders group by odd, tag) t where cast(odd as integer) = 1 and tag = 'gold'
select odd, tag from orders group by odd, tag having cast(odd as integer) = 1 and tag = 'gold'
select odd, tag from orders group by rollup (odd, tag) having cast(odd as integer) = 1 and tag = 'gold'
select count(*) from (select max(odd) as odd, max(tag) as tag from orders group by id) t where cast(odd as integer) = 1 and tag = 'gold'
select max(case when cast(odd as integer) = 1 and tag = 'gold' then 1 end) from orders
select count(*) filter (where cast(odd as integer) = 1 and tag = 'gold') from orders
with t as materialized (select * from orders) select count(*) from t where cast(odd as integer) = 1 and tag = 'gold'
with t as materialized (select * from orders) select count(*) from t a, t b where cast(a.odd as integer) = 1 and b.tag = 'gold' and a.id = b.id
select count(*) from orders o cross join (values (1), (2)) v(x) where cast(o.odd as integer) = v.x and o.tag = 'gold'
select count(*) from orders o cross join lateral (select o.odd as x, o.tag as y offset 0) l where cast(l.x as integer) = 1 and l.y = 'gold'

[duckdb]
select count(*) from orders o, unnest([o.odd]) u(x) where x::int = 1 and o.tag = 'gold'
select count(*) from (select unnest([odd]) as x, tag from orders) where x::int = 1 and tag = 'gold'
select id from orders qualify row_number() over (order by id) > 0 and odd::int = 1 and tag = 'gold'
select id from orders where odd::int = 1 and tag = 'gold' qualify row_number() over (order by id) > 0
select count(*) from (from orders order by id limit 100%) where odd::int = 1 and tag = 'gold'
select count(*) from (from orders using sample 100%) where odd::int = 1 and tag = 'gold'
select count(*) from (select id, odd, tag from orders) unpivot (v for k in (odd)) where v::int = 1 and tag = 'gold'
select count(*) from orders positional join (select range as r from range(20000)) where odd::int = 1 and tag = 'gold'
select count(*) from (select a.odd, a.tag from orders a left join (select 1 as one) b on true) where odd::int = 1 and tag = 'gold'
select list_aggregate([email, tag], 'min') from orders where id < 50
select count(*) from orders where list_aggregate([amount], 'sum') > 4000 and tag = 'gold'
select count(*) from orders where list_aggregate([email], 'string_agg', odd) = 'x' and tag = 'gold'
select coalesce(*columns(['email', 'tag'])) from orders where id < 40 order by 1
select count(*) from orders where amount in [1, 5001] and odd::int = 1
select count(*) from orders where tag in ['gold', email] and odd::int = 1
select count(*) from orders where odd::int in [1]
pivot orders on tag in ('gold', 'plain') using count(*), max(odd::int) group by day order by day limit 5
select count(*) from (pivot orders on tag in ('gold', 'plain') using max(amount) group by tenant order by tenant limit 9) where gold is null
select count(*) from (unpivot (select id, odd, tag from orders) on odd, tag into name n value v order by id) where v = 'gold' or v::int = 1
select equi_width_bins(min(amount), max(amount), 3, true) from orders
select count(*) from orders where equi_width_bins(0, amount - 5001, 2, true) is not null and tag = 'gold'
select count(*) from orders where binom(amount, 3) > 0 and tag = 'gold'
select bitstring_agg(amount) from orders
select bitstring_agg(n, 0, 8) from items
select parse_filename(email), count(*) from orders group by 1 order by 1 limit 5
with recursive t(n, c) using key (n) as (select 1::bigint, 0 union select n + 1, o.odd::int from t, orders o where o.id = t.n and t.n < 4 and o.tag = 'gold') select count(*) from t
select count(*) from orders tablesample bernoulli(100%) where odd::int = 1 and tag = 'gold'
select tag from orders using sample reservoir(1000000 rows) where cast(email as integer) > 98
select count(*) from orders tablesample system(100%) where tag = 'gold' and 1 / (amount - amount) = 1
select count(*) from orders where email = 5
select count(*) from orders where email in (1, 2)
select count(*) from orders where not email
select count(*) from orders a join items i on a.email = i.n
select count(*) from orders where tag = 'gold' and 1 / (random() * 0)::int > 1
select count(*) from orders where tag = 'gold' and list_extract([1, 2], amount::int)::text::int > 0
select count(*) from orders o, unnest([email::int]) u(x)
select count(*) from orders o, range(amount::int) r where o.id < 100
select try_cast(email as int) from orders where tag = 'gold'
select count(*) from orders where strptime(email, '%Y') > now()
select count(*) from orders where regexp_matches(tag, email || '(')
select list_filter([email], lambda x: x::int > 3) from orders where tag = 'gold'
select count(*) from orders semi join (values (1), (2)) t(c) on c = cast(email as int)
from orders select count(*) where tag = 'gold' and error_free is null
select count(*) from orders o asof join items i on o.id = i.order_id and o.amount >= i.n where i.tag = 'gold' and o.odd::int = 1
pivot (select tag, odd::int as v from orders) on tag in ('gold', 'plain') using sum(v)
select count(*) from orders where date_part('year', email::date) = 2020
select approx_count_distinct(tag), quantile_cont(amount, 0.5) from orders
select count(*) from orders using sample 100%
select make_date(amount::int, 13, 1) from orders where tag = 'gold'

[postgres]
select count(*) from orders where tag = 'gold' and (random() * 0)::int / (random() * 0)::int = 1
select count(*) from orders where email::int > 5 and tag = 'gold'
select count(*) from orders where (array[1, 2])[amount::int] / (amount - amount) > 0
select count(*) from orders o, generate_series(1, o.amount::int) g where o.id < 100 and o.tag = 'gold'
select count(*) from orders where tag ~ (email || '(')
select count(*) from orders where tag = 'gold' and to_date(email, 'YYYY') > now()
select count(*) from orders where email like '%\'
select count(*) from orders where tag = 'gold' and email like odd || '\'
select count(*) from orders where left(tag, -1) = 'gol' and 1 / (amount - amount) = 1
select count(*) from orders tablesample bernoulli (100) where tag = 'gold' and 1 / (amount - amount) = 1
select count(*) from orders tablesample system (100) where cast(email as integer) > 5
select count(*) from orders tablesample bernoulli (60) repeatable (7)
select count(*), min(email) from orders tablesample bernoulli (60) repeatable (8) where cast(odd as integer) = 1
select count(*) from orders tablesample bernoulli (90) repeatable (3) o join items i on i.order_id = o.id and i.tag = 'gold' and cast(o.odd as integer) = 1
select count(*) from orders where int4range(900, amount) @> 5000
select count(*) from orders where int4range(1, amount - amount) is not null and tag = 'gold'
select count(*) from orders where daterange(day, day - amount) is not null and tag = 'gold'
select range_agg(int4range(0, amount)) from orders
select count(*) from orders where int4range(5000, amount) && int4range(1, 9) and tag = 'gold'
select count(*) from orders where to_tsvector('simple', tag) @@ to_tsquery('simple', email)
select count(*) from orders where tag = 'gold' and to_tsquery('simple', email || ' &') is null
select count(*) from orders where to_tsvector('simple', tag) @@ to_tsquery('simple', 'gold') and cast(odd as integer) = 1
select count(*) from orders o, rows from (generate_series(1, o.amount), unnest(array[o.odd::int])) as r(a, b) where o.id < 100 and o.tag = 'gold'
select count(*) from orders o cross join lateral unnest(array[cast(o.odd as integer)]) with ordinality as u(v, n) where o.tag = 'gold'
select count(*) from orders o, jsonb_to_record(jsonb_build_object('e', o.email)) as r(e int) where o.tag = 'gold'
select count(*) from orders where email::inet is not null and tag = 'gold'
select count(*) from orders where amount::money > 1::money and tag = 'gold'
select count(*) from orders where @ (amount - 5001) < 5
select count(*) from orders where |/ (amount - 6000) > 1 and tag = 'gold'
select count(*) from orders where to_jsonb(email) @? (email || '(')::jsonpath and tag = 'gold'
select count(*) from orders where amount = all (array[5001, amount / (amount - 5001)])
select count(*) from orders where tag = some (array['gold', cast(cast(odd as integer) as text)])
with recursive r as (select cast(1 as bigint) as i, 'x' as e union all select r.i + 1, o.email from r, orders o where o.id = r.i + 1 and cast(o.email as integer) >= 0 and r.i < 5) search depth first by i set s select count(*) from r
