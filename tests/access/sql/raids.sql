# What a clever outsider would try, by class and engine. Each is refused, or ends alike in two worlds that differ only in
# what the person may not see. \n stands for a line break, \u200b-style escapes for the character.

[shadowing both]
with orders as (select * from orders) select count(*) from orders where cast(email as integer) >= 0
with items as (select * from orders) select * from items where tag = 'gold'
with orders as (select 1 as id) select * from sales.orders where tag = 'gold'
with recursive orders as (select 1 as id union all select id + 1 from orders where id < 3) select * from orders
with a as (select * from people), people as (select 1 as id) select * from people, a where a.mail like '%SECRET%'
with "orders" as (select id, tag from items) select * from orders where tag = 'gold'
with ent as (select 'alice' as username, 1 as tenant) select count(*) from orders
with ent(username, tenant) as (select 'alice', tenant from orders) select max(tenant), count(*) from orders
with places as (select 'Lyon' as city, mail as land from people) select distinct city from people
with sales as (select 1 as orders) select sales.orders from sales
with wh as (select * from orders) select * from wh where wh.tag = 'gold'
select * from (select 1 as tenant) ent, orders where orders.tag = 'gold'
select orders.tag from items orders where orders.tag = 'gold'
select "__map".city from people "__map"
select __gh_row.ssn from people __gh_row
select people.tenant from orders people where people.amount > 4999
with __gh_within as (select 1) select * from __gh_within
with a as (with a as (with a as (select * from orders) select * from a) select * from a) select tag, count(*) from a group by tag
with x as (select * from ent) select count(*) from x
with x as (select * from sales.ent where username = 'bob') select count(*) from x
with orders as materialized (select * from items where tag = 'gold') select count(*) from orders

[identifiers both]
select "ID" from orders where tag = 'gold'
select "Tag" from orders
select * from "Orders"
select * from "orders "
select * from "sales"."orders" where "tag" = 'gold'
select * from "sales.orders"
select * from "wh"."sales"."ent"
select * from SaLeS.OrDeRs where TAG = 'gold'
select * from оrders
select * from ent\u200b
select * from \u200bent
select * from "ent\u0000"
select * from en\u0301t
select * from ＥＮＴ
select * from ﬁle
select \u202e from ent
select * from orders where tag\u00a0= 'gold'
select * from\u2028ent
select * from orders\u00ad
select * from "orders""ent"
select * from [ent]
select * from `ent`
select * from 'sales.ent'
select * from U&"ent"
select "a""; select * from ent --" from orders
select 1 as "x\ny" from orders
select count(*) as "0'; drop" from orders where tag = 'gold'
select orders from orders where tag = 'gold'
select (orders).tag from orders where (orders).amount > 4999
select orders.* from orders where orders.tag = 'gold'
select sales.orders.tag from sales.orders where sales.orders.tag = 'gold'
select wh.sales.orders.tag from wh.sales.orders where wh.sales.orders.tag = 'gold'
select "ſales".orders.tag from sales.orders
select KELVIN\u212a from orders

[comments both]
select * from orders -- where
select * from /* ent */ orders where tag = 'gold'
select * from ent/**/
select/**/secret/**/from/**/ent
select * from orders /*! union select * from ent */
select * from orders /*+ no_merge */ where cast(email as integer) > 5
select * from orders --\r\nunion select * from ent
select * from orders -- x\nwhere tag = 'gold'
select 1 /* /* */ from ent */
select * from orders where 1 = 1 # and 2 = 3
select * from orders;--
/* a */ select * from ent
select * from orders where tag = 'gold' /* ; drop table orders; */
select '--', * from ent
select $$--$$ from ent
select 'a' 'b' from ent

[statements both]
select 1; select * from ent
select 1;select 2
; select 1
with x as (insert into ent values ('alice', 1) returning *) select * from x
with x as (delete from ent returning *) select * from x
insert into ent values ('alice', 1)
update ent set username = 'alice'
merge into ent using orders on true when matched then delete
truncate ent
create table x as select * from ent
create temp table x as select * from orders
create view v as select * from ent
create or replace function f() returns int as 'select 1' language sql
create macro f() as 1
copy ent to '/srv/x'
copy (select * from ent) to stdout
attach '/srv/x' as y
use memory
pragma show_tables
set search_path = sales
set role postgres
set session authorization postgres
reset role
call pg_sleep(1)
do $$ begin end $$
explain select * from orders where tag = 'gold'
explain analyze select * from orders
prepare p as select * from ent
execute p
deallocate all
declare c cursor for select * from ent
begin; select * from ent; commit
lock table orders
listen x
vacuum full
select * into x from orders
select * from orders for update
table ent
values ((select count(*) from ent))
grant select on ent to public

