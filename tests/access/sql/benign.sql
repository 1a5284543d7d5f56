# One query a line (\n stands for a line break). Queries an analyst writes. Each must be accepted unchanged in meaning: its answer through the gate equals its answer
# over tables that were cut down and masked by hand. `both` runs on DuckDB and PostgreSQL.

[both]
select * from customers
select count(*) from orders
select * from orders order by id limit 5
select id, email, phone from customers order by 1
select o.id, c.name from orders o join customers c on c.id = o.customer_id
select o.id, c.name from orders o left join customers c on c.id = o.customer_id
select c.country, count(*) as n, sum(o.amount) as total from customers c join orders o on o.customer_id = c.id group by c.country order by total desc
select country, count(*) from customers group by country having count(*) > 3 order by 2 desc
select distinct country from customers
select status, avg(amount), min(amount), max(tax) from orders group by status
select status, sum(amount) filter (where tax > 10) as big from orders group by status
select id, amount * 2 as twice from orders where amount * 2 > 100
select id from orders where cast(amount as integer) > 500
select id from orders where amount / 2 > 100 and tenant = 3
select id from orders where tax / nullif(amount, 0) > 0.1
select sum(amount * (1 - tax / 1000)) as revenue from orders where day >= date '2024-01-15' and day < date '2024-01-15' + interval '1 month'
select id from orders where day between date '2024-01-10' and date '2024-02-10' and status in ('open', 'paid')
select id from orders where status is null
select id, coalesce(status, 'none') as status from orders
select id, case when amount > 500 then 'big' when amount > 100 then 'mid' else 'small' end as size from orders
select case status when 'open' then 1 else 0 end as flag, count(*) as n from orders group by 1 order by 1
select id, row_number() over (partition by tenant order by amount desc) as rn from orders
select id, sum(amount) over (partition by tenant order by id rows between 2 preceding and current row) as moving from orders
select id, lag(amount) over w as before, lead(amount, 2) over w as after from orders window w as (partition by tenant order by id)
select id, rank() over (order by amount desc), dense_rank() over (order by tenant), ntile(4) over (order by id) from orders
select * from (select id, rank() over (partition by tenant order by amount desc) as r from orders) ranked where r <= 2
with big as (select * from orders where amount > 500) select tenant, count(*) from big group by tenant
with a as (select id, tenant from orders), b as (select tenant, count(*) as n from a group by tenant) select * from b order by n
with orders as (select * from orders where tenant = 1) select count(*) from orders
with customers as (select 1 as id) select * from customers
with a as (with b as (select id from orders) select * from b) select count(*) from a
with a as (select 1 as x), b as (select x + 1 as y from a) select a.x, b.y from a, b
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select sum(i) from n
with recursive chain as (select id, customer_id from orders where id = 3 union all select o.id, o.customer_id from orders o join chain c on o.id = c.customer_id and o.id > c.id) select * from chain
select id from customers union select customer_id from orders
select id from customers union all select customer_id from orders
select id from customers intersect select customer_id from orders
select id from customers except select customer_id from orders
(select id from orders where tenant = 1 order by id limit 3) union all (select id from orders where tenant = 3 order by id limit 3)
select name from customers where id in (select customer_id from orders where amount > 800)
select name from customers where id not in (select customer_id from orders where customer_id is not null)
select name from customers c where exists (select 1 from orders o where o.customer_id = c.id and o.amount > 700)
select name from customers c where not exists (select * from orders o where o.customer_id = c.id)
select name, (select count(*) from orders o where o.customer_id = c.id) as n from customers c
select name, (select max(amount) from orders o where o.customer_id = c.id) from customers c order by name
select id from orders where amount > (select avg(amount) from orders)
select id from orders o where amount > (select 0.5 * avg(amount) from orders i where i.tenant = o.tenant)
select id from orders where amount >= all (select amount from orders)
select id from orders where tenant = any (select tenant from orders where id < 10)
select a.id, b.id from orders a, orders b where a.customer_id = b.customer_id and a.id < b.id
select a.id as one, b.product as two from orders a cross join items b where a.id = b.order_id and b.quantity = 8
select id, product from orders join items on orders.id = items.order_id
select orders.id, sum(items.quantity) from orders join items on orders.id = items.order_id group by orders.id
select o.*, i.product from orders o join items i on i.order_id = o.id where i.quantity > 7
select * from items where price is not null
select product, sum(price) from items group by product
select product, count(price), count(*) from items group by product
select email, count(*) from customers group by email
select a.id, b.id from customers a join customers b on a.email = b.email and a.id < b.id
select email from customers where email like 'u***@%'
select note from orders where note is not null
select upper(name), length(email), lower(country) from customers
select substring(name from 1 for 3), trim(name), replace(name, 'name', 'n') from customers
select concat(name, ' ', country) as label from customers
select name || ' (' || coalesce(country, '?') || ')' as label from customers
select extract(year from day) as y, extract(month from day) as m, count(*) from orders group by 1, 2 order by 1, 2
select date_trunc('month', ordered_at) as month, sum(amount) from orders group by 1 order by 1
select round(amount / 3, 1), abs(tax), ceil(score) from orders join customers on customers.id = customer_id
select greatest(amount, tax), least(amount, tax), nullif(tenant, 3) from orders
select sales.orders.id from sales.orders where sales.orders.tenant = 1
select wh.sales.orders.id from wh.sales.orders
select o.id from wh.sales.orders as o
select "id", "name" from "customers"
select ID, NAME from Customers
select id as "Order Id", amount as "Größe" from orders
select x.one, x.two from (values (1, 'a'), (2, 'b')) as x(one, two)
values (1, 'a'), (2, 'b')
select c.id, v.label from customers c join (values (1, 'first'), (2, 'second')) as v(id, label) on v.id = c.id
select sum(n) from (select count(*) as n from orders union all select count(*) from customers) t
select tenant, status, count(*) from orders group by rollup (tenant, status)
select tenant, status, count(*) from orders group by cube (tenant, status)
select tenant, status, count(*), grouping(tenant) from orders group by grouping sets ((tenant), (status), ())
select percentile_cont(0.5) within group (order by amount) as median from orders
select string_agg(name, ', ' order by name) as names from customers where country = 'DE'
select string_agg(distinct country, ', ' order by country) as names from customers
select length(string_agg(distinct country, ', ')) from customers
select array_agg(id order by id) from orders where tenant = 6
select count(distinct customer_id), count(status) from orders
select bool_and(amount > 0), bool_or(tenant = 9) from orders
select stddev_samp(amount), var_pop(amount), corr(amount, tax) from orders
select distinct on (tenant) tenant, id, amount from orders order by tenant, amount desc
select id from orders order by amount desc nulls last, id fetch first 3 rows only
select id from orders order by id offset 5 limit 5
select id, tenant from orders where (tenant, id) in ((1, 1), (3, 3), (1, 9))
select id from orders where (status = 'open' or status = 'paid') and not (tenant = 1)
select id from orders where status is distinct from 'open'
select 1 as one, 'text' as t, null as n, true as b, 1.5 as d
select 1
select 'it''s' as quoted, 'a;b -- c' as odd
select /* a comment */ id -- another\nfrom orders
select id from orders;
select l.n from customers c cross join lateral (select count(*) as n from orders o where o.customer_id = c.id) l
select g from generate_series(1, 5) as t(g)
select d.day, count(o.id) from (select distinct day from orders) d left join orders o on o.day = d.day group by d.day order by d.day
select c.name, o.id from customers c full join orders o on o.customer_id = c.id
select c.name, o.id from customers c right join orders o on o.customer_id = c.id
select id, name from customers natural join (select id from customers where id < 10) few
select id, c.name, o.amount from customers c join orders o using (id)
select id from orders where ordered_at >= timestamp '2024-01-20 00:00:00' and ordered_at < '2024-02-01'
select cast(day as text), cast(amount as double precision), cast(id as text) from orders
select id from orders where note like '%12%'
select count(*) * 100.0 / (select count(*) from orders) as share from orders where status = 'open'
select tenant, amount, amount / sum(amount) over (partition by tenant) as share from orders
select t.* from (select c.*, 1 as extra from customers c) t where t.extra = 1
select max(id) from orders having count(*) > 1
select tenant + 1 as next, count(*) from orders group by tenant + 1 order by tenant + 1
select lower(name) as n from customers order by n
select sum(case when status = 'open' then amount else 0 end) as open, sum(case when status = 'paid' then amount end) as paid from orders
select c.id from customers c where c.country in ('DE', 'FR') and c.score > 1.5 and c.birth < date '1990-01-01'
select count(*) from orders where day > now() - interval '30 days' and day > current_date - 30
select a.tenant from orders a where a.id = (select min(b.id) from orders b where b.tenant = a.tenant)
select coalesce(o.tenant, 0) from customers c left join orders o on o.customer_id = c.id and o.status = 'open'

[duckdb]
from customers
from orders select id, amount where tenant = 1
select * exclude (email, phone) from customers
select * replace (upper(name) as name) from customers
select * rename (name as full_name) from customers
select c.* exclude (phone) from customers c
select columns('.*_id|id') from orders
select min(columns(* exclude (status, note))) from orders
select columns(lambda c: c like 'a%') from orders
select id, name from customers order by all
select tenant, status, count(*) from orders group by all order by all
select id, row_number() over (partition by tenant order by id) as rn from orders qualify rn = 1
pivot orders on status in ('open', 'paid') using sum(amount) group by tenant
select * from (pivot orders on tenant in (1, 3, 6) using count(*) group by status)
select * from orders pivot (sum(amount) for status in ('open', 'paid') group by tenant)
unpivot (select id, amount, tax from orders) on amount, tax into name kind value v
select o from orders o where o.id = 1
select to_json(c) from customers c where c.id = 1
select unnest(list(id order by id)) from orders where tenant = 1
select list(id order by id desc)[1:3] from orders
select {'id': id, 'name': name} as s from customers
select s.id, s.name from (select {'id': id, 'name': name} as s from customers)
select [x * 2 for x in [1, 2, 3] if x > 1]
select list_transform(list(amount order by id), lambda x: x * 2) from orders
select list_filter([1, 2, 3], lambda x: x > 1) as kept
select map {'a': 1, 'b': 2}['a'] as m
select struct_pack(a := id, b := name) from customers
select name.upper().lower() from customers
select c.name.length() from customers c
select id as x, x + 1 as y from orders where x > 10
select a.id, b.id from orders a asof join orders b on a.tenant = b.tenant and a.ordered_at > b.ordered_at
select o.id from orders o semi join items i on i.order_id = o.id
select o.id from orders o anti join items i on i.order_id = o.id
select a.id from (from customers order by id) a positional join (from orders order by id) b
select id from orders union by name select id, name from customers
select strftime(day, '%Y-%m') as month, count(*) from orders group by month order by month
select try_cast(name as integer), try_cast('12' as integer) from customers
select count(*) from orders using sample 100%
select date_diff('day', day, date '2024-06-01'), dayname(day), year(day), last_day(day) from orders
select regexp_extract(name, '[0-9]+') as digits, regexp_replace(name, 'n', 'N') from customers
select string_split(name, 'e')[1] from customers
select min(country), median(score), quantile_cont(score, 0.25) from customers
select arg_max(id, amount), max_by(id, amount) from orders
select epoch(ordered_at), ordered_at + interval 2 hour, ordered_at::date from orders
select id, amount::int, amount::varchar from orders
select t.range from range(3) t
select u.x from unnest([1, 2, 3]) as u(x)
select id, u.x from orders, unnest([id, tenant]) as u(x)
select * from range(3) a(x), generate_series(1, 2) b(y)
table customers
select * like 'a%' from orders
select count_if(status = 'open'), histogram(tenant) from orders
select '{"a": {"b": 1}}'::json->'a'->>'b' as j
select json_extract('{"a": 1}', '$.a') as j, json_object('id', id) from customers
select id from orders where id between 5 and 10 and tenant not between 2 and 4
select name from customers where name ilike 'NAME1%' and name not like '%3'
select name from customers where regexp_matches(name, '1$') or name ~ '.*2$'
select product, price from items where price // 10 = 3
select if(tenant = 1, 'a', 'b'), ifnull(status, '-') from orders
select x: 1
select n: name, o: id from c: customers

[postgres]
select id, amount::integer, amount::text from orders
select row_to_json(c) from customers c where c.id = 1
select (c).name from customers c
select name from customers where name ~ '1$' and name !~* 'X'
select name from customers where name similar to 'name(1|2)'
select to_char(day, 'YYYY-MM') as month, count(*) from orders group by 1 order by 1
select date_part('year', day), ordered_at::date, ordered_at at time zone 'UTC' from orders
select * from unnest(array[1, 2, 3]) with ordinality as u(x, n)
select '{"a": {"b": 1}}'::jsonb->'a'->>'b' as j, '{"a": 1}'::jsonb @> '{}' as has
select key, value from jsonb_each('{"a": 1, "b": 2}'::jsonb)
select v from jsonb_array_elements('[1, 2]'::jsonb) as e(v)
select json_agg(name order by name) from customers where country = 'FR'
select jsonb_build_object('id', id, 'name', name) from customers
select regexp_replace(name, '[0-9]', '#', 'g'), split_part(email, '@', 2) from customers
select array(select id from orders where tenant = 1 order by id) as ids
select (array[1, 2, 3])[2] as two, (array_agg(id order by id))[1] from orders
select overlay(name placing 'X' from 1 for 1), position('e' in name), initcap(name) from customers
select make_interval(days => 3) as span, age(timestamp '2024-02-01', timestamp '2024-01-01') as a
select generate_series(1, 3) as n
select d from generate_series(date '2024-01-01', date '2024-01-03', interval '1 day') as d
select count(*) filter (where status = 'open') from orders
select id from orders where tenant = any (array[1, 3])
select coalesce(sum(amount), 0)::numeric(12, 1) from orders
select E'a\'b' as quoted, $$it's$$ as dollar
with x as materialized (select * from orders), y as not materialized (select * from x) select count(*) from y
select name from customers order by name collate "C"
select id from orders order by tenant fetch first 2 rows with ties

