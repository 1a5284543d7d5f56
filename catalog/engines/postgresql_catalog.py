"""The questions this portal asks PostgreSQL's own catalog."""

# Relations the role may read: tables, partitioned tables, views, materialized views and foreign tables.
_READABLE = """
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
"""

RELATIONS = f"""
    SELECT c.oid::int8, n.nspname::text, c.relname::text,
           CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
           CASE WHEN c.relkind <> 'v' AND c.reltuples >= 0 THEN c.reltuples::int8 END,
           coalesce(obj_description(c.oid, 'pg_class'), ''),
           CASE WHEN c.relkind IN ('v', 'm') THEN coalesce(pg_get_viewdef(c.oid), '') ELSE '' END
    {_READABLE} ORDER BY n.nspname, c.relname
"""

COLUMNS = f"""
    SELECT a.attrelid::int8, a.attname::text, format_type(a.atttypid, a.atttypmod),
           NOT a.attnotnull, coalesce(col_description(a.attrelid, a.attnum), '')
    FROM pg_catalog.pg_attribute a
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid IN (SELECT c.oid {_READABLE})
      AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
    ORDER BY a.attrelid, a.attnum
"""  # noqa: S608 - both parts are constants of this module

ROLE_RIGHTS = """
    SELECT r.rolsuper,
           EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')),
           pg_has_role('pg_read_server_files', 'USAGE') OR pg_has_role('pg_execute_server_program', 'USAGE')
    FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
"""