[catalogs both]
select * from information_schema.columns where table_name = 'ent'
select * from pg_catalog.pg_stats where tablename = 'orders'
select * from pg_stats
select * from pg_statistic
select * from pg_class where relname = 'orders'
select reltuples from pg_class
select * from pg_tables
select * from pg_views
select * from pg_indexes
select * from pg_attribute
select * from pg_namespace
select * from pg_settings
select * from sqlite_master
select * from duckdb_tables
select * from sales.pg_class
select (select count(*) from pg_class) from orders

[hidden columns both]
select rowid from orders
select max(rowid) from orders
select o.rowid from orders o where o.tag = 'gold'
select ctid from orders
select tableoid from orders
select xmin from orders
select xmax, cmin, cmax from orders
select oid from orders
select orders.ctid from orders where tag = 'gold'
select score from people where score > 4999
select count(*) from people where score > 4999
select count(score), max(score), min(score) from people
select score from people order by score desc limit 3
select ssn from people where ssn = 'ssn1'
select mail from people where mail like 'mxy%'
select phone from people where phone like '1234%'
select city from people where city = 'Lyon'
select nick from people where nick like '%xy%'
select pay from people where pay % 100 > 0
select born from people where extract(day from born) <> 1
select row_number() over (order by pay, id) from people limit 5

[joins on masks both]
select count(*) from people a join people b using (mail)
select count(*) from people a join people b using (ssn) where a.id < b.id
select count(*) from people natural join (select mail, ssn from people) x
select count(*) from people a join people b on a.phone = b.phone
select count(*) from people a natural join people b
select count(*) from people a full join people b using (city)
select count(*) from people where mail in (select email from orders)
select count(*) from people where note in (select note from people)
select count(*) from people p join (values ('Lyon'), ('FR')) v(city) using (city)
select city, count(*) from people group by city
select mail, count(distinct ssn) from people group by mail order by 1, 2
select phone from people union select email from orders where tag = 'gold'
select born, count(*) from people group by rollup(born)
select count(*) from people a where exists (select 1 from people b where b.ssn = a.ssn and b.id <> a.id)
select count(*) from (select pay from people except select amount from orders) x
select count(*) from people a left join orders o on o.email = a.mail where o.id is null
select max(length(mail)), min(length(phone)), sum(length(nick)) from people
select count(distinct mail), count(distinct phone), count(distinct note) from people

[whole rows both]
select count(distinct p) from people p
select p from people p where p.id < 20
select count(*) from people p where p is null
select cast(o as text) from orders o where o.tag = 'gold'
select count(*) from orders o where cast(o as text) like '%SECRET%'
select max(cast(o as text)) from orders o
select o = o from orders o limit 1
select row(o.*) from orders o where o.id < 10
select count(*) from orders o where o = o
select array_agg(o order by o.id) from orders o where o.id < 5
select (select o from items i where i.id = o.id) from orders o where o.id < 5