[both]
with src as (select * from orders), renamed as (select id as order_id, customer_id, tenant as tenant_id, status as order_status, amount::numeric(12,2) as amount_usd, ordered_at from src), final as (select r.*, c.name as customer_name from renamed r left join customers c on c.id = r.customer_id) select * from final
with daily as (select cast(ordered_at as date) as d, sum(amount) as revenue from orders group by 1), smoothed as (select d, revenue, avg(revenue) over (order by d rows between 6 preceding and current row) as avg7 from daily) select * from smoothed order by d
with first_orders as (select customer_id, min(day) as first_day from orders group by customer_id), cohort as (select o.customer_id, date_trunc('month', f.first_day) as cohort_month, date_trunc('month', o.day) as order_month from orders o join first_orders f on f.customer_id = o.customer_id) select cohort_month, order_month, count(distinct customer_id) as customers from cohort group by 1, 2 order by 1, 2
select id, sum(amount) over (order by id range between unbounded preceding and current row) as running from orders
select id, sum(amount) over (order by id groups between 1 preceding and 1 following) as s from orders
select id, sum(amount) over (order by id rows between unbounded preceding and unbounded following exclude current row) as others from orders
select id, sum(amount) over (order by id rows between 3 preceding and 1 preceding exclude ties) as s from orders
select id, sum(amount) over (order by day range between interval '7 days' preceding and current row) as week from orders
select id, count(*) over (order by amount range between 10 preceding and 10 following) as near from orders
select id, first_value(amount) over w, last_value(amount) over w, nth_value(amount, 2) over w from orders window w as (partition by tenant order by id rows between unbounded preceding and unbounded following)
select id, sum(amount) over (w rows between 1 preceding and current row) from orders window w as (partition by tenant order by id)
select id, percent_rank() over (order by amount), cume_dist() over (order by amount) from orders
select tenant, sum(amount) filter (where status = 'open') over (partition by tenant) as s from orders
select tenant, rank() over (order by sum(amount) desc) as r, sum(amount) from orders group by tenant
select tenant, sum(sum(amount)) over (order by tenant) as running from orders group by tenant
select tenant, status, sum(amount) from orders group by tenant, rollup (status)
select tenant, status, grouping(tenant, status) as g, sum(amount) from orders group by cube (tenant, status) having grouping(tenant) = 0
select status, count(*) filter (where amount > 100) as big, count(*) filter (where amount <= 100) as small from orders group by status
select distinct on (customer_id) customer_id, id, ordered_at from orders order by customer_id, ordered_at desc, id
select c.name, l.* from customers c left join lateral (select o.id, o.amount from orders o where o.customer_id = c.id order by o.amount desc, o.id limit 2) l on true
select c.name, l.total from customers c, lateral (select sum(amount) as total from orders o where o.customer_id = c.id) l where l.total > 100
with recursive months as (select date '2024-01-01' as m union all select cast(m + interval '1 month' as date) from months where m < date '2024-06-01') select m.m, count(o.id) from months m left join orders o on date_trunc('month', o.day) = m.m group by 1 order by 1
with recursive t(n, path) as (select 1, '1' union all select n + 1, path || '>' || cast(n + 1 as text) from t where n < 5) select * from t
select mode() within group (order by status) from orders
select percentile_disc(0.9) within group (order by amount) from orders group by tenant
select percentile_cont(0.25) within group (order by amount desc) as q1, percentile_cont(0.75) within group (order by amount) as q3 from orders
select string_agg(cast(id as text), '|' order by id desc) from orders where tenant = 1
select array_agg(distinct tenant order by tenant) from orders
select array_agg(id order by amount desc, id) filter (where status = 'open') from orders
select regexp_replace(name, '^name', 'customer ') from customers
select extract(year from ordered_at), extract(quarter from ordered_at), extract(dow from ordered_at), extract(hour from ordered_at), extract(epoch from ordered_at) from orders
select extract(week from day), extract(isodow from day), extract(doy from day) from orders
select ordered_at at time zone 'UTC' from orders
select ordered_at at time zone 'Europe/Berlin' at time zone 'America/New_York' from orders
select date_trunc('week', ordered_at), date_trunc('quarter', day), date_trunc('hour', ordered_at) from orders
select day + 7, day - 7, day - date '2024-01-01' from orders
select ordered_at - interval '2 days 3 hours', ordered_at + interval '1' day from orders
select ordered_at - timestamp '2024-01-01 00:00:00' from orders
select age(ordered_at, timestamp '2024-01-01 00:00:00') from orders
select to_timestamp(1700000000)
select now() > timestamp '2024-01-01', current_date > date '2024-01-01'
select count(*) from orders where ordered_at > current_timestamp - interval '10 years'
select position('e' in name), strpos(name, 'm'), left(name, 2), right(name, 2), reverse(name), repeat('ab', 3) from customers
select lpad(cast(id as text), 5, '0'), rpad(name, 12, '.'), ltrim('  x'), rtrim('x  '), trim(both 'x' from 'xxaxx') from customers
select split_part(email, '@', 2) as domain, count(*) from customers group by 1 order by 2 desc, 1
select concat_ws('-', country, name, id) from customers
select translate(name, 'abc', 'xyz'), md5(name), ascii(name), chr(65) from customers
select round(cast(score as numeric), 2), floor(score), ceiling(score), trunc(score), sign(score), power(score, 2), sqrt(score), exp(1), ln(score + 1), mod(id, 7) from customers
select id % 7, id / 7, amount % 10, -amount, +amount, amount ^ 2 from orders
select 7 & 3, 7 | 8, 1 << 4, 256 >> 2, ~5
select greatest(1, 2, 3), least(1, 2, 3), coalesce(null, 1), nullif(1, 1)
select case when amount between 0 and 100 then 'low' when amount between 100 and 500 then 'mid' else 'high' end as band, count(*), sum(amount) from orders group by 1 order by 1
select id from orders where (customer_id, tenant) in (select customer_id, tenant from orders where amount > 900)
select id from orders where row(tenant, status) = row(1, 'open')
select id from orders where tenant in (1, 3) and status in (select distinct status from orders where status is not null)
select id from orders where not (status = 'open' and amount > 100) or status is null
select id from orders where status is not distinct from 'open'
select id from orders where (status = 'open') is true
select id from orders where (status = 'open') is not false
select id from orders where (status = 'open') is unknown
select name from customers where name like 'name1_' escape '!'
select name from customers where name not like '%1%' and name ilike '%NAME%'
select name from customers where name similar to '%(1|2)%'
select count(*) from orders o join customers c on o.customer_id = c.id and c.country = 'DE' left join items i on i.order_id = o.id
select * from orders o join customers c on o.customer_id = c.id join items i on i.order_id = o.id where i.quantity = 8 and o.amount > 300
select * from (orders o join customers c on o.customer_id = c.id) where o.amount > 800
select * from customers c left join (orders o join items i on i.order_id = o.id) on o.customer_id = c.id where c.id < 5
select a.country, b.country from (select distinct country from customers) a cross join (select distinct country from customers) b
select c1.id, c2.id from customers c1 join customers c2 using (country) where c1.id < c2.id
select id from customers natural join (select id from orders where amount > 500) o
select country as c, count(*) as n from customers group by c order by n desc, c limit 3
select country, count(*) from customers group by 1 having count(*) > 1 order by 2 desc, 1 limit 3 offset 1
select * from orders order by amount desc, id limit 5 offset 10
select * from orders order by status nulls first, id desc limit 5
select (select count(*) from orders) as o, (select count(*) from customers) as c
select (select name from customers where customers.id = orders.customer_id) as name, amount from orders order by 2 desc limit 10
select id, amount, amount - (select avg(amount) from orders) as diff from orders
select id, amount - avg(amount) over () as diff, amount * 100.0 / sum(amount) over () as pct from orders
select o.id from orders o where o.amount = (select max(i.amount) from orders i where i.customer_id = o.customer_id)
select o.id from orders o where exists (select 1 from items i where i.order_id = o.id group by i.order_id having count(*) > 2)
select * from (values (1, 'one'), (2, 'two')) v(n, label) where n > 1
with v(n, label) as (values (1, 'one'), (2, 'two')) select * from v
(select 1 as x union select 2) except select 2
select 1 as x union all select 2 union all select 3 order by x desc limit 2
select tenant from orders intersect all select tenant from orders where status = 'open'
select tenant from orders except all select tenant from orders where status = 'open'
with a as (select tenant, count(*) as n from orders group by tenant) select a1.tenant, a2.n from a a1 join a a2 on a1.tenant = a2.tenant
select cast('2024-01-01' as date), cast('12:30' as time), cast('1.5' as numeric(5,2)), cast(1 as boolean), cast('true' as boolean)
select cast(amount as varchar(20)), cast(amount as bigint), cast(id as smallint), cast(day as timestamp) from orders
select count(*) from generate_series(1, 100) as g(n) where n % 3 = 0
select g.n, count(o.id) from generate_series(1, 10) as g(n) left join orders o on o.customer_id = g.n group by g.n order by g.n
select avg(amount)::numeric(10,2), sum(amount)::bigint from orders
select covar_pop(amount, tax), covar_samp(amount, tax), regr_slope(amount, tax), regr_intercept(amount, tax), regr_r2(amount, tax) from orders
select bit_and(tenant), bit_or(tenant) from orders
select var_samp(amount), variance(amount), stddev(amount), stddev_pop(amount) from orders
select count(*), count(distinct (customer_id, tenant)) from orders
select customer_id, count(*) from orders group by customer_id having count(*) = (select max(n) from (select count(*) as n from orders group by customer_id) t)
select a.tenant, a.total - lag(a.total) over (order by a.tenant) as delta from (select tenant, sum(amount) as total from orders group by tenant) a
select id, coalesce(lag(amount) over (order by id), 0), lag(amount, 1, 0) over (order by id) from orders
select customer_id, max(case when rn = 1 then amount end) as first_amount, max(case when rn = 2 then amount end) as second_amount from (select customer_id, amount, row_number() over (partition by customer_id order by ordered_at, id) as rn from orders) t group by customer_id
with sessions as (select id, customer_id, ordered_at, case when ordered_at - lag(ordered_at) over (partition by customer_id order by ordered_at) > interval '10 days' then 1 else 0 end as is_new from orders) select customer_id, sum(is_new) over (partition by customer_id order by ordered_at rows unbounded preceding) as session from sessions
select id from orders where day = (select max(day) from orders)
select id, '{"a": [1, 2]}' as j from orders limit 1
select *, amount + tax as gross from orders
select orders.*, customers.name from orders, customers where orders.customer_id = customers.id
select 'a' || 'b' || cast(1 as text)
select "amount" as "amount (EUR)", "tax" "VAT" from orders
select sum(amount) total from orders o
select all status from orders
select id, amount > 100 and status = 'open' as hot from orders
select sum(amount) over (partition by tenant order by day, id), avg(sum(amount)) over () from orders group by tenant, day, id, amount
select count(*) from (select distinct tenant, status from orders) d
select date '2024-02-29' + interval '1 year', interval '1 day' * 3, interval '1 month' + interval '2 days'
select exists (select 1 from orders where amount > 1000) as any_big
select not exists (select 1 from orders where amount > 10000) as none_big
select 1 where 1 in (1, 2, null)
select true and false or null, not true
select 1.5e3, .5, 5., 1e-3, 0.1 + 0.2
select '2024-01-01'::date - '2023-01-01'::date
select max(ordered_at) - min(ordered_at) from orders
select id from orders order by (amount - tax) desc, id limit 3
select id from orders order by case when status = 'open' then 0 else 1 end, id limit 3
select status, avg(amount) as a from orders group by status order by avg(amount) desc
select country, string_agg(name, ', ' order by name) filter (where score > 2) from customers group by country
select tenant, customer_id, sum(amount) from orders group by grouping sets ((tenant), (tenant, customer_id), ()) order by 1, 2
select coalesce(cast(tenant as text), 'all') as t, sum(amount) from orders group by rollup (tenant)
with t as (select id, ntile(10) over (order by amount) as decile from orders) select decile, count(*), min(id) from t group by decile order by decile
with base as (select customer_id, date_trunc('month', ordered_at) as month, sum(amount) as revenue from orders group by 1, 2), ranked as (select *, row_number() over (partition by month order by revenue desc, customer_id) as rn from base) select month, customer_id, revenue from ranked where rn <= 3 order by month, rn
with orders_enriched as (select o.*, c.country from orders o inner join customers c on c.id = o.customer_id), by_country as (select country, count(distinct customer_id) as buyers, sum(amount) as gmv, sum(case when status = 'paid' then amount else 0 end) as paid_gmv from orders_enriched group by country) select country, buyers, gmv, paid_gmv, round(paid_gmv * 100.0 / nullif(gmv, 0), 2) as paid_share from by_country order by gmv desc nulls last
select c.country, count(*) as n_customers, count(o.id) as n_orders, coalesce(sum(o.amount), 0) as total from customers c left join orders o on o.customer_id = c.id and o.status <> 'open' group by c.country having count(o.id) > 0 order by 1
with recursive org(id, boss, depth, path) as (select id, customer_id, 0, cast(id as text) from orders where id = 1 union all select o.id, o.customer_id, org.depth + 1, org.path || '/' || cast(o.id as text) from orders o join org on o.customer_id = org.id where org.depth < 4 and o.id > org.id) select * from org
select *, amount - lag(amount) over (partition by customer_id order by ordered_at, id) as diff, extract(epoch from ordered_at - lag(ordered_at) over (partition by customer_id order by ordered_at, id)) / 86400 as days_between from orders
select a.id, a.ordered_at, b.id as previous from orders a left join orders b on b.customer_id = a.customer_id and b.ordered_at = (select max(x.ordered_at) from orders x where x.customer_id = a.customer_id and x.ordered_at < a.ordered_at)
select tenant, count(*) as n, sum(count(*)) over (order by tenant) as running, round(100.0 * count(*) / sum(count(*)) over (), 2) as pct from orders group by tenant order by tenant
select country, avg(score) as avg_score, stddev(score) as sd, min(birth), max(birth) from customers group by country having avg(score) > 1 order by avg_score desc
select case when grouping(status) = 1 then 'total' else coalesce(status, 'unknown') end as status, sum(amount) from orders group by rollup (status) order by grouping(status), 1
select date_trunc('quarter', day) as q, status, sum(amount) as s, sum(sum(amount)) over (partition by status order by date_trunc('quarter', day)) as cum from orders group by date_trunc('quarter', day), status order by 1, 2
with d as (select distinct customer_id, day from orders), g as (select customer_id, day, day - cast(row_number() over (partition by customer_id order by day) as integer) as grp from d) select customer_id, min(day) as start_day, max(day) as end_day, count(*) as streak from g group by customer_id, grp order by streak desc, customer_id, start_day limit 10
select id, amount, sum(amount) over w as cum, avg(amount) over (w rows between 2 preceding and current row) as ma3, count(*) over (partition by tenant) as n from orders window w as (partition by tenant order by ordered_at, id) order by id
select o1.customer_id, count(*) from orders o1 where not exists (select 1 from orders o2 where o2.customer_id = o1.customer_id and o2.ordered_at > o1.ordered_at) group by o1.customer_id
select product, sum(quantity) as q, rank() over (order by sum(quantity) desc) as r from items group by product order by r, product
select i.product, o.status, sum(i.quantity * coalesce(i.price, 0)) as revenue from items i join orders o on o.id = i.order_id join customers c on c.id = o.customer_id where c.country in ('DE', 'FR') and o.day between date '2024-01-01' and date '2024-03-31' group by i.product, o.status order by revenue desc, 1, 2
(select 'orders' as source, count(*) as n from orders) union all (select 'customers', count(*) from customers) union all select 'items', count(*) from items order by source
select name from customers where lower(name) like '%1%' and (country is null or country not in ('US')) order by length(name), name
select count(*) from orders where extract(month from ordered_at) = 1 and extract(year from ordered_at) = 2024
select ordered_at, extract(hour from ordered_at) as h, extract(minute from ordered_at) as mi, extract(second from ordered_at) as s from orders where id < 20
select min(amount), max(amount), percentile_cont(0.5) within group (order by amount), percentile_cont(0.9) within group (order by amount) from orders group by status
select id, tenant, amount, ntile(4) over (partition by tenant order by amount, id) as quartile from orders
select t.tenant, t.top from (select tenant, max(amount) as top from orders group by tenant) as t where t.top = (select max(top) from (select tenant, max(amount) as top from orders group by tenant) as u)
select coalesce(c.country, 'n/a') as country, o.status, count(*) from orders o full outer join customers c on c.id = o.customer_id group by 1, 2 order by 1, 2
select id from orders where amount not between 100 and 800 and tenant <> 1 and status != 'open'
select substr(name, 1, 4) as prefix, count(*) from customers group by substr(name, 1, 4) having count(*) > 1
select 'total' as label, sum(amount) as v from orders union select status, sum(amount) from orders group by status order by 1
select cast(sum(amount) as double precision) / count(*) as mean from orders
select a.tenant, b.tenant from (select distinct tenant from orders) a left join (select distinct tenant from orders where amount > 960) b on a.tenant = b.tenant order by 1
with t as (select id, amount, tenant from orders), m as (select tenant, avg(amount) as mean, stddev(amount) as sd from t group by tenant) select t.id, (t.amount - m.mean) / m.sd as z from t join m on m.tenant = t.tenant where abs((t.amount - m.mean) / m.sd) > 1.5
select customer_id, string_agg(status, '>' order by ordered_at, id) as journey from orders where status is not null group by customer_id
select o.id, (select string_agg(i.product, ', ' order by i.product) from items i where i.order_id = o.id) as products from orders o where o.amount > 700
select c.id, c.name, o.cnt, o.last_day from customers c join (select customer_id, count(*) as cnt, max(day) as last_day from orders group by customer_id) o on o.customer_id = c.id where o.last_day >= date '2024-02-01' order by o.cnt desc, c.id
select count(*) as n, count(distinct country) as countries, sum(case when email is not null then 1 else 0 end) as with_mail, avg(case when score > 3 then 1.0 else 0 end) as high from customers
select (amount > 500) as big, count(*) from orders group by (amount > 500) order by 1
select sign(amount - 400) as s, abs(round(amount)) as r, floor(amount / 100) * 100 as bucket, count(*) over (partition by floor(amount / 100)) from orders
select id from customers where birth < date '1980-01-01' and birth >= date '1975-01-01' order by birth limit 7
select * from (select id, name, row_number() over (order by score desc, id) as pos from customers) ranked where pos between 3 and 8
with a(x) as (select 1), b(y) as (select x + 1 from a), c(z) as (select y * 2 from b) select x, y, z from a, b, c
select id from orders where coalesce(status, '') in ('', 'open') and (tax * 1.0) / amount > 0.1
select lower(trim(both ' ' from name)) as n from customers where name is not null and trim(name) <> ''
select count(*) from customers c1 where c1.score > (select avg(c2.score) from customers c2 where c2.country is not distinct from c1.country)
select max(n) from (select customer_id, count(*) as n from orders group by customer_id) as per_customer
select x.k, x.v from (select 'a' as k, 1 as v union all select 'b', 2) as x where x.v = any (select 2)
select exists(select 1 from items where quantity > 7) and not exists(select 1 from items where quantity > 100) as ok
select id, case when status in ('open') then 1 when status like 'p%' then 2 end as code from orders where case when tenant = 1 then amount > 100 else true end
select country || '-' || cast(extract(year from birth) as text) as cohort, count(*) from customers where country is not null group by 1 order by 1
select sum(amount) filter (where day < date '2024-02-01') as jan, sum(amount) filter (where day >= date '2024-02-01') as later, count(*) filter (where status is null) as unknown from orders
select first_value(id) over (partition by tenant order by amount desc rows between unbounded preceding and unbounded following) as best, id from orders
select sum(amount) over (partition by tenant order by day range between unbounded preceding and current row exclude no others) from orders
select sum(tax) over (order by id rows between current row and 2 following) from orders
select * from customers c where (select count(*) from orders o where o.customer_id = c.id and o.amount > (select avg(amount) from orders)) >= 2
select date '2024-01-31' + interval '1 month' as feb, timestamp '2024-03-10 12:00:00' - interval '90 minutes' as earlier
select interval '1' year + interval '2' month as span
select cast('2024-05-06 07:08:09' as timestamp), cast('2024-05-06 07:08:09+02' as timestamp with time zone) is not null
select 10 / 4 as i, 10.0 / 4 as d, 10 % 4 as m, round(2.567, 2), 7.5 - 2
select 'O''Reilly' as n, '%' || 'x' || '%' as pattern
select count(*) from orders o where o.note like '%\_%' escape '\'
select id from orders where tenant in (select 1 union select 3) order by id limit 4
select 1 + (select count(*) from customers where id in (select customer_id from orders)) as n
select id, rank() over (order by case when status = 'open' then 0 else 1 end, amount desc, id) from orders
select o.tenant, o.status, sum(o.amount) from orders o group by o.tenant, o.status having sum(o.amount) > (select avg(s) from (select sum(amount) as s from orders group by tenant, status) z)
select distinct tenant, status from orders order by tenant, status
select count(*) from (select 1 from orders limit 5) t
select * from (select id from orders order by id limit 3) a union all select * from (select id from customers order by id desc limit 3) b
select -id as neg, - (-amount) as pos, not (amount > 5) as small from orders
select c.name as "Customer Name", count(o.id) as "# Orders" from customers c left join orders o on o.customer_id = c.id group by c.name order by "# Orders" desc, "Customer Name" limit 5
SELECT C.ID, C.NAME FROM CUSTOMERS AS C WHERE C.COUNTRY = 'DE'
select o . id , o . amount from sales . orders o
select id from "sales"."orders" where "orders"."tenant" = 1

