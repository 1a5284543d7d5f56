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
