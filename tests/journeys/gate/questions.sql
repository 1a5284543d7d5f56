-- What an analyst asks of the shop. A block is one question; `--duckdb` or `--postgresql` above it says where alone it can be asked.

SELECT * FROM sales.customers ORDER BY customer_id

SELECT count(*) FROM sales.customers

SELECT country, count(*) AS n, sum(balance) AS total FROM sales.customers GROUP BY country ORDER BY country

select c.country, o.status, sum(o.total) from sales.customers c join sales.orders o on o.customer_id = c.customer_id group by 1, 2 order by 1, 2

SELECT c.name, r.name AS country FROM sales.customers AS c LEFT JOIN ref.countries AS r ON r.code = c.country ORDER BY c.customer_id LIMIT 7

SELECT DISTINCT country FROM sales.customers ORDER BY 1 DESC

SELECT email, count(*) FROM sales.customers GROUP BY email HAVING count(*) > 0 ORDER BY email

SELECT customer_id, email LIKE 'u%' AS starts FROM sales.customers WHERE email LIKE '%example.com' ORDER BY customer_id

SELECT customer_id, phone FROM sales.customers WHERE phone = '+** 01' OR phone LIKE '+** 1%' ORDER BY customer_id

SELECT a.customer_id, b.customer_id FROM sales.customers a JOIN sales.customers b ON a.email = b.email AND a.customer_id < b.customer_id ORDER BY 1, 2 LIMIT 20

SELECT customer_id, row_number() OVER (PARTITION BY country ORDER BY balance DESC, customer_id) AS place FROM sales.customers ORDER BY customer_id

