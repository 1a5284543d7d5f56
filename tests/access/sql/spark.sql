# Queries in Spark's own SQL, one a line. `benign` must be answered as over tables cut down by hand; `harmless` may
# fail in the engine but reveals nothing; the other sections carry the code of their refusal.

[benign]
select `id`, `name` from `customers`
select upper(name) as n, 'it''s', "double", 'a\'b', '\\d+', r'\d' from customers where name rlike '^name[0-9]$'
select id, email from customers where email like 'u%' and cast(id as int) > 5
select * except (phone, score) from customers where country in ('DE', 'FR')
select count(*), count(distinct customer_id, tenant), count_if(amount > 100) from orders
select tenant, collect_set(status), sort_array(collect_list(id)) from orders group by tenant
select o.id, t.k, t.v from orders o lateral view explode(map('a', o.tenant)) t as k, v where o.id < 20
select o.id, x from orders o lateral view outer explode(array(o.tenant, 7)) t as x where o.tenant = 1
select explode(array(1, 2)) from customers where id = 1
select id, filter(array(1, 2, 3), x -> x > 1), transform(array(tenant), (x, i) -> x + i) from orders where id < 10
select date_trunc('month', ordered_at) as m, sum(amount) from orders group by 1 order by 1
select year(day), month(day), date_add(day, 3), datediff(day, date '2024-01-01'), day + interval '1' month from orders
select id from orders where day >= date '2024-01-15' and ordered_at < timestamp '2024-03-01 00:00:00'
select country, count(*) from customers group by country with rollup
select country, status, count(*) from customers c join orders o on o.customer_id = c.id group by grouping sets ((country), (status), ())
select a.id from orders a left semi join items b on a.id = b.order_id
select a.id from orders a left anti join items b on a.id = b.order_id and b.quantity > 4
select id, amount, lag(amount, 1) over (partition by tenant order by id) from orders
select * from (select tenant, status, amount from orders) pivot (sum(amount) for status in ('open' as o, 'paid' as p))
select * from (select id, amount, tax from orders where id < 30) unpivot (v for n in (amount, tax))
with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select sum(i) from n
with o as (select * from orders where tenant = 1), c as (select * from customers) select c.name, o.amount from o join c on c.id = o.customer_id
select try_cast(name as int), nvl(status, 'none'), if(amount > 100, 'big', 'small') from orders join customers on customers.id = customer_id
select s.a.b, m['k'], arr[0] from (select named_struct('a', named_struct('b', id)) as s, map('k', name) as m, array(id) as arr from customers) q
select get_json_object('{"a":1}', '$.a'), to_json(named_struct('id', id)) from customers where id < 4
select id, price from items join orders on orders.id = items.order_id where price is not null
select tenant, percentile_approx(amount, 0.5), max_by(id, amount) from orders group by tenant
select product, sum(price) from items group by all
select id div 2, id % 3, 5 <=> null, id << 1, ~id, !true from orders where id < 9
select id from orders minus select order_id from items where quantity > 6
select * from values (1, 'a'), (2, 'b') as v(x, y)
select id, name from customers where (id, country) in (select c.id, c.country from customers c where c.id < 9)
select c.name, (select max(o.amount) from orders o where o.customer_id = c.id) from customers c
select email, count(*) from customers group by email having count(*) > 0 order by email limit 5
select count(*) from orders o where cast(o.note as string) like 'NOTE%' and o.amount / 2 > 10

[function_not_allowed]
select java_method('java.lang.System', 'getProperty', 'user.home')
select reflect('java.lang.Runtime', 'getRuntime')
select try_reflect('java.lang.System', 'getenv', 'PATH') from orders
select input_file_name() from orders
select current_user(), user(), session_user()
select current_database(), current_catalog(), current_schema()
select version()
select spark_partition_id() from orders
select monotonically_increasing_id() from orders
select raise_error('x') from orders
select assert_true(false)
select `java_method`('java.lang.System', 'getProperty', 'x')
select JAVA_METHOD('java.lang.System', 'getProperty', 'x')
select transform(array(1), x -> java_method('java.lang.System', 'exit', x))
select * from orders lateral view java_method('a', 'b') t as x
select * from python_worker_logs()
select * from collations()
select * from sql_keywords()
select from_avro(cast(note as binary), '{}') from orders
select rand(42) from orders
select uuid(7) from orders
select space(2000000000)
select * from identifier('sales.vault')
select * from stream(orders)

