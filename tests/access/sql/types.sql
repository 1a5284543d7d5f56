# Queries over columns of every type: JSON, lists, structs, maps, enums, ranges, text search, addresses, times.

[duckdb]
select * from events
select payload->>'$.a' as a, payload->'b'->>'c', payload->>'b', (payload->'$.a')::int + 1, payload.a, payload.b.c, payload['a'], payload->'l'->0, json_extract(payload, '$.l[1]') from events
select count(*) from events where payload->>'$.b.c' = 'v7' or (payload->>'a')::int > 30
select id from events where json_extract_string(payload, '$.b.c') like 'v1%' and payload->>'a' is not null
select id, unnest(from_json(payload->'l', '["INTEGER"]')) as v from events
select tags[1], len(tags), list_contains(tags, 't1'), 't1' in tags, tags[-1], array_to_string(tags, '|'), list_sort(tags), tags || ['x'], tags @> ['u'], list_has_any(tags, ['t0']) from events
select tag, count(*) from (select unnest(tags) as tag from events) group by tag order by tag
select e.id, t.tag from events e, unnest(e.tags) as t(tag) where t.tag like 't%'
select e.id, tag from events e cross join unnest(tags) as t(tag) order by 1, 2
select id, list_transform(tags, lambda x: upper(x)), [x for x in tags if x <> 'u'], list_filter(tags, lambda t: t like 't%') from events
select attrs.x, attrs.y.z, attrs.* from events where attrs.x > 5 and attrs.y.z <> 'z9' order by attrs.x
select e.attrs.y.z, e.attrs.x + 1 from events e
select unnest(attrs) from events
select unnest(attrs, recursive := true), id from events
select m['k'], map_keys(m), m.k, element_at(m, 'k'), cardinality(m), map_extract(m, 'l')[1] from events
select kind, count(*) from events where kind = 'a' group by kind
select kind::varchar || 'x', upper(kind), kind > 'a' from events
select ts at time zone 'Europe/Berlin', ts::date, date_trunc('day', ts), extract(hour from ts at time zone 'America/New_York'), strftime(ts, '%H'), ts + interval 1 day, ts > timestamptz '2024-01-01 12:00:00+00', age(ts, timestamptz '2023-01-01') from events
select time_bucket(interval '6 hours', ts), count(*) from events group by 1 order by 1
select ok, not ok, count(*) filter (ok), bool_and(ok) from events group by all
select uid, count(*) from events group by uid having count(*) = 1
select a.id from events a join events b on a.uid = b.uid
select octet_length(raw), raw::varchar, hex(raw), base64(raw), md5(raw::varchar) from events
select sum(big), big * 2, big::double / 3 from events group by big
select t, t + interval 1 hour, extract(hour from t), iv, iv * 2, ts - iv, sum(extract(day from iv)) over () from events
select "Mixed Case", "mixed case", e."Mixed Case" || '!', "order", "ORDER" from events e where "Mixed Case" like 'M%' order by "order"
select items[1].sku, items[1].qty, list_sum([i.qty for i in items]), list_transform(items, lambda i: i.sku), items[1]['sku'], len(items) from events
select e.id, i.sku, i.qty from events e, unnest(e.items) as u(i)
select id, i.* from (select id, unnest(items) as i from events)
select id, unnest(items, recursive := true) from events
select sum(i.qty) from (select unnest(items) as i from events)
select region, list(struct_pack(id := id, t := tags) order by id)[1].t from events group by region
select columns('t.*') from events
select * exclude (payload, attrs, m, items) replace (upper(region) as region) from events
pivot events on kind using count(*) group by region
pivot events on ok using sum(id) group by kind
pivot events on tags[1] using count(*) group by region
unpivot (select id, "order", attrs.x from events) on "order", x into name n value v
select to_json(e) from events e
select e from events e where e.id = 7
select json_group_array(payload) from events
select max(ts) - min(ts), avg(id), arg_max(payload->>'a', id), any_value(tags), mode(kind), first(m order by id), last(items order by id) from events
select distinct tags, kind from events order by all
select id from events order by payload->>'a' limit 3
select id from events where attrs = {'x': 7, 'y': {'z': 'z7'}}
select id from events where tags = ['t1', 'u'] and m = map {'k': 7, 'l': 2}
select count(distinct tags), count(distinct attrs), approx_count_distinct(uid) from events
select extract(epoch from ts)::bigint // 3600 % 24 as h, count(*) from events group by h order by h
select id, case when ok then payload->>'a' else 'no' end, coalesce(payload->>'zz', 'none') from events
select typeof(payload), typeof(tags), typeof(attrs) from events limit 1
select json_keys(payload), json_type(payload->'a'), json_array_length(payload->'l'), json_contains(payload, '1'), payload::varchar, json_valid('x') from events
select e.payload.b.c from events e
select events.payload->>'a', s.events.id from s.events
select list_aggregate(from_json(payload->'l', '["INTEGER"]'), 'max') from events
select id, row_number() over (partition by kind order by ts desc) from events qualify 1 = row_number() over (partition by kind order by ts desc)
select array_agg(tags), flatten(array_agg(tags))[1:2] is not null, list_distinct(flatten(list(tags))).list_sort() from events