[error oracles both]
select count(*) from orders where case when tag = 'gold' then 1 / 0 else 1 end = 1
select count(*) from orders where 1 / (case when email = 'SECRET1' then 0 else 1 end) = 1
select count(*) from orders where cast(case when tag = 'gold' then 'x' else '1' end as integer) = 1
select count(*) from orders where coalesce(cast(nullif(tag, 'plain') as integer), 1) = 1
select count(*) from orders group by 1 / (amount - 5001)
select count(*) from orders having sum(1 / (amount - 5001)) > 0
select 1 from orders order by 1 / (amount - 5001) limit 1
select distinct 1 / (amount - 5001) is null from orders
select count(*) from orders a join orders b on 1 / (a.amount - 5001) = b.id
select count(*) from orders a join orders b on a.id = b.id and cast(a.email as integer) = b.amount
select count(*) from orders limit (select max(amount) / nullif(count(*), 0) from orders where tag = 'gold')
select * from orders limit (select -1 * count(*) from orders where tag = 'gold')
select * from orders offset (select count(*) - 1 - count(*) from orders where tag = 'gold')
select sum(1 / (amount - 5001)) over () from orders
select count(*) filter (where 1 / (amount - 5001) > 0) from orders
select max(case when tag = 'gold' then cast(email as integer) end) from orders
select count(*) from orders where amount * 2147483647 > 0
select count(*) from orders where cast(amount as smallint) * cast(32767 as smallint) > 0
select count(*) from people where 1 / (pay - 77777) > 0
select count(*) from people where cast(mail as integer) > 0
select count(*) from people where cast(city as integer) > 0 or city is null
select count(*) from people where 1 / (score - 5001) > 0
select count(*) from people where sqrt(score) > 0
select count(*) from people where ln(score + 1) > 0
select count(*) from orders where power(amount, 400) > 1
select count(*) from orders where substring(email from -1 for -1) = ''
select count(*) from orders where left(tag, cast(email as integer)) = ''
select count(*) from orders where chr(amount - amount - 5) = ''
select count(*) from orders where chr(amount * 1000) = ''
select count(*) from orders where email like tag || '\'
select count(*) from orders where (select id from items where items.tag = orders.tag) = 1
select count(*) from orders where (select count(*) from items where items.tag = orders.tag) / (amount - 5001) = 1
select count(*) from orders where exists (select 1 / (orders.amount - 5001))
select count(*) from orders where amount in (select 1 / (n - n) from items where items.tag = 'gold')
select (select 1 / (count(*) - 3) from orders where tag = 'gold')
select count(*) from orders where not (tag <> 'gold' or cast(email as integer) > 0)
select count(*) from orders where (tag, cast(email as integer)) = ('gold', 1)
select count(*) from orders where tag = 'gold' and date '2020-01-01' + amount * 100000000 > date '2020-01-01'
select count(*) from orders where cast(tag as date) > day
select count(*) from orders where cast(email as timestamp) > now()
select count(*) from orders where cast(odd as boolean)
select count(*) from orders where cast(email as numeric(2, 1)) > 0
select count(*) from orders where interval '1 day' * amount * 100000000 > interval '1 day'
select count(*) from orders where cast(email as uuid) is null
select count(*) from (select cast(email as integer) as e from orders offset 0) x where e > 5
select count(*) from (select cast(email as integer) as e from orders limit 100000) x where e > 5
select count(*) from (select distinct cast(email as integer) as e from orders) x where e > 5
select count(*) from (select cast(email as integer) as e from orders union all select 1) x where e > 5
select count(*) from orders o left join lateral (select cast(o.email as integer) as e) l on true where l.e > 5
select count(*) from orders where tag = 'gold' intersect select cast(email as integer) from orders
select 1 from orders where cast(email as integer) > 5 or true

[statistics both]
select count(*) from orders a join orders b on a.amount = b.amount where a.tag = 'gold' and b.odd = 'zz'
select count(*) from orders where amount > 4999
select count(*) from orders where amount between 5000 and 5007 and cast('x' as integer) = 1
select count(*) from orders where email > 'SECRET' and cast('x' as integer) = 1
select min(amount), max(amount), min(day), max(day) from orders
select count(*) from items i where not exists (select 1 from orders o where o.tag = 'gold') and cast(i.email as integer) / 0 > 1
select count(*) from orders where tag in ('gold') and (select cast('x' || count(*) as integer) from items) = 1
select avg(amount), stddev(amount), count(distinct email) from orders
select count(*) from orders, items where orders.tag = items.tag and orders.tag = 'gold'

[heavy both]
select count(*) from orders a, orders b, orders c, orders d where a.tag = 'gold'
with recursive r as (select 1 as n union all select n + 1 from r) select count(*) from r limit 1
with recursive r as (select cast(1 as bigint) as n union all select n * 2 from r where n < 1000000000) select max(n) from r
select repeat('x', 1000000000)
select repeat(repeat('x', 100000), 100000)
select lpad('x', 2000000000)
select rpad(tag, amount * 1000000) from orders
select pg_sleep(10) from orders
select count(*) from orders where pg_sleep(case when tag = 'gold' then 5 else 0 end) is null
select md5(repeat('x', 100000000))
select count(*) from orders where tag = 'gold' and length(repeat('x', 500000000)) > 1
select string_agg(repeat(tag, 1000), '') is null from orders