[unknown_table]
select * from csv.`/etc/passwd`
select * from parquet.`s3a://bucket/secret`
select * from text.`file:///etc/passwd`
select * from delta.`/x`
select * from binaryFile.`/etc`
select * from information_schema.tables
select * from global_temp.x
select * from spark_catalog.sales.vault
select * from spark_catalog.default.vault
select * from sales.vault
select * from `sales.orders`
select * from system.session.x
select * from sales.orders.snapshots

[not_a_query]
add jar '/srv/evil.jar'
create temporary function f as 'evil'
cache table orders
refresh table orders
set spark.sql.ansi.enabled = false
describe extended orders
show create table orders
analyze table orders compute statistics
insert overwrite directory '/srv/x' using csv select * from orders
from orders insert into closed select 1, 'x'
msck repair table orders
use sales
list jar
set var x = 1
execute immediate 'select 1'
clear cache

[unsupported]
select * from orders$snapshots
select /*+ broadcast(o) */ id from orders o
select transform(note) using 'cat' as (x) from orders
select * from orders version as of 1
select * from orders timestamp as of '2024-01-01'
select id from orders tablesample (10 percent) repeatable (1)
select * from orders distribute by id
select id as `__gh_visible` from orders
select ${env:PATH}

[harmless]
select '${env:PATH}', "${spark.master}", '${system:user.home}'
select `(ssn)?+.+` from customers
select `s.*` from customers
select * from orders lateral view explode(array(1)) `t, (select * from sales.vault) as v` as `x`
select "ssn" from customers
select '\u0053ecret', '\x41', '\101' from orders
select 'a\\', ' or 1=1 --' from customers
select id from customers where name = 'x\' or \'1\'=\'1'
select struct(*) from customers
select hash(*), xxhash64(*) from orders
select count(struct(*)) from orders
select to_json(struct(*)) from customers
select o from orders o
select named_struct('x', o) from orders o
select max(struct(o.*)) from orders o
select sentences(note) from orders
select * from orders o natural join customers c
select typeof(note), typeof(ssn_free) from (select note, 1 as ssn_free from orders)

[worlds]
select count(*) from orders where email = 5
select count(*) from orders where email in (1, 2)
select count(*) from orders lateral view explode(array(cast(email as int))) t as x where x > 5
select count(*) from orders where element_at(array(1, 2), amount) = 1
select count(*) from orders where array(1, 2)[amount] = 1
select count(*) from orders where to_date(email) > date '2020-01-01'
select count(*) from orders where rlike(tag, concat(email, '('))
select count(*) from orders where tag = 'gold' and make_date(amount, 13, 1) is null
select count(*) from orders left semi join items on cast(orders.email as int) = items.n
select count(*) from orders left anti join items on cast(orders.email as int) = items.n and items.tag = 'gold'
select count(*) from orders where amount not in (select cast(email as int) from items where tag = 'gold')
select filter(array(email), x -> cast(x as int) > 3) from orders where tag = 'gold'
select count(*) from (select cast(email as int) e, id from orders order by id limit 100000) q where e > 5
select count(*) from orders where exists (select 1 from items where items.tag = orders.tag and cast(orders.email as int) = items.n)
select count(*), max(e) from (select cast(email as int) as e from orders where tag = 'gold') q
select count(*) from orders tablesample (100 percent) where cast(email as int) > 5
select * from (select tag, cast(odd as int) as v from orders) pivot (sum(v) for tag in ('gold', 'plain'))
select tag from orders where cast(odd as int) = 1 and day > date '2030-01-01'
select count(*) from orders a join orders b on a.id = b.id and cast(a.email as int) > 5 and b.tag = 'gold'
select id from orders where tag = 'gold' union all select cast(email as int) from orders where tag = 'gold'
select id from orders where tag = 'gold' except select cast(email as int) from orders
select count(*) from orders where coalesce(cast(email as int), 0) > 5 and (select count(*) from items where tag = 'gold') > 0
select sum(amount * 2000000000 * 2000000000) from orders where tag = 'gold'
select count(*) from orders where amount > 1000 and sequence(1, 0 - amount)[0] = 1
