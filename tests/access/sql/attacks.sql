# One attack a line (\n stands for a line break, \x00-style escapes are literal text). Sections: the code it must be
# refused with, then the engines it is tried on. [harmless] may run, and must reveal nothing.

[not_one_statement both]
select 1; select 2
select 1; drop table sales.orders
select 1;; select 2
;
select 1; -- \n select * from sales.vault
begin; select 1

[not_a_query both]
selec * from orders
insert into orders values (1)
update orders set id = 1
delete from orders
drop table orders
create table x as select * from orders
create view v as select 1
alter table orders add column x int
truncate orders
grant select on orders to public
set search_path = 'x'
reset all
begin
commit
call something()
explain select * from orders
explain analyze select * from orders
analyze orders
vacuum
copy orders to 'stolen.csv'
copy (select * from orders) to 'stolen.csv'
prepare p as select * from orders
execute p
describe orders
show tables
merge into orders using items on true when matched then delete
comment on table orders is 'x'
lock table orders

[not_a_query duckdb]
summarize_orders: from vault
attach 'x.db' as x
detach wh
use wh
load httpfs
install httpfs
pragma database_list
pragma enable_profiling
checkpoint
export database 'x'
import database 'x'
summarize orders
summarize select * from orders
show all tables
set variable x = 1

[not_a_query postgres]
listen x
notify x
discard all
do $$ begin null; end $$
declare c cursor for select 1
fetch all from c
refresh materialized view x
security label on table orders is 'x'
reassign owned by a to b

