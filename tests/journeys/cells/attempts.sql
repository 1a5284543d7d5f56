# What attackers try. One query a line (\n is a line break, \u.... a character); each has to end alike in both worlds.
[both]
# What people hold no grant for
select margin from orders
select o.margin from orders o
select count(margin) from orders
select id from orders where margin > 1
select id from orders order by margin
select sum(amount) from orders group by margin
select max(amount) over (partition by margin) from orders
select (select max(margin) from orders)
select * from secret.salaries
select count(*) from secret.salaries
select * from WH.secret.salaries
select * from salaries
select 1 where exists (select 1 from secret.salaries where amount = 1)
select * from ref.entitlements
select * from ref.places
select * from cut.people
select * from nowhere.people
select p.* from people p, secret.salaries s
with s as (select * from secret.salaries) select * from s
with salaries as (select 1 as amount) select * from secret.salaries
with people as (select * from secret.salaries) select * from people
with orders as (select * from orders) select margin from orders
with recursive r as (select 1 as n union all select n + 1 from r, secret.salaries where n < 3) select * from r
select * from people where id in (select amount from secret.salaries)
select * from people union all select person, null, null, null, null, null, null, null, null, null, null, null, null, amount from secret.salaries
select * from people natural join secret.salaries
select * from people join orders using (margin)
select * from orders a join orders b using (margin)
select a.id from orders a join orders b on a.margin = b.margin
select * from (select * from orders) t where t.margin = 1
select t.margin from (select * from orders) t
select x from (select * from orders) t(a, b, c, d, e, f, g, h, i, j, x)
# Masked values by every way round the mask
select name from people where name like 'N1HIDDEN%'
select count(*) from people where ssn is not null
select count(distinct email) from people
select email from people where email like '%HIDDEN%'
select phone from people where phone like '%999%' or phone like '%000%'
select min(born), max(born) from people
select count(*) from people where extract(month from born) = 2
select count(*) from people where city = 'Bonn'
select city from people group by city
select count(*) from people p join (select 'Bonn' as city) c using (city)
select count(*) from people natural join (select 'Bonn' as city) c
select count(*) from people natural join (select 103 as balance) c
select count(*) from people where balance % 100 = 3
select sum(balance) from people
select score from people where score > '5.5'
select p.id from people p join people q on p.email = q.email and p.id <> q.id
select p.id from people p where exists (select 1 from people q where q.ssn = p.ssn)
select coalesce(ssn, name, email, phone) from people order by id
select case when ssn like 'SSN%' then 1 else 0 end from people
select row_number() over (order by ssn, id), id from people order by id
select id from people order by ssn, id
select id from people order by phone, email, id
select note from orders where note like 'HIDDEN%'
select count(*) from orders where note = 'REDACTED'
select count(*) from orders where length(note) > 8
select max(joined), min(joined) from people
select max(referrer), min(referrer), sum(referrer) from people
select active, count(*) from people group by active
select session from events where session like 'S%'
select ms from events where ms % 10 <> 0
select props from events where cast(props as varchar) like '%HIDDEN%'
select * from people where id > 1000
select count(*) from people where country = 'XX'
select count(*) from orders where region = 'west'
select count(*) from items where qty < 0 or price < 0
select max(id), count(*) from orders
select count(*) from products where category = 'hidden'
# A failure, or its absence, as an oracle, in every clause
select cast(name as integer) from people
select count(*) from people where cast(name as integer) = 7
select count(*) from people where cast(segment as integer) = 7
select count(*) from people where cast(city as integer) > 0
select count(*) from orders where cast(status as integer) = 7
select count(*) from orders where cast(channel as integer) = 7
select count(*) from orders where id > 4000 and cast(status as integer) = 7
select count(*) from orders where region = 'west' and cast(status as integer) = 7
select id from orders where amount = 0 and 1 / amount > 0
select count(*) from orders where 1 / amount > 0
select count(*) from orders where 1 / (amount + 9999999999) > 0
select count(*) from orders where mod(5, cast(amount as integer)) = 1
select count(*) from orders where cast(amount as integer) > 0
select count(*) from orders where cast(amount as smallint) > 0
select count(*) from orders where discount * 1e300 > 0
select count(*) from orders where discount * discount > 0
select count(*) from orders where exp(discount) > 0
select count(*) from orders where ln(amount) > 0
select count(*) from orders where sqrt(amount) > 0
select count(*) from orders where power(amount, 100) > 0
select count(*) from orders where cast(discount as numeric(5, 2)) > 0
select count(*) from orders where cast(note as date) > date '2025-01-01'
select count(*) from orders where cast(placed as date) + cast(person as integer) > date '2025-01-01'
select count(*) from orders where placed + person * interval '1000000 years' > placed
select sum(person * 9223372036854775807) from orders
select id from orders order by cast(status as integer)
select id from orders order by 1 / amount
select id from orders order by id limit (select cast(max(status) as integer) from orders)
select id from orders order by id limit (select count(*) from secret.salaries)
select id from orders order by id offset (select cast(min(channel) as integer) from orders)
select status, count(*) from orders group by status having cast(status as integer) > 0
select count(*) from orders group by cast(status as integer)
select count(*) from orders group by 1 / amount
select id, sum(amount) over (order by cast(status as integer)) from orders
select id, sum(1 / amount) over (partition by cast(channel as integer)) from orders
select id, sum(amount) over (order by id rows between cast((select max(status) from orders) as integer) preceding and current row) from orders
select count(*) filter (where cast(status as integer) = 7) from orders
select sum(amount) filter (where 1 / amount > 0) from orders
select string_agg(channel, ',' order by cast(status as integer)) from orders
select array_agg(id order by 1 / amount) from orders
select case when id > 4000 then cast(status as integer) else 0 end from orders
select case when region = 'west' then 1 / amount else 0 end from orders
select coalesce(cast(status as integer), 0) from orders
select nullif(1 / amount, 0) from orders
select greatest(cast(status as integer), 1) from orders
select p.id from people p join orders o on cast(o.status as integer) = p.id
select p.id from people p left join orders o on 1 / o.amount > 0 and o.person = p.id
select p.id from people p full join orders o on cast(o.channel as integer) = p.id
select a.id from orders a join items i on i.order_id = a.id and cast(i.sku as integer) = 7
select count(*) from items where cast(sku as integer) = 7
select count(*) from items where 1 / qty > 0
select count(*) from items where 1 / (price + 1) > 0
select count(*) from orders o where exists (select 1 from items i where i.order_id = o.id and cast(i.sku as integer) = 7)
select count(*) from orders o where (select 1 / i.qty from items i where i.order_id = o.id limit 1) > 0
select (select id from orders where region = 'west')
select (select status from orders where id > 3)
select id, (select o.id from orders o where o.person = p.id) from people p
select count(*) from people where id = (select person from orders where channel = '7')
select distinct cast(status as integer) from orders
select cast(status as integer) from orders union select 1
select 1 union all select cast(channel as integer) from orders
with bad as (select cast(status as integer) as n from orders) select count(*) from bad
with bad as (select id, 1 / amount as n from orders) select id from bad where n > 0
with bad as materialized (select id, cast(status as integer) as n from orders) select count(*) from bad where n = 1
with recursive r(n) as (select 1 union all select n + cast((select max(status) from orders) as integer) from r where n < 3) select * from r
with recursive r(id, n) as (select id, 1 / amount from orders union all select id, n from r where false) select count(*) from r
select count(*) from (select * from orders where cast(status as integer) = 7 limit 10) x
select count(*) from (select * from orders order by cast(status as integer) limit 10) x
select * from (values ((select cast(max(status) as integer) from orders))) v(x)
select count(*) from people where (cast(name as integer), id) in ((1, 2))
select count(*) from people where cast(born as varchar) like '%-02-03' or 1 / cast(extract(month from born) - 2 as integer) > 0
select count(*) from people where 1 / (cast(balance as integer) % 100 - 3) > 0
select count(*) from people where cast(phone as bigint) > 0
select count(*) from people where cast(email as integer) > 0
select count(*) from people where cast(score as double precision) > 1e5
select count(*) from people where cast(split_part(email, '@', 1) as integer) > 0
select count(*) from people where 1 / (length(name) - 3) > 0
select count(*) from people where 1 / (length(ssn) - 6) > 0
select count(*) from people where cast(substr(phone, 4, 3) as integer) = 0
select count(*) from people where chr(referrer) = 'x'
select count(*) from people where 1 / referrer > 0
select count(*) from people where 1 / (id - 1000) > 0
select count(*) from people where 1 / (id - 1001) > 0 and country = 'XX'
select count(*) from people where regexp_replace(name, '(', 'x') = 'y'
select count(*) from orders where regexp_replace(channel, status, 'x') = 'y'
select count(*) from orders where substr(status, cast(channel as integer)) = 'y'
select count(*) from orders where split_part(note, '', cast(person as integer)) = 'x'
select count(*) from orders where left(status, cast(amount as integer)) = 'y'
select count(*) from events where cast(kind as integer) = 1
select count(*) from events where 1 / (ms % 10 - 3) > 0
select count(*) from events where cast(session as integer) = 1
select count(*) from products where cast(category as integer) = 1
select count(*) from products where 1 / (price - 20) > 0
select count(*) from "Order Lines" where 1 / ("select" - 55) > 0
select count(*) from "Order Lines" where sqrt("Total €") > 0
select count(*) from "Order Lines" where ln("Total €" + 0) > 0 and "select" > 50
# Names of result columns
select (select count(*) from people)
select (select count(*) from orders), (select max(id) from items)
select exists (select 1 from people)
select count(*) + (select count(*) from people) from orders
select case when exists (select 1 from orders) then 1 end
select coalesce((select max(id) from people), 0)
select id in (select person from orders) from people order by id limit 1
select x.* from (select (select max(id) from people)) x
# Positions and whole rows
select * from orders order by 11
select * from orders group by 11
select id from people order by 20
select people from people order by id limit 3
select o from orders o order by o.id limit 3
select count(distinct o) from orders o
select count(distinct p) from people p
select p from people p where p is null
select o from orders o order by o limit 1
select max(cast(o as varchar)) from orders o
select cast(p as varchar) from people p order by id
# More than one statement, or something else than a question
select 1; select 2
select 1; drop table shop.people
drop table shop.people
delete from orders
update orders set amount = 0
insert into orders values (1)
create table shop.x as select * from people
create view shop.x as select * from secret.salaries
create temp table x as select 1
truncate orders
alter table orders add column x int
grant select on secret.salaries to public
with d as (delete from orders returning *) select * from d
with d as (insert into orders (id) values (1) returning *) select * from d
with d as (update orders set amount = 0 returning *) select * from d
select * into shop.x from people
select * from people for update
select * from people for share
lock table people
copy people to '/x/x'
copy (select * from secret.salaries) to '/x/x.csv'
copy shop.people from '/etc/passwd'
explain select * from people
explain analyze select * from orders where cast(status as integer) = 7
prepare q as select * from secret.salaries
execute q
deallocate q
begin
commit; select * from secret.salaries
set role postgres
reset all
show all
vacuum
analyze
checkpoint
call now()
do $$ begin end $$
listen x
notify x
declare c cursor for select 1
fetch all from c
discard all
set search_path = secret
select set_config('search_path', 'secret', false)
use secret
attach 'x.duckdb' as x
detach x
install httpfs
load httpfs
pragma table_info('people')
export database '/x/x'
import database '/x/x'
table secret.salaries
values ((select max(amount) from secret.salaries))
# Settings, catalogs and the engine itself
select current_setting('data_directory')
select current_setting('server_version')
select version()
select current_user, session_user
select current_database()
select current_schema()
select current_schemas(true)
select pg_backend_pid()
select inet_server_addr()
select user
select current_catalog
select current_role
select * from pg_catalog.pg_class
select * from pg_class
select * from pg_tables
select * from pg_stat_activity
select * from pg_settings
select * from pg_authid
select * from pg_shadow
select * from pg_stats
select * from pg_views
select * from pg_namespace
select * from pg_attribute where attname = 'margin'
select * from information_schema.tables where table_name = 'salaries'
select * from information_schema.columns where column_name = 'margin'
select * from information_schema.schemata
select * from information_schema.views
select * from information_schema.routines
select * from information_schema.table_constraints
select * from information_schema.role_table_grants
select 'people'::regclass
select cast('secret.salaries' as regclass)
select 'secret.salaries'::regclass::oid
select to_regclass('secret.salaries')
select has_table_privilege('secret.salaries', 'select')
select col_description(1, 1), obj_description(1)
select pg_get_viewdef('x')
select pg_typeof((select amount from secret.salaries))
select nextval('s'), currval('s')
select lastval()
select setval('s', 1)
select setseed(0.5), random()
select txid_current()
select pg_sleep(3)
select count(*) from people where pg_sleep(0.1) is null
select gen_random_uuid() = gen_random_uuid()
# System columns
select ctid from people
select xmin, xmax from orders
select tableoid from orders
select rowid from people
select max(rowid) from orders
select o.rowid from orders o where o.rowid > 3
select cmin from orders
select oid from orders
# Files, network, other databases
select * from '/etc/passwd'
select * from "/etc/passwd"
select * from 'https://example.com/x.csv'
select * from 's3://bucket/x.parquet'
select * from read_csv('/etc/passwd')
select * from read_csv_auto('/etc/passwd')
select * from read_text('/etc/passwd')
select * from read_blob('/etc/passwd')
select * from read_json('/etc/passwd')
select * from read_parquet('/x')
select * from glob('/etc/*')
select * from sniff_csv('/etc/passwd')
select * from parquet_metadata('x')
select * from read_duckdb('x.duckdb')
select * from dblink('host=x', 'select 1') as t(a int)
select pg_read_file('/etc/passwd')
select pg_ls_dir('/')
select pg_read_binary_file('/etc/passwd')
select pg_stat_file('/etc/passwd')
select lo_import('/etc/passwd')
select lo_get(1), lo_export(1, '/x/x')
select lo_from_bytea(0, 'x')
select query_to_xml('select * from secret.salaries', true, true, '')
select table_to_xml('secret.salaries', true, true, '')
select database_to_xml(true, true, '')
select cursor_to_xml('c', 1, true, true, '')
select xpath('/x', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>')
select xmlparse(document '<x/>')
select ts_stat('select amount::text::tsvector from secret.salaries')
select * from query('select * from secret.salaries')
select * from query_table('secret.salaries')
select * from query_table(['people', 'orders'])
select * from json_execute_serialized_sql(json_serialize_sql('select 1'))
select json_serialize_sql('select 1')
select current_query()
select getenv('HOME')
select getvariable('x')
set variable x = 1
select * from duckdb_tables()
select * from duckdb_columns()
select * from duckdb_settings()
select * from duckdb_secrets()
select * from duckdb_views()
select * from duckdb_logs()
select * from pragma_table_info('people')
select * from pragma_storage_info('people')
select * from pragma_database_size()
select * from pragma_show('people')
select * from sqlite_master
select * from duckdb_table_sample('people')
select * from summary('people')
select * from histogram('people', 'balance')
select * from histogram_values(people, balance)
select * from seq_scan('people')
select * from test_all_types()
select * from which_secret('x', 'y')
select stats(amount) from orders limit 1
select alias(id) from people limit 1
select write_log('x')
select error('x') from orders
select enum_range(null::x)
select add_parquet_key('x', 'y')
select nosuchfunction(1)
select shop.people(1)
select pg_catalog.pg_sleep(1)
select "pg_sleep"(1)
select PG_SLEEP(1)
select main.read_text('/etc/passwd')
select system.main.current_setting('threads')
# Letters that look like others, and what cannot be seen
select * from p\u0435ople
select * from "peop\u200ble"
select * from people\u200b
select\u00a0*\u00a0from\u00a0secret.salaries
select * from secret\u2024salaries
select * from "secret.salaries"
select * from "secret"."salaries"
select * from "SECRET"."SALARIES"
select * from Secret.Salaries
select * from secret . salaries
select * from secret/**/./**/salaries
select * from/**/secret.salaries
select 1 -- \u202e\nfrom secret.salaries
select '\u202e' as x from secret.salaries
select /*+ x */ * from secret.salaries
/*!50000 select * from secret.salaries */
select 1 /* unfinished
select 'unfinished
select "unfinished
select $$unfinished
select $x$ secret $x$, (select max(amount) from secret.salaries)
select e'\\x27 union select amount from secret.salaries --'
select 'it''s', 'a' 'b'
select '\\', (select 1) -- '
select \u0000 from people
select * from people where name = 'x\u0000y'
select `id` from people
select [id] from people
select * from people -- ; drop table people
select :principal
select :teams
select $1
select ?
select {{ x }}
select __gh_row.ssn from people
select "__gh_row"."margin" from orders
select __gh_key from people
with __gh_x as (select 1) select * from __gh_x
select * from people as __gh_row
select 1 + 1 + 1 + 1 + 1 where 1 = 1 and 1 = 1 and 1 = 1
select ((((((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))))))
select not not not not not not not not not not not not not not not not not not not not not not true
select - - - - - - - - - - - - - - - - - - - - - - - - 1
select 99999999999999999999999999999999999999999999999999999999999999999999999999999999999999999
[duckdb]
select columns('ssn|margin') from orders
select columns('margin') from orders
select columns(*) from orders
select columns(lambda c: c = 'margin') from orders
select min(columns(*)) from orders
select * like 'm%' from orders
select * exclude (id) from orders order by all
select * replace (margin as id) from orders
select * rename (margin as m) from orders
select o.* replace (1 / amount as amount) from orders o
select * exclude (margin) from orders order by id
select unnest(o) from orders o order by all
select unnest(p, recursive := true) from people p order by all
select o.margin from (select o from orders o) x(o)
select struct_extract(o, 'margin') from orders o
select struct_extract(p, 'ssn') from people p
select o['margin'] from orders o
select struct_keys(p) from people p limit 1
select to_json(o) from orders o order by id
select to_json(p)->>'ssn' from people p order by id
select row_to_json(p) from people p order by id limit 3
select json_object('x', o) from orders o order by id limit 3
select o::json from orders o order by id limit 3
select o::varchar from orders o order by id limit 3
select list(o) from orders o where o.id < 0
select list(p order by p.id) from people p
select hash(p) from people p order by id
select arg_max(o, amount) from orders o
select first(p order by id) from people p
select map([p.id], [p]) from people p order by id limit 1
unpivot people on columns(* exclude (id)) into name n value v
unpivot orders on margin into name n value v
unpivot (select id, ssn, email from people) on ssn, email into name n value v order by all
pivot orders on margin using count(*)
pivot orders on status using sum(margin)
pivot people on ssn using count(*)
pivot people on country using count(*) group by segment
pivot orders on channel using count(*) group by status
pivot orders on status in ('HIDDENone', '7', 'paid') using count(*)
pivot orders on cast(status as integer) in (1) using count(*)
pivot orders on channel in ('web') using sum(cast(status as integer))
pivot orders on status in (select amount from secret.salaries) using count(*)
summarize people
summarize orders
summarize secret.salaries
summarize select margin from orders
describe orders
describe secret.salaries
describe select margin from orders
show tables
show all tables
show databases
show orders
from secret.salaries
from orders select margin
from orders where margin = 1 select id
select #11 from orders
select #1 from secret.salaries
select id from orders order by #11
select * from orders positional join secret.salaries
select * from people asof join secret.salaries s on people.id >= s.amount
select o.id, i.margin from items x asof join orders i on x.order_id >= i.id, orders o
select * from people semi join secret.salaries s on s.amount = people.id
select * from people anti join secret.salaries s on s.amount = people.id
select id from people semi join orders o on cast(o.status as integer) = people.id
select id from orders qualify row_number() over (order by cast(status as integer)) = 1
select id from orders qualify 1 / amount > 0
select distinct on (cast(status as integer)) id from orders
select list_transform([1, 2], lambda x: x / (select max(amount) from orders)) from people
select list_transform(tags, lambda t: cast(t as integer)) from products
select list_transform([status], lambda s: cast(s as integer)) from orders
select list_filter([amount], lambda a: 1 / a > 0) from orders
select [cast(s as integer) for s in [status]] from orders
select list_reduce([1, 2], lambda a, b: a // b * person) from orders
select list_aggregate([1], 'nextval')
select list_aggregate([amount], concat('su', 'm')) from orders
select list_aggregate([1], (select 'sum'))
select tags[cast(sku as integer)] from products
select [1, 2][person] from orders order by id
select array_value(1, 2)[person] from orders order by id
select map {'a': 1}[status] from orders order by id
select attrs -> category from products order by sku
select json_extract(attrs, title) from products order by sku
select count(*) from products where json_extract(attrs, '$.' || category) is null
select count(*) from products where cast(attrs ->> '$.color' as integer) = 7
select count(*) from products where json_extract(category, '$') is null
select count(*) from products where json(title) is null
select count(*) from events where cast(props ->> '$.page' as integer) = 1
select from_json(status, '{"a": "INTEGER"}') from orders
select json_transform(note, '["INTEGER"]') from orders
select strptime(status, '%Y') from orders
select strptime('2025', status) from orders
select strftime(placed, status) from orders order by id
select make_date(person, 1, 1) from orders order by id
select make_date(2025, person, 1) from orders
select date_trunc(status, placed) from orders
select date_part(status, placed) from orders
select timezone(status, placed) from orders
select time_bucket(to_days(person), placed) from orders
select regexp_matches('x', status) from orders order by id
select regexp_extract(channel, status, 5) from orders
select regexp_full_match(status, '[') from orders
select 'x' ~ status from orders order by id
select printf(status, 1) from orders
select format(status, 1) from orders
select bar(1, 0, 10, person) from orders order by id
select chr(person) from orders order by id
select unhex(status) from orders
select from_base64(status) from orders
select decode(status::blob) from orders
select factorial(person) from orders order by id
select bit_count(status::bit) from orders
select generate_series(1, person) from orders order by id
select * from range((select max(amount)::int from secret.salaries))
select * from generate_series(1, (select max(margin)::int from orders))
select list(list(x)) from range(10) t(x)
select hamming(status, channel) from orders
select array_cosine_similarity([1, 2]::float[2], [person, 0]::float[2]) from orders order by id
select array_cross_product([1, 2, 3]::float[3], [person, 0, 0]::float[3]) from orders order by id
select status::date from orders
select channel::uuid from orders
select (status || '')::interval from orders
select (person || '')::tinyint from orders order by id
select amount::utinyint from orders order by id
select discount::decimal(3, 1) from orders order by id
select placed::time, note::blob, status::json from orders
select [status]::integer[] from orders
select {'a': status}::struct(a integer) from orders
select union_value(a := status) from orders order by id
select try_cast(status as integer) from orders order by id
select try(cast(status as integer)) from orders order by id
select try(1 // person) from orders order by id
select try((select max(margin) from orders))
select ssn.x from people
select p.ssn.x from people p
select people.people from people
select main.people.id from people
select id from shop.people where shop.people.ssn is null and people.id < 3 order by 1
select count(*) from people, lateral (select ssn from orders limit 1)
select x from people, lateral (select margin as x from orders) t
select count(*) from people using sample 5 rows
select count(*) from orders using sample reservoir(50 rows) repeatable (1)
select id from orders limit (select count(*) from orders where status = '7') %
with t as materialized (select * from orders) select margin from t
with recursive t(n) using key (n) as (select person from orders union select 1 / n from t where n > 0) select * from t order by n
with t(a, b) as (select * from orders) select a from t order by a limit 1
select x: margin from orders
select id: ssn, z: id from people order by z
select * from (pivot orders on status in ('7') using max(note)) order by all
select * from people as p(a, b, c, d, e) order by a limit 2
select e from people as p(a, b, c, d, e, f) order by a limit 2
select * from orders as o(a, b, c, d, e, f, g, h, i, j, k)
select current_localtimestamp() is null, get_current_time() is null
select approx_top_k(status, 20) from orders
select histogram(status) from orders
select reservoir_quantile(amount, 0.0) is null from orders
select bitstring_agg(person) from orders
select bitstring_agg(person, 0, 10) from orders
select product(person), sum(person::hugeint * 170141183460469231731687303715884105727) from orders
select quantile_cont(amount, person) from orders
select quantile_cont(amount, [2]) from orders
select nth_value(id, person) over (order by id) from orders
select ntile(person) over (order by id) from orders
select lag(id, person) over (order by id) from orders order by id
select percentile_cont(person) within group (order by amount) from orders
select sum(amount) over (order by id rows between person preceding and current row) from orders
select sum(amount) over (order by person range between amount preceding and current row) from orders order by 1
select equi_width_bins(min(amount), max(amount), 10, true) from orders
select json_group_structure(status::json) from orders
select md5_number(note), sha1(note) from orders order by id limit 1
select nextval('seq')
select checkpoint('x')
select force_checkpoint()
call checkpoint()
select sleep_ms(1000)
select pg_timezone_names()
select parse_duckdb_log_message('x', 'y')
select in_search_path('x', 'y')
select st_astext(status) from orders
select variant_extract(status::variant, '$') from orders
select hive_partition_component(status, 'x') from orders order by id limit 2
select create_sort_key(o, 'asc') from orders o order by o.id
[postgresql]
select row_to_json(o) from orders o order by id
select row_to_json(p) ->> 'ssn' from people p order by id
select to_jsonb(o) -> 'margin' from orders o order by id limit 3
select to_json(p) from people p order by id
select json_agg(p order by p.id) from people p
select jsonb_agg(o order by o.id) -> 0 from orders o
select array_agg(p order by p.id) from people p
select (o).margin from orders o
select (p).ssn from people p order by id
select (p).* from people p order by id
select p::text from people p order by id
select o::text like '%HIDDEN%' from orders o order by id
select format('%s', o) from orders o order by id
select concat(o, '') from orders o order by id
select quote_literal(o) from orders o order by id
select count(*) from orders o where o = (select x from orders x limit 1)
select o.* from orders o where row(o.*) is not null order by id
select jsonb_populate_record(null::shop.orders, '{}')
select json_populate_record(null::orders, '{}')
select null::shop.orders
select cast(null as people)
select (null::people).ssn
select jsonb_each_text(to_jsonb(o)) from orders o order by 1 limit 20
select jsonb_object_keys(to_jsonb(p)) from people p group by 1 order by 1
select hstore(o) from orders o
select name(p) from people p
select email(people) from people
select margin(orders) from orders
select o.name from orders o
select p.text from people p
select orders.count from orders
select text(p) from people p order by id
select count(*) from people where name::int4 = 1
select name::numeric, status from people, orders limit 1
select count(*) from orders where status::bool
select count(*) from orders where status::uuid is null
select count(*) from orders where status::json is null
select count(*) from orders where status::inet is null
select count(*) from orders where (channel || '')::point is null
select count(*) from orders where status::xml is null
select count(*) from orders where to_number(status, '9') > 0
select count(*) from orders where to_date(status, 'YYYY') is null
select count(*) from orders where to_timestamp(status, 'YYYY') is null
select count(*) from orders where to_char(amount, status) is null
select count(*) from orders where decode(status, 'hex') is null
select count(*) from orders where decode('ff', status) is null
select count(*) from orders where convert_from(note::bytea, status) is null
select count(*) from orders where convert_to(status, channel) is null
select count(*) from orders where make_date(person, 1, 1) is null
select count(*) from orders where date_trunc(status, placed) is null
select count(*) from orders where extract(epoch from placed) / person > 0
select count(*) from orders where date_part(status, placed) > 0
select count(*) from orders where placed at time zone status is null
select count(*) from orders where date_bin(person * interval '1 day', placed, placed) is null
select count(*) from orders where factorial(person) > 0
select count(*) from orders where gcd(person, -9223372036854775808) > 0
select count(*) from orders where 'x' ~ status
select count(*) from orders where status similar to channel escape note
select count(*) from orders where status like 'x' escape channel
select count(*) from orders where regexp_count(status, channel) > 0
select count(*) from orders where substring(status from person for person - 100) = 'x'
select count(*) from orders where overlay(status placing 'x' from person) = 'x'
select count(*) from orders where width_bucket(amount, 0, 0, 5) > 0
select count(*) from orders where width_bucket(amount, 0, 10, person) > 0
select count(*) from orders where get_byte(note::bytea, person) > 0
select count(*) from orders where array_fill(1, array[person]) is null
select count(*) from orders where (array[1, 2])[person] is null
select count(*) from orders where array_position(array[1], person) is null
select count(*) from orders where trim_array(array[1], person) is null
select count(*) from orders where int4range(person, 5) is null
select count(*) from orders where tsrange(placed, shipped) is null
select count(*) from orders where daterange(shipped, placed::date) is null
select count(*) from orders where chr(person) = 'x'
select count(*) from orders where person << person > 0
select count(*) from orders where scale(amount) > 3 and trunc(amount, person) > 0
select count(*) from products where (attrs ->> 'color')::int = 7
select count(*) from products where (attrs -> 'weight')::int / (price - 20)::int > 0
select count(*) from products where jsonb_path_exists(attrs, category::jsonpath)
select count(*) from products where attrs @? '$.color ? (@ like_regex "(")'
select count(*) from products where jsonb_array_length(attrs) > 0
select count(*) from products where jsonb_set(attrs, tags, 'x') is null
select count(*) from products where tags[price] = 'x'
select count(*) from events where (props ->> 'page')::int = 1
select count(*) from events where jsonb_path_query_first(props, '$.page.double()') is null
select json_object(array[status]) from orders
select jsonb_object_agg(status, 1) from orders
select json_object_agg_unique(channel, 1) from orders
select 'x'::regproc, 'x'::regrole, 'x'::regtype, 'x'::regnamespace
select 1::oid::regclass
select 'pg_class'::text::regclass::text
select '1'::xid, '1'::cid, '(0,1)'::tid
select null::pg_class
select null::pg_catalog.pg_authid
select pg_input_is_valid('secret.salaries', 'regclass')
select pg_input_is_valid('x', (select 'integer'))
select pg_input_is_valid('ada', 'regrole')
select pg_input_error_info('x', 'regclass')
select to_regtype('people'), to_regrole('postgres')
select pg_column_size(o), pg_relation_size('people') from orders o
select pg_column_compression(note) from orders
select pg_table_size('shop.people'), pg_total_relation_size('shop.people')
select pg_database_size('cells')
select pg_get_userbyid(10), pg_get_functiondef(1), pg_get_constraintdef(1)
select pg_export_snapshot()
select pg_notify('x', 'y')
select pg_advisory_lock(1), pg_try_advisory_lock(1)
select pg_cancel_backend(1), pg_terminate_backend(1), pg_reload_conf(), pg_rotate_logfile()
select pg_logical_emit_message(true, 'x', 'y')
select pg_create_restore_point('x'), pg_switch_wal()
select pg_current_xact_id(), pg_current_snapshot()
select pg_show_all_settings()
select pg_stat_get_live_tuples(1), pg_stat_get_numscans(1)
select pg_listening_channels(), pg_conf_load_time(), pg_postmaster_start_time()
select pg_relation_filepath('people')
select pg_tablespace_location(1), pg_config(), pg_current_logfile()
select ts_lexize('english_stem', 'x'), ts_debug('x'), ts_parse('default', 'x')
select to_tsvector('secret', 'x')
select to_tsvector(status::regconfig, 'x') from orders
select ts_rewrite('a'::tsquery, 'select 1, 2')
select json_to_tsvector('secret', '{}', '"all"')
select * from rows from (generate_series(1, 3), pg_ls_dir('/')) as t
select * from pg_ls_dir('/') as t
select * from rows from (current_setting('x')) as t(a)
select * from current_schemas(true) as t
select * from json_to_recordset('[]') as x(a regclass)
select * from jsonb_to_recordset('[{"a": "secret.salaries"}]') as x(a regclass)
select * from people tablesample system (50) repeatable (1) order by id
select * from orders tablesample bernoulli ((select max(margin) from orders))
select * from only people
select * from people * order by id limit 1
select * from shop.people@dblink
select distinct on (status::int) id from orders
select rank(1 / 0) within group (order by amount) from orders
select percentile_cont(person) within group (order by amount) from orders group by person
select mode() within group (order by status::int) from orders
select sum(amount) over (order by id range between person preceding and current row) from orders
select ntile(0) over (), nth_value(id, person) over (order by id) from orders
select lag(status::int) over (order by id) from orders
select count(*) over (order by placed range between (person || ' days')::interval preceding and current row) from orders
select generate_series(1, person) from orders order by id limit 3
select numeric '1e131071' * 10
select xmlelement(name x, ssn), xmlforest(ssn) from people
select xmlagg(xmlelement(name x, id)) from people
select * from xmltable('/x' passing '<x/>' columns a text)
select * from json_table('{}', '$' columns (a text path '$.a'))
select merge from (merge into orders using items on true when matched then delete) x
select u&'\\0073ecret'
select * from U&"secr\\0065t".salaries
select operator(pg_catalog.-) 1
select 1 operator(secret.=) 1
select name collate "nosuch" from people
select name collate secret.x from people
select x'4g', b'12'
select b'1'' or 1=1'
select $tag$ $tag$; select 1
select E'\\' || (select max(margin) from orders) --'
select '' 'x', N'x'
select point(status, 1) from orders
select ('(' || person || ',1)')::point from orders order by id limit 2
select area(box(point(person, 0), point(discount, 1e308))) from orders order by 1
select hashtext(note), hashtext(status) from orders order by id limit 3
select convert(note::bytea, status, 'UTF8') from orders
select parse_ident(status) from orders
select pg_size_bytes(status) from orders
select int4(status) from orders
select bool(channel) from orders
select count(*) from orders where int8(discount) > 0
select count(*) from orders where text(status)::int > 0
select array_sample(array[1], person) from orders
select to_ascii(status) from orders
# Exhaustion: has to end, by a limit if need be, and alike
[heavy both]
select count(*) from people where repeat(name, 100000000) = 'x'
select count(*) from orders where lpad(status, person * 100000000, 'x') = 'y'
select repeat('x', 2000000000)
select lpad('x', 2000000000, 'y')
select length(repeat(repeat('x', 100000), 100000))
select count(*) from people a, people b, people c, people d, people e, people f, people g, people h
with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r
with recursive r(n) as (select 1 union all select n + 1 from r) select n from r limit 3
with recursive r(t) as (select 'x' union all select t || t from r) select max(length(t)) from r
select 10 ^ 100000
select power(10.0, 100000)
select count(*) from people where name similar to '(N*)*(N*)*(N*)*x'
select count(*) from people where 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' similar to '(a|aa|aaa)*b'
[heavy duckdb]
select range(person * 1000000000) from orders
select unnest(range(100000000000))
select count(*) from range(1000000000000)
select repeat(status, 1000000000) from orders
select list_resize([1], 10000000000)
select array_agg(x) from range(1000000000) t(x)
select string_agg(x::varchar, '') from range(1000000000) t(x)
select sum(a.range) from range(1000000) a, range(1000000) b
select id from people limit 100000000000%
[heavy postgresql]
select generate_series(1, 100000000000)
select count(*) from generate_series(1, 100000000000)
select count(*) from generate_series(timestamp '2000-01-01', timestamp '9000-01-01', interval '1 microsecond')
select array_fill(1, array[10000, 10000, 10])
select string_agg(g::text, '') from generate_series(1, 1000000000) g
select repeat(status, 1000000000) from orders
select 'x' ~ repeat('(a*)*', 1000)
select regexp_replace(repeat('a', 50), '(a*)*b', 'x')
select regexp_matches(repeat('ab', 100000), '(a|b|ab)*c', 'g')
select 9 ^ 99999999::numeric
select factorial(100000)
select jsonb_build_array(repeat('x', 268435456))