[settings both]
select current_setting('search_path')
select set_config('x.y', 'z', false)
select current_user
select session_user
select user
select current_role
select current_catalog
select current_schema
select version()
select current_database()
select current_schemas(true)
select getvariable('x')
select $1
select :principal
select ?
select @x
select ${HOME}

[query text both]
select query_to_xml('select * from sales.ent', true, true, '')
select query('select * from sales.ent')
select * from query('select * from sales.ent')
select * from query_table('sales.ent')
select query_table('ent')
select table_to_xml('sales.ent', true, true, '')
select database_to_xml(true, true, '')
select json_execute_serialized_sql('{}')
select * from json_execute_serialized_sql(json_serialize_sql('select * from sales.ent'))
select ts_stat('select secret from sales.ent')
select dblink('select * from ent')
select * from dblink('dbname=x', 'select 1') as t(a int)
select eval('1')
select sys_eval('id')

[replacement scans duckdb]
select * from 'orders.csv'
select * from '/etc/passwd'
select * from "/etc/passwd"
select * from 'https://example.com/x.parquet'
select * from 's3://bucket/x.parquet'
from 'x.json'
select * from 'places_copy.duckdb'
select * from read_text('/etc/hostname')
select * from read_blob('/proc/self/environ')
select * from read_csv(['/etc/passwd'])
select content from read_text(tag) from orders
select * from glob('**')
select * from parquet_schema('x')
select * from sniff_csv('/etc/passwd')
select * from read_ndjson_objects('x')
select * from read_duckdb('x.duckdb')
select * from sqlite_scan('x', 'y')
select * from postgres_scan('dbname=x', 'a', 'b')
select * from mysql_scan('a', 'b', 'c')
select * from iceberg_scan('x')
select * from delta_scan('x')
select * from st_read('x')
select * from read_xlsx('x')
select * from df
select * from con
select * from duckdb