[duckdb]
pivot orders on status using sum(amount) group by tenant
pivot orders on status using sum(amount), count(*) group by tenant order by tenant
pivot orders on status in ('open', 'paid') using sum(amount) group by tenant order by tenant limit 2
pivot orders on tenant using count(*)
pivot (select tenant, status, amount from orders) on status using sum(amount)
pivot (select tenant, status, amount from orders) on status in ('open', 'paid') using sum(amount) as total, max(amount) as biggest
from (pivot orders on status in ('open', 'paid') using sum(amount) group by tenant) select tenant, open
with p as (pivot orders on status in ('open', 'paid') using count(*) group by tenant) select * from p where tenant = 1
with p as (pivot orders on status using count(*) group by tenant) select * from p
pivot orders on tenant, status in ('open', 'paid') using count(*)
pivot orders on year(day) using sum(amount)
pivot orders on year(day) in (2023, 2024) using sum(amount) group by status
unpivot (select id, amount, tax from orders) on amount, tax into name kind value v order by id, kind limit 4
unpivot (select id, amount, tax from orders) on columns(* exclude (id)) into name kind value v
unpivot (select id, amount, tax from orders) on (amount, tax) into name kind value a, b
select * from (select id, amount, tax from orders) unpivot (v for kind in (amount, tax))
select * from (select id, amount, tax from orders) unpivot include nulls (v for kind in (amount, tax))
select * from orders pivot (sum(amount) as s, count(*) as n for status in ('open', 'paid') group by tenant)
select list_aggregate(list(amount), 'sum') from orders
select list_aggregate([1, 2, 3], 'avg'), list_aggr([1, 2], 'max'), array_aggregate([1, 2], 'min')
select list_sum([1, 2]), list_avg([1, 2]), list_min([1, 2]), list_max([1, 2]), list_count([1, null]), list_first([1]), list_last([2]), list_median([1,2,3])
select count(*) from orders tablesample 100%
select count(*) from orders tablesample reservoir(100%)
select count(*) from orders tablesample bernoulli(100%)
select count(*) from orders tablesample system(100%)
select count(*) from (select * from orders) tablesample (100 percent)
select count(*) from orders using sample reservoir(1000000 rows)
select count(*) from orders using sample 1000000
select count(*) from orders using sample 100 percent (bernoulli)
select count(*) from orders using sample 100% (system, 42)
select tenant, * exclude (tenant) from orders
select * exclude id from orders
select * exclude (note) replace (amount * 2 as amount) rename (tax as vat) from orders
select o.* exclude (note), c.* exclude (id) from orders o join customers c on c.id = o.customer_id
select columns('(amount|tax)') * 2 from orders
select sum(columns('amount|tax')) from orders
select columns(lambda c: c in ('id', 'tax')) from orders
select columns(* exclude (id, note)) from orders
select columns(['id', 'tenant']) from orders
select coalesce(*columns(['status', 'note'])) from orders
select * from orders where columns(['amount', 'tax']) > 100
select max(columns(*)) from (select amount, tax from orders)
select columns('(.*)_id') as '\1_key' from orders
select * not like 'n%' from orders
select * similar to 'a.*' from orders
select * glob 'a*' from orders
from orders
from orders select id, amount order by amount desc, id limit 3
from orders o join customers c on c.id = o.customer_id select o.id, c.name
from (from orders where tenant = 1) select count(*)
with x as (from orders where tenant = 3) from x select count(*)
select id from orders qualify row_number() over (partition by customer_id order by amount desc, id) = 1
select id, rank() over (partition by tenant order by amount desc, id) as r from orders qualify r <= 2
select tenant, sum(amount) as s from orders group by tenant qualify rank() over (order by s desc) = 1
select tenant, status, count(*) from orders group by all having count(*) > 5 order by all desc
select * from orders order by all limit 3
select id from orders limit 10%
select id from orders order by id limit (select 3)
select o.id, i.product from orders o asof join items i on o.id = i.order_id and o.amount >= i.price
select o.id, i.product from orders o asof left join items i on o.id = i.order_id and o.amount >= i.price
select * from (select id, ordered_at from orders) a asof join (select ordered_at, amount from orders) b using (ordered_at)
select a.id, b.n from (select id from orders order by id limit 3) a positional join (select range as n from range(3)) b
select c.id from customers c semi join orders o on o.customer_id = c.id and o.amount > 500
select c.id from customers c anti join orders o using (id)
select id, tenant from orders union by name select tenant, id, amount from orders
select id from orders union all by name select id, name from customers
select list(id order by id), list(distinct status order by status), first(id order by id), last(id order by id), any_value(tenant order by id) from orders where tenant = 1
select list_sort(list(amount)), list_reverse_sort(list(id)), list_distinct(list(tenant)).list_sort() from orders
select list_transform([1,2,3], lambda x: x + 1), list_filter([1,2,3], lambda x: x > 1), list_reduce([1,2,3], lambda a, b: a + b)
select list_transform([1,2,3], lambda x, i: x * i)
select list_transform(list(amount order by id), lambda x: round(x, 1)) from orders group by tenant
select [x + 1 for x in [1, 2, 3]], [x for x in list_value(1, 2) if x > 1], [x for x, i in [4, 5] if i > 1]
select list_contains([1,2], 1), list_has_any([1,2],[2]), list_has_all([1,2],[2]), list_position([1,2],2), list_concat([1],[2]), list_append([1],2), list_prepend(0,[1]), list_slice([1,2,3],1,2), array_slice([1,2,3],1,2), flatten([[1],[2]]), list_zip([1],[2]), list_unique([1,1]), list_intersect([1,2],[2])
select {'a': 1, 'b': {'c': 2}}.b.c, {'a': 1}['a'], struct_extract({'a': 1}, 'a'), struct_insert({'a': 1}, b := 2), row(1, 2), struct_keys({'a':1})
select (s).id, s.name, s.* from (select {'id': id, 'name': name} as s from customers) t
select unnest({'a': 1, 'b': 2})
select unnest([{'a': 1}, {'a': 2}], recursive := true)
select unnest([1, 2]), unnest([3, 4])
select id, unnest(string_split(name, 'a')) as part from customers
select u from (select unnest([1,2,3]) as u) where u > 1
select map(['a'], [1]), map {'k': 1}['k'], map_keys(map {'k': 1}), map_values(map {'k': 1}), map_entries(map {'k':1}), map_extract(map {'k':1}, 'k'), map_from_entries([('k', 1)]), map_contains(map {'k':1}, 'k'), cardinality(map {'k':1}), element_at(map {'k':1}, 'k'), map_concat(map {'a':1}, map {'b':2})
select to_json({'a': 1}), json_object('a', 1), json_array(1, 2), json('{"a":1}'), '{"a":{"b":[1,2]}}'::json->'a'->'b'->0, json_extract_string('{"a":"x"}', '$.a'), json_array_length('[1,2]'), json_keys('{"a":1}'), json_type('{"a":1}'), json_valid('{}'), json_structure('{"a":1}')
select j->>'$.a', j->'a'->>'b', (j->>'c')::int from (select '{"a": {"b": 1}, "c": 3}'::json as j)
select json_extract(j, ['$.a', '$.c']) from (select '{"a": {"b": 1}, "c": 3}'::json as j)
select j.a.b, j['c'] from (select '{"a": {"b": 1}, "c": 3}'::json as j)
select json_group_array(id), json_group_object(id::varchar, name) from customers where id < 4
select * from json_each('{"a": 1, "b": 2}')
select c.id, e.key, e.value from customers c, json_each(to_json({'n': c.name})) e where c.id < 3
select from_json('{"a": 1}', '{"a": "INTEGER"}')
select json_transform('{"a": 1}', '{"a": "INTEGER"}')
select regexp_matches(name, '^n'), regexp_extract(name, '([a-z]+)(\d+)', 2), regexp_extract_all(name, '\d'), regexp_full_match(name, 'name\d+'), regexp_split_to_array(name, 'm'), regexp_extract(name, '([a-z]+)(\d+)', ['word', 'num']) from customers
select name from customers where name ~ 'name\d' and name !~ 'x' and name glob 'n*'
select strftime(ordered_at, '%Y-%m-%d %H:%M'), strptime('2024-01-01', '%Y-%m-%d'), try_strptime('x', '%Y'), strftime('%d', day) from orders
select date_part('year', day), date_part(['year', 'month'], day), datepart('month', day), date_sub('month', day, date '2025-01-01'), datediff('day', day, today()) > 0, date_add(day, interval 1 month), last_day(day), monthname(day), dayofweek(day), weekofyear(day), isodow(day), yearweek(day), quarter(day), epoch_ms(ordered_at) from orders
select time_bucket(interval '7 days', ordered_at) as w, count(*) from orders group by 1 order by 1
select time_bucket(interval '1 month', day) as w, sum(amount) from orders group by w order by w
select make_date(2024, 1, 2), make_timestamp(2024, 1, 2, 3, 4, 5.5), make_time(1, 2, 3), to_days(3), to_months(2), interval 3 day, interval (id) day, interval '1' hour from orders limit 1
select ordered_at::timestamptz at time zone 'Europe/Berlin', timezone('UTC', ordered_at), strftime(ordered_at::timestamptz, '%Z') is not null from orders
select epoch(ordered_at), to_timestamp(epoch(ordered_at)), epoch_ms(1700000000000), century(day), decade(day) from orders
select range, generate_series from range(3), generate_series(1, 2)
select * from range(date '2024-01-01', date '2024-02-01', interval '7 days') t(d)
select unnest(range(1, 4)), range(3), generate_series(1, 3)
select unnest(generate_series(date '2024-01-01', date '2024-01-03', interval '1 day'))::date as d
select * from unnest(['a', 'b']) with ordinality as u(v, n)
select * from (values (1, 2)) t(a, b)
select t.* from (values (1, 2), (3, 4)) t(a, b) order by a desc
select id as x, x * 2 as y, y + 1 as z from orders
select id as x from orders where x > 290
select status as s, count(*) as n from orders group by s having n > 1 order by n
select arg_min(name, score), arg_max(name, score), arg_max(name, score, 2), max(score, 2), min(id, 3) from customers
select approx_count_distinct(customer_id), approx_quantile(amount, 0.5) is not null, quantile_cont(amount, [0.25, 0.75]), quantile(amount, 0.5), quantile_disc(amount, 0.5), mad(score), mode(status), entropy(tenant), skewness(amount), kurtosis(amount), product(1 + tenant * 0), favg(score), fsum(score), geomean(amount) from orders, customers where orders.customer_id = customers.id
select count_if(amount > 5), sum(amount) filter (amount > 5), countif(tax > 1), bool_or(amount > 5), histogram(status), approx_top_k(status, 2) from orders
select list(name order by name)[1], array_agg(id order by id)[1:2], string_agg(name, '|' order by id)[1:5] from customers
select sum(distinct tenant), avg(distinct tenant), count(distinct status), list(distinct tenant order by tenant) from orders
select name[1], name[1:3], name.upper(), upper(name)[1] from customers
select try_cast(note as int), try_cast(name as date), try(cast(name as int)) from orders join customers on customers.id = customer_id
select amount::double, amount::int, amount::decimal(10,1), '1'::tinyint, 1::hugeint, '2024-01-01'::timestamp, 'a'::blob, '101'::bit, [1,2]::varchar[], {'a': 1}::struct(a bigint), map {'a': 1}::map(varchar, bigint) from orders limit 1
select id::varchar || '-' || status from orders
select format('{} has {}', name, score), printf('%s-%d', name, id), format('{:,}', 1000000) from customers
select hash(name) is not null, md5(name), sha256(name), base64('a'::blob), encode('a'), decode('a'::blob), bin(5), hex(255), bar(score, 0, 10) from customers
select levenshtein(name, 'name1'), jaccard(name, 'name1'), jaro_winkler_similarity(name, 'name1'), damerau_levenshtein(name, 'nmae'), hamming('abc', 'abd'), editdist3('a', 'b') from customers
select starts_with(name, 'n'), ends_with(name, '1'), contains(name, 'am'), name ^@ 'na', prefix(name, 'n'), suffix(name, '1'), instr(name, 'm'), strip_accents(name), lcase(name), ucase(name), length(name), strlen(name), unicode(name), ord(name), chr(65), translate(name, 'n', 'N'), replace(name, 'n', ''), split(name, 'a'), str_split(name, 'a'), string_split_regex(name, '\d'), split_part(name, 'm', 1) from customers
select if(id > 1, 'a', 'b'), ifnull(status, 'x'), nullif(id, 1), coalesce(null, id), case when true then 1 end, greatest(1, 2), least(1, 2), iif from (select 1 as iif, id, status from orders)
select typeof(amount), typeof(1) from orders limit 1
select uuid() is not null, gen_random_uuid() is not null, random() between 0 and 1
select #1, #2 from (select id, tenant from orders) order by #1
select id from orders order by 1 desc limit 2
select 'a' as a, 'b' b, c: 'c'
select * from orders as o (order_id, cust)
select * from orders, (select max(amount) as m from orders) mx where orders.amount = mx.m
select * from customers c, (select count(*) as n from orders o where o.customer_id = c.id) x
select x.* from (select count(*) over () as n, * from orders) x limit 1
select any_value(c) from (select c from customers c where id = 1)
select c.name, list({'id': o.id, 'amount': o.amount} order by o.id) as orders from customers c join orders o on o.customer_id = c.id group by c.name
select struct_pack(a := 1, b := 2), {a: 1, b: 2}
select list_cosine_similarity([1.0, 2.0], [2.0, 3.0]), array_value(1, 2), [1, 2] || [3], list_distance([1.0], [2.0])
select 'x' in ('x', 'y'), 1 in [1, 2], 'x' not in ('y'), 2 between 1 and 3, [1] @> [1], [1, 2] && [2], 'a' in 'abc'
select count(*) from orders where status in ['open', 'paid']
select grouping(tenant), grouping_id(tenant, status), tenant, status, count(*) from orders group by cube(tenant, status)
select lag(status ignore nulls) over (order by id) from orders
select sum(amount) over (order by ordered_at range between interval 3 days preceding and current row) from orders
select fill(x) over (order by n) from (values (1, 1), (2, null), (3, 3)) t(n, x)
select cume_dist(order by amount) over (partition by tenant) from orders
with recursive t as (select 1 as n union select n + 1 from t where n < 5) from t
with recursive t(n) using key (n) as (select 1, 2 union select n + 1, 2 from t where n < 3) select * from t
with a as materialized (select * from orders), b as not materialized (select * from a) select count(*) from b
select distinct on (status) status, id from orders order by status, id
select date '2024-01-01' + 1, timestamp '2024-01-01' + interval 1 hour, timestamptz '2024-01-01 00:00:00+00', time '12:00', interval '1 year 2 months'
select current_date > date '2020-01-01', now() > timestamptz '2020-01-01', today() > date '2020-01-01', current_timestamp is not null, get_current_timestamp() is not null, localtimestamp is not null
select age(date '2020-01-01') > interval 1 year, age(timestamp '2024-02-01', timestamp '2024-01-01')
select datetrunc('month', day), date_trunc('decade', day), extract('month' from day), extract(epoch from ordered_at), year(ordered_at), ordered_at.year() from orders
select row_number() over () > 0, count(*) over (partition by tenant), ntile(3) over (order by id) from orders
select sum(quantity * price) from items
select product, sum(quantity) as q from items group by product order by q desc, product limit 3
select sum(amount)::decimal(18,2) as "Total", round(avg(amount), 2) as 'Average' from orders
select $$dollar quoted$$ as d, e'tab\tx' as t
select list_string_agg(['a', 'b']), array_to_string([1, 2], ','), string_to_array('a,b', ',')
select cast(row(1, 'a') as struct(x int, y varchar)).x
select trim(name, 'n'), ltrim(name, 'n'), lpad(name, 10, ' '), repeat('-', 3), concat(name, 1, true), name || 1 from customers
select quarter(day) || 'Q', strftime(day, '%Y') || '-Q' || quarter(day) from orders
select * from orders where note is null or note ilike '%NOTE%' order by id limit 5
select coalesce(try_cast(note as integer), 0) from orders
select sum(1) from orders group by ()
select max(amount) from orders group by tenant having max(amount) > (select avg(amount) from orders)
select ordered_at::date as d, count(*) from orders where ordered_at >= '2024-01-15' group by d order by d
select id from orders where ordered_at between '2024-01-01' and '2024-02-01' and day <> '2024-01-05'
from range(5) t(i) select i, i * i as square
from orders select count(*) where amount > 10 group by all
select list_apply([1], lambda x: x), array_transform([1], lambda x: x), list_any_value([null, 1]), list_resize([1], 3), list_reverse([1, 2]), array_position([1, 2], 2), len([1, 2]), list_sort([2, 1], 'desc', 'nulls last'), list_grade_up([2, 1]), list_where([1, 2], [true, false]), list_select([1, 2], [1])
select (select list(id order by id) from orders where orders.customer_id = c.id) as ids from customers c
select c.id, x.m from customers c left join lateral (select max(amount) as m from orders o where o.customer_id = c.id) x on true
select * from orders o join (select customer_id, max(amount) as amount from orders group by all) m using (customer_id, amount)
select md5(string_agg(name, ',' order by id)) from customers
select equi_width_bins(0, 10, 2, true), histogram(amount::int, [100, 500]) from orders
select parse_path('/a/b'), current_setting from (select 1 as current_setting)
select nullif(trim(note), '') is null, note is not null from orders
select case status when 'open' then 'O' when 'paid' then 'P' end as s from orders
select decode(encode('x')), from_base64('YQ=='), to_base64('a'::blob), url_encode('a b'), url_decode('a%20b')
from customers select country, count(*) as n group by country order by n desc limit 3
from (values (1, 'a'), (2, 'b')) t(id, label) select label where id = 2
select * exclude (email, phone), email.split_part('@', 2) as domain from customers
select c.* replace (upper(c.name) as name), o.* exclude (customer_id, note) from customers c join orders o on o.customer_id = c.id
select columns('^(amount|tax)$')::double / 2 from orders
select sum(columns(['amount', 'tax'])) as 'sum_of_\0' from orders
select avg(columns(* exclude (id, customer_id, status, note, ordered_at, day))) from orders
select min(columns('a.*')), max(columns('a.*')) from orders
select tenant, max(columns(lambda c: c in ('amount', 'tax'))) from orders group by tenant
select * exclude (note), amount + tax as total from orders where columns('amount|tax') > 50
select list({id: id, amount: amount} order by id) as rows from orders group by tenant
select tenant, list(amount order by amount desc)[:3] as top3, list(id order by amount desc)[1] as best from orders group by tenant
select tenant, list_aggregate(list(amount), 'sum') as s, list_sum(list(amount)) as s2, list_avg(list(amount)) from orders group by tenant
select [x.amount for x in list({amount: amount, id: id} order by id) if x.id > 100] from orders
select list_transform(range(3), lambda x: {'n': x, 'sq': x * x})
select list_reduce(list(amount order by id), lambda a, b: greatest(a, b)) from orders group by tenant
select id, unnest([{'k': 'amount', 'v': amount}, {'k': 'tax', 'v': tax}], recursive := true) from orders where id < 30
select map_from_entries(list((status, n) order by status)) from (select status, count(*) as n from orders where status is not null group by status)
select histogram(status)['open'] from orders
select unnest(map_keys(histogram(status))) as k from orders where status is not null
select t.j->>'$.name' as name, (t.j->>'$.id')::int as id from (select to_json(c) as j from customers c) t
select json_extract_string(j, '$.a.b[0]'), j->'$.a.b'->0, json_extract(j, '/a/b/1') from (select '{"a": {"b": [1, 2]}}'::json as j)
select e.value::int as v from (select '[1,2,3]'::json as j) t, json_each(t.j) e
select unnest(from_json('[1,2,3]', '["INTEGER"]')) as v
select j.a.b::int from (select '{"a": {"b": 1}}'::json j)
select regexp_extract(email, '@(.+)$', 1) as domain, regexp_replace(name, '[^0-9]', '', 'g')::int as n, name ~ 'name[0-9]' from customers
select name similar to 'name[0-9]+' , name not similar to 'x.*', regexp_matches(name, 'NAME', 'i') from customers
select strftime(ordered_at, '%A'), dayname(ordered_at), monthname(day), week(day), date_trunc('week', day), last_day(day), day + interval 1 month, day - interval '3' day from orders
select date_diff('month', day, current_date) > 0, date_sub('day', day, date '2024-12-31'), datediff('week', day, date '2024-12-31'), age(date '2024-12-31', day), day::timestamp + interval 90 minutes from orders
select ordered_at at time zone 'UTC' at time zone 'Asia/Tokyo' as tokyo, timezone('Europe/Berlin', ordered_at::timestamptz), (ordered_at at time zone 'America/New_York')::date from orders
select time_bucket(interval '2 weeks', day, date '2024-01-01') as b, sum(amount) from orders group by b order by b
select generate_series as d from generate_series(timestamp '2024-01-01', timestamp '2024-01-05', interval 1 day)
select r.d::date as d, coalesce(sum(o.amount), 0) from range(date '2024-01-01', date '2024-01-10', interval 1 day) r(d) left join orders o on o.day = r.d group by r.d order by r.d
with spine as (select unnest(generate_series(date '2024-01-01', date '2024-02-01', interval 1 week))::date as week) select s.week, count(o.id) from spine s left join orders o on date_trunc('week', o.day) = date_trunc('week', s.week) group by all order by all
select o.id, t.id as t_id from orders o asof join (select id, day, amount from orders where status = 'paid') t on o.day >= t.day and o.id = t.id
select o.id, t.amount from orders o asof left join (select day, max(amount) as amount from orders group by day) t using (day)
select c.id from customers c semi join orders o on c.id = o.customer_id where c.country = 'DE' order by c.id
select * from (select id from customers order by id limit 2) a positional join (select id as oid from orders order by id limit 3) b
select id from orders qualify count(*) over (partition by customer_id) > 3 and row_number() over (order by id) < 50
select tenant, sum(amount) total from orders group by tenant qualify row_number() over (order by total desc) <= 2
select * from orders qualify lag(status) over (partition by customer_id order by id) is distinct from status
pivot orders on status using sum(amount) as total, count(*) as n group by tenant order by tenant
pivot (select year(day) as y, quarter(day) as q, amount from orders) on q using sum(amount) group by y
from (pivot orders on tenant using count(*) group by status) select * order by all
select * from (pivot orders on status using sum(amount) group by tenant) p join (select tenant, count(*) as n from orders group by tenant) n using (tenant) order by tenant
select * from orders pivot (sum(amount) for status in ('open', 'paid') tenant in (1, 3) group by customer_id) order by customer_id limit 5
select * from (select tenant, status, amount from orders) pivot (sum(amount) as s, avg(amount) as a for status in ('open' as o, 'paid' as p))
unpivot (select tenant, sum(amount) as amount, sum(tax) as tax from orders group by tenant) on amount, tax into name metric value v
unpivot (select tenant, sum(amount) as amount, sum(tax) as tax from orders group by tenant) on columns(* exclude tenant) into name metric value v order by tenant, metric
select tenant, metric, v from (select tenant, sum(amount) as amount, sum(tax) as tax from orders group by tenant) unpivot (v for metric in (amount, tax)) where v > 0
from (unpivot (select id, amount, tax from orders) on amount, tax into name m value v) select m, sum(v) group by m
select a.*, b.* exclude (id) from (select id, name from customers) a join (select id, country from customers) b on a.id = b.id
select id from orders union all by name select id, name, country from customers
select distinct on (customer_id) customer_id, status, amount from orders order by customer_id, ordered_at desc
select any_value(name), arg_max(name, score), arg_min(name, score), max_by(name, score), min_by(id, score), arg_max(id, score, 3) from customers
select approx_quantile(amount, [0.25, 0.5, 0.75]) is not null, quantile_cont(amount, [0.1, 0.9]), quantile_disc(tenant, 0.5), median(tax), mode(tenant), reservoir_quantile(amount, 0.5) is not null from orders
select count(*) filter (status = 'open'), sum(amount) filter (tenant = 1) from orders
select string_agg(distinct status, '|' order by status), group_concat(status, ','), listagg(status, ';' order by id) from orders where tenant = 1 and id < 60
select bool_and(amount > 0), bit_or(tenant), bit_xor(tenant), product(1.0), sum(amount::hugeint), fsum(amount), kahan_sum(amount::double) from orders
select covar_samp(amount, tax), regr_slope(tax, amount), regr_r2(tax, amount), corr(amount, tax), entropy(status), mad(amount), sem(amount), kurtosis(amount::double), skewness(amount::double) from orders
select first(amount order by id), last(amount order by id), list(id order by id) filter (tenant = 6) from orders
select sum(amount) over (partition by tenant order by day range between interval 7 days preceding and interval 1 day preceding) from orders
select quantile_cont(amount, 0.5) over (partition by tenant order by id rows between 9 preceding and current row) from orders
select mode(status) over (order by id rows between 3 preceding and 3 following) from orders
select count(distinct status) over (partition by tenant) from orders
select lead(status ignore nulls) over (order by id), last_value(status ignore nulls) over (order by id rows between unbounded preceding and current row) from orders
select 'a' in (select 'a'), 3 = any([1, 2, 3]), list_contains([1, 2], 2), array_has([1], 1), 2 in [1, 2, null], [1, 2][1], ([1, 2, 3])[2:]
select id, status, case when status is null then 'none' else status end as s, ifnull(status, 'none'), nullif(status, 'open'), status is not null and status <> 'open' from orders
select try_cast('12x' as int), '1' || 2, 'abc'[2], 'abc'[-2:], len('abc'), 'a' || null, concat('a', null, 'b'), concat_ws('-', 'a', null, 'b')
select 5 // 2, 5 % 2, 2 ** 10, 5 / 2, -7 // 2, 1e3::int, 0x1F, 1_000, true::int, 'true'::bool, 5 & 3, 5 | 3, 1 << 3, ~1, xor(5, 3)
select bitstring('0101', 8), '101'::bit, bit_count(7), hex('a'), to_base64('a'::blob), from_hex('61')::varchar, md5('a'), sha256('a'), hash('a') is not null
select greatest(amount, tax, 5), least(amount, tax), round(amount, -1), round(amount::double, 1), ceil(amount), trunc(amount), sign(-amount) from orders
select date_part('dow', day), extract(isodow from day), dayofyear(day), isoyear(day), weekofyear(day), epoch(day), epoch_ms(ordered_at), make_timestamp(2024, 1, 2, 3, 4, 5.6), to_timestamp(0) from orders
select current_date - day > 0, now() - ordered_at::timestamptz > interval 1 day, today() - interval 7 day < now(), date '2024-02-28' + 2, date '2024-03-01' - date '2024-02-01' from orders
select s.a, s.b.c, s['a'], struct_extract(s, 'a'), s.* from (select {'a': 1, 'b': {'c': 2}} as s)
select struct_insert({'a': 1}, b := 2), struct_pack(x := 1, y := 'b'), row(1, 'a'), {'a': 1} = {'a': 1}, struct_update({'a': 1}, a := 2)
select m['a'], map_keys(m), cardinality(m), map_contains(m, 'a'), m.map_values() from (select map {'a': 1, 'b': 2} as m)
select list_sort([3, 1, 2], 'desc'), list_distinct([1, 1]), list_unique([1, 1, 2]), flatten([[1], [2]]), list_zip([1], ['a']), array_agg(x order by x desc) from (values (1), (2)) t(x)
select list_filter(list(name), lambda n: n like '%1') from customers
select list_any_value([null, 1]), list_position([1, 2], 2), [1, 2] || [3], list_slice([1, 2, 3], -2, -1), list_reverse(['a', 'b']), list_cosine_similarity([1.0, 0.0], [1.0, 0.0]), list_dot_product([1.0], [2.0]), list_has_any([1], [1]), list_intersect([1, 2], [2])
select array_value(1.0, 2.0)::float[2], array_cosine_distance([1.0, 2.0]::float[2], [2.0, 1.0]::float[2]), array_inner_product([1.0]::float[1], [2.0]::float[1])
select * from (select unnest([1, 2, 3]) as n) where n > 1
select id, tag from (select id, string_split(name, 'e') as tags from customers), unnest(tags) as t(tag)
select c.id, part from customers c cross join unnest(string_split(c.name, 'm')) as u(part)
select c.id, u.part from customers c, lateral (select unnest(string_split(c.name, 'm')) as part) u
select x, y from (select unnest([1, 2]) as x, unnest(['a', 'b']) as y)
select range(id)[1:3] from customers where id < 4
select o.id, l.n from orders o, lateral (select count(*) as n from items i where i.order_id = o.id) l where l.n > 2
select o.* from orders o where exists (from items i where i.order_id = o.id and i.quantity = 8)
select (from orders select max(amount)) as top, (select list(distinct tenant order by tenant) from orders) as tenants
select orders.id.typeof() from orders limit 1
select sum(x.amount) from (from orders o join customers c on o.customer_id = c.id select o.amount, c.country where c.country = 'DE') x
with recursive fib(a, b) as (select 0, 1 union all select b, a + b from fib where b < 100) select a from fib
with recursive walk(id, seen) as (select 1::bigint, [1::bigint] union all select o.customer_id, list_append(walk.seen, o.customer_id) from walk join orders o on o.id = walk.id where not list_contains(walk.seen, o.customer_id)) select * from walk
select coalesce(*columns(['note', 'status'])) from orders
select greatest(*columns('amount|tax')) as m from orders
select concat(*columns(* exclude (id))) from (select id, name, country from customers)
select count(*) from orders where day in ('2024-01-01', '2024-01-02')
select name collate nocase = 'NAME1' from customers order by name collate nocase
select id, name from customers order by country nulls last, name desc, 1 limit 3 offset 1
select * from orders order by all desc limit 2
select id from orders using sample 100 percent (reservoir, 42)
select count(*) from orders tablesample reservoir(1000000)
select count(*) > 0 from customers using sample bernoulli(90%)
select count(*) from (from customers using sample 1000000 rows)
select x.id from (select * from customers tablesample 100%) x
select id: id, full_name: upper(name) from customers
select total: sum(amount), n: count(*) from orders
select id as a, a + 1 as b, b * 2 as c from orders where b > 5 and c < 100
select status, count(*) as n from orders group by status having n > 5 order by n desc
select #1 as first, #2 from customers order by #1 limit 1
values (1, 'a'), (2, 'b') order by 1 desc limit 1
select * from values (1, 'a'), (2, 'b') as t(n, s)
table orders
select if(amount > 100, 'big', 'small') as size, count(*) from orders group by size
select sum(if(status = 'open', 1, 0)) as open, count_if(status = 'paid') as paid from orders
select date '2024-01-01' as "from", id as "select" from orders limit 1
select t.* from (select o.* exclude (note) from orders o) t where t.amount = (select max(amount) from orders)
select o from (select id, amount from orders) o order by o.id limit 2
select count(o) from orders o
select max(o.amount), any_value(o) is not null from orders o
select o.status, o.amount from orders as o, (select status, max(amount) as m from orders group by status) as s where o.status = s.status and o.amount = s.m
select unnest(c) from customers c where id = 1
select c.email is null or c.email like '%@%', regexp_matches(c.email, '^.\*\*\*@') from customers c
select "id", "orders"."amount" from "sales"."orders" where "tenant" = 1
select variance(amount), var_pop(tax), stddev_pop(tax) from orders group by cube (tenant, status)
select tenant, status, sum(amount) from orders group by grouping sets ((tenant, status), tenant, ()) order by all
select grouping(tenant) g, sum(amount) from orders group by rollup (tenant, status) having g = 0
select count(*), tenant from orders group by 2 order by 2
select exists(from orders where amount > 970) as b
select name from customers where name glob 'name1?' or contains(name, '33') or starts_with(name, 'name5') or name ^@ 'name4'
select encode('a')::varchar, decode('\x61'::blob), 'a'::blob, '\x61'::blob || 'b'::blob, octet_length('a'::blob)
select uuid()::varchar is not null, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid
select 'infinity'::timestamp > now()::timestamp, 'nan'::double, isnan('nan'::double), isfinite(1.0)
select json_object('id', id, 'tags', [status, note]), json_array(id, amount), json_merge_patch('{"a":1}', '{"b":2}'), json_group_array(id) over (partition by tenant order by id) from orders where id < 20
select json_group_structure(j), json_structure(j), json_type(j, '$.a'), json_contains(j, '1'), json_exists(j, '$.a'), json_value(j, '$.a'), json_keys(j) from (select '{"a": 1}'::json as j) group by j
select i.product, i.price, i.price is null as hidden from items i where i.quantity between 4 and 7 order by 1, 2 nulls first limit 5
select - ~ 5, ~ ~ 7, - - 3, 2 ** 3 ** 2, 2 ^ 3, 'ab' ^@ 'a', - (2 ^ 2), 10 - -3, 5 & 3 | 4, 1 << 2 + 1, 2 + 3 * 4 ** 2, 7 // 2 * 2, -7 % 3
select not 1 = 2 and true or false, not (true and false), 'a' || 'b' = 'ab', 3 between 1 + 1 and 2 * 2, not 5 in (1, 2), 1 + 1 is not null, 1 in [1, null], 2 in [1, null], 2 not in [1, null]

