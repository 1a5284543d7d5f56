"""The questions this portal asks PostgreSQL's own catalog."""

# Relations the role may read: tables, partitioned tables, views, materialized views and foreign tables. Nothing that was
# made for people's own logins (`catalog.engines.postgresql_native`).
_READABLE = """
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'gatehouse', 'gatehouse_native') AND n.nspname !~ '^pg_(toast|temp)'
      AND n.nspowner::regrole::text NOT LIKE 'gatehouse!_views!_%' ESCAPE '!'
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

# One claim each, in the order of the sentences in `catalog.engines.postgresql`.
ROLE_RIGHTS = """
    SELECT r.rolsuper,
           EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm')),
           pg_has_role('pg_read_server_files', 'USAGE') OR pg_has_role('pg_execute_server_program', 'USAGE'),
           NOT r.rolsuper AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'p')
               AND c.relowner <> r.oid AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')),
           NOT r.rolsuper AND (r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls),
           NOT r.rolsuper AND (pg_has_role('pg_read_all_data', 'USAGE') OR pg_has_role('pg_write_all_data', 'USAGE')),
           current_setting('temp_file_limit') = '-1'
    FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
"""

READABLE_TABLES = """
    SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'gatehouse')
       AND n.nspname !~ '^pg_(toast|temp)' AND has_schema_privilege(n.oid, 'USAGE')
       AND has_any_column_privilege(c.oid, 'SELECT')
"""

TYPE_NAMES = (
    "SELECT format_type(t.kind, t.modifier) FROM unnest(%s::oid[], %s::int[]) WITH ORDINALITY AS t(kind, modifier, at)"
    " ORDER BY t.at"
)

# --- Screens (see `catalog.engines.postgresql_screens`)

# How many of the named screens are not exactly as they were made. The tables are locked by then, so that nothing moves:
# row-level security is on, the restrictive policy of that name is there for that role alone, the role has no way
# around it, and the view of that name is the role's and reads this very table.
SCREENS_IN_PLACE = """
    SELECT count(*) FILTER (WHERE NOT coalesce((
        SELECT b.relrowsecurity AND b.relowner <> r.oid AND NOT r.rolsuper AND NOT r.rolbypassrls
           AND EXISTS (SELECT FROM pg_catalog.pg_policy p
                        WHERE p.polrelid = b.oid AND p.polname = s.role AND NOT p.polpermissive
                          AND p.polcmd = 'r' AND p.polroles = ARRAY[r.oid])
           AND EXISTS (SELECT FROM pg_catalog.pg_class v
                         JOIN pg_catalog.pg_namespace h ON h.oid = v.relnamespace
                         JOIN pg_catalog.pg_rewrite w ON w.ev_class = v.oid
                         JOIN pg_catalog.pg_depend d ON d.objid = w.oid
                        WHERE h.nspname = 'gatehouse' AND v.relname = s.view AND v.relowner = r.oid
                          AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = b.oid)
          FROM pg_catalog.pg_namespace n
          JOIN pg_catalog.pg_class b ON b.relnamespace = n.oid AND b.relname = s.tab
          JOIN pg_catalog.pg_roles r ON r.rolname = s.role
         WHERE n.nspname = s.schema), false))
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS s(schema, tab, view, role)
"""

# Its kind, whether it has row-level security and whether that is the portal's, which roles besides the owner load it,
# and how many policies it has.
SCREENABLE = """
    SELECT c.relkind::text, c.relrowsecurity,
           EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polname = %s),
           (SELECT count(*) FROM aclexplode(c.relacl) a LEFT JOIN pg_catalog.pg_roles g ON g.oid = a.grantee
             WHERE a.privilege_type = 'INSERT' AND a.grantee <> c.relowner
               AND NOT coalesce(g.rolsuper OR g.rolbypassrls, false)),
           (SELECT count(*) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = %s AND c.relname = %s
"""

READER = """
    SELECT has_schema_privilege(r.oid, n.oid, 'USAGE'),
           NOT (r.rolsuper OR r.rolbypassrls) AND pg_has_role(n.nspowner, 'USAGE')
      FROM pg_catalog.pg_roles r, pg_catalog.pg_namespace n WHERE r.rolname = %s AND n.nspname = %s
"""

UNUSED = "SELECT view, role FROM gatehouse.screens WHERE used_on < current_date - %s"

# The role itself, once no screen is left that it owns.
IDLE_ROLE = """
    SELECT FROM pg_catalog.pg_roles
     WHERE rolname = %s AND NOT EXISTS (SELECT FROM gatehouse.screens s WHERE s.role = rolname)
"""