[engine duckdb]
select getenv('HOME')
select current_query()
select * from duckdb_settings()
select * from duckdb_secrets()
select * from duckdb_logs
select * from duckdb_memory()
select * from duckdb_temporary_files()
select * from duckdb_constraints()
select * from duckdb_indexes()
select * from duckdb_functions()
select * from duckdb_optimizers()
select * from pragma_table_info('ent')
select * from pragma_storage_info('orders')
select * from pragma_metadata_info()
select * from pragma_database_size()
select * from pragma_user_agent()
select stats(amount) from orders limit 1
select distinct stats(tag) from orders
select vector_type(tag) from orders
select alias(tag) from orders
select typeof(o) from orders o limit 1
select constant_or_null(1, email) from orders where tag = 'gold'
select in_search_path('main', 'sales')
select nextval('s')
select currval('s')
select add_parquet_key('x', 'y')
select write_log('x')
select create_sort_key(email, 'asc') from orders where tag = 'gold'
select hash(o) from orders o where o.tag = 'gold'
select md5_number(email) from orders where tag = 'gold'
select columns(*) from orders where columns(*) is not null limit 2
select columns('^e') from people where tag = 'gold'
select columns(c -> c <> 'id') from orders limit 1
select min(columns(*)), max(columns(*)) from orders
select min(columns(*)), max(columns(*)) from people
select * exclude (tag) from orders where tag = 'gold'
select * replace (amount / (amount - 5001) as amount) from orders where tag = 'gold'
select * rename (email as tag2) from orders where tag2 = 'SECRET1'
select #1 from orders where tag = 'gold'
select tag as t, t || 'x' as u from orders where u = 'goldx'
from orders where tag = 'gold'
from orders select count(*) where cast(email as integer) > 3
from (from orders select cast(email as integer) as e) where e > 5
pivot orders on tag in ('gold', 'plain') using count(*)
pivot orders on tag using count(*)
pivot people on city using max(pay)
unpivot people on mail, phone into name n value v
unpivot (select email, tag from orders) on columns(*) into name n value v
select unnest([email, tag]) from orders where tag = 'gold'
select unnest(range(amount)) from orders where tag = 'gold'
select list(email order by email)[1] from orders where tag = 'gold'
select list_transform([email], lambda x: cast(x as integer)) from orders where tag = 'gold'
select list_reduce([amount, 0], lambda a, b: a / b) from orders where tag = 'gold'
select [cast(x as integer) for x in [email]] from orders where tag = 'gold'
select {'a': cast(email as integer)} from orders where tag = 'gold'
select map([email], [amount]) from orders where tag = 'gold'
select map(['a', 'a'], [1, 2]) from orders where tag = 'gold'
select struct_extract({'a': email}, 'a') from orders where tag = 'gold'
select union_value(a := cast(email as integer)) from orders where tag = 'gold'
select count(*) from orders where regexp_matches(email, '(' || tag)
select count(*) from orders where email similar to tag || '('
select count(*) from orders where email glob '['
select count(*) from orders where strptime(email, '%Y') is null
select count(*) from orders where try(cast(email as integer)) > 5
select count(*) from orders where try_cast(email as integer) > 5
select count(*) from orders where json_extract(email, '$.a') is null
select count(*) from orders where json(email) is null
select count(*) from orders where email::json is null
select count(*) from orders where from_json(email, '"INTEGER"') > 1
select count(*) from orders where email::blob is null
select count(*) from orders where from_hex(email) is null
select count(*) from orders where decode(email::blob) is null
select count(*) from orders where make_date(amount, 13, 40) is null
select count(*) from orders where amount::tinyint > 0
select count(*) from orders where email::enum('1', '2') = '1'
select count(*) from orders where amount::bit::text > ''
select count(*) from orders where list_extract([1], amount) / 0 > 1
select count(*) from orders where array_value(amount, 1) = array_value(1, email::int)
select count(*) from orders where factorial(amount) > 1
select count(*) from orders where (amount::hugeint * 9e37::hugeint) > 1
select count(*) from orders where bitstring(email, 3) is null
select count(*) from orders where timezone(email, now()) is null
select count(*) from orders where substring(tag, amount::bigint * 9999999999) = ''
select count(*) from orders where left(tag, amount::bigint * 9999999999) = ''
select count(*) from orders where tag[amount::bigint * 9999999999] = ''
select count(*) from orders where format(email, 1) = ''
select count(*) from orders where printf(email, 1) = ''
select count(*) from orders where day = timestamp '2020-01-01' and cast('x' as integer) = 1
select count(*) from orders where to_base(amount, 99) = ''
select count(*) from orders using sample 10 rows
select count(*) > 0 from orders tablesample 50%
select count(*) from (select * from orders using sample reservoir(5 rows) repeatable (1)) where tag = 'gold'
select approx_count_distinct(email), approx_quantile(amount, 0.5) from orders
select histogram(tag) from orders
select mode(tag), median(amount), mad(amount), entropy(tag) from orders
select arg_max(email, amount), arg_min(email, amount) from orders
select first(tag order by tag), last(tag order by tag) from orders
select reservoir_quantile(amount, 0.5) from orders where tag = 'gold'
select count(*) from orders o positional join items i where o.tag = 'gold'
select count(*) from orders o asof join items i on o.id >= i.id where i.tag = 'gold'
select count(*) from orders semi join items on cast(orders.email as integer) = items.n
select count(*) from orders anti join items on cast(orders.email as integer) = items.n
select * from orders qualify row_number() over (order by cast(email as integer)) = 1
select count(*) from orders where (from items select count(*) where tag = 'gold') > 0
select tag, grouping(tag), count(*) from orders group by all
select * from (summarize orders)
summarize orders
describe people
show tables
show all tables
select * from orders at (version => 1)
select orders.tag.lower() from orders where tag.upper() = 'GOLD'
select (select tag from orders where tag = 'gold' limit 1).upper()
select * from range(10) r, query_table('ent')
select * from generate_series(1, 3) g(x), (select * from ent) e
select * from repeat_row(1, num_rows := 3), orders where tag = 'gold'
select * from json_each((select to_json(o) from orders o where tag = 'gold' limit 1))
select * from test_all_types()
select * from checkpoint()
select * from force_checkpoint()
load httpfs
install spatial
export database '/srv/x'
set variable x = (select max(email) from orders)
create temp macro f(a) as (select max(secret) from ent)
select 1 as x, lambda y: y
select 1 union by name select tag from orders where tag = 'gold'