[postgres]
select count(*) from orders tablesample bernoulli (100)
select count(*) from orders tablesample system (100)
select count(*) from orders tablesample bernoulli (100) repeatable (42)
select * from rows from (generate_series(1, 3), generate_series(10, 12)) as t(a, b)
select * from rows from (unnest(array[1, 2]), unnest(array['a', 'b'])) with ordinality as t(a, b, n)
select * from unnest(array[1, 2], array['a', 'b']) as t(a, b)
select int4range(1, 10) @> 5, int4range(1, 5) && int4range(4, 8), '[1,5)'::int4range, lower(int4range(1, 5)), upper(int4range(1, 5)), isempty(int4range(1, 1)), int4range(1, 5) * int4range(3, 8), int4range(1, 3) + int4range(3, 5)
select daterange(day, day + 7, '[]') from orders where id = 1
select id from orders where tsrange('2024-01-05', '2024-01-10') @> ordered_at
select id from orders where daterange('2024-01-05', '2024-01-10') @> day
select tstzrange(now(), null) @> now(), numrange(1.5, 2.5) @> 2.0, int8range(1, 5), upper_inf(int4range(1, null)), lower_inc(int4range(1, 2))
select range_agg(int4range(tenant, tenant + 1)) from orders
select range_merge(int4range(1, 2), int4range(5, 6)), int4multirange(int4range(1, 2), int4range(5, 6)), unnest(int4multirange(int4range(1, 2)))
select to_tsvector('english', name) @@ to_tsquery('english', 'name1') from customers
select name, ts_rank(to_tsvector('simple', name), plainto_tsquery('simple', 'name2')) from customers where to_tsvector('simple', name) @@ plainto_tsquery('simple', 'name2')
select to_tsvector('the quick brown fox') @@ websearch_to_tsquery('quick fox'), phraseto_tsquery('quick fox'), 'fat & cat'::tsquery, 'a b'::tsvector, ts_headline('english', 'the quick fox', to_tsquery('english', 'fox')), setweight(to_tsvector('a'), 'A'), numnode('a & b'::tsquery), strip(to_tsvector('a')), tsvector_to_array(to_tsvector('simple', 'a b')), ts_rank_cd(to_tsvector('a b'), to_tsquery('b'))
select '{"a": {"b": [1, 2]}}'::jsonb #> '{a,b}', '{"a": {"b": [1, 2]}}'::jsonb #>> '{a,b,0}', '{"a": 1}'::jsonb ? 'a', '{"a": 1}'::jsonb ?| array['a', 'b'], '{"a": 1}'::jsonb ?& array['a'], '{"a": 1}'::jsonb || '{"b": 2}'::jsonb, '{"a": 1, "b": 2}'::jsonb - 'a', '{"a": {"b": 1}}'::jsonb #- '{a,b}', '{"a": [1, 2]}'::jsonb @? '$.a[*] ? (@ > 1)', '{"a": [1, 2]}'::jsonb @@ '$.a[0] == 1', '{"a":1}'::jsonb <@ '{"a":1, "b":2}'::jsonb
select ('{"a": {"b": 1}}'::jsonb)['a']['b'], jsonb_path_query('{"a": [1, 2]}', '$.a[*]'), jsonb_path_query_array('{"a": [1, 2]}', '$.a[*]'), jsonb_array_elements('[1]'::jsonb), jsonb_typeof('1'), jsonb_pretty('{}'), jsonb_set('{"a":1}', '{a}', '2')
select e.key, e.value from customers c, jsonb_each_text(to_jsonb(c)) e where c.id = 1
select * from jsonb_to_recordset('[{"a": 1, "b": "x"}]'::jsonb) as t(a int, b text)
select * from json_to_record('{"a": 1}') as t(a int)
select x.* from json_to_recordset('[{"a": 1, "b": "x"}]') as x(a int, b text)
select json_value('{"a": 1}', '$.a'), json_query('{"a": [1]}', '$.a'), json_exists('{"a": 1}', '$.a')
select jsonb_agg(jsonb_build_object('id', id) order by id), json_object_agg(id, name), jsonb_object_agg(id, name order by id) from customers where id < 3
select json_build_object('a', 1, 'b', array[1,2]), json_build_array(1, 'a'), to_jsonb(array[1,2]), row_to_json(row(1, 'a'))
select array[1,2] || array[3], array[1,2] @> array[1], array[1,2] && array[2,3], array[1,2] <@ array[1,2,3], 1 = any(array[1,2]), 1 = all(array[1,1]), array_length(array[1,2], 1), cardinality(array[1,2]), array_to_string(array['a','b'], ','), string_to_array('a,b', ','), array_position(array['a','b'], 'b'), array_remove(array[1,2], 1), array_replace(array[1,2], 1, 3), array_cat(array[1], array[2]), array_append(array[1], 2), array_prepend(0, array[1]), (array[1,2,3])[1:2], array_upper(array[1,2], 1), unnest(array[1,2])
select id, unnest(array[tenant, customer_id]) as v from orders where id < 20
select o.id, u.v, u.n from orders o cross join lateral unnest(array[o.tenant, 5]) with ordinality as u(v, n) where o.id < 20
select g.i, o.id from generate_series(1, 3) with ordinality as g(v, i) left join orders o on o.id = g.v
select * from generate_series(timestamp '2024-01-01', timestamp '2024-01-02', interval '6 hours') as t(ts)
select * from generate_series('2024-01-01'::timestamp, '2024-01-03', '1 day') ts
select d::date from generate_series('2024-01-01'::date, '2024-01-05'::date, '1 day'::interval) d
select generate_series(1, 3), generate_series(1, 2)
select regexp_matches(name, '(n)(a)', 'g') from customers where id < 3
select (regexp_match(name, '(\d+)'))[1] from customers
select * from regexp_split_to_table('a,b', ',') as t
select * from string_to_table('a,b', ',') t(x)
select regexp_split_to_array(name, 'a'), regexp_count(name, 'a'), regexp_substr(name, '\d+'), regexp_instr(name, 'm'), regexp_like(name, 'N', 'i') from customers
select name ~ '^n', name ~* '^N', name !~ 'x', name !~* 'X', name ~~ 'n%', name ~~* 'N%', name !~~ 'x%' from customers
select to_char(ordered_at, 'YYYY-MM-DD HH24:MI'), to_char(amount, 'FM999990.00'), to_date('2024-01-01', 'YYYY-MM-DD'), to_timestamp('2024-01-01', 'YYYY-MM-DD'), to_number('12,3', '99G9') from orders
select date_bin('7 days', ordered_at, timestamp '2024-01-01'), count(*) from orders group by 1 order by 1
select ordered_at at time zone 'UTC' at time zone 'Europe/Berlin', timezone('UTC', ordered_at), ordered_at::timestamptz, extract(epoch from ordered_at - timestamp '2024-01-01'), date_part('dow', ordered_at), date_trunc('day', ordered_at::timestamptz, 'Europe/Berlin') from orders
select extract(epoch from interval '1 day'), justify_days(interval '40 days'), justify_hours(interval '30 hours'), make_date(2024, 1, 2), make_timestamp(2024, 1, 2, 3, 4, 5), make_interval(days => 2, hours => 3), age(date '2024-01-01'), isfinite(date '2024-01-01'), (date '2024-01-01', date '2024-02-01') overlaps (date '2024-01-15', date '2024-03-01'), localtimestamp is not null, current_time is not null, clock_timestamp() is not null
select interval '1 day 2 hours', '1 day'::interval, interval '90 minutes' / 2, 3 * interval '1 day', interval '1' month, -interval '1 day'
select width_bucket(amount, 0, 1000, 10), count(*) from orders group by 1 order by 1
select div(7, 2), mod(7, 2), 7 / 2, 7 / 2.0, 7 % 2, 2 ^ 3, |/ 16, ||/ 27, @ -5, 5 # 3, ~ 1, gcd(4, 6), lcm(4, 6), factorial(5), trunc(1.55, 1), round(1.55, 1), log(2, 8), log(100), random() < 1, scale(1.50), min_scale(1.50), trim_scale(1.50), cbrt(27), degrees(1), pi()
select mode() within group (order by status), percentile_cont(array[0.25, 0.5]) within group (order by amount), rank(100) within group (order by amount), dense_rank(100) within group (order by amount), percent_rank(100) within group (order by amount), cume_dist(100) within group (order by amount) from orders
select count(*) filter (where amount > 10), every(amount > 0), bit_xor(tenant), any_value(tenant) is not null, regr_count(amount, tax), regr_avgx(amount, tax), corr(amount, tax), json_agg(id order by id), xmlagg from orders, (select 1 as xmlagg) x group by xmlagg
select name collate "C" from customers order by name collate "C" desc
select id from orders where tenant = some (array[1, 3])
select id from orders where amount > any (select amount from orders where tenant = 1)
select id from orders where (tenant, status) = any (select tenant, status from orders where amount > 900)
select id from orders where array[tenant] <@ array[1, 3]
select c.* from customers c where c.id = 1
select (c).id, (c).email from customers c
select row(1, 2) = row(1, 2), (1, 2) < (1, 3), row(id, name) from customers
select to_jsonb(c) - 'email' from customers c
select c is null, c is not null from customers c
select distinct c.country collate "C" from customers c
select * from customers where name similar to 'name[12]' and country is not null
select * from orders order by id offset 2 rows fetch next 3 rows only
table orders order by id limit 3
with t as (table customers) select count(*) from t
with recursive t as (select 1 as n union all select n + 1 from t where n < 5) search depth first by n set o select * from t
with recursive t as (select 1 as n union all select n + 1 from t where n < 5) cycle n set c using p select n from t
with recursive tree(id, parent, depth) as (select id, customer_id, 0 from orders where id = 3 union select o.id, o.customer_id, t.depth + 1 from orders o join tree t on o.customer_id = t.id where t.depth < 3) select * from tree
select sum(amount) over w, rank() over (w) from orders window w as (partition by tenant order by id), v as (w rows between 1 preceding and current row)
select grouping(tenant, status), tenant, status, count(*) from orders group by distinct rollup (tenant, status), cube (tenant)
select 'now'::timestamptz is not null, 'today'::date = current_date, 'infinity'::timestamp > now()::timestamp
select pg_typeof(amount), pg_typeof(1) from orders limit 1
select inet '10.0.0.1' << inet '10.0.0.0/8', host(inet '10.0.0.1'), masklen(inet '10.0.0.0/8')
select coalesce(null, 'x'), nullif(1, 1), num_nulls(1, null), num_nonnulls(1, null), greatest(1, null)
select 1::text || 'a', 'a' || 1, 'x'::varchar(10), 12::numeric(5,2), cast(now() as date) = current_date
select count(*) from orders where ordered_at >= now() - '10 years'::interval
select count(*) from orders where ordered_at::date = '2024-01-10' or day = date '2024-01-11' or to_char(day, 'YYYYMM') = '202401'
select case when amount is null then 'none' else amount::text end from orders order by id limit 3
select array_agg(name order by id) filter (where score > 1), array_length(array_agg(id), 1) from customers
select x.a, x.b from (select id as a, name as b from customers) as x(a, b)
select * from lateral (select 1 as a) x
select * from customers c cross join lateral (select count(*) from orders o where o.customer_id = c.id) as l(n)
select 5 between symmetric 10 and 1, 5 not between 1 and 2
select string_agg(distinct country, ',' order by country) from customers
select tenant, array_agg(distinct status) from orders group by tenant
select *, count(*) over () as total from orders order by id limit 3
select date_trunc('month', day)::date as month, count(*) from orders group by date_trunc('month', day) order by month
select regexp_replace(name, '(\w+?)(\d+)', '\2-\1'), strpos(name, 'm'), substr(name, 1, 2) from customers
select uuid_extract_version(gen_random_uuid()), gen_random_uuid() is not null
select to_json(array_agg(c)) from customers c where id < 3
select jsonb_array_length('[1,2]'), jsonb_object_keys('{"a":1}'), jsonb_strip_nulls('{"a":null}'), jsonb_exists('{"a":1}', 'a')
select stddev(amount), variance(amount), covar_samp(amount, tax) from orders
select current_date - day from orders
select tenant, count(*) from orders group by tenant order by count(*) desc, tenant limit 2
select * from (select row_number() over (partition by tenant order by amount desc, id) as rn, o.* from orders o) t where rn = 1
select lower(name) as n, upper(country) from customers where lower(name) = 'name7'
select id::text, id::varchar, (id)::numeric, id::float8, (amount * 100)::int from orders
select bool_or(status = 'open'), sum((status = 'open')::int), avg((status = 'paid')::int) from orders
select trunc(extract(epoch from (max(ordered_at) - min(ordered_at))) / 86400) from orders
select sales.customers.* from sales.customers where sales.customers.id < 5
select c.id, l.* from customers c left join lateral (select o.id as oid, o.amount, rank() over (order by o.amount desc) as r from orders o where o.customer_id = c.id) l on l.r = 1
select to_char(ordered_at, 'Day DD Mon YYYY HH12:MI:SS AM'), to_char(12345.678, '999,999.99'), to_char(id, 'FM0000') from orders
select jsonb_build_object('id', c.id, 'orders', (select jsonb_agg(jsonb_build_object('id', o.id, 'amount', o.amount) order by o.id) from orders o where o.customer_id = c.id)) from customers c where c.id < 5
select o.id, x.key, x.value from orders o cross join lateral jsonb_each_text(to_jsonb(o)) x where o.id = 1
select to_jsonb(o) ->> 'status' as s, to_jsonb(o) -> 'amount' as a, to_jsonb(o) #>> '{note}' as n, to_jsonb(o) @> '{"status": "open"}' as open, to_jsonb(o) ? 'tax' as has from orders o where o.id < 20
select data->>'a' as a, (data->>'b')::int as b, data->'c'->0 as c0, data#>>'{c,1}' as c1 from (values ('{"a": "x", "b": "1", "c": [1, 2]}'::jsonb)) as t(data)
select elem->>'k' from jsonb_array_elements('[{"k": "a"}, {"k": "b"}]'::jsonb) as elem
select t.ord, t.elem from jsonb_array_elements_text('["a", "b"]') with ordinality as t(elem, ord)
select * from jsonb_to_recordset('[{"a": 1, "b": "x"}, {"a": 2}]') as x(a int, b text) where a > 1
select jsonb_path_query_first('{"a": [1, 2, 3]}', '$.a[*] ? (@ > 1)'), '{"a": 1}'::jsonb @? '$.a', jsonb_path_exists('{"a": 1}', '$.a ? (@ == 1)')
select tenant, array_agg(id order by amount desc) as ids, (array_agg(id order by amount desc))[1:2] as top2, array_length(array_agg(id), 1) from orders group by tenant
select tenant, json_object_agg(status, n order by status) from (select tenant, status, count(*) as n from orders where status is not null group by tenant, status) t group by tenant
select unnest(string_to_array('a,b,c', ',')) as x, generate_subscripts(array[1, 2, 3], 1) as i
select id from orders where status = any ('{open,paid}') and tenant <> all (array[1, 3])
select id from orders where status = any (string_to_array('open,paid', ','))
select id, array_position(array['open', 'paid'], status) from orders
select a.*, row_number() over (order by a.id) from (select * from orders where amount > 900) a
select d::date as day, count(o.id) as n, coalesce(sum(o.amount), 0) as total from generate_series(date '2024-01-01', date '2024-01-31', interval '1 day') as d left join orders o on o.day = d::date group by d order by d
with days as (select generate_series('2024-01-01'::date, '2024-01-10'::date, '1 day')::date as day) select days.day, count(o.id) from days left join orders o using (day) group by days.day order by 1
select date_trunc('month', ordered_at at time zone 'UTC' at time zone 'Europe/Berlin') as m, count(*) from orders group by 1 order by 1
select extract(epoch from (ordered_at - timestamp '2024-01-01'))::bigint, date_part('hour', ordered_at), ordered_at::time, ordered_at::date from orders
select percentile_cont(array[0.25, 0.5, 0.75]) within group (order by amount), percentile_disc(0.5) within group (order by status), mode() within group (order by tenant) from orders
select tenant, percentile_cont(0.95) within group (order by amount) filter (where status = 'open') as p95 from orders group by tenant
select rank(500) within group (order by amount) from orders
select width_bucket(amount, array[100, 500, 900]) as b, count(*), int4range(min(amount)::int, max(amount)::int, '[]') as r from orders group by 1 order by 1
select count(*) from orders where tsrange(timestamp '2024-01-01', timestamp '2024-02-01', '[)') @> ordered_at
select daterange(min(day), max(day)) * daterange('2024-01-15', '2024-02-15') as overlap, lower(daterange(min(day), max(day))), upper_inc(daterange(min(day), max(day), '[]')) from orders
select o.id from orders o where daterange(o.day, o.day + 3) && daterange('2024-01-10', '2024-01-12') and not daterange(o.day, o.day + 3) << daterange('2024-01-11', null)
select int4range(1, 5) -|- int4range(5, 9), int4range(1, 9) &< int4range(3, 9), numrange(1.0, 2.0) <@ numrange(0, 5), int4range(1, 5) - int4range(3, 5), '{[1,3),[5,7)}'::int4multirange @> 6
select name, to_tsvector('english', name || ' ' || coalesce(country, '')) @@ plainto_tsquery('english', 'name7') as hit from customers order by ts_rank(to_tsvector('english', name), to_tsquery('english', 'name7')) desc, id limit 3
select id from customers where to_tsvector('simple', name) @@ (to_tsquery('simple', 'name1') || to_tsquery('simple', 'name2'))
select ts_headline('english', 'the quick brown fox', websearch_to_tsquery('english', 'quick -slow'), 'StartSel=<b>, StopSel=</b>')
select count(*) from customers where name ilike any (array['%1', '%2'])
select count(*) from customers where name like all (array['n%', '%e%'])
select name ~ '^n.*[0-9]$', name ~* 'NAME', regexp_replace(name, '(\D+)(\d+)', '\2\1'), (regexp_matches(name, '\d+'))[1], substring(name from '[0-9]+'), regexp_substr(name, '\d+') from customers where id < 9
select string_to_array(name, 'e'), split_part(email, '@', -1), concat_ws('/', country, name), left(name, 2) || right(name, 1), overlay(name placing 'XX' from 2 for 2), initcap('ab cd'), translate(name, 'nm', 'NM'), lpad(id::text, 4, '0') from customers
select coalesce(nullif(status, ''), 'none'), greatest(amount, tax), num_nonnulls(status, note), amount is distinct from tax from orders
select sum(amount) over (partition by tenant order by ordered_at range between interval '3 days' preceding and current row) from orders
select sum(amount) over (order by amount groups between 1 preceding and 1 following exclude group) from orders
select lag(amount) over w, sum(amount) over (w rows 2 preceding) from orders window w as (partition by tenant order by id)
with upd as materialized (select * from orders where amount > 100) select count(*) from upd u1 join upd u2 on u1.id = u2.id
with recursive t(n) as (values (1) union all select n + 1 from t where n < 100) select sum(n) from t
select grouping(tenant), grouping(status), tenant, status, sum(amount) from orders group by grouping sets ((tenant, status), (tenant), ()) order by 1, 2, 3, 4
select * from (values (1, 'a'), (2, 'b')) as v(id, label) join customers using (id)
select row_to_json(t) from (select id, name from customers order by id limit 2) t
select json_agg(row_to_json(t)) from (select id, amount from orders order by id limit 3) t
select array(select distinct tenant from orders order by 1), array_to_string(array(select name from customers order by id limit 3), ', ')
select exists (select from orders where amount > 970)
select o.* from orders o tablesample system (100) where o.tenant = 1
select count(*) > 0 from customers tablesample bernoulli (100) where country = 'DE'
select a, b, c from rows from (generate_series(1, 3), unnest(array['x', 'y'])) with ordinality as t(a, b, c)
select g.i, s.x from generate_series(1, 2) g(i) cross join lateral (select g.i * 10 as x) s
select (c).name, (c).score from (select c from customers c where id < 4) t
select c.name collate "C" < 'name3' collate "C" from customers c order by c.name collate "C"
select (date '2024-01-01', interval '10 days') overlaps (date '2024-01-05', date '2024-01-20')
select amount::int, amount::text, amount::float8, '2024-01-01'::date, '{1,2}'::int[], '{"a":1}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, interval '1h', 5::numeric(10, 2), true::text, '1'::bigint, 'x'::char(2) from orders limit 1
select 7 / 2, 7 / 2.0, 7 % 3, 2 ^ 10, |/ 25.0, 5 # 1, 1 << 4, @ (-5), 17 & 5
select bool_and(amount > 0), bool_or(status is null), every(tenant > 0), bit_and(tenant), string_agg(distinct status, ',' order by status), corr(amount, tax), regr_slope(amount, tax), stddev_pop(amount), var_samp(amount) from orders
select host('10.1.2.3'::inet), '10.1.2.3'::inet << '10.0.0.0/8'::cidr, masklen('10.0.0.0/8'::inet)
select md5(name), encode(sha256(name::bytea), 'hex'), encode(convert_to(name, 'UTF8'), 'base64') from customers where id < 3
select random() between 0 and 1, gen_random_uuid() is not null, clock_timestamp() > now() - interval '1 day', current_time is not null, localtime is not null, current_date + 1 > current_date
select * from orders where (day, id) > (date '2024-03-01', 100) order by day, id limit 5
select id from orders order by ordered_at desc nulls last limit 5 offset 2
select id, sum(amount) over () from orders group by id, amount order by 2, 1 limit 3
select case when x is null then 0 else 1 end from (select nullif(tenant, 1) as x from orders) t
select s.* from customers c join lateral (values (c.name, 1), (c.country, 2)) as s(v, k) on true where c.id < 3
select x.col, x.val from orders o cross join lateral (values ('amount', o.amount), ('tax', o.tax)) x(col, val) where o.id < 10
select tenant, count(*) filter (where status = 'open') as open, count(*) filter (where status = 'paid') as paid from orders group by tenant order by tenant
select - ~ 5, ~ ~ 7, - - 3, 2 ^ 3 ^ 2, @ -5 + 2, |/ 9 + 16, ||/ 27.0, 'ab' ^@ 'a', - (2 ^ 2), 10 - -3, 5 & 3 | 4, 1 << 2 + 1, 2 + 3 * 4 ^ 2

