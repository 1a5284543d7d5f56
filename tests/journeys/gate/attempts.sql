-- What somebody tries who wants more than was granted. Alice may not see the rows of country XX, the column ssn, the
-- addresses behind the masks, or the schema secret. Each must be refused, or answer alike whatever is hidden.

SELECT ssn FROM sales.customers

SELECT * FROM secret.salaries

SELECT customer_id FROM sales.customers WHERE ssn LIKE 'SSN%'

SELECT count(ssn) FROM sales.customers

SELECT customer_id FROM sales.customers ORDER BY ssn

SELECT customer_id FROM sales.customers GROUP BY customer_id, ssn

SELECT c.* FROM sales.customers c JOIN sales.customers d USING (ssn)

SELECT customer_id FROM sales.customers c WHERE EXISTS (SELECT 1 WHERE c.ssn = 'SSN00001')

SELECT (SELECT ssn) FROM sales.customers

SELECT max(customer_id) FILTER (WHERE ssn IS NOT NULL) FROM sales.customers

SELECT row_number() OVER (ORDER BY ssn), customer_id FROM sales.customers

SELECT customer_id FROM sales.customers WHERE email LIKE 'HIDDEN%'

SELECT count(*) FROM sales.customers WHERE email = 'user1@example.com'

SELECT email FROM sales.customers WHERE email LIKE 'user1@%'

SELECT count(*) FROM sales.customers WHERE country = 'XX'

SELECT count(*) FROM sales.customers WHERE country = 'XX' OR 1 = 1

SELECT * FROM sales.customers WHERE 1 = 1 OR country = 'XX' --

SELECT * FROM sales.customers) AS x; --

SELECT * FROM sales.customers; SELECT * FROM secret.salaries

SELECT * FROM sales.customers UNION ALL SELECT * FROM sales.customers WHERE country = 'XX'

SELECT 1 / (customer_id - 28) FROM sales.customers WHERE country = 'XX'

SELECT count(*) FROM sales.customers WHERE 1 / (balance - 42.0) > 0

SELECT count(*) FROM sales.customers WHERE CAST(name AS integer) > 5

SELECT count(*) FROM sales.customers WHERE CAST(substring(name, 6) AS integer) > 5

SELECT count(*) FROM sales.orders WHERE CAST(substring(note, 6) AS integer) > 5

SELECT sum(CAST(substring(note, 6) AS integer)) FROM sales.orders

SELECT count(*) FROM sales.orders o JOIN sales.customers c ON c.customer_id = CAST(substring(o.note, 6) AS integer)

SELECT count(*) FROM sales.customers c LEFT JOIN sales.orders o ON CAST(o.status AS integer) = c.customer_id

SELECT count(*) FROM sales.orders WHERE 100000 / (order_id - 5000) > 0

SELECT count(*) FROM sales.orders WHERE sqrt(total) > 3

SELECT count(*) FROM sales.orders WHERE ln(total) > 0

SELECT min(total), max(total), count(*) FROM sales.orders

SELECT min(name), max(name) FROM sales.customers

SELECT max(customer_id), min(signed_up), max(signed_up) FROM sales.customers

WITH x AS MATERIALIZED (SELECT * FROM sales.orders) SELECT count(*) FROM x WHERE CAST(substring(note, 6) AS integer) > 0

WITH customers AS (SELECT * FROM sales.customers) SELECT ssn FROM customers

WITH sales AS (SELECT 1) SELECT ssn FROM sales.customers

WITH secret AS (SELECT 1 AS a) SELECT * FROM secret.salaries

WITH salaries AS (SELECT * FROM secret.salaries) SELECT * FROM salaries

WITH customers AS (SELECT * FROM customers) SELECT * FROM customers

SELECT * FROM "sales"."customers" WHERE "ssn" IS NULL

SELECT * FROM "sales.customers"

SELECT * FROM SALES."Customers"

SELECT * FROM ѕales.customers

SELECT * FROM sales​.customers

SELECT/**/ssn/**/FROM/**/sales/**/./**/customers

SELECT /*! ssn */ customer_id FROM sales.customers

SELECT customer_id FROM sales.customers /* ; SELECT ssn FROM sales.customers */

SELECT c FROM sales.customers c

SELECT CAST(c AS varchar) FROM sales.customers c

SELECT c.ssn FROM (SELECT * FROM sales.customers) c

SELECT (c).ssn FROM sales.customers c

SELECT (c).* FROM sales.customers c

SELECT count(c) FROM sales.customers c

SELECT count(DISTINCT c) FROM sales.customers c

SELECT * FROM sales.customers c, LATERAL (SELECT c.ssn) x