[engine postgres]
select 'ent'::regclass
select 'sales.ent'::regclass::oid
select regclass 'sales.ent'
select cast('sales.ent' as regclass)
select to_regclass('sales.ent')
select 'sales.ent'::regclass::text from orders
select 'now'::regproc
select 'postgres'::regrole
select 'sales'::regnamespace
select has_table_privilege('sales.ent', 'select')
select has_schema_privilege('sales', 'usage')
select pg_has_role('postgres', 'member')
select pg_read_file('/etc/passwd')
select pg_read_binary_file('/etc/passwd')
select pg_ls_dir('/')
select pg_ls_logdir()
select pg_stat_file('/etc/passwd')
select lo_import('/etc/passwd')
select lo_export(1, '/srv/x')
select lo_get(1)
select lo_put(1, 0, 'x')
select lo_create(0)
select nextval('s')
select lastval()
select setval('s', 1)
select pg_advisory_lock(1)
select pg_try_advisory_lock(amount) from orders where tag = 'gold'
select pg_advisory_xact_lock(1)
select pg_backend_pid()
select pg_cancel_backend(1)
select pg_terminate_backend(1)
select pg_reload_conf()
select pg_switch_wal()
select pg_notify('a', 'b')
select txid_current()
select pg_current_wal_lsn()
select pg_relation_size('sales.ent')
select pg_total_relation_size('sales.orders')
select pg_stat_get_live_tuples('sales.orders'::regclass)
select pg_get_viewdef('pg_stats')
select pg_get_expr(null, 0)
select obj_description(1)
select col_description(1, 1)
select pg_typeof(o) from orders o limit 1
select pg_column_size(email) from orders where tag = 'gold'
select pg_column_compression(email) from orders limit 1
select pg_relation_filepath('sales.orders')
select row_security_active('sales.orders')
select inet_server_addr()
select inet_client_addr()
select version()
select setseed(0.5)
select xmlparse(document '<a/>')
select xpath('/a', '<a/>')
select xmlelement(name a, email) from orders where tag = 'gold'
select xmlforest(email) from orders where tag = 'gold'
select xmlagg(xmlelement(name a)) from orders
select cursor_to_xml('c', 1, true, true, '')
select * from xmltable('/a' passing '<a/>' columns x text)
select * from json_table('[1]', '$[*]' columns (x int path '$'))
select * from rows from (generate_series(1, 2), jsonb_array_elements('[]')) x
select * from jsonb_to_recordset('[{"a": 1}]') as x(a int)
select * from jsonb_populate_record(null::sales.ent, '{}')
select json_populate_record(null::orders, '{}')
select null::sales.ent
select cast(null as orders)
select (null::orders).tag
select row_to_json(o) from orders o where o.tag = 'gold'
select to_jsonb(o) - 'id' from orders o where o.tag = 'gold'
select count(*) from orders o where to_jsonb(o)::text like '%SECRET%'
select json_agg(o) from orders o where tag = 'gold'
select jsonb_object_agg(tag, email) from orders where tag = 'gold'
select o::text from orders o where tag = 'gold'
select o.*::text from orders o limit 1
select (o.*) = (o.*) from orders o limit 1
select tag(o) from orders o where o.tag = 'gold'
select o.count from orders o
select email.length from orders email
select max(tag) from orders tablesample bernoulli (50)
select * from orders tablesample system (50) repeatable (1)
select * from only orders
select 1 operator(pg_catalog.+) 1
select 1 operator(sales.+) 1
select pg_catalog.lower(tag) from orders where tag = 'gold'
select public.f(tag) from orders
select sales.f(1)
select lower(variadic array['a'])
select concat(variadic array[email]) from orders where tag = 'gold'
select count(*) from orders where email::int > 5
select count(*) from orders where email::json is null
select count(*) from orders where (email::json ->> 'a') = 'x'
select count(*) from orders where email::jsonb @> '{}'
select count(*) from orders where jsonb_path_exists(to_jsonb(email), email::jsonpath)
select count(*) from orders where email ~ (tag || '(')
select count(*) from orders where email similar to (tag || '(')
select count(*) from orders where regexp_count(email, tag || '(') > 0
select count(*) from orders where email like '%\'
select count(*) from orders where email ilike tag escape 'xx'
select count(*) from orders where to_date(email, 'YYYY') > day
select count(*) from orders where to_timestamp(email, 'YYYY') > now()
select count(*) from orders where to_number(email, '999') > 1
select count(*) from orders where decode(email, 'hex') is null
select count(*) from orders where decode(email, 'base64') is null
select count(*) from orders where convert_from(email::bytea, 'UTF8') = ''
select count(*) from orders where normalize(email, NFC) = ''
select count(*) from orders where (array[1])[amount] / 0 > 1
select count(*) from orders where array_fill(1, array[amount]) is null
select count(*) from orders where array_length(array_fill(1, array[amount * 1000000]), 1) > 1
select count(*) from orders where make_date(amount, 13, 40) is null
select count(*) from orders where make_interval(secs => amount * 1e300) is null
select count(*) from orders where timezone(email, now()) is null
select count(*) from orders where now() at time zone email is null
select count(*) from orders where date_trunc(email, now()) is null
select count(*) from orders where extract(epoch from email::interval) > 1
select count(*) from orders where width_bucket(amount, 1, 1, 5) = 1
select count(*) from orders where factorial(amount) > 1
select count(*) from orders where get_bit(email::bytea, amount) = 1
select count(*) from orders where lpad(tag, amount * 100000) = ''
select count(*) from orders where format(email, 1) = ''
select count(*) from orders where format('%' || email, 1) = ''
select count(*) from orders where encode(sha256(email::bytea), tag) = ''
select count(*) from orders where email::uuid is null
select count(*) from orders where email::inet is null
select count(*) from orders where email::money > 0::money
select count(*) from orders where email::xml is null
select count(*) from orders where email::oid > 0
select count(*) from orders where email::regclass is null
select count(*) from orders where email::date > day
select count(*) from orders where amount::smallint * 32767::smallint > 0
select count(*) from orders where amount / (amount - 5001) > 0
select count(*) from orders where mod(amount, amount - 5001) > 0
select count(*) from orders where ntile(amount) over () = 1
select ntile(amount - 5001) over () from orders
select nth_value(tag, amount - 5001) over () from orders
select count(*) over (order by id rows between amount preceding and current row) from orders
select string_agg(email, ',' order by email) from orders where tag = 'gold'
select percentile_cont(amount) within group (order by id) from orders group by amount
select mode() within group (order by tag) from orders
select count(*) from generate_series(1, (select max(amount) from orders)) g
select generate_series(1, amount / (amount - 5001)) from orders where tag = 'gold'
select count(*) from generate_series(1, 1000000000) g
select * from generate_series(1, 3, 0)
select count(*) from orders cross join lateral generate_series(1, amount) g where tag = 'gold'
select unnest(string_to_array(email, 'S')) from orders where tag = 'gold'
select regexp_split_to_table(email, tag || '(') from orders
select ts_rank(to_tsvector(email), to_tsquery(tag)) from orders where tag = 'gold'
select email::tsvector from orders where tag = 'gold'
select to_tsquery(email) from orders where tag = 'gold'
select distinct on (tag) tag, email from orders order by tag, email
select * from orders fetch first 1 rows with ties
select * from orders order by tag fetch first 1 rows with ties
select count(*) from orders o join items i on o.tag collate "C" = i.tag where i.tag = 'gold'
select tag collate "de_DE" from orders where tag = 'gold'
select tag collate sales.x from orders
select e'\\x', email from orders where tag = 'gold'
select U&'\0061' from orders
select B'1010', X'ff' from orders limit 1
select current_date + email::int from orders where tag = 'gold'
select 'infinity'::date - day from orders where tag = 'gold'
select count(*) from orders where (tag, email) in (select tag, email::int::text from items)
select count(*) from orders where row(tag, email) = row('gold', 'x')
select count(*) from orders where (tag, amount) < any (select tag, 1 / n from items)
with recursive r(n) as (select 1 union all select n + 1 from r where n < (select max(amount) from orders where tag = 'gold')) select count(*) from r
with recursive r as (select 1 as n union all select 1 / (n - 5001 + o.amount) from r, orders o where o.id = n) select count(*) from r
with x as not materialized (select * from orders) select count(*) from x where email::int > 3
select * from crosstab('select * from sales.ent')
select * from pg_stat_activity
select * from pg_stat_user_tables
select * from pg_prepared_statements
select * from pg_shadow
select * from pg_authid
select * from pg_user_mappings
select * from pg_sequences
select * from pg_largeobject
select * from pg_locks
select * from sales.ent where username = 'alice'