[both]
select o.status, c.country, count(*) from orders as o inner join customers as c on (o.customer_id = c.id) where (o.day >= '2024-01-01' and o.day <= '2024-12-31') group by o.status, c.country order by count(*) desc, o.status, c.country
select c.id, c.name, sum(o.amount) as ltv, dense_rank() over (order by sum(o.amount) desc) as rk from customers c join orders o on o.customer_id = c.id group by c.id, c.name order by rk, c.id limit 10
select cast(count(*) as decimal(10, 2)) / nullif((select count(*) from customers), 0) as per_customer from orders
with last_order as (select distinct on (customer_id) * from orders order by customer_id, ordered_at desc, id) select avg(amount) from last_order
select status, count(*) as cnt, round(count(*) * 100.0 / sum(count(*)) over (), 1) as pct from orders group by status order by cnt desc, status
select date_trunc('month', ordered_at) as month, count(distinct customer_id) as mau, count(*) as orders, sum(amount) / count(distinct customer_id) as arpu from orders where ordered_at >= timestamp '2024-01-01 00:00:00' group by date_trunc('month', ordered_at) order by month
select p.product, p.total, p.total - lag(p.total) over (order by p.total desc, p.product) as gap from (select product, sum(quantity) as total from items group by product) p
select coalesce(c.name, 'unknown'), coalesce(o.amount, 0) from orders o left join customers c on c.id = o.customer_id and c.country is not null
select tenant, max(amount) filter (where status = 'paid') - min(amount) filter (where status = 'paid') as spread from orders group by tenant having count(*) filter (where status = 'paid') > 1
select * from orders o where o.customer_id in (select id from customers where country = 'DE') and o.id not in (select order_id from items where quantity > 6)
select avg(x.n) from (select customer_id, count(*) n from orders group by customer_id) x
select a.customer_id, a.n, b.n from (select customer_id, count(*) as n from orders where status = 'open' group by 1) a full outer join (select customer_id, count(*) as n from orders where status = 'paid' group by 1) b on a.customer_id = b.customer_id
select o.id, i.product, sum(i.quantity) over (partition by o.id order by i.product, i.quantity rows between unbounded preceding and current row) from orders o join items i on o.id = i.order_id where o.id < 40
select length(name), upper(left(name, 1)) || substr(name, 2), replace(upper(name), 'NAME', 'N-'), name like 'name_' from customers
select count(*) from orders where (tenant = 1 and status = 'open') or (tenant = 3 and (status = 'paid' or amount > 500)) or not (amount <= 900)
select extract(year from birth) as y, count(*) from customers group by extract(year from birth) having count(*) >= 2 order by y
select sum(case status when 'open' then 1 else 0 end) * 1.0 / count(*) as open_rate, max(day) as latest from orders
select customer_id, amount, case when amount > avg(amount) over (partition by customer_id) then 'above' else 'below' end from orders
select t.* from (select row_number() over (order by score desc, id) rank_no, name, score from customers) t where rank_no <= 5
with recursive cal(d) as (select cast('2024-01-01' as date) union all select cast(d + interval '1 day' as date) from cal where d < cast('2024-01-10' as date)) select cal.d, coalesce(sum(o.amount), 0) from cal left join orders o on o.day = cal.d group by cal.d order by cal.d
select * from (select 'a' as k union all select 'b') x cross join (select 1 as v union all select 2) y order by k, v
select note from orders where upper(note) like '%NOTE 1%' and char_length(note) between 5 and 8
select distinct c.country from customers c join orders o on c.id = o.customer_id where o.amount > (select percentile_cont(0.9) within group (order by amount) from orders)
select nullif(count(*), 0), count(nullif(status, 'open')), count(*) - count(status) as nulls from orders