SELECT order_id, sum(total) OVER (PARTITION BY customer_id ORDER BY order_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running FROM sales.orders ORDER BY order_id

SELECT order_id, avg(total) OVER (ORDER BY order_id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING) AS smooth FROM sales.orders ORDER BY order_id

SELECT order_id, lag(total) OVER w AS before, lead(total, 2, 0) OVER w AS after FROM sales.orders WINDOW w AS (PARTITION BY customer_id ORDER BY order_id) ORDER BY order_id

SELECT country, rank() OVER (ORDER BY sum(balance) DESC) FROM sales.customers GROUP BY country ORDER BY country

SELECT ntile(4) OVER (ORDER BY customer_id), first_value(name) OVER (ORDER BY customer_id), customer_id FROM sales.customers ORDER BY customer_id

WITH totals AS (SELECT customer_id, sum(total) AS spent FROM sales.orders GROUP BY customer_id) SELECT c.country, avg(t.spent) FROM totals t JOIN sales.customers c USING (customer_id) GROUP BY c.country ORDER BY c.country

WITH customers AS (SELECT * FROM sales.customers WHERE balance > 10), orders AS (SELECT o.* FROM sales.orders o JOIN customers c ON c.customer_id = o.customer_id) SELECT count(*), min(total), max(total) FROM orders

WITH a AS (SELECT customer_id FROM sales.customers), b AS (SELECT customer_id FROM a WHERE customer_id % 2 = 0), c AS (SELECT * FROM a EXCEPT SELECT * FROM b) SELECT * FROM c ORDER BY 1

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT n.i, c.name FROM n LEFT JOIN sales.customers c ON c.customer_id = n.i ORDER BY n.i

SELECT name FROM sales.customers WHERE customer_id IN (SELECT customer_id FROM sales.orders WHERE total > 200) ORDER BY name

SELECT name FROM sales.customers c WHERE EXISTS (SELECT 1 FROM sales.orders o WHERE o.customer_id = c.customer_id AND o.status = 'paid') ORDER BY name

SELECT name FROM sales.customers c WHERE NOT EXISTS (SELECT 1 FROM sales.orders o WHERE o.customer_id = c.customer_id AND o.total > 300) ORDER BY name

SELECT c.customer_id, (SELECT max(o.total) FROM sales.orders o WHERE o.customer_id = c.customer_id) AS biggest FROM sales.customers c ORDER BY c.customer_id

SELECT customer_id, CASE WHEN balance < 10 THEN 'small' WHEN balance < 40 THEN 'middle' ELSE 'large' END AS size FROM sales.customers ORDER BY customer_id

SELECT sum(CASE WHEN status = 'paid' THEN total ELSE 0 END) AS paid, sum(total) FILTER (WHERE status = 'new') AS fresh FROM sales.orders

SELECT country, status, count(*) FROM sales.customers JOIN sales.orders USING (customer_id) GROUP BY ROLLUP (country, status) ORDER BY country NULLS LAST, status NULLS LAST

SELECT country, status, grouping(country) AS g, count(*) FROM sales.customers JOIN sales.orders USING (customer_id) GROUP BY GROUPING SETS ((country), (status), ()) ORDER BY country NULLS LAST, status NULLS LAST

SELECT country, status, sum(total) FROM sales.customers JOIN sales.orders USING (customer_id) GROUP BY CUBE (country, status) ORDER BY country NULLS LAST, status NULLS LAST

SELECT date_trunc('month', ordered_at) AS month, count(*), round(avg(total), 2) FROM sales.orders GROUP BY 1 ORDER BY 1

SELECT extract(year FROM signed_up) AS y, extract(month FROM signed_up) AS m, count(*) FROM sales.customers GROUP BY 1, 2 ORDER BY 1, 2

SELECT customer_id, signed_up + INTERVAL '30' DAY AS later FROM sales.customers ORDER BY customer_id

SELECT order_id FROM sales.orders WHERE ordered_at BETWEEN DATE '2025-03-01' AND DATE '2025-06-30' ORDER BY order_id

SELECT order_id FROM sales.orders WHERE ordered_at >= '2025-11-01' ORDER BY order_id

SELECT coalesce(nullif(status, 'new'), 'fresh') AS s, count(*) FROM sales.orders GROUP BY 1 ORDER BY 1

SELECT upper(name), lower(country), length(name), substring(name, 1, 4), replace(name, 'Name', 'N'), trim('  x ') FROM sales.customers ORDER BY customer_id

SELECT concat(name, ' (', country, ')') AS label, name || '/' || country AS path FROM sales.customers ORDER BY customer_id

SELECT customer_id, CAST(balance AS integer), CAST(customer_id AS varchar) AS key, balance::double precision FROM sales.customers ORDER BY customer_id

SELECT round(balance / 7, 3), abs(-balance), floor(balance), ceil(balance), customer_id % 3, power(2, 3), sqrt(16) FROM sales.customers ORDER BY customer_id

SELECT balance / nullif(customer_id - 5, 0) AS ratio FROM sales.customers ORDER BY customer_id

SELECT greatest(balance, 20), least(balance, 20) FROM sales.customers ORDER BY customer_id

SELECT country FROM sales.customers UNION SELECT code FROM ref.countries ORDER BY 1

SELECT country FROM sales.customers INTERSECT SELECT code FROM ref.countries ORDER BY 1

SELECT code FROM ref.countries EXCEPT SELECT country FROM sales.customers WHERE balance > 55 ORDER BY 1

SELECT * FROM (VALUES (1, 'one'), (2, 'two')) AS v(n, word) JOIN sales.customers c ON c.customer_id = v.n ORDER BY n

SELECT c.* FROM sales.customers c CROSS JOIN ref.countries r WHERE r.code = c.country ORDER BY c.customer_id

SELECT * FROM sales.customers NATURAL JOIN sales.orders ORDER BY order_id

SELECT c.customer_id, o.order_id FROM sales.customers c FULL JOIN sales.orders o ON o.customer_id = c.customer_id AND o.total > 100 ORDER BY 1 NULLS LAST, 2 NULLS LAST

SELECT c.customer_id, o.order_id FROM sales.orders o RIGHT JOIN sales.customers c ON o.customer_id = c.customer_id AND o.status = 'sent' ORDER BY 1, 2

SELECT c.customer_id, top.total FROM sales.customers c CROSS JOIN LATERAL (SELECT total FROM sales.orders o WHERE o.customer_id = c.customer_id ORDER BY total DESC LIMIT 1) AS top ORDER BY 1

SELECT string_agg(name, ', ' ORDER BY customer_id) FROM sales.customers WHERE customer_id < 10

SELECT country, array_agg(customer_id ORDER BY customer_id) FROM sales.customers GROUP BY country ORDER BY country

SELECT count(DISTINCT country), count(DISTINCT status) FROM sales.customers JOIN sales.orders USING (customer_id)

SELECT stddev_samp(balance), var_pop(balance), corr(balance, customer_id) FROM sales.customers

SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY balance) FROM sales.customers