SELECT * FROM sales.customers NATURAL JOIN (SELECT 'SSN00001' AS ssn) x

SELECT * FROM sales.customers WHERE (email, customer_id) IN (SELECT 'user1@example.com', 1)

SELECT * FROM (SELECT 'user1@example.com' AS email) x NATURAL JOIN sales.customers

SELECT * FROM (SELECT 'user1@example.com' AS email) x JOIN sales.customers USING (email)

SELECT customer_id FROM sales.customers WHERE phone LIKE '%1001'

SELECT length(email), length(phone) FROM sales.customers ORDER BY customer_id

SELECT min(email), max(email) FROM sales.customers

SELECT * FROM information_schema.tables

SELECT * FROM information_schema.columns WHERE column_name = 'ssn'

SELECT * FROM pg_catalog.pg_class

SELECT * FROM pg_class

SELECT * FROM pg_stats

SELECT * FROM pg_catalog.pg_statistic

SELECT * FROM pg_tables

SELECT * FROM pg_views

SELECT current_user, session_user

SELECT current_database(), version()

SELECT current_setting('data_directory')

SELECT pg_sleep(1)

SELECT count(*) FROM sales.customers WHERE pg_sleep(0.1) IS NULL

INSERT INTO sales.customers VALUES (1)

UPDATE sales.customers SET ssn = 'x'

DELETE FROM sales.customers

DROP TABLE sales.customers

CREATE TABLE x AS SELECT * FROM sales.customers

SELECT * INTO x FROM sales.customers

TRUNCATE sales.customers

WITH x AS (DELETE FROM sales.customers RETURNING *) SELECT * FROM x

SELECT * FROM sales.customers FOR UPDATE

EXPLAIN SELECT * FROM sales.customers

EXPLAIN ANALYZE SELECT * FROM sales.customers

COPY sales.customers TO '/var/x.csv'

COPY (SELECT * FROM sales.customers) TO '/var/x.csv'

SET search_path = secret

RESET ALL

BEGIN

COMMIT

ROLLBACK; SELECT * FROM secret.salaries

PREPARE p AS SELECT * FROM secret.salaries

EXECUTE p

CALL pragma_version()

VACUUM

ANALYZE

CHECKPOINT

LISTEN x

DO $$ BEGIN END $$

GRANT SELECT ON secret.salaries TO PUBLIC

TABLE secret.salaries

TABLE sales.customers

VALUES ((SELECT max(amount) FROM secret.salaries))

SELECT (SELECT amount FROM secret.salaries LIMIT 1)

SELECT CASE WHEN (SELECT amount FROM secret.salaries) = 1 THEN 1 / 0 ELSE 1 END

SELECT * FROM sales.customers LIMIT (SELECT amount FROM secret.salaries)

SELECT * FROM sales.customers ORDER BY (SELECT amount FROM secret.salaries)

SELECT * FROM sales.customers OFFSET (SELECT count(*) FROM secret.salaries)

SELECT customer_id FROM sales.customers HAVING (SELECT amount FROM secret.salaries) > 0

SELECT sum(balance) OVER (ORDER BY customer_id ROWS BETWEEN (SELECT amount FROM secret.salaries) PRECEDING AND CURRENT ROW) FROM sales.customers

SELECT * FROM da.secret.salaries

SELECT * FROM db.sales.customers

SELECT * FROM main.sales.customers

SELECT * FROM postgres.public.access_grant

SELECT * FROM public.access_grant

SELECT * FROM access_principal

SELECT * FROM auth_user

SELECT * FROM read_csv('/etc/passwd')

SELECT * FROM read_text('/etc/passwd')

SELECT * FROM read_blob('/etc/passwd')

SELECT * FROM read_parquet('/var/*.parquet')

SELECT * FROM read_json('/etc/passwd')

SELECT * FROM '/etc/passwd'

SELECT * FROM "/etc/passwd"

SELECT * FROM glob('/*')

SELECT * FROM 'https://example.com/x.csv'

SELECT * FROM sniff_csv('/etc/passwd')

SELECT pg_read_file('/etc/passwd')

SELECT pg_ls_dir('/')

SELECT lo_import('/etc/passwd')

SELECT * FROM dblink('host=localhost', 'select 1') AS t(a int)

SELECT query_to_xml('select * from secret.salaries', true, true, '')

SELECT table_to_xml('secret.salaries', true, true, '')

SELECT database_to_xml(true, true, '')

SELECT xpath('/a', '<a/>')

SELECT 'secret.salaries'::regclass

SELECT to_regclass('secret.salaries')

SELECT has_table_privilege('secret.salaries', 'select')

SELECT pg_relation_size('secret.salaries')

SELECT pg_total_relation_size('sales.customers'::regclass)