[duckdb]
from orders select count(), count(*), count(1)
select count() from customers
select * from customers where name.starts_with('name1') and email.contains('@')
select id, amount.round(0)::int as r, status.upper() from orders where status is not null
select tenant, list(distinct status) filter (status is not null) as s from orders group by tenant
select * from orders where ordered_at > (select max(ordered_at) - interval 10 days from orders)
select (amount / 100)::int * 100 as bucket, count(*) c, bar(c, 0, 50, 10) from orders group by all order by bucket
select customers.*, o.n from customers left join (from orders select customer_id, count(*) as n group by all) o on o.customer_id = customers.id order by customers.id limit 5
with a as (from orders select tenant, sum(amount) s group by tenant) from a select *, s / sum(s) over () as share order by tenant
select unnest(['x', 'y']) as k, unnest([1, 2]) as v
select a.id, lag(a.day) over w as prev, a.day - lag(a.day) over w as gap from orders a window w as (partition by a.customer_id order by a.day, a.id)
select id, max(amount) over (order by id rows 5 preceding) from orders
select strftime(date_trunc('month', day), '%b %Y') as label, count(*) from orders group by label, date_trunc('month', day) order by date_trunc('month', day)
select country, (select count(*) from orders o where o.customer_id in (select id from customers x where x.country = c.country)) from (select distinct country from customers) c
select * from (from items select product, quantity, count(*) group by all) order by all limit 5
select product, price from items where price is not null order by price desc limit 3
select json({'a': 1}), json_object('k', [1, 2]) ->> '$.k[0]', '{"a": {"b": 2}}' ->> '$.a.b', json_extract('{"x": [1]}', '$.x[0]')::int
select date '2024-01-01' + to_days(id::int) as d from orders where id < 5
select ['a', 'b'][1] || 'c', [1, 2, 3].list_sum(), {'a': [1, 2]}.a[2], (['x'] || ['y'])[2]
select array_agg({'id': id, 'amount': amount} order by id)[1].amount from orders group by tenant
select o.tenant, i.product, sum(i.quantity) from orders o natural join (select order_id as id, product, quantity from items) i group by all having sum(i.quantity) > 10 order by all
select status, amount from orders order by amount desc nulls last, id limit 5 offset 2
select * from orders asof join (select customer_id, ordered_at as at, id as other from orders) p on orders.customer_id = p.customer_id and orders.ordered_at > p.at order by orders.id
pivot (from orders select tenant, status, amount where status is not null) on status using round(avg(amount), 2) as a, count(*) as n group by tenant order by tenant
pivot items on product in ('product 1', 'product 2') using sum(quantity) group by order_id order by order_id limit 5
with monthly as (select date_trunc('month', day)::date as m, status, sum(amount) as s from orders group by all) pivot monthly on status using first(s) group by m order by m
select * from (pivot (select tenant, status from orders) on status using count(*)) order by tenant
with long as (unpivot (select id, amount, tax from orders) on amount, tax into name metric value val) select metric, sum(val) from long group by metric order by metric
select id, sum(amount) over (partition by tenant order by day range between interval 1 month preceding and current row) from orders
select round(corr(amount, tax), 3), regr_slope(amount, tax) > 0 from orders
select regexp_split_to_array('a1b2', '[0-9]'), regexp_extract_all('a1b22', '\d+'), 'abc' similar to 'a.c'
select to_timestamp(1700000000) at time zone 'UTC', epoch_ms(1700000000000), make_timestamp(1700000000000000), date_trunc('second', timestamp '2024-01-01 01:02:03.456')
select count(*) from orders where status in ('open', 'paid') and tenant in (select unnest([1, 3]))
select distinct on (tenant) tenant, amount from orders order by tenant, amount desc
select a, b from (values (1, [1, 2]), (2, [3])) t(a, b) where list_contains(b, 3)
select name, row_number() over (partition by country order by score desc nulls last, id) as r from customers qualify r = 1 order by name
select coalesce(country, 'none') as c, count(*) as n, list(name order by id)[:2] from customers group by c order by n desc, c