SELECT bool_and(balance > 0), bool_or(balance > 50) FROM sales.customers

SELECT customer_id FROM sales.customers ORDER BY balance DESC NULLS LAST, customer_id LIMIT 5 OFFSET 3

--postgresql
SELECT customer_id FROM sales.customers ORDER BY customer_id FETCH FIRST 3 ROWS ONLY

SELECT "customer_id", "name" AS "The Name" FROM "sales"."customers" ORDER BY "customer_id"

SELECT Customer_ID, NAME FROM Sales.Customers ORDER BY customer_id

SELECT 1 AS one, 'text' AS words, NULL AS nothing, true AS yes, DATE '2025-01-01' AS day

SELECT current_date >= DATE '2020-01-01' AS later

SELECT x.country, x.n FROM (SELECT country, count(*) AS n FROM sales.customers GROUP BY country) x WHERE x.n > 3 ORDER BY x.country

SELECT customer_id FROM sales.customers WHERE (country, customer_id) IN (('DE', 3), ('FR', 1), ('ES', 2)) ORDER BY 1

SELECT customer_id FROM sales.customers WHERE balance > (SELECT avg(balance) FROM sales.customers) ORDER BY 1

SELECT customer_id FROM sales.customers WHERE balance >= ALL (SELECT balance FROM sales.customers)

SELECT o.order_id FROM sales.orders o WHERE o.total = (SELECT max(i.total) FROM sales.orders i WHERE i.customer_id = o.customer_id) ORDER BY 1

SELECT name FROM sales.customers WHERE name ~ '^Name [0-9]$' ORDER BY name

SELECT regexp_replace(name, '[0-9]+', '#') AS shape, count(*) FROM sales.customers GROUP BY 1 ORDER BY 1

SELECT customer_id /* the key */, name -- the name
FROM sales.customers ORDER BY 1

SELECT customer_id, balance, sum(balance) OVER () AS all_of_it, balance / sum(balance) OVER () AS share FROM sales.customers ORDER BY 1

SELECT customer_id, balance FROM sales.customers WHERE country IS NOT NULL AND NOT (country = 'DE' OR country = 'FR') AND balance IS DISTINCT FROM 3 ORDER BY 1

SELECT position('a' IN name), left(name, 2), right(name, 2), reverse(name), lpad(name, 10, '.') FROM sales.customers ORDER BY customer_id

SELECT split_part(email, '@', 2) AS domain, count(*) FROM sales.customers GROUP BY 1 ORDER BY 1

--postgresql
SELECT to_char(signed_up, 'YYYY') FROM sales.customers WHERE customer_id = 1

SELECT md5(name) FROM sales.customers ORDER BY customer_id

SELECT age(DATE '2025-01-01', signed_up) FROM sales.customers ORDER BY customer_id LIMIT 3

SELECT g.i, count(c.customer_id) FROM generate_series(1, 5) AS g(i) LEFT JOIN sales.customers c ON c.customer_id = g.i GROUP BY 1 ORDER BY 1

SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY total) FROM sales.orders

SELECT mode() WITHIN GROUP (ORDER BY status) FROM sales.orders WHERE order_id < 5

SELECT country, max(balance) - min(balance) AS spread FROM sales.customers GROUP BY country HAVING max(balance) > 10 ORDER BY spread DESC, country

SELECT cume_dist() OVER (ORDER BY balance), percent_rank() OVER (ORDER BY balance), dense_rank() OVER (ORDER BY country), customer_id FROM sales.customers ORDER BY customer_id