SELECT nextval('x')

SELECT pg_advisory_lock(1)

SELECT set_config('search_path', 'secret', false)

SELECT pg_terminate_backend(1)

SELECT pg_cancel_backend(1)

SELECT ctid FROM sales.customers

SELECT xmin, xmax, cmin, tableoid FROM sales.customers

SELECT tableoid::regclass FROM sales.customers

SELECT rowid FROM sales.customers

SELECT c.rowid FROM sales.customers c

SELECT max(rowid) FROM sales.orders

SELECT * FROM query('select * from secret.salaries')

SELECT * FROM query_table('secret.salaries')

SELECT * FROM query_table(['sales.customers'])

SELECT * FROM duckdb_tables()

SELECT * FROM duckdb_columns()

SELECT * FROM duckdb_settings()

SELECT * FROM duckdb_secrets()

SELECT * FROM duckdb_logs()

SELECT * FROM pragma_table_info('secret.salaries')

SELECT * FROM pragma_storage_info('sales.customers')

SELECT * FROM pragma_database_list

PRAGMA table_info('secret.salaries')

PRAGMA database_list

SELECT getenv('HOME')

SELECT getvariable('x')

SET VARIABLE x = 1

SELECT current_query()

SELECT stats(name) FROM sales.customers

SELECT stats(ssn) FROM sales.customers

ATTACH '/var/x.db' AS y

DETACH da

INSTALL httpfs

LOAD httpfs

USE secret

IMPORT DATABASE '/var'

EXPORT DATABASE '/var/x'

FROM secret.salaries

FROM sales.customers SELECT ssn

SELECT COLUMNS('ssn') FROM sales.customers

SELECT COLUMNS(c -> c = 'ssn') FROM sales.customers

SELECT * EXCLUDE (customer_id, name, email, phone, country, balance, signed_up) FROM sales.customers

SELECT * REPLACE (ssn AS name) FROM sales.customers

SELECT * LIKE 's%' FROM sales.customers

PIVOT sales.customers ON ssn USING count(*)

PIVOT sales.orders ON status USING count(*)

SELECT * FROM (PIVOT sales.customers ON country USING count(*))

UNPIVOT sales.customers ON ssn INTO NAME a VALUE b

SUMMARIZE sales.customers

SUMMARIZE secret.salaries

DESCRIBE sales.customers

DESCRIBE secret.salaries

SHOW TABLES

SHOW ALL TABLES

SELECT * FROM (SHOW TABLES)

SELECT * FROM (DESCRIBE secret.salaries)

SELECT * FROM (SUMMARIZE sales.orders)

SELECT * FROM sales.customers USING SAMPLE 5 ROWS

SELECT count(*) FROM sales.orders TABLESAMPLE SYSTEM (50)

SELECT count(*) FROM sales.orders TABLESAMPLE BERNOULLI (100)

SELECT * FROM sales.customers TABLESAMPLE reservoir(3 ROWS) REPEATABLE (1)

SELECT approx_top_k(country, 5) FROM sales.customers

SELECT histogram(status) FROM sales.orders

SELECT list(country ORDER BY order_id), array_agg(DISTINCT status ORDER BY status) FROM sales.customers JOIN sales.orders USING (customer_id)

SELECT first(name), last(name), any_value(name) FROM sales.customers

SELECT * FROM sales.customers POSITIONAL JOIN (SELECT unnest(range(100)) AS n) x

SELECT customers.customer_id, order_id FROM sales.customers ASOF JOIN sales.orders ON customers.customer_id >= orders.order_id ORDER BY 1, 2

SELECT count(*) FROM sales.customers a CROSS JOIN sales.orders b WHERE a.customer_id / (b.order_id - 5001) > 10

SELECT array_agg(o.note) FROM sales.orders o WHERE o.customer_id = (SELECT c.customer_id FROM sales.customers c WHERE c.country = 'XX' LIMIT 1)

SELECT (SELECT c.name FROM sales.customers c WHERE c.customer_id = o.customer_id) FROM sales.orders o ORDER BY o.order_id

SELECT (SELECT c.name FROM sales.customers c) FROM ref.countries

SELECT count(*) FROM sales.orders o WHERE (SELECT count(*) FROM sales.customers c WHERE c.country = 'XX' AND 1 / (c.customer_id - 28) > 0) = 0

SELECT string_agg(name, CAST(customer_id AS varchar)) FROM sales.customers WHERE country = 'XX'

SELECT regexp_matches(name, '(') FROM sales.customers WHERE country = 'XX'

SELECT name FROM sales.customers WHERE name ~ '(' 

SELECT make_date(2024, 13, customer_id) FROM sales.customers WHERE country = 'XX'