[postgres]
select * from events
select payload->>'a', payload->'b'->>'c', payload#>>'{b,c}', (payload->>'a')::int + 1, payload['a'], payload['b']['c'], payload->'l'->0, jsonb_path_query_first(payload, '$.l[1]'), js->>'k', json_typeof(js) from events
select count(*) from events where payload->'b'->>'c' = 'v7' or (payload->>'a')::int > 30 or payload @> '{"a": 3}' or payload ? 'zz' or payload @? '$.l[*] ? (@ > 38)'
select e.id, x.key, x.value from events e, jsonb_each(e.payload) x where e.id = 7
select e.id, x.v from events e cross join lateral jsonb_array_elements_text(e.payload->'l') as x(v) where e.id < 4
select e.id, x.v, x.ord from events e left join lateral jsonb_array_elements(e.payload->'l') with ordinality as x(v, ord) on true where e.id < 4
select tags[1], array_length(tags, 1), 't1' = any(tags), tags @> array['u'], tags && array['t0'], array_to_string(tags, '|'), cardinality(tags), tags || 'x'::text, array_append(tags, 'y'), nums[1:2], nums[2] + 1, tags[array_length(tags, 1)] from events
select tag, count(*) from events, unnest(tags) as tag group by tag order by tag
select e.id, t.tag, t.n from events e cross join lateral unnest(e.tags) with ordinality as t(tag, n)
select id, unnest(tags) as tag from events order by 1, 2
select period @> date '2024-01-15', lower(period), upper(period), period && daterange('2024-01-05', '2024-01-06'), period * daterange('2024-01-05', '2024-02-01'), isempty(period), upper(period) - lower(period) from events
select id from events where period @> date '2024-01-15' and not isempty(period)
select host(ip), ip << '10.0.0.0/28'::cidr, masklen(ip), ip > '10.0.0.5' from events
select kind, count(*) from events where kind in ('a', 'b') group by kind
select ts at time zone 'Europe/Berlin', ts::date, date_trunc('day', ts), date_trunc('day', ts, 'Europe/Berlin'), extract(hour from ts at time zone 'America/New_York'), to_char(ts, 'HH24'), ts + interval '1 day', ts > timestamptz '2024-01-01 12:00:00+00', age(ts, timestamptz '2023-01-01') from events
select ok, not ok, count(*) filter (where ok), bool_and(ok) from events group by ok
select uid, count(*) from events group by uid having count(*) = 1
select octet_length(raw), encode(raw, 'hex'), convert_from(raw, 'UTF8'), sha256(raw), raw || '\x00'::bytea, get_byte(raw, 0) from events
select sum(big), avg(big), big * 2, round(big / 3, 2) from events group by big
select t, t + interval '1 hour', extract(hour from t), iv, iv * 2, ts - iv, sum(extract(day from iv)) over (), make_interval(days => id), justify_days(iv) from events
select "Mixed Case", e."Mixed Case" || '!', "order" from events e where "Mixed Case" like 'M%' order by "order"
select doc @@ to_tsquery('english', 'fox'), ts_rank(doc, to_tsquery('fox')), doc::text, tsvector_to_array(doc), numnode(to_tsquery('a & b')), strip(doc) from events
select id from events where doc @@ websearch_to_tsquery('english', 'fox 7')
select region::text || 'x', upper(region), length(region), region = 'DE' from events
select row_to_json(e) from events e where id = 7
select to_jsonb(e)->>'Mixed Case', to_jsonb(e) - 'payload' - 'doc' from events e where id = 7
select jsonb_agg(payload order by id), json_agg(js), array_agg(tags[1] order by id), string_agg(kind, '' order by id), range_agg(period), jsonb_object_agg(id, payload) from events where id < 4
select jsonb_pretty(payload), jsonb_set(payload, '{a}', '9'), payload || '{"z": 1}', payload - 'a', payload #- '{b,c}', jsonb_strip_nulls(payload), jsonb_typeof(payload->'a'), jsonb_array_length(payload->'l') from events where id = 7
select r.* from events e, jsonb_to_record(e.payload) as r(a int, l jsonb) where e.id < 4
select p.a, p.l from events e cross join lateral jsonb_to_recordset(jsonb_build_array(e.payload)) as p(a int, l jsonb) where e.id < 4
select distinct on (kind) kind, id, ts from events order by kind, ts desc
select id, array(select x * 2 from unnest(nums) x order by x), (select sum(x) from unnest(nums) as x) from events
select kind, percentile_cont(0.5) within group (order by big) from events group by kind
select (payload->'l')::text, payload::text = '{}', payload is null from events
select id from events where nums = array[7, 8] or 9 = any (nums) or nums <@ array[1, 2, 3]
select e.id from events e where exists (select 1 from unnest(e.tags) t where t = 't1') and not exists (select 1 from jsonb_array_elements(e.payload->'l') x where x = '5')
select g.x, e.id from events e, generate_series(1, e.nums[1]) as g(x) where e.id < 4
select case when ok then payload->>'a' else 'no' end, coalesce(payload->>'zz', 'none') from events