SELECT nth_value(name, 2) OVER (ORDER BY customer_id RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM sales.customers ORDER BY customer_id

SELECT ordered_at, sum(total) OVER (ORDER BY ordered_at RANGE BETWEEN INTERVAL '7' DAY PRECEDING AND CURRENT ROW) FROM sales.orders ORDER BY ordered_at, order_id

SELECT customer_id FROM sales.customers WHERE signed_up > CURRENT_DATE - INTERVAL '100 years' ORDER BY 1

(SELECT customer_id FROM sales.customers ORDER BY customer_id LIMIT 2) UNION ALL (SELECT order_id FROM sales.orders ORDER BY order_id LIMIT 2) ORDER BY 1

SELECT t.customer_id FROM (sales.customers t JOIN ref.countries r ON r.code = t.country) ORDER BY 1

SELECT c1.customer_id FROM sales.customers c1, sales.customers c2 WHERE c1.customer_id = c2.customer_id + 1 ORDER BY 1

SELECT 'it''s', E'tab\tinside', 'naïve ☃' FROM sales.customers LIMIT 1

SELECT customer_id AS "order", name AS "select" FROM sales.customers ORDER BY "order"

SELECT count(*) FROM sales.orders WHERE note ILIKE 'NOTE 1%'

SELECT o.status, c.country, count(*) FROM sales.orders o JOIN sales.customers c ON c.customer_id = o.customer_id AND c.country IN ('DE', 'FR') WHERE o.total BETWEEN 10 AND 300 GROUP BY o.status, c.country ORDER BY 1, 2

--duckdb
FROM sales.customers SELECT customer_id, name ORDER BY customer_id

--duckdb
FROM sales.orders ORDER BY order_id LIMIT 3

--duckdb
SELECT * EXCLUDE (email, phone) FROM sales.customers ORDER BY ALL

--duckdb
SELECT * REPLACE (upper(name) AS name) FROM sales.customers ORDER BY customer_id

--duckdb
SELECT * RENAME (name AS label) FROM sales.customers ORDER BY customer_id

--duckdb
SELECT COLUMNS('.*_id') FROM sales.orders ORDER BY order_id

--duckdb
SELECT min(COLUMNS(*)) FROM sales.orders

--duckdb
SELECT country, count(*) FROM sales.customers GROUP BY ALL ORDER BY ALL

--duckdb
SELECT customer_id, balance FROM sales.customers QUALIFY row_number() OVER (PARTITION BY country ORDER BY balance DESC) = 1 ORDER BY 1

--duckdb
PIVOT sales.orders ON status IN ('new', 'paid', 'sent') USING sum(total) GROUP BY customer_id ORDER BY customer_id

--duckdb
SELECT * FROM (PIVOT sales.orders ON status IN ('new', 'paid') USING count(*) GROUP BY customer_id) ORDER BY customer_id

--duckdb
PIVOT sales.orders ON status USING sum(total) GROUP BY customer_id

--duckdb
UNPIVOT (SELECT customer_id, balance, balance * 2 AS twice FROM sales.customers) ON balance, twice INTO NAME what VALUE amount ORDER BY customer_id, what

--duckdb
SELECT list_transform([1, 2, 3], lambda x: x + 1), [x * 2 FOR x IN [1, 2, 3] IF x > 1]

--duckdb
SELECT list(name ORDER BY customer_id)[1:2], array_length(list(name)) FROM sales.customers

--duckdb
SELECT {'id': customer_id, 'who': name} AS person, struct_pack(a := 1).a FROM sales.customers ORDER BY customer_id

--duckdb
SELECT unnest([1, 2, 3]) AS n, 'x' AS letter

--duckdb
SELECT c.customer_id, n FROM sales.customers c, unnest([1, 2]) AS t(n) ORDER BY 1, 2

--duckdb
SELECT json_extract_string('{"a": {"b": 1}}', '$.a.b'), '{"a": 1}'::JSON ->> 'a'

--duckdb
SELECT c FROM sales.customers c ORDER BY c.customer_id LIMIT 2

--duckdb
SELECT o.order_id, c.name FROM sales.orders o ASOF JOIN sales.customers c ON o.customer_id >= c.customer_id ORDER BY 1

--duckdb
SELECT * FROM sales.customers c SEMI JOIN sales.orders o ON o.customer_id = c.customer_id AND o.total > 100 ORDER BY 1

--duckdb
SELECT customer_id FROM sales.customers ANTI JOIN sales.orders USING (customer_id) ORDER BY 1

--duckdb
SELECT customer_id AS id FROM sales.customers UNION ALL BY NAME SELECT order_id AS id FROM sales.orders ORDER BY id LIMIT 9

--duckdb
SELECT arg_max(name, balance), median(balance), quantile_cont(balance, 0.25), approx_count_distinct(country) > 0, any_value(country) IS NOT NULL FROM sales.customers

--duckdb
SELECT strftime(signed_up, '%Y-%m'), dayname(signed_up), date_diff('day', signed_up, DATE '2025-01-01') FROM sales.customers ORDER BY customer_id

--duckdb
SELECT TRY_CAST(name AS integer), customer_id // 2 FROM sales.customers ORDER BY customer_id

--duckdb
SELECT map(['a', 'b'], [1, 2])['a'], list_sort([3, 1, 2]), list_contains([1, 2], 2), string_split('a,b', ',')

--duckdb
SELECT DISTINCT ON (country) country, name FROM sales.customers ORDER BY country, balance DESC

--duckdb
SELECT time_bucket(INTERVAL '1 month', ordered_at) AS bucket, count(*) FROM sales.orders GROUP BY bucket ORDER BY bucket

--duckdb
SELECT range, count(*) FROM range(3) JOIN sales.customers ON customer_id = range GROUP BY range ORDER BY range

--duckdb
SELECT histogram(country) FROM sales.customers

--duckdb
SELECT sum(total) FOR_ALL FROM sales.orders

--postgresql
SELECT DISTINCT ON (country) country, name FROM sales.customers ORDER BY country, balance DESC

--postgresql
SELECT to_jsonb(c) - 'phone' FROM sales.customers c ORDER BY c.customer_id LIMIT 2

--postgresql
SELECT row_to_json(c) FROM (SELECT customer_id, name FROM sales.customers) c ORDER BY c.customer_id LIMIT 2

--postgresql
SELECT '{"a": {"b": 1}}'::jsonb #>> '{a,b}', '{"a": 1}'::jsonb @> '{"a": 1}', jsonb_build_object('k', 1) ->> 'k'

--postgresql
SELECT array_length(array_agg(customer_id), 1), (array_agg(name ORDER BY customer_id))[1] FROM sales.customers

--postgresql
SELECT customer_id FROM sales.customers WHERE country = ANY (ARRAY['DE', 'ES']) ORDER BY 1

--postgresql
SELECT g.day, count(o.order_id) FROM generate_series(DATE '2025-01-01', DATE '2025-01-10', INTERVAL '1 day') AS g(day) LEFT JOIN sales.orders o ON o.ordered_at = g.day GROUP BY 1 ORDER BY 1

--postgresql
SELECT u.n, u.place FROM unnest(ARRAY[5, 6, 7]) WITH ORDINALITY AS u(n, place) ORDER BY 2

--postgresql
SELECT timestamptz '2025-01-01 12:00+00' AT TIME ZONE 'Europe/Berlin', make_date(2025, 2, 3), justify_days(interval '40 days')

--postgresql
SELECT customer_id, name COLLATE "C" FROM sales.customers ORDER BY name COLLATE "C"

--postgresql
SELECT overlay(name PLACING '#' FROM 1 FOR 2), initcap(lower(name)), translate(name, 'aeiou', '*****') FROM sales.customers ORDER BY customer_id

--postgresql
SELECT format('%s of %s', name, country) FROM sales.customers ORDER BY customer_id

--postgresql
SELECT to_tsvector('english', note) @@ to_tsquery('english', 'note') FROM sales.orders ORDER BY order_id LIMIT 3

--postgresql
SELECT int4range(1, 10) @> customer_id FROM sales.customers ORDER BY customer_id

--postgresql
SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(4, 5)) AS t(a, b)

--postgresql
SELECT c FROM sales.customers c ORDER BY c.customer_id LIMIT 2

--postgresql
SELECT regexp_matches(name, '([0-9]+)') FROM sales.customers ORDER BY customer_id LIMIT 3

--postgresql
SELECT width_bucket(balance, 0, 60, 6) AS bucket, count(*) FROM sales.customers GROUP BY 1 ORDER BY 1

--postgresql
SELECT date_part('dow', signed_up), to_char(balance, 'FM999990.00'), date_bin('7 days', signed_up::timestamp, timestamp '2024-01-01') FROM sales.customers ORDER BY customer_id