[unsupported both]
select * from vau​lt
with x as (delete from orders returning *) select * from x
with x as (insert into orders select * from orders returning *) select * from x
with x as (update orders set id = 1 returning *) select * from x
select * into stolen from orders
select * from orders for update
select * from orders for share
select ssn::regclass from customers
select 'sales.vault'::regclass
select cast('sales.vault' as regclass)
select cast('x' as my_type) from orders
select current_user
select session_user
select $1
select * from orders where id = ?
select * from orders where id = :id
select id as "__gh_row" from orders
select "__gh_row".ssn from customers
with __gh_with_1 as (select 1) select * from __gh_with_1
select * from orders "__GH_x"
select * from orders tablesample foo(
select 'unterminated
select "unterminated
select * from
select * from (select * from orders
select /* unterminated
select * from orders match_recognize (pattern (a) define a as true)

[unsupported duckdb]
pivot vault on secret using count(*)
with p as (pivot vault on secret using count(*)) select * from p
pivot (from vault) on secret using count(*) order by 1
pivot orders on (select secret from vault) using sum(amount)
pivot orders on status in (select status from orders) using sum(amount)
with recursive r as (pivot orders on status using count(*)) select * from r
select * from orders o, lateral (pivot (select o.status) on status using count(*)) p
select columns(lambda c: c = (select secret from vault)) from orders
select * from orders at (version => 1)
pivot orders on status using sum(amount)
select * from orders pivot (sum(amount) for status in (select status from orders))
pivot orders on status in ('a') using sum((select amount from orders limit 1))
select columns(*) + (select count(*) from orders) from orders
select current_catalog
select * from (describe orders)
select * from (summarize orders)
select x'ff'

[unsupported postgres]
select xmlparse(document '<a/>')
select * from orders tablesample system (1 + (select count(*) from orders))
select * from orders tablesample bernoulli (200)
select * from orders tablesample bernoulli (-1)
select * from orders tablesample bernoulli (id)
select * from orders tablesample foo (10)
select * from orders tablesample bernoulli (10) repeatable (id)
select * from orders tablesample bernoulli (10) repeatable ((select count(*) from orders))
select * from (select * from orders) o tablesample system (10)
with o as (select * from orders) select * from o tablesample system (10)
select * from rows from (orders)
select * from rows from (sales.orders, generate_series(1, 2)) as t
select interval(3) '1 day'
select 'vault'::regclass::text
select 'a'::regconfig
select 'x'::regdictionary
select 'x'::regprocedure
select null::sales.vault
select null::vault
select cast(null as pg_catalog.pg_class)
select '(1)'::customers
select 'simple'::regconfig::oid
select * from jsonb_to_recordset('[]') as t(a regclass, b text)
select * from json_to_record('{"a": "vault"}') as t(a vault)
select current_catalog
select current_schema
select 1 operator(pg_catalog.+) 2
select * from only orders
select U&'\0061'
select 'x'::oid
select 'x'::"char"
select xmlelement(name a)
table orders for update

[function_not_allowed both]
select version()
select current_setting('server_version')
select set_config('x', 'y', false)
select pg_sleep(10)
select nextval('s')
select currval('s')
select setval('s', 1)
select setseed(0.5)
select txid_current()
select has_table_privilege('orders', 'select')
select obj_description(1)
select pg_get_viewdef(1)
select unknown_function(1)
select repeat('x', 2000000000)
select repeat(name, id) from customers
select rpad(name, 1000000000) from customers
select * from unknown_table_function(1)
select * from lower('x')
select sales.secret_function(1)
select "current_setting"('x')
select CURRENT_SETTING('x')
select lower(current_setting('x'))
select count(*) filter (where pg_sleep(1) is null) from orders
select id from orders order by pg_sleep(1)
select id from orders group by id, pg_sleep(1)
select id from orders limit (select nextval('s'))
select id from orders where exists (select pg_sleep(1))
select sum(id) over (order by pg_sleep(1)) from orders
with a as (select pg_sleep(1)) select 1 from a
select case when true then pg_sleep(1) end
values (pg_sleep(1))
select inet_server_addr()
select pg_backend_pid()

[function_not_allowed duckdb]
select list_aggregate([1], name) from customers
select list_aggregate([1], 'su' || 'm')
select list_aggregate([1], (select 'sum'))
select list_aggregate([1], 'stats')
select list_aggregate([1], 'current_query')
select list_aggr(['a'], 'getenv')
select array_aggregate([1], 'list_sum')
select aggregate([1], 'lower')
select list_aggregate([1])
select list_aggregate(['x'], 'combine_aggr')
select [1].list_aggregate('query')
select coalesce(*columns(lambda c: c = getenv('x'))) from orders
select coalesce(*columns(* replace (getenv('x') as id))) from orders
pivot orders on current_query() using count(*)
pivot orders on getenv('HOME') using count(*)
pivot (from read_csv('/etc/passwd')) on a using count(*)
select set_bit('1'::bit, 0, 1).stats()
select histogram_values('customers', 'ssn')
select combine(1, 2)
select finalize(1)
select to_aggregate_state('sum', 1)
select make_type('int')
select get_type(id) from orders
select icu_collate_de(name) from customers
select columns(lambda c: getenv('HOME') = c) from orders
select columns(* replace (getenv('HOME') as id)) from orders
select min(columns(lambda c: c = current_query())) from orders
select * exclude (id) replace (current_query() as note) from orders
select columns([x for x in (*) if x = getenv('x')]) from orders
select * from read_csv('/etc/passwd')
select * from read_csv_auto('/etc/passwd')
select * from read_text('/etc/passwd')
select * from read_blob('/etc/passwd')
select * from read_json('/etc/passwd')
select * from read_parquet('x.parquet')
select * from parquet_scan('x.parquet')
select * from parquet_metadata('x.parquet')
select * from read_duckdb('wh.duckdb')
select * from glob('/*')
select * from sniff_csv('x')
select * from query('select * from sales.vault')
select * from query_table('sales.vault')
select * from query_table(['sales.vault'])
select * from duckdb_tables()
select * from duckdb_columns()
select * from duckdb_views()
select * from duckdb_settings()
select * from duckdb_secrets()
select * from duckdb_logs()
select * from duckdb_table_sample('orders')
select * from duckdb_prepared_statements()
select * from pragma_table_info('sales.vault')
select * from pragma_storage_info('sales.vault')
select * from pragma_show('sales.vault')
select * from json_execute_serialized_sql('{}')
select * from histogram('sales.vault', 'secret')
select * from histogram(customers, ssn)
select * from histogram_values(customers, ssn)
select * from summary((select 1))
select * from arrow_scan(1, 2, 3)
select * from python_map_function(1)
select * from seq_scan('x')
select * from test_all_types()
select * from which_secret('x', 's3')
select json_serialize_sql('select 1')
select json_deserialize_sql('{}')
select json_serialize_plan('select 1')
select current_query()
select current_database()
select current_schemas(true)
select current_connection_id()
select getenv('HOME')
select getvariable('x')
select stats(email) from customers
select alias(email) from customers
select enum_range(null::varchar)
select write_log('x')
select sleep_ms(1000)
select in_search_path('a', 'b')
select cast_to_type('1', 1)
select error('x')
select __internal_barrier(id) from orders
select vector_type(id) from orders
select invoke(lambda x: x, 1)
select get_block_size('wh')
select nextval('s') from orders
select name.current_query() from customers
select parse_duckdb_log_message('x', 'y')
select * from customers c, read_csv(c.name)
select * from customers c, lateral (select * from query_table(c.name))
select list_transform([1], lambda x: getenv('HOME'))
select [getenv('HOME') for x in [1]]
select {'a': getenv('HOME')}
from read_csv('/etc/passwd') select *
pivot (from read_csv('x')) on a in (1) using count(*)
select to_json(o).json_serialize_sql() from orders o

[function_not_allowed postgres]
select x.* from json_populate_record(null::customers, '{}') x
select ts_rewrite('a'::tsquery, 'select secret, secret from sales.vault')
select ts_rewrite('a'::tsquery, 'a'::tsquery, 'b'::tsquery)
select ts_lexize('public.spy', name) from customers
select * from ts_debug('english', 'x')
select * from ts_parse('default', 'x')
select ts_token_type('default')
select get_current_ts_config()
select to_tsvector('public.spy', name) from customers
select to_tsvector(('spy'), name) from customers
select to_tsquery('pg_catalog.spy', 'a')
select to_tsvector('', 'x')
select ts_headline('spy', 'a b', to_tsquery('a'))
select plainto_tsquery('pg_temp.spy', 'x')
select pg_column_size(name) from customers
select pg_column_compression(note) from orders
select * from rows from (pg_ls_dir('/'), generate_series(1, 2)) as t
select * from rows from (generate_series(1, 2), pg_read_file('/etc/passwd')) as t(a, b)
select * from jsonb_populate_recordset(null::vault, '[]')
select to_regtype('sales.vault')
select * from lateral pg_sleep(1)
select json_value(current_setting('x'), '$')
select current_setting(name) from customers
select currtid2('vault', '(0,1)')
select enum_range(null::text)
select text(inet_client_addr())
select network(inet_server_addr())
select * from json_populate_record(null::x, '{}')
select pg_read_file('/etc/passwd')
select pg_read_binary_file('/etc/passwd')
select pg_ls_dir('/')
select * from pg_ls_dir('/')
select pg_stat_file('/etc/passwd')
select lo_import('/etc/passwd')
select lo_get(1)
select dblink('dbname=x', 'select 1')
select query_to_xml('select * from sales.vault', true, true, '')
select table_to_xml('sales.vault', true, true, '')
select database_to_xml(true, true, '')
select schema_to_xml('sales', true, true, '')
select ts_stat('select secret from sales.vault')
select * from ts_stat('select secret from sales.vault')
select pg_terminate_backend(1)
select pg_cancel_backend(1)
select pg_advisory_lock(1)
select pg_notify('x', 'y')
select pg_reload_conf()
select pg_get_functiondef(1)
select pg_get_userbyid(10)
select to_regclass('sales.vault')
select pg_relation_size('sales.vault')
select pg_table_size('sales.vault')
select pg_total_relation_size('sales.vault')
select pg_stat_get_live_tuples(1)
select pg_export_snapshot()
select pg_current_xact_id()
select pg_logical_emit_message(true, 'a', 'b')
select has_column_privilege('sales.vault', 'secret', 'select')
select row_security_active('orders')
select col_description(1, 1)
select format_type(1, 2)
select * from pg_stat_get_activity(null)
select * from pg_show_all_settings()
select * from pg_get_keywords()
select * from pg_timezone_names()
select * from pg_logical_slot_get_changes('s', null, null)
select xpath('/a', '<a/>')
select public.lower('x')
select pg_catalog.pg_sleep(1)
select current_database()
select current_schemas(true)
select inet_client_addr()
select pg_postmaster_start_time()
select amount::text::money.cash_words() from orders

[unknown_table both]
select * from vault
select * from sales.vault
select * from wh.sales.vault
select * from other.sales.orders
select * from wh2.sales.orders
select * from main.orders
select * from information_schema.tables
select * from information_schema.columns
select * from pg_catalog.pg_class
select * from pg_class
select * from pg_tables
select * from ent
select * from sales.ent
select * from "sales.vault"
select * from "sales"."vault"
select * from SALES.VAULT
select * from orders, vault
select * from orders where id in (select secret from vault)
select (select secret from vault limit 1)
select * from orders order by (select secret from vault limit 1)
select * from orders limit (select count(*) from vault)
select id, case when exists (select 1 from vault where secret = 'GOLD') then 1 end from orders
with a as (select * from vault) select * from a
with a as (select 1), vault2 as (select * from a, vault) select 1
with vault as (select * from vault) select * from vault
with a as (with vault as (select 1 as x) select * from vault) select * from vault
select * from (with vault as (select 1) select * from vault) x, vault
with a as (select * from b), b as (select 1) select * from a
with vault as (select 1 as x) select * from sales.vault
select * from orders union select * from vault
select count(*) from orders intersect select count(*) from vault
select * from orders o join lateral (select * from vault) v on true
select * from (values ((select secret from vault))) x
select max(id) filter (where id in (select 1 from vault)) from orders
select sum(id) over (order by (select 1 from vault)) from orders
select id from orders group by id having count(*) > (select count(*) from vault)
select distinct on ((select 1 from vault)) id from orders
with recursive r as (select 1 as n union all select n + 1 from r, vault where n < 3) select * from r
select * from (orders cross join vault)
table vault
select * from orders o(vault), vault
select * from "vault "
select * from "VAULT"
select * from orders join vault using (id)
select * from orders natural join vault
select * from pg_stat_activity
select * from pg_shadow

[unknown_table duckdb]
pivot vault on secret in ('a') using count(*) order by 1 limit 1
select coalesce(*columns(lambda c: true)) from vault
with recursive t(n) using key (n) as (select 1, 2 union select n + 1, 2 from t, vault where n < 3) select * from t
select 1 in [(select count(*) from vault)]
from orders select * order by (select secret from vault)
select * from (show tables)
from vault
from 'orders.csv'
select * from 'vault.parquet'
select * from "https://example.com/x.csv"
select * from '/etc/passwd'
select * from sqlite_master
select * from duckdb_tables
select * from pragma_version
select * from orders semi join vault on true
select * from orders anti join vault on true
select * from orders asof join vault on true
select * from orders positional join vault
pivot vault on secret in ('a') using count(*)
unpivot vault on secret into name n value v
select * from v: vault
from (from (from vault))
select * from wh.vault
select [x for x in (select list(secret) from vault)]
select list_transform([1], lambda x: (select secret from vault))
select * replace ((select secret from vault) as id) from orders
select {'a': (select secret from vault)}
select * from orders qualify row_number() over () = (select 1 from vault)

[unknown_column both]
select rowid_nope from orders
select vault.secret from orders
select orders.secret from orders
select o.id from orders
select sales.customers.id from orders
select id from orders where secret = 'GOLD'
select nope.id from orders o
select id from orders order by nope
select id from orders group by nope
select id from orders having nope > 1
select id, sum(nope) over () from orders
select id from orders join customers using (nope)
select x.nope from (select id from orders) x
with a as (select id from orders) select name from a
select a from (select id as b from orders) t
select id from orders where exists (select nope from customers)
select c.id from customers c join orders o on o.nope = c.id
select id from orders o where o.nope is null
select email from items
select s.id from (select id as s_id from orders) s

[unknown_column duckdb]
select current_schema
select rowid from orders
select o.rowid from orders o
select rowid from sales.orders
select * from orders where rowid = 1
select max(rowid) from orders
select o.rowid from customers c, orders o

[unknown_column postgres]
select ctid from orders
select o.ctid, o.xmin from orders o
select tableoid from orders
select orders.tableoid::text from orders
select cmax from orders
select xmax from customers
select user from orders

[no_grant both]
select * from closed
select a from closed
select count(*) from closed
select * from sales.closed
select o.id, c.a from orders o, closed c
select id from orders where id in (select a from closed)
select id from orders where exists (select 1 from closed)
with closed as (select * from closed) select * from closed
with a as (select b from closed) select * from a
select a from (select * from closed) t
select id from orders union select a from closed
select (select max(a) from closed)
select id from orders o join lateral (select * from closed c where c.a = o.id) l on true
select id from orders order by (select max(a) from closed)
select "a" from "closed"

[column_not_granted both]
select (select ssn) from customers
select ssn from customers
select c.ssn from customers c
select sales.customers.ssn from sales.customers
select id from customers where ssn = 'ssn1'
select id from customers order by ssn
select count(ssn) from customers
select country from customers group by country having max(ssn) > 'a'
select max(ssn) over () from customers
select id from customers group by id, ssn
select a.id from customers a join customers b on a.ssn = b.ssn
select id from customers join (select id, ssn from customers) s using (id)
select * from customers join (select 'ssn1' as ssn) s using (ssn)
select name from customers where exists (select 1 from orders where note = ssn)
select case when ssn is null then 1 else 0 end from customers
select coalesce(ssn, 'x') from customers
select x from (select ssn as x from customers) t
with a as (select ssn from customers) select count(*) from a
select id from customers where id in (select id from customers where ssn like 'ssn1%')
select distinct on (ssn) id from customers
select id from customers union select ssn from customers
select "ssn" from customers
select SSN from CUSTOMERS
select upper(substring(ssn from 1 for 1)) from customers
select ssn from customers, orders
select sum(case when ssn > 'm' then 1 end) from customers

[column_not_granted duckdb]
pivot customers on ssn in ('ssn1') using count(*) order by 1
select 'ssn1' in [ssn] from customers
select list_aggregate([ssn], 'max') from customers
select columns(* replace (ssn as id)) from customers
select * replace (ssn as name) from customers
select {'a': ssn} from customers
select [ssn] from customers
select list_transform([1], lambda x: ssn) from customers
select [ssn for x in [1]] from customers
select ssn.upper() from customers
select c.ssn.upper() from customers c
select sales.customers.ssn.upper() from customers
from customers select ssn
select id, ssn as s, s || 'x' from customers
select id from customers qualify row_number() over (partition by ssn) = 1
unpivot (select id, ssn from customers) on ssn into name n value v
select unnest([ssn]) from customers
select * from customers c, unnest([c.ssn]) u(x)
select "SSN" from customers
select if(ssn = 'x', 1, 2) from customers

[column_not_granted postgres]
select to_tsvector('english', ssn) from customers
select id from customers where to_tsvector(ssn) @@ to_tsquery('ssn1')
select int4range(0, length(ssn)) from customers
select * from customers c, rows from (generate_series(1, length(c.ssn)), unnest(array[1])) as t(a, b)
select u.v from customers c cross join lateral unnest(array[c.ssn]) with ordinality as u(v, n)
select ssn from customers tablesample bernoulli (10)
select (c).ssn from customers c
select array[ssn] from customers
select row(ssn) from customers
select c.id from customers c, lateral (select c.ssn as x) l where x is not null

[unknown_column postgres quoted]
select "SSN" from customers
select "Id" from customers

[harmless both]
select * from customers
select c.* from customers c
select email from customers where email like '%@%'
select email, phone from customers order by email desc
select max(email), min(phone) from customers
select note from orders
select note from orders where note = 'SECRET'
select count(*) from orders where note = 'SECRET'
select count(*) from orders where note like 'SEC%'
select count(*) from customers where country = 'XX'
select distinct country from customers
select * from orders where tenant = 0
select count(*) from orders where tenant in (0, 2, 4)
select sum(amount) from orders where tenant not in (1, 3, 6)
select price from items where quantity <= 5
select max(price) from items where quantity < 2
select count(price) from items where quantity < 2
select string_agg(name, ',') from customers where country is null
with orders as (select 1 as id) select * from orders
with vault as (select 'mine' as secret) select secret from vault
select vault.x from (select 1 as x) vault
select * from customers where 1 = 1 or country = 'XX'
select * from customers where country = 'XX' or true
select * from customers c left join orders o on true where c.country = 'XX'
select * from orders union select * from orders
select email from customers group by email having email like 'user%@example%'
select a.email from customers a join customers b on a.email = b.email
select row_number() over (), id from customers
select 1 from customers having count(*) > 0
select count(*) from (select * from customers) x
select count(*) from orders where (select count(*) from orders) > 0
select name as email, email as name from customers
select id as ssn from customers
select 'x' as ssn, id from customers order by ssn
select t.ssn from (select name as ssn from customers) t

[harmless duckdb]
select icu_sort_key(name, 'de') from customers
select path_join('/etc', 'passwd')
select create_sort_key(name, 'asc') from customers
select variant_extract(1, 'a')
select coalesce(*columns(lambda c: true)) from customers
select list(*columns(*)) from customers
pivot customers on country in ('XX', 'DE') using count(*) order by 1
pivot customers on email using count(*) group by country
pivot orders on note using count(*) group by tenant
pivot orders on tenant using count(*)
pivot (select * from items) on price using max(price) group by product
with c as (select * from customers) pivot c on phone using count(*) group by country order by country
select * from (pivot customers on country using max(email))
select list_aggregate(list(email), 'string_agg', ',') from customers
select list_aggregate(list(note), 'max') from orders
select * from orders using sample reservoir(5 rows) repeatable (1)
select * from orders tablesample bernoulli(50%)
select * from orders using sample system(50%)
select bitstring_agg(tenant) from orders
select 'x' in [email] from customers
select parse_filename(email) from customers
with recursive t(n, e) using key (n) as (select 1, 'x' union select n + 1, c.email from t, customers c where c.id = n and n < 5) select * from t
select c from customers c
select to_json(c) from customers c
select columns('.*') from customers
select * exclude (id) from customers
select columns(*) from customers
select * like '%s%' from customers
select customers from customers
select unnest(list(c)) from customers c
select struct_keys(c) from customers c limit 1
select c['email'] from customers c
select struct_extract(c, 'email') from customers c
select (select count(*) from orders) from customers
select unnest([(select email from customers limit 1)]) from customers
select map {'a': (select email from customers limit 1)} as m
select histogram(email) from customers
select typeof(customers) from customers limit 1
select * from orders using sample 50%
select * from customers tablesample reservoir(10 rows)
unpivot customers on email, phone into name n value v
pivot customers on country in ('XX', 'DE') using count(*)
select #3 from customers
from (select email e, * from customers)
select list(email order by email) from customers
select sum(hash(c)) is null from customers c
select min(columns(*)) from orders

[harmless postgres]
select isclosed('[(0,0)]')
select B'101'
select * from customers tablesample bernoulli (100)
select * from customers tablesample system (50)
select email from customers tablesample bernoulli (90) repeatable (7)
select note from orders tablesample system (100) repeatable (1)
select to_tsvector('simple', email) from customers
select ts_headline(note, to_tsquery('secret')) from orders
select note from orders where to_tsvector('simple', note) @@ to_tsquery('simple', 'secret')
select range_agg(int4range(tenant, tenant + 1)) from orders
select * from customers c, rows from (unnest(array[c.email]), generate_series(1, 2)) with ordinality as t(a, b, n)
select u.v, u.n from customers c cross join lateral unnest(array[c.email]) with ordinality as u(v, n)
select r.* from customers c, jsonb_to_record(to_jsonb(c)) as r(email text, ssn text)
select jsonb_path_query(to_jsonb(c), '$.*') from customers c
select to_jsonb(c) ?| array['ssn', 'email'] from customers c
select to_jsonb(c) #- '{email}' from customers c
with recursive t as (select id, email from customers where id = 1 union all select c.id, c.email from customers c, t where c.id = t.id + 1) search breadth first by id set o select * from t
with recursive t as (select id, email from customers where id = 1 union all select c.id, c.email from customers c, t where c.id = t.id + 1) cycle id set c using p select * from t
select json_value(to_jsonb(c), '$.ssn') from customers c
select row_to_json(c) from customers c
select to_jsonb(c) from customers c
select jsonb_object_keys(to_jsonb(c)) from customers c
select c.*::text from customers c limit 1
select pg_typeof(email) from customers limit 1
select json_agg(c) from customers c
select (c).email from customers c
select array_agg(email) from customers