SELECT count(*) FROM sales.orders WHERE make_date(order_id, 1, 1) > DATE '2000-01-01'

SELECT count(*) FROM sales.customers WHERE to_date(name, 'YYYY-MM-DD') > DATE '2000-01-01'

SELECT count(*) FROM sales.customers WHERE strptime(name, '%Y-%m-%d') > DATE '2000-01-01'

SELECT count(*) FROM sales.customers WHERE name::json IS NOT NULL

SELECT count(*) FROM sales.customers WHERE ('[' || name || ']')::json IS NOT NULL

SELECT count(*) FROM sales.customers WHERE chr(customer_id * 100000) IS NOT NULL

SELECT count(*) FROM sales.customers WHERE repeat('x', customer_id) IS NOT NULL

SELECT count(*) FROM sales.customers WHERE name::date > DATE '2020-01-01'

SELECT count(*) FROM sales.customers WHERE country::interval > INTERVAL '1 day'

SELECT count(*) FROM sales.customers WHERE customer_id::smallint > 0

SELECT count(*) FROM sales.customers WHERE customer_id * 2000000 > 0

SELECT count(*) FROM sales.customers WHERE (customer_id * 100000000)::integer > 0

SELECT count(*) FROM sales.customers WHERE balance::decimal(4, 2) > 0

SELECT count(*) FROM sales.customers WHERE CASE WHEN country = 'XX' THEN 1 / 0 ELSE 1 END = 1

SELECT count(*) FROM sales.customers WHERE country <> 'XX' OR 1 / (customer_id - customer_id) = 1

SELECT count(*) FROM sales.customers c WHERE c.country = 'XX' AND (SELECT 1 / 0) = 1

SELECT error('x') FROM sales.customers WHERE country = 'XX'

SELECT count(*) FROM sales.customers GROUP BY CAST(name AS integer)

SELECT count(*) FROM sales.customers GROUP BY 1 / (customer_id - 28) ORDER BY 1

SELECT customer_id FROM sales.customers ORDER BY CAST(substring(name, 6) AS integer)

SELECT DISTINCT CAST(substring(name, 6) AS integer) FROM sales.customers ORDER BY 1

SELECT max(CAST(substring(name, 6) AS integer)) FROM sales.customers

SELECT CAST(substring(name, 6) AS integer) FROM sales.customers UNION SELECT order_id FROM sales.orders ORDER BY 1

SELECT lag(CAST(substring(note, 6) AS integer)) OVER (ORDER BY order_id) FROM sales.orders ORDER BY order_id

SELECT count(*) FROM sales.customers a JOIN sales.customers b ON CAST(substring(a.name, 6) AS integer) = CAST(substring(b.name, 6) AS integer)

SELECT count(*) FROM sales.orders WHERE customer_id IN (SELECT CAST(substring(name, 6) AS integer) FROM sales.customers)

SELECT count(*) FROM sales.customers WHERE customer_id IN (SELECT CAST(substring(note, 6) AS integer) FROM sales.orders)

WITH RECURSIVE t(n) AS (SELECT CAST(substring(name, 6) AS integer) FROM sales.customers UNION SELECT n + 1 FROM t WHERE n < 5) SELECT count(*) FROM t

SELECT * FROM ref.countries WHERE code = 'XX'

SELECT count(*) FROM ref.entitlements

SELECT c.country FROM sales.customers c WHERE c.country NOT IN (SELECT code FROM ref.countries)

SELECT r.code FROM ref.countries r WHERE NOT EXISTS (SELECT 1 FROM sales.customers c WHERE c.country = r.code)

SELECT sum(length(note)) FROM sales.orders

SELECT count(*) AS n FROM sales.orders GROUP BY customer_id ORDER BY n DESC, customer_id LIMIT 1

SELECT $1

SELECT ?

SELECT :principal

SELECT * FROM sales.customers WHERE country = :principal

SELECT '${SECRET_KEY}'

SELECT {{ 1 }} FROM sales.customers

SELECT __gh_row.ssn FROM sales.customers

SELECT "__gh_row"."ssn" FROM sales.customers

SELECT gate_output.ssn FROM sales.customers gate_output

SELECT customers.ssn, sales.customers.ssn FROM sales.customers

SELECT x.ssn FROM sales.customers AS x(a, b, ssn)

SELECT a FROM sales.customers AS x(customer_id, name, email, ssn, a, b, c)

SELECT #4 FROM sales.customers

SELECT customer_id FROM sales.customers ORDER BY 4

SELECT * FROM sales.customers ORDER BY 9

SELECT customer_id FROM sales.customers WHERE ssn IS DISTINCT FROM NULL

SELECT

SELECT FROM sales.customers

;
