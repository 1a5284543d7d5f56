# What analysts of several schools ask. One query a line (\n is a line break); every one has to be answered, and like
# the same query over a copy that was cut and masked by hand.
[both]
select count(*) from people
select count(*) from shop.people
select count(*) as n from WH.shop.people
SELECT COUNT(*) FROM orders;
select 1
select 1 as one, 'two' as two, null as three
select current_date - current_date as zero
select * from people order by id
select * from people order by id limit 5 offset 3
select * from people order by id offset 10 rows fetch first 5 rows only
select id, name from people order by id fetch first row only
select id from people order by id limit 2 * 3 offset 1 + 1
select distinct country from people order by country nulls first
select distinct segment, active from people
select p.* from people p where p.id < 10
select p.id, o.* from people p join orders o on o.person = p.id where o.amount > 100
select people.id as "select", people.name as "from" from people where people.segment = 'smb'
select id as "Kunden-Nr.", country as "Land" from people order by "Kunden-Nr."
select "id" from "people" where "segment" = 'ent'
SELECT ID, NAME FROM PEOPLE WHERE SEGMENT = 'ent' ORDER BY ID DESC
-- who are they\nselect id /* the key */ from people -- that is all
/* header\n   of several lines */ select count(*) from orders where status = 'paid';;
select count(*), count(name), count(distinct country) from people
select country, count(*) as n, sum(balance) as s, avg(balance) as m, min(balance), max(balance) from people group by country order by country nulls last
select country, segment, count(*) from people group by 1, 2 order by 3 desc, 1, 2
select coalesce(country, 'none') as land, count(*) filter (where active) as live, count(*) filter (where not active) as gone from people group by coalesce(country, 'none') having count(*) > 1 order by land
select country, segment, sum(balance) from people group by rollup (country, segment) order by 1, 2
select country, segment, grouping(country) as g1, grouping(segment) as g2, count(*) from people group by cube (country, segment)
select country, segment, status, count(*) from people p join orders o on o.person = p.id group by grouping sets ((country, segment), (status), ())
select status, channel, sum(amount) from orders group by grouping sets ((status), (channel)) order by 1 nulls last, 2 nulls last
select status, sum(amount) as total, round(100.0 * sum(amount) / sum(sum(amount)) over (), 2) as pct from orders group by status order by total desc
select id, amount, sum(amount) over (order by placed, id) as running from orders
select id, amount, sum(amount) over (partition by person order by placed rows between unbounded preceding and current row) from orders
select id, avg(amount) over (order by id rows between 2 preceding and 2 following) as smooth from orders
select id, avg(amount) over (order by id rows between 6 preceding and 1 preceding) as before from orders
select id, count(*) over (order by placed range between interval '3 days' preceding and current row) from orders
select id, sum(amount) over (order by id groups between 1 preceding and 1 following) from orders
select id, sum(amount) over (order by id rows between unbounded preceding and unbounded following exclude current row) from orders
select id, sum(amount) over (partition by status order by id rows between 1 preceding and 1 following exclude ties) from orders
select id, row_number() over w as r, rank() over w as k, dense_rank() over w as d, percent_rank() over w as p, cume_dist() over w as c from orders window w as (partition by status order by amount desc, id)
select id, ntile(4) over (order by amount, id) as quartile from orders
select id, lag(amount) over (partition by person order by placed, id) as before, lead(amount, 2, 0) over (partition by person order by placed, id) as later from orders
select person, first_value(id) over w, last_value(id) over w, nth_value(id, 2) over w from orders window w as (partition by person order by placed, id rows between unbounded preceding and unbounded following)
select * from (select o.*, row_number() over (partition by status order by amount desc, id) as rn from orders o) ranked where rn <= 2 order by status, rn
with ranked as (select *, row_number() over (partition by channel order by amount desc, id) rn from orders) select channel, id, amount from ranked where rn = 1 order by channel
with by_day as (select cast(placed as date) as day, sum(amount) as revenue from orders group by 1), smoothed as (select day, revenue, avg(revenue) over (order by day rows between 6 preceding and current row) as week from by_day) select * from smoothed order by day
with source as (select * from orders), renamed as (select id as order_id, person as customer_id, amount as order_total, status as order_status from source), final as (select * from renamed) select * from final order by order_id
with customers as (select * from people), orders as (select * from orders), customer_orders as (select person, min(placed) as first_order, max(placed) as most_recent_order, count(id) as number_of_orders from orders group by 1), final as (select customers.id, customers.name, customer_orders.first_order, coalesce(customer_orders.number_of_orders, 0) as number_of_orders from customers left join customer_orders on customers.id = customer_orders.person) select * from final order by id
with people as (select id from people where id < 10) select * from people p join orders o on o.person = p.id
with a as (select 1 as x), b as (select x + 1 as x from a), c as (select x + 1 as x from b) select a.x, b.x, c.x from a, b, c
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) select sum(i) from n
with recursive chain as (select id, referrer, 0 as depth from people where referrer is null union all select p.id, p.referrer, c.depth + 1 from people p join chain c on p.referrer = c.id where c.depth < 5) select depth, count(*) from chain group by depth order by depth
with recursive days as (select date '2025-01-01' as day union all select cast(day + interval '1 day' as date) from days where day < date '2025-01-10') select d.day, count(o.id) as n from days d left join orders o on cast(o.placed as date) = d.day group by d.day order by d.day
with first_orders as (select person, min(placed) as first_at from orders group by person), cohort as (select o.person, date_trunc('month', f.first_at) as cohort, date_trunc('month', o.placed) as active from orders o join first_orders f using (person)) select cohort, active, count(distinct person) as people from cohort group by 1, 2 order by 1, 2
with m as (select date_trunc('month', placed) as month, sum(amount) as revenue from orders group by 1) select month, revenue, lag(revenue) over (order by month) as previous, round(100 * (revenue - lag(revenue) over (order by month)) / nullif(lag(revenue) over (order by month), 0), 1) as growth from m order by month
with totals as (select sku, sum(qty * price) as revenue from items group by sku), running as (select sku, revenue, sum(revenue) over (order by revenue desc, sku) as cumulated, sum(revenue) over () as total from totals) select sku, revenue, cumulated / total as share, case when cumulated / total <= 0.8 then 'A' when cumulated / total <= 0.95 then 'B' else 'C' end as class from running order by revenue desc, sku
with ordered as (select person, id, placed, lag(placed) over (partition by person order by placed, id) as before from orders), flagged as (select *, case when before is null or placed - before > interval '20 days' then 1 else 0 end as starts from ordered), sessions as (select *, sum(starts) over (partition by person order by placed, id) as session from flagged) select person, session, count(*) as n, min(placed), max(placed) from sessions group by person, session order by person, session
with numbered as (select distinct person, line, line - row_number() over (partition by person order by line) as island from (select distinct o.person, i.line from orders o join items i on i.order_id = o.id) x) select person, min(line), max(line), count(*) from numbered group by person, island order by 1, 2
with funnel as (select person, max(case when kind = 'view' then 1 else 0 end) as viewed, max(case when kind = 'cart' then 1 else 0 end) as carted, max(case when kind = 'buy' then 1 else 0 end) as bought from events group by person) select sum(viewed) as viewed, sum(viewed * carted) as carted, sum(viewed * carted * bought) as bought from funnel
with steps as (select person, min(seen) filter (where kind = 'view') as v, min(seen) filter (where kind = 'buy') as b from events group by person) select count(v) as views, count(b) as buys, count(*) filter (where b > v) as converted from steps
select extract(year from placed) as y, extract(month from placed) as m, sum(amount) from orders group by 1, 2 order by 1, 2
select extract(dow from placed) as weekday, count(*) from orders group by 1 order by 1
select date_trunc('week', placed) as week, count(*) from orders group by 1 order by 1
select date_trunc('quarter', joined) as q, count(*) from people group by q order by q
select cast(placed as date) as day, count(*) from orders where placed >= timestamp '2025-02-01' and placed < timestamp '2025-03-01' group by 1 order by 1
select count(*) from orders where placed between '2025-01-01' and '2025-06-30'
select count(*) from orders where placed > (select max(placed) from orders) - interval '30 days'
select id, placed + interval '1 month' as due, placed - interval '36 hours' as earlier from orders order by id limit 5
select id, age(placed, timestamp '2024-01-01') from orders order by id limit 5
select id, shipped - cast(placed as date) as days from orders where shipped is not null order by id
select case when amount < 50 then 'small' when amount < 200 then 'medium' else 'large' end as size, count(*), sum(amount) from orders group by 1 order by 1
select case status when 'paid' then 1 when 'open' then 0 else -1 end as flag, count(*) from orders group by 1 order by 1
select id, coalesce(nullif(note, ''), 'n/a') from orders order by id limit 5
select id, greatest(amount, 100), least(amount, 100), abs(amount - 100), round(amount, 1), floor(amount), ceil(amount), mod(id, 7), power(2, 3), sqrt(16) from orders order by id limit 5
select upper(segment), lower(country), length(name), trim(city), substring(segment from 1 for 2), position('m' in segment), replace(segment, 'm', 'n'), left(segment, 1), right(segment, 1) from people order by id
select id, name || ' (' || country || ')' as label from people order by id
select concat(segment, '-', country), concat_ws('/', segment, country, id) from people order by id
select lpad(cast(id as varchar), 5, '0') as code, rpad(segment, 5, '.') from people order by id
select split_part(email, '@', 2) as domain, count(*) from people group by 1 order by 1
select id from people where email like '%@example1.com' order by id
select id from people where email ilike 'U%' order by id
select id from people where name not like 'N!_%' escape '!' order by id
select id, regexp_replace(segment, '[aeiou]', '*', 'g') from people order by id
select count(*) from people where segment similar to '(smb|ent)'
select strpos(email, '@'), starts_with(email, 'u'), reverse(segment), repeat('x', 3), ascii(segment), chr(65), md5(segment) from people order by id
select translate(segment, 'abc', 'xyz'), initcap from (select segment, upper(left(segment, 1)) || lower(substr(segment, 2)) as initcap from people) t
select string_agg(segment, ', ' order by segment) from (select distinct segment from people) s
select country, string_agg(distinct segment, ',' order by segment) from people group by country order by country
select array_agg(id order by id desc) from people where segment = 'smb'
select country, array_agg(distinct segment order by segment) as segments from people group by country order by 1
select corr(amount, discount), covar_pop(amount, discount), covar_samp(amount, discount) from orders
select regr_slope(amount, discount), regr_intercept(amount, discount), regr_r2(amount, discount), regr_count(amount, discount), regr_avgx(amount, discount), regr_sxx(amount, discount) from orders
select stddev(amount), stddev_pop(amount), stddev_samp(amount), variance(amount), var_pop(amount), var_samp(amount) from orders
select percentile_cont(0.5) within group (order by amount) as median, percentile_disc(0.9) within group (order by amount) as p90 from orders
select status, percentile_cont(0.25) within group (order by amount) as q1, percentile_cont(0.75) within group (order by amount) as q3 from orders group by status order by status
select mode() within group (order by channel) from orders
select bool_and(active), bool_or(active), any_value(1) from people
select max(placed), min(shipped), max(channel) from orders
select p.id, o.id from people p left join orders o on o.person = p.id and o.status = 'paid' order by p.id, o.id
select p.id, o.id from people p right join orders o on o.person = p.id order by 2, 1
select p.id, o.id from people p full outer join orders o on o.person = p.id order by 1, 2
select p.id from people p where not exists (select 1 from orders o where o.person = p.id) order by p.id
select p.id from people p where exists (select * from orders o where o.person = p.id and o.amount > 300) order by p.id
select id from people where id in (select person from orders where status = 'paid') order by id
select id from people where id not in (select person from orders where person is not null) order by id
select id from people where (country, segment) in (('DE', 'smb'), ('FR', 'ent')) order by id
select id from people where (id, segment) in (select person, 'smb' from orders) order by id
select id from orders where (status, channel) = ('paid', 'web') order by id
select id from orders where (person, id) > (5, 100) order by id
select id from orders where amount > all (select amount from orders where status = 'void') order by id
select id from orders where amount >= any (select max(amount) from orders group by status) order by id
select id from orders where id = any (array[1, 2, 3, 50]) order by id
select o.id, (select count(*) from items i where i.order_id = o.id) as lines from orders o order by o.id
select o.id, l.n, l.total from orders o cross join lateral (select count(*) as n, sum(i.qty * i.price) as total from items i where i.order_id = o.id) l order by o.id
select p.id, l.id as last_order, l.amount from people p left join lateral (select o.id, o.amount from orders o where o.person = p.id order by o.placed desc, o.id limit 1) l on true order by p.id
select a.id, b.id from people a join people b on a.referrer = b.id order by a.id
select a.id, b.id from people a join people b on a.country = b.country and a.id < b.id order by 1, 2
select a.id, count(b.id) from orders a join orders b on b.person = a.person and b.placed <= a.placed group by a.id order by a.id
select country, count(*) from people natural join (select distinct country from people where segment = 'smb') s group by country order by country
select sku, title, sum(qty) from items join products using (sku) group by sku, title order by sku
select * from items join products using (sku) order by order_id, line, sku limit 7
select count(*) from orders, items where items.order_id = orders.id
select count(*) from (values (1, 'a'), (2, 'b')) as v(id, label) join people p on p.id = v.id
values (1, 'one'), (2, 'two')
select * from (values (1, 'one'), (2, 'two'), (3, null)) as t(n, word) order by n desc
select id from people where segment = 'smb' union select person from orders where status = 'paid' order by 1
select 'people' as what, count(*) as n from people union all select 'orders', count(*) from orders union all select 'items', count(*) from items order by what
select person from orders except select id from people order by 1
select person from orders intersect select id from people where segment <> 'vip' order by 1
(select id from people order by id limit 3) union all (select id from people order by id desc limit 3)
select count(*) from ((select id from people) intersect all (select person from orders)) x
select x.a, x.b from (select id as a, amount as b from orders) as x(a, b) where x.b > 100 order by x.a
select * from (select * from (select * from (select id, segment from people) a) b) c order by id
select count(distinct (country, segment)) from people
select id, case when exists (select 1 from orders o where o.person = p.id) then 'buyer' else 'looker' end from people p order by id
select id, amount, amount - avg(amount) over (partition by status) as diff from orders order by id
select id, amount, amount / nullif(sum(amount) over (partition by person), 0) as share from orders order by id
select id, sum(case when status = 'paid' then amount else 0 end) over (order by id) from orders order by id
select person, sum(amount) as total, rank() over (order by sum(amount) desc) as r from orders group by person order by r, person
select sum(case when channel = 'web' then amount end) as web, sum(case when channel = 'app' then amount end) as app, sum(case when channel = 'shop' then amount end) as shop from orders
select person, sum(amount) filter (where channel = 'web') as web, sum(amount) filter (where channel = 'app') as app from orders group by person order by person
select cast(amount as integer), cast(id as text), cast('2025-01-01' as date), cast('12.5' as numeric(10, 2)), cast(1 as boolean), cast(amount as double precision) from orders order by id limit 3
select amount::int, id::text || 'x', '2025-01-01'::date + 1, placed::date, discount::numeric(10,3) from orders order by id limit 3
select count(*) from people where active is true and referrer is not null
select count(*) from people where active is not true
select count(*) from people where country is distinct from 'DE'
select count(*) from people where country is not distinct from null
select not active as inactive, count(*) from people group by not active order by 1
select count(*) from people where not (segment = 'smb' or country = 'DE') and id % 2 = 1
select 7 / 2 as a, 7 % 3 as b, 7.0 / 2 as c, -7 as d, 2 ^ 10 as e, 1e3 as f
select date '2025-03-31' - date '2025-01-01' as days, date '2025-01-31' + interval '1 month' as month_later
select count(*) from events where seen > timestamptz '2025-01-01 00:00:00+00'
select date_trunc('day', seen at time zone 'Europe/Berlin') as day, count(*) from events group by 1 order by 1
select extract(hour from seen at time zone 'America/New_York') as h, count(*) from events group by h order by h
select kind, count(*), avg(ms), max(ms) from events group by kind order by kind
select session, count(*) from events group by session order by 2 desc, 1 limit 10
select e.kind, p.segment, count(*) from events e join people p on p.id = e.person group by e.kind, p.segment order by 1, 2
select id, seen, lead(seen) over (partition by person order by seen, id) - seen as gap from events order by id limit 20
select "Order ID", "Größe", "select", "Total €" from "Order Lines" order by "Order ID"
select sum("Total €") as "Σ", "Größe" from shop."Order Lines" group by "Größe" order by "Größe"
select l."Order ID" as id, l."select" * 2 as "from" from "Order Lines" as l where l."select" > 10 order by id
select o.id, l."Größe" from orders o join "Order Lines" l on l."Order ID" = o.id order by 1, 2
select day, count(*) filter (where is_holiday) as holidays from ref.calendar group by day order by day limit 5
select c.day, coalesce(sum(o.amount), 0) as revenue from ref.calendar c left join orders o on o.placed::date = c.day group by c.day order by c.day
select born, count(*) from people group by born order by born
select extract(year from born) as year, avg(balance) from people group by 1 order by 1
select city, count(*) from people group by city order by 2 desc, 1
select score, count(*), sum(balance) from people group by score order by score
select ssn, count(*) from people group by ssn
select phone, email from people where phone is not null order by id
select count(*) from people where phone like '+49%'
select max(length(phone)), min(email), max(name) from people
select p.name, q.name from people p join people q on p.name = q.name and p.id < q.id order by p.id, q.id
select note, count(*) from orders group by note
select balance, balance * 1.19, balance + 0.5, balance / 3 from people where balance is not null order by id
select avg(balance), sum(balance), stddev(balance) from people where segment = 'smb'
select floor(amount / 100) * 100 as bucket, count(*) from orders group by 1 order by 1
select round(amount::numeric, -2) as hundred, count(*) from orders group by 1 order by 1
select sign(amount - 100), count(*) from orders group by 1 order by 1
select exp(1.0), ln(10.0), log(100.0), pi(), sin(0.5), cos(0.5), tan(0.5), atan2(1, 2), degrees(pi()), radians(180.0)
select id & 3, id | 1, id << 2, id >> 1, ~1 from orders order by id limit 3
select bit_and(id), bit_or(id) from people
select * from people p, orders o where p.id = o.person and p.segment = 'smb' order by p.id, o.id limit 3
select t.id from (table people) t order by t.id
select p from (select count(*) as p from people) p
select id as order_id, amount as "Amount", status "Status" from orders order by "Amount" desc, order_id limit 5
select sum(amount) as sum, count(*) as count, min(placed) as date, max(status) as status from orders
select max(id) as "max", 'it''s' as quote, '%' as pct, '\\' as backslash, 'ünï' as ünï from people
select a.n, b.n from (select 1 as n) a cross join (select 2 as n) b
select * from (select id, ntile(10) over (order by amount, id) as decile from orders) d where decile = 10
select status, json_agg from (select status, count(*) as json_agg from orders group by status) x order by status
select id, first_value(amount) over (partition by person order by placed, id rows between unbounded preceding and unbounded following) as first, max(amount) over (partition by person) as best from orders order by id
select count(*) from orders where placed::date in (date '2025-01-01', date '2025-01-05', date '2025-02-02')
select count(*) as n from orders o where o.amount > (select avg(amount) from orders i where i.status = o.status)
select o.status, (select max(p.id) from people p where p.id in (select person from orders x where x.status = o.status)) as top from orders o group by o.status order by o.status
select s.status, s.n, s.n * 100.0 / t.n as pct from (select status, count(*) as n from orders group by status) s cross join (select count(*) as n from orders) t order by s.status
select person, placed, amount from orders o where placed = (select max(placed) from orders where person = o.person) order by person, id
select coalesce(p.segment, 'all') as seg, sum(o.amount) from orders o left join people p on p.id = o.person group by rollup (p.segment) order by 1
select id from orders order by case when status = 'paid' then 0 else 1 end, amount desc nulls last, id limit 10
select id, amount from orders order by 2 desc, 1 limit 5
select id from people order by length(name), country desc nulls last, id
select sum(x) from (select unnest(array[1, 2, 3]) as x) t
select array[1, 2, 3] as a, array['x', 'y'] as b
select count(*) from products where 'new' = any (tags)
select sku, unnest(tags) as tag from products order by 1, 2
select tag, count(*) from (select unnest(tags) as tag from products) t group by tag order by tag
select sku, array_to_string(tags, '|') from products order by sku
select sku, tags[1] from products order by sku
select sku, attrs ->> 'color' as color, (attrs ->> 'weight')::int as weight from products order by sku
select attrs ->> 'color' as color, count(*), avg((attrs ->> 'weight')::numeric) from products group by 1 order by 1
select sku from products where attrs ->> 'color' = 'red' and (attrs ->> 'weight')::int > 2 order by sku
select kind, props ->> 'page' as page, count(*) from events group by 1, 2 order by 1, 2
[duckdb]
from people
from people select id, segment where id < 5 order by id
from orders select status, sum(amount) group by all order by all
select status, channel, sum(amount) from orders group by all order by all
select * exclude (email, phone) from people order by id
select * replace (upper(segment) as segment) from people order by id
select * rename (id as person_id) from people order by person_id
select * exclude (name) replace (balance * 2 as balance) from people order by id
select columns('^(id|seg)') from people order by 1
select columns(lambda c: c like 's%') from people order by id
select min(columns(*)), max(columns(*)) from (select id, amount from orders)
select columns(* exclude (id)) from (select id, amount, status from orders) order by all
select count(columns(*)) from people
select sum(columns('amount|discount')) from orders
select * like 's%' from people order by id
select id, amount from orders qualify row_number() over (partition by status order by amount desc, id) = 1 order by id
select person, placed, amount from orders qualify rank() over (partition by person order by placed desc, id) <= 2 order by person, placed, amount
select status, amount from orders qualify amount > avg(amount) over (partition by status) order by all
select distinct on (person) person, id, amount from orders order by person, amount desc, id
pivot orders on status in ('paid', 'open', 'void') using sum(amount) group by channel order by channel
pivot orders on channel using sum(amount), count(*) group by status order by status
from orders pivot (sum(amount) for status in ('paid', 'open') group by channel) order by channel
select * from (select status, channel, amount from orders) pivot (sum(amount) as total for channel in ('web' as w, 'app' as a)) order by status
unpivot (select id, amount, discount from orders) on amount, discount into name measure value v order by id, measure
select * from (select id, cast(amount as double) as amount, discount from orders) unpivot (v for m in (amount, discount)) order by id, m
select id, measure, v from (from orders select id, cast(amount as double) a, discount b) unpivot include nulls (v for measure in (a, b)) order by id, measure
select o.id, e.kind, e.seen from orders o asof join events e on o.person = e.person and o.placed >= e.seen::timestamp order by o.id
select o.id, c.day from orders o asof left join ref.calendar c on o.placed::date >= c.day order by o.id
select p.id from people p semi join orders o on o.person = p.id order by p.id
select p.id from people p anti join orders o on o.person = p.id order by p.id
select a.id, b.id from (select id from people order by id limit 4) a positional join (select id from orders order by id limit 4) b
select arg_max(id, amount), arg_min(id, amount), max_by(status, amount), min_by(id, placed) from orders where amount is not null
select status, arg_max(id, amount, 3) from orders group by status order by status
select max(amount, 3), min(id, 2) from orders
select approx_count_distinct(person) > 0, approx_quantile(amount, 0.5) is not null from orders
select quantile_cont(amount, 0.5), quantile_cont(amount, [0.25, 0.75]), quantile_disc(amount, 0.9), median(amount), mad(amount) from orders
select skewness(amount), kurtosis(amount), entropy(status), sem(amount::double), mode(channel) from orders
select histogram(status) from orders
select list(id order by id) from people where segment = 'smb'
select person, list(struct_pack(id := id, amount := amount) order by id) as orders from orders group by person order by person
select person, list({'id': id, 'amount': amount} order by placed, id)[1].amount as first_amount from orders group by person order by person
select list_transform([1, 2, 3], lambda x: x * 2), list_filter([1, 2, 3], lambda x: x > 1), list_reduce([1, 2, 3], lambda a, b: a + b)
select [x * 2 for x in [1, 2, 3] if x > 1] as doubled
select list_sort(tags), list_contains(tags, 'new'), len(tags), list_distinct(tags), tags[1:2], list_aggregate(tags, 'string_agg', ',') from products order by sku
select sku, list_transform(tags, lambda t: upper(t)) from products order by sku
select sku, [upper(t) for t in tags if t <> 'new'] from products order by sku
select list_sum([1, 2]), list_avg([1, 2]), flatten([[1], [2, 3]]), range(5), generate_series(1, 3)
select {'a': 1, 'b': 'x'} as s, {'a': 1, 'b': 'x'}.a as a, struct_extract({'a': 1}, 'a')
select map {'a': 1, 'b': 2} as m, map {'a': 1}['a'] as v, map_keys(map {'a': 1}), cardinality(map {'a': 1})
select map_from_entries(list((status, n) order by status)) from (select status, count(*) n from orders where status is not null group by status)
select dims.w, dims.h, dims.w * dims.h as area from products order by sku
select dims.* from products order by sku
select unnest(dims) from products order by sku
select unnest([{'a': 1, 'b': 2}, {'a': 3, 'b': 4}], recursive := true)
select row_number() over () > 0 as ok from people limit 1
select * from range(3) t(i)
select i, i * i as sq from range(1, 10, 2) t(i)
select * from generate_series(1, 5) g(n) where n % 2 = 1
select unnest(generate_series(date '2025-01-01', date '2025-01-05', interval 1 day))::date as day
select d.day::date as day, count(o.id) from range(date '2025-01-01', date '2025-02-01', interval '1 day') d(day) left join orders o on o.placed::date = d.day::date group by 1 order by 1
select time_bucket(interval '7 days', placed) as bucket, count(*) from orders group by 1 order by 1
select date_diff('day', placed, timestamp '2026-01-01'), datediff('month', placed, timestamp '2026-01-01'), date_part('year', placed), year(placed), monthname(placed), dayname(placed), last_day(placed), strftime(placed, '%Y-%m') from orders order by id limit 5
select strftime(placed, '%Y-W%W') as week, count(*) from orders group by week order by week
select strptime('2025-01-31', '%Y-%m-%d'), try_strptime('x', '%Y'), make_date(2025, 1, 31), to_days(3), epoch(timestamp '2025-01-01'), epoch_ms(1700000000000)
select placed.year() as y, count(*) from orders group by y order by y
select segment.upper().left(2) as s, count(*) from people group by s order by s
select 'abc'.upper(), [1, 2].list_sum()
select timezone('Europe/Berlin', seen) as local from events order by id limit 3
select regexp_extract(email, '@(.+)$', 1) as domain, count(*) from people group by domain order by domain
select regexp_matches(segment, '^s'), regexp_split_to_array('a,b', ','), string_split('a-b', '-'), regexp_extract_all('a1b2', '[0-9]') from people limit 1
select count(*) from people where email glob 'u*' or segment ~ '^s' or segment similar to 's%'
select levenshtein(segment, 'smb'), jaccard('abc', 'abd'), jaro_winkler_similarity(segment, 'smb'), hamming('abc', 'abd') from people order by id limit 3
select format('{} has {}', segment, id), printf('%05d', id), bar(id, 0, 60, 10), format_bytes(123456) from people order by id limit 3
select try_cast(name as integer), try_cast('12' as int) from people order by id limit 3
select ifnull(country, 'none'), if(active, 1, 0), nvl from (select country, active, 1 as nvl from people order by id limit 3)
select count_if(active), sum(if(active, 1, 0)), product(2), bit_xor(id), geomean(id), favg(id), fsum(id) from people
select attrs.color, attrs -> '$.weight', json_extract_string(attrs, '$.color'), json_keys(attrs), attrs ->> '$.color', json_type(attrs) from products order by sku
select sku, json_extract(attrs, ['color', 'weight']) from products order by sku
select to_json({'a': 1}), json_object('a', 1), json_array(1, 'x'), json_valid('{}'), json_array_length('[1,2]')
select json_group_array(id) from (select id from people order by id limit 3)
select from_json('{"a": 1}', '{"a": "INTEGER"}').a, json('{"a": [1, 2]}') -> 'a' -> 0
select key, value from json_each('{"a": 1, "b": 2}')
select first(id order by placed, id), last(id order by placed, id), any_value(1) from orders
select id, sum(amount) over (partition by person order by placed range between interval 30 days preceding and current row) from orders order by id
select id, lag(amount ignore nulls) over (order by id) from orders order by id
select id, count(distinct person) over (order by id rows between 5 preceding and current row) from orders order by id
select id, list(id) over (order by id rows between 1 preceding and current row) from orders order by id limit 5
select sum(amount) filter (status = 'paid') from orders
select id, amount as a, a * 2 as b, b + 1 as c from orders order by id limit 3
select id, amount as a from orders where a > 100 order by id
select status as s, count(*) as n from orders group by s having n > 2 order by s
select id: id, total: amount from orders order by 1 limit 3
select 1_000_000 as million, 1e2 as sci
select id from people order by id limit 10%
select id from people using sample 100%
select count(*) from people tablesample reservoir(100%)
(select id, segment from people where id < 4) union all by name (select segment, id from people where id between 4 and 8) order by id
select id from people where id < 5 union by name select person as id, amount from orders where id < 5 order by all
with cte as materialized (select * from orders where amount > 50) select count(*) from cte
with cte as not materialized (select * from orders) select a.id from cte a join cte b using (id) order by a.id
with recursive t(n) using key (n) as (select 1 union select n + 1 from t where n < 3) select * from t order by n
select * from (from orders where amount > 100) order by id
select count() from people
select count(*)::int as n, sum(amount)::bigint from orders
select p, o from people p join orders o on o.person = p.id order by p.id, o.id limit 2
select p.id, struct_pack(n := p.name, s := p.segment) as who from people p order by 1
select (select list(x order by x) from (select distinct segment x from people))
select array_agg(distinct status order by status) filter (where amount > 10) from orders
select exists(from orders where amount > 1000000) as any_huge
select * from people where id in [1, 2, 3] order by id
select * from people where contains(segment, 'm') and segment[1] = 's' order by id
select date '2025-01-01' + 5, today() >= date '2025-01-01', now() > timestamptz '2025-01-01', current_timestamp is not null
select interval 3 days + interval '2 hours', to_hours(3), date_trunc('month', date '2025-05-05'), date_sub('day', date '2025-01-01', date '2025-01-09')
select hash(segment) = hash(segment), md5(segment), sha256(segment) from people order by id limit 2
select typeof(amount), pg_typeof(id) from orders limit 1
select sum(total) over (order by month) from (select date_trunc('month', placed) as month, sum(amount) as total from orders group by all) order by all
select #1, #2 from (select id, segment from people) order by #1
select sku, price, price > avg(price) over () as above from products order by sku
select reservoir_quantile(amount, 0.5) is not null, weighted_avg(amount, id), bitstring_agg(1), approx_top_k(status, 2) from orders
select equi_width_bins(0, 10, 2, true), width_bucket from (select 1 as width_bucket)
select a.sku, b.tag from products a, unnest(a.tags) as b(tag) where a.sku is not null order by 1, 2
select id from (select sku as id, tags from products), unnest(tags) as u(t) where t = 'new' order by id
summarize people
describe orders
describe select id, amount * 2 as double from orders
show tables
select table_name, column_name from information_schema.columns where table_schema = 'shop' order by 1, 2
[postgresql]
select count(*) from ref.calendar c where not exists (select from orders o where o.placed::date = c.day)
select width_bucket(amount::numeric, 0, 500, 5) as b, count(*) from orders group by 1 order by 1
select count(*) from orders where amount between symmetric 300 and 100
select count(*) from people tablesample bernoulli (100)
select id, to_char(placed, 'YYYY-MM'), to_char(amount, 'FM999990.00'), to_date('2025-01-31', 'YYYY-MM-DD'), to_timestamp(0), to_number('12.5', '99.9') from orders order by id limit 3
select date_bin('7 days', placed, timestamp '2025-01-01') as bin, count(*) from orders group by 1 order by 1
select d::date as day, count(o.id) from generate_series(date '2025-01-01', date '2025-01-31', interval '1 day') d left join orders o on o.placed::date = d::date group by 1 order by 1
select g, g * g from generate_series(1, 5) as g
select * from generate_series(1, 10, 3) with ordinality as t(v, n)
select distinct on (person) person, id, amount from orders order by person, amount desc, id
select id from people where segment ~ '^s' and segment ~* 'B$' and segment !~ 'x' order by id
select regexp_matches('a1b2', '[0-9]', 'g'), regexp_split_to_table('a,b', ',')
select substring(email from '@(.*)$') as domain, count(*) from people group by 1 order by 1
select (regexp_match(email, '@(.*)\.'))[1] as d, count(*) from people group by 1 order by 1
select initcap(segment), btrim('  x '), format('%s-%s', segment, id), quote_literal(segment), overlay('abcdef' placing 'X' from 2 for 3) from people order by id limit 3
select json_build_object('id', id, 'seg', segment), jsonb_build_array(id, segment), row_to_json(row(id, segment)), to_jsonb(segment) from people order by id limit 3
select json_agg(json_build_object('id', id) order by id) from people where id < 5
select jsonb_object_agg(status, n) from (select status, count(*) as n from orders where status is not null group by status) s
select sku, attrs -> 'weight', attrs #>> '{color}', attrs ? 'color', attrs @> '{"color": "red"}', jsonb_typeof(attrs) from products order by sku
select sku, jsonb_path_query_first(attrs, '$.color'), jsonb_set(attrs, '{x}', '1'), attrs - 'color', attrs || '{"y": 2}' from products order by sku
select k, count(*) from products, jsonb_object_keys(attrs) as k group by k order by k
select e.key, e.value from products p, jsonb_each_text(p.attrs) e where p.sku = 'sku1' order by 1
select x.a, x.b from jsonb_to_recordset('[{"a": 1, "b": "x"}]') as x(a int, b text)
select sku, t.tag, t.n from products, unnest(tags) with ordinality as t(tag, n) order by sku, n
select sku from products where tags @> array['new'] or tags && array['old'] order by sku
select array_length(tags, 1), cardinality(tags), array_position(tags, 'new'), array_remove(tags, 'new'), tags || 'x'::text from products order by sku
select p.id, p.segment from people p where row(p.country, p.segment) = row('DE', 'smb') order by 1
select id, sum(amount) over (order by placed range between '7 days'::interval preceding and '1 day'::interval following) from orders order by id
select id, lag(amount, 1, 0::numeric) over (order by id) from orders order by id
select percentile_cont(array[0.25, 0.5, 0.75]) within group (order by amount) from orders
select rank(100) within group (order by amount), dense_rank(100) within group (order by amount), percent_rank(100) within group (order by amount), cume_dist(100) within group (order by amount) from orders
select id from people order by id fetch first 3 rows with ties
select count(*) from people tablesample system (100)
select id from orders where placed <@ tsrange('2025-01-01', '2025-02-01') order by id
select (timestamp '2025-01-01', interval '2 days') overlaps (timestamp '2025-01-02', interval '1 day')
select count(*) from orders where tsrange(placed, placed + interval '1 day') && tsrange('2025-01-10', '2025-01-12')
select to_tsvector('english', 'the cats sat') @@ to_tsquery('english', 'cat')
select extract(epoch from placed)::bigint, date_part('week', placed), extract(isodow from placed), extract(quarter from placed) from orders order by id limit 3
select make_date(2025, 1, 2), make_interval(days => 3), make_timestamp(2025, 1, 2, 3, 4, 5), justify_hours(interval '30 hours'), age(timestamp '2025-01-01', timestamp '2024-01-01')
select seen at time zone 'UTC' at time zone 'Asia/Tokyo', timezone('UTC', seen) from events order by id limit 3
select now() is not null, current_timestamp is not null, localtimestamp is not null, clock_timestamp() is not null
select div(7, 2), mod(7, 2), trunc(1.567, 1), gcd(12, 8), lcm(4, 6), factorial(5), cbrt(27), |/ 16, @ -5, 'a' !~~ 'x'
select string_to_array('a,b', ','), array_to_string(array[1, 2], ','), unnest(string_to_array('x y', ' '))
select array(select id from people order by id limit 3), array_agg(array[id, 1]) from people where id < 3
select encode(sha256('x'::bytea), 'hex'), encode(decode('ff', 'hex'), 'base64'), convert_from('\x41', 'UTF8'), md5('x')
select hashtext(segment) is not null, hashint4(id) % 4 is not null, jsonb_concat('{}', '{"a": 1}') from people order by id limit 2
select point(1, 2) <-> point(4, 6), circle(point(0, 0), 1) @> point(0, 0), area(box(point(0, 0), point(2, 2)))
select case when pg_input_is_valid(name, 'integer') then 1 else 0 end from people order by id limit 3
select float8(3), int4('5'), text(true), int8(2.6), bool('t')
select b'101'::bit varying, '101'::bit varying(5), b'11' & b'01', cast('101' as bit(3)), '1010'::varbit
select with_ties.id from (select id from orders order by amount desc, id limit 3) as with_ties order by 1
with recursive tree as (select id, referrer, array[id] as path from people where referrer is null union all select p.id, p.referrer, t.path || p.id from people p join tree t on t.id = p.referrer where not p.id = any (t.path)) select id, path from tree order by id
with recursive t(id, d) as (select id, 0 from people where referrer is null union select p.id, t.d + 1 from people p, t where p.referrer = t.id and t.d < 4) search depth first by id set ord select count(*) from t
with recursive t(id, up) as (select id, referrer from people where id < 5 union all select p.id, p.referrer from people p join t on p.id = t.up) cycle id set looped using path select id, looped from t order by 1, 2 limit 10
with x as materialized (select id from people) select count(*) from x
select (p).id, (p).segment from people p order by 1 limit 3
select p.* , o.n from people p join lateral (select count(*) n from orders where person = p.id) o on o.n > 0 order by id limit 3
select id, name collate "C" from people order by name collate "C", id
select $$dollar 'quoted'$$ as d, E'tab\\there' as t, B'101' as b, X'1F' as x
select pg_size_pretty(123456::bigint), num_nulls(null, 1), num_nonnulls(1, 2)
select gen_random_uuid() is not null, random() between 0 and 1
select table_name, column_name from information_schema.columns where table_schema = 'shop' order by 1, 2
select width_bucket(amount, array[50, 100, 200]) from orders order by id limit 3
select ntile(3) over (order by amount), id from orders order by 2 limit 3
select every(active), bit_xor(id), range_agg(int4range(id, id + 1)) from people where active is not null
select sum(distinct qty), count(distinct (sku, qty)), avg(distinct price) from items
select nullif(status, 'open'), coalesce(shipped, placed::date), status in ('paid', 'open') from orders order by id limit 4
select merge_action from (select 1 as merge_action) x
select trim(both 'x' from 'xxaxx'), trim(leading from '  a'), substring('abcdef', 2, 3), position('c' in 'abc'), char_length('abc'), octet_length('abc'), bit_length('abc')
select lower(r), upper(r), isempty(r) from (select int4range(1, 5) as r) x
select inet '10.0.0.1' << inet '10.0.0.0/8', host(inet '10.0.0.1/24'), masklen(inet '10.0.0.1/24')
