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

[duckdb]
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