[postgres]
select count(*), count(1) from orders
select o.id, (o.amount * 100)::bigint as cents, to_char(o.day, 'IYYY-IW') as week from orders o order by o.id limit 5
select tenant, array_agg(distinct status order by status) filter (where status is not null) from orders group by tenant
select * from orders where ordered_at > (select max(ordered_at) - interval '10 days' from orders)
select c.*, o.n from customers c left join (select customer_id, count(*) as n from orders group by customer_id) o on o.customer_id = c.id order by c.id limit 5
select a.id, a.day - lag(a.day) over w as gap from orders a window w as (partition by a.customer_id order by a.day, a.id)
select to_char(date_trunc('month', day), 'Mon YYYY') as label, count(*) from orders group by date_trunc('month', day) order by date_trunc('month', day)
select name, row_number() over (partition by country order by score desc nulls last, id) as r from customers order by country nulls first, r limit 5
select coalesce(country, 'none') as c, count(*) as n, (array_agg(name order by id))[1:2] from customers group by 1 order by n desc, c
select id, name from customers where id = any (array(select customer_id from orders where amount > 900))
select json_build_object('total', count(*), 'by_status', (select json_object_agg(coalesce(status, 'none'), n) from (select status, count(*) as n from orders group by status order by status nulls last) s)) from orders
select (regexp_match(email, '@(.+)$'))[1] as domain, count(*) from customers group by 1 order by 2 desc, 1
select tenant, sum(amount) as total, rank() over (order by sum(amount) desc), ntile(2) over (order by tenant), round(avg(amount), 2), round(stddev(amount)::numeric, 3) from orders group by tenant
select date_part('week', day)::int as w, sum(amount) from orders group by 1 order by 1
select o.id, o.ordered_at at time zone 'UTC' as utc, (o.ordered_at at time zone 'UTC') at time zone 'America/New_York' as ny from orders o where o.id < 20
select s.day::date, s.day + interval '1 month' - interval '1 day' as last from generate_series('2024-01-01'::timestamp, '2024-03-01', '1 month') as s(day)
select string_agg(name, ', ' order by name desc) filter (where score > 3), json_agg(distinct country) from customers
select * from (values ('open', 1), ('paid', 2)) as m(status, code) right join orders o using (status) where o.id < 20
select t.status, x.pct from (select status, count(*) as n from orders group by status) t cross join lateral (select round(100.0 * t.n / sum(n), 1) as pct from (select count(*) as n from orders) z) x
with recursive r as (select 1 as n, 1 as f union all select n + 1, f * (n + 1) from r where n < 8) select n, f from r
select exists (select 1 from orders where note ilike '%note 1%'), (select count(*) from orders where status is distinct from 'open')
select id from orders where amount between symmetric 500 and 100 and day = any (array[date '2024-01-10', '2024-01-12'])
select grouping(status), status, tenant, sum(amount) from orders group by rollup (status, tenant) order by 1, 2 nulls last, 3 nulls last
select lower(r), upper(r), r @> 5 from (select int4range(min(tenant), max(tenant), '[]') as r from orders) x
select to_tsvector('simple', coalesce(note, '')) @@ phraseto_tsquery('simple', 'note 1') as m, count(*) from orders group by 1
select '{"a": [1, {"b": 2}]}'::jsonb #>> '{a,1,b}', '{"a": 1}'::jsonb || '{"b": 2}', '[1, 2]'::jsonb -> -1, '{"a": null}'::jsonb ->> 'a' is null, jsonb '{"a": 1}' ->> 'a'

[postgres]
with recursive t as (select 1 as n union all select n + 1 from t where n < 5) search depth first by n set o select n, o from t order by o
with recursive t as (select 1 as n union all select n % 3 + 1 from t) cycle n set looped using path select n, looped, path from t where not looped
with recursive tree as (select id, customer_id from orders where id = 3 union all select o.id, o.customer_id from orders o join tree t on o.customer_id = t.id) cycle id set c using p select id, c from tree where not c

[both]


[duckdb]
select '1'::int2, '1'::int4, '1'::int8, '1'::long, '1'::short, '1'::signed, '1'::numeric, '1.5'::numeric(5,2), '1'::float4, '1'::float8, '1'::real, '1'::double, 'a'::string, 'a'::text, 'a'::char, 'a'::bpchar, 't'::logical, '2024-01-01'::datetime
select '2024-01-01'::timestamp_s, '2024-01-01'::timestamp_ms, '2024-01-01'::timestamp_ns, '2024-01-01'::timestamptz, '12:00'::timetz, '1'::ubigint, '1'::uinteger, '1'::usmallint, '1'::utinyint, '1'::uhugeint, '1'::hugeint, 'a'::bytea, 'a'::varbinary, 'a'::binary
select try_cast('x' as int), try_cast('1' as decimal(4,1)), '00:00:01'::interval, '1 day'::interval
select timestamp '2024-01-01 00:00:00', timestamptz '2024-01-01 00:00:00+00', time '01:00', date '2024-01-01', interval '1' year, interval 2 weeks, interval '3' quarters, interval 1 decade, interval 5 milliseconds, json '{"a": 1}', uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'
select current_date = today(), current_time is not null, current_timestamp = now(), localtime is not null, localtimestamp is not null, get_current_time() is not null, transaction_timestamp() = now()

[postgres]
select '1'::int2, '1'::int4, '1'::int8, '1'::bigint, '1'::smallint, '1'::numeric, '1'::numeric(5,2), '1'::decimal, '1'::real, '1'::float4, '1'::float8, '1'::float, '1'::double precision, 'a'::text, 'a'::varchar, 'a'::varchar(3), 'a'::character varying(3), 'a'::char(2), 'a'::bpchar, 't'::bool, 't'::boolean
select '{1,2}'::int[], '{a,b}'::text[], '{{1,2},{3,4}}'::int[][], array[1,2]::bigint[], '{"a":1}'::json, '{"a":1}'::jsonb, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '10.0.0.1'::inet, '10.0.0.0/8'::cidr, '08:00:2b:01:02:03'::macaddr, '1'::money is not null, '[1,2)'::int4range, '[1,2)'::int8range, '[1,2)'::numrange, '[2024-01-01,2024-01-02)'::daterange, '[2024-01-01,2024-01-02)'::tsrange, '[2024-01-01,2024-01-02)'::tstzrange, 'a'::tsvector, 'a'::tsquery, '$.a'::jsonpath, 'x'::name
select timestamp '2024-01-01 00:00:00', timestamptz '2024-01-01 00:00:00+00', time '01:00', date '2024-01-01', interval '1' year, interval '2 weeks', interval '1 year 2 mons 3 days', interval 'P1D', json '{"a": 1}', jsonb '{"a": 1}', uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', inet '10.0.0.1', int '1', float8 '1.5', text 'x', bool 't', numeric '1.5'
select x is json, x is not json, x is json object, x is json array from (values ('{}'), ('x')) v(x)
select current_timestamp(0) is not null, localtimestamp(2) is not null, now()::time(0) is not null
