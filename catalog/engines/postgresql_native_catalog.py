"""What native access asks of PostgreSQL: the tables of its register, and the questions about what is really there."""

from catalog.engines.native import PREFIX

REGISTER = """
    CREATE TABLE gatehouse_native.about (is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only), mark text NOT NULL,
        owner name NOT NULL, owner_oid oid NOT NULL, version int NOT NULL);
    CREATE TABLE gatehouse_native.keys (is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only), key text NOT NULL);
    CREATE TABLE gatehouse_native.logins (role name PRIMARY KEY, role_oid oid NOT NULL, schema_oid oid NOT NULL,
        principal text NOT NULL, teams text[] NOT NULL, can_login boolean NOT NULL, valid_until timestamptz,
        digest text NOT NULL);
    CREATE TABLE gatehouse_native.rights (role name REFERENCES gatehouse_native.logins ON DELETE CASCADE, grant_id bigint,
        starts_at timestamptz NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (role, grant_id));
    CREATE TABLE gatehouse_native.views (role name REFERENCES gatehouse_native.logins ON DELETE CASCADE, view name,
        view_oid oid NOT NULL, asked text NOT NULL, made text NOT NULL, PRIMARY KEY (role, view));
    CREATE TABLE gatehouse_native.reads (table_schema text, table_name text, PRIMARY KEY (table_schema, table_name));
"""
LOOKED_UP = ("keys", "logins", "rights")
"""The tables that views read, and so their owner."""

ABOUT = f"""
    SELECT a.mark, a.owner, a.owner_oid = r.oid, r.oid IS NOT NULL,
           pg_has_role((SELECT nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'gatehouse_native'), 'USAGE'),
           coalesce(has_schema_privilege(r.oid, 'gatehouse_native', 'USAGE')
                AND {" AND ".join(f"has_table_privilege(r.oid, 'gatehouse_native.{name}', 'SELECT')" for name in LOOKED_UP)}, false)
      FROM gatehouse_native.about a LEFT JOIN pg_catalog.pg_roles r ON r.rolname = a.owner
"""  # noqa: S608 - made of constants

IS_SET_UP = "SELECT to_regnamespace(%s) IS NOT NULL, to_regclass(%s) IS NOT NULL"

# What a login may never be, one each; the limit of connections and the settings are compared as they were given.
_POWERS = """
    r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
"""

LOGINS = f"""
    SELECT l.role::text, l.digest, r.oid IS NOT NULL, coalesce(r.oid = l.role_oid, false),
           n.oid IS NOT NULL, coalesce(n.oid = l.schema_oid, false),
           coalesce({_POWERS}, false), coalesce(r.rolcanlogin = l.can_login, false),
           coalesce(r.rolvaliduntil IS NOT DISTINCT FROM l.valid_until, false), coalesce(r.rolconnlimit, 0),
           coalesce((SELECT array_agg(word ORDER BY word) FROM unnest(s.setconfig) AS word), '{{}}'),
           coalesce((SELECT array_agg(g.grant_id ORDER BY g.grant_id) FROM gatehouse_native.rights g WHERE g.role = l.role), '{{}}'),
           coalesce((SELECT array_agg(CASE WHEN isfinite(g.starts_at) THEN (extract(epoch FROM g.starts_at) * 1000000)::bigint END
                              ORDER BY g.grant_id) FROM gatehouse_native.rights g WHERE g.role = l.role), '{{}}'),
           coalesce((SELECT array_agg(CASE WHEN isfinite(g.expires_at) THEN (extract(epoch FROM g.expires_at) * 1000000)::bigint END
                              ORDER BY g.grant_id) FROM gatehouse_native.rights g WHERE g.role = l.role), '{{}}'),
           coalesce(n.nspowner = a.owner_oid, false),
           coalesce(has_schema_privilege(r.oid, n.oid, 'USAGE'), false), l.principal, l.teams
      FROM gatehouse_native.logins l CROSS JOIN gatehouse_native.about a
      LEFT JOIN pg_catalog.pg_roles r ON r.rolname = l.role
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = l.role
      LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
     ORDER BY l.role
"""  # noqa: S608 - made of constants

# The views that were made, and which of them are no longer as they were: gone, another's, changed, or not to be read.
CHANGED_VIEWS = """
    SELECT v.role::text, v.view::text, c.oid IS NULL
      FROM gatehouse_native.views v JOIN gatehouse_native.logins l ON l.role = v.role CROSS JOIN gatehouse_native.about a
      LEFT JOIN pg_catalog.pg_class c ON c.oid = v.view_oid AND c.relnamespace = l.schema_oid AND c.relname = v.view
     WHERE c.oid IS NULL OR c.relowner <> a.owner_oid OR c.relkind <> 'v'
        OR NOT coalesce('security_barrier=true' = ANY (c.reloptions), false)
        OR coalesce('security_invoker=true' = ANY (c.reloptions), false)
        OR md5(pg_get_viewdef(c.oid)) <> v.made
        OR NOT coalesce((SELECT has_table_privilege(r.oid, c.oid, 'SELECT') FROM pg_catalog.pg_roles r
                          WHERE r.oid = l.role_oid), false)
"""

_OURS = """
    ours AS (SELECT l.role::text AS role, r.oid, l.schema_oid, false AS is_owner
               FROM gatehouse_native.logins l JOIN pg_catalog.pg_roles r ON r.oid = l.role_oid
              UNION ALL
             SELECT a.owner::text, a.owner_oid, NULL, true FROM gatehouse_native.about a
               JOIN pg_catalog.pg_roles r ON r.oid = a.owner_oid)
"""

# Roles our roles are members of, and roles that are members of ours. Whoever administers needs to be one.
MEMBERSHIPS = f"""
    WITH {_OURS}
    SELECT DISTINCT g.rolname::text, m.rolname::text, g.oid IN (SELECT oid FROM ours)
      FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
      JOIN pg_catalog.pg_roles m ON m.oid = a.member
     WHERE (a.roleid IN (SELECT oid FROM ours) OR a.member IN (SELECT oid FROM ours))
       AND m.rolname <> current_user
     ORDER BY 1, 2
"""  # noqa: S608 - made of constants

# Everything in the cluster that names one of our roles in its privileges or belongs to it, but for what we made: a
# login's own schema and views, the owner's schemas and views, and the tables its views read. What a person's session
# makes for itself and takes along when it ends (pg_temp) is nobody's business.
HELD = f"""
    WITH {_OURS},
    held AS (
        SELECT o.role, o.oid, o.is_owner, o.schema_oid, d.deptype, d.classid, d.objid, d.objsubid,
               d.dbid IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) AS is_here, d.dbid
          FROM ours o JOIN pg_catalog.pg_shdepend d ON d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = o.oid
         WHERE d.deptype IN ('a', 'o', 'r', 'i')
    )
    SELECT h.role, h.deptype::text,
           CASE WHEN h.is_here THEN coalesce(pg_describe_object(h.classid, h.objid, h.objsubid), 'something gone')
                ELSE 'something in the database ' || (SELECT datname FROM pg_catalog.pg_database b WHERE b.oid = h.dbid) END,
           CASE WHEN NOT h.is_here THEN NULL
                WHEN h.classid = 'pg_catalog.pg_class'::regclass THEN
                     (SELECT format('TABLE %I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = h.objid AND c.relkind <> 'S')
                WHEN h.classid = 'pg_catalog.pg_namespace'::regclass THEN
                     (SELECT format('SCHEMA %I', n.nspname) FROM pg_catalog.pg_namespace n WHERE n.oid = h.objid)
                WHEN h.classid = 'pg_catalog.pg_database'::regclass THEN
                     (SELECT format('DATABASE %I', b.datname) FROM pg_catalog.pg_database b WHERE b.oid = h.objid)
                WHEN h.classid = 'pg_catalog.pg_proc'::regclass THEN 'ROUTINE ' || h.objid::regprocedure::text END
      FROM held h
      LEFT JOIN pg_catalog.pg_class c ON h.is_here AND h.classid = 'pg_catalog.pg_class'::regclass AND c.oid = h.objid
      LEFT JOIN pg_catalog.pg_proc p ON h.is_here AND h.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = h.objid
      LEFT JOIN pg_catalog.pg_type t ON h.is_here AND h.classid = 'pg_catalog.pg_type'::regclass AND t.oid = h.objid
      LEFT JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(c.relnamespace, p.pronamespace, t.typnamespace,
            CASE WHEN h.is_here AND h.classid = 'pg_catalog.pg_namespace'::regclass THEN h.objid END)
     WHERE NOT coalesce(n.nspname ~ '^pg_(toast_)?temp', false)
       AND NOT (NOT h.is_owner AND h.deptype = 'a' AND h.is_here AND (
                n.oid = h.schema_oid AND (p.oid IS NULL AND t.oid IS NULL)
                  AND (c.oid IS NULL OR c.oid IN (SELECT view_oid FROM gatehouse_native.views v WHERE v.role = h.role))
             OR h.classid = 'pg_catalog.pg_database'::regclass
                AND h.objid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())))
       AND NOT (h.is_owner AND h.is_here AND (
                h.deptype = 'o' AND (n.oid IN (SELECT schema_oid FROM gatehouse_native.logins))
             OR h.deptype = 'a' AND n.nspname = 'gatehouse_native'
             OR h.deptype = 'a' AND (h.classid = 'pg_catalog.pg_namespace'::regclass AND n.nspname IN (SELECT table_schema FROM gatehouse_native.reads)
                OR c.oid IS NOT NULL AND h.objsubid = 0
                   AND (n.nspname, c.relname) IN (SELECT table_schema, table_name FROM gatehouse_native.reads))))
     ORDER BY 1, 2, 3
"""  # noqa: S608 - made of constants

# Who else may do something with what is ours: the register, the schemas of logins, their views; and what of it a login
# may do beyond reading.
OTHERS = f"""
    WITH {_OURS},
    places AS (SELECT n.oid, n.nspname, n.nspacl, n.nspowner FROM pg_catalog.pg_namespace n
                WHERE n.nspname = 'gatehouse_native' OR n.oid IN (SELECT schema_oid FROM ours)),
    rights AS (
        SELECT format('SCHEMA %I', p.nspname) AS what, p.nspname, a.grantee, a.privilege_type, a.is_grantable, p.nspowner AS owner
          FROM places p CROSS JOIN LATERAL aclexplode(p.nspacl) a
        UNION ALL
        SELECT format('TABLE %I.%I', p.nspname, c.relname), p.nspname, a.grantee, a.privilege_type, a.is_grantable, c.relowner
          FROM places p JOIN pg_catalog.pg_class c ON c.relnamespace = p.oid CROSS JOIN LATERAL aclexplode(c.relacl) a
        UNION ALL
        SELECT format('TABLE %I.%I', p.nspname, c.relname), p.nspname, a.grantee, a.privilege_type, a.is_grantable, c.relowner
          FROM places p JOIN pg_catalog.pg_class c ON c.relnamespace = p.oid
          JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid CROSS JOIN LATERAL aclexplode(t.attacl) a
    )
    SELECT DISTINCT coalesce(g.rolname::text, 'PUBLIC'), r.what, r.privilege_type
      FROM rights r LEFT JOIN pg_catalog.pg_roles g ON g.oid = r.grantee
     WHERE r.grantee <> r.owner AND coalesce(g.rolname <> current_user, true)
       AND NOT (coalesce(g.oid IN (SELECT oid FROM ours), false) AND NOT r.is_grantable
                AND r.privilege_type IN ('USAGE', 'SELECT')
                AND (CASE WHEN g.oid IN (SELECT oid FROM ours WHERE is_owner) THEN true ELSE g.rolname = r.nspname END))
     ORDER BY 1, 2, 3
"""  # noqa: S608 - made of constants

# Things in the schema of a login that we did not make.
PLANTED = """
    SELECT l.role::text, format('%I.%I', n.nspname, c.relname)
      FROM gatehouse_native.logins l JOIN pg_catalog.pg_namespace n ON n.oid = l.schema_oid
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid
     WHERE NOT EXISTS (SELECT FROM gatehouse_native.views v WHERE v.role = l.role AND v.view_oid = c.oid)
       AND c.relkind NOT IN ('i', 'I', 't')
     UNION ALL
    SELECT l.role::text, p.oid::regprocedure::text
      FROM gatehouse_native.logins l JOIN pg_catalog.pg_proc p ON p.pronamespace = l.schema_oid
     ORDER BY 1, 2
"""

# Tables that every role of the database may read, and logins with them.
OPEN_TO_ALL = f"""
    SELECT format('%I.%I', n.nspname, c.relname)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'm', 'f', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'gatehouse_native')
       AND n.nspname !~ '^pg_' AND n.nspname NOT LIKE '{PREFIX.replace("_", "!_")}%' ESCAPE '!'
       AND has_schema_privilege('public', n.oid, 'USAGE')
       AND (has_table_privilege('public', c.oid, 'SELECT') OR has_any_column_privilege('public', c.oid, 'SELECT'))
       AND c.relname NOT IN ('pg_stat_statements', 'pg_stat_statements_info')
     ORDER BY 1 LIMIT 50
"""  # noqa: S608 - made of constants

# What the owner of the views was let read and may no longer; a table that is gone is nobody's fault.
MISSING_READS = """
    SELECT format('%I.%I', t.table_schema, t.table_name)
      FROM gatehouse_native.reads t CROSS JOIN gatehouse_native.about a
      JOIN pg_catalog.pg_namespace n ON n.nspname = t.table_schema
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
      JOIN pg_catalog.pg_roles r ON r.oid = a.owner_oid
     WHERE NOT (has_schema_privilege(r.oid, n.oid, 'USAGE') AND has_table_privilege(r.oid, c.oid, 'SELECT'))
     ORDER BY 1
"""

# Whether what a view computes may depend on a setting of its reader's session: functions that are not immutable, the
# current date and time, and conversions by way of text. One conversion and three functions are our own.
DEPENDS_ON_SESSION = """
    SELECT EXISTS (SELECT FROM regexp_matches(w.ev_action::text, ':(?:funcid|opfuncid|aggfnoid|winfnoid) (\\d+)', 'g') AS f (parts)
                     JOIN pg_catalog.pg_proc p ON p.oid = f.parts[1]::oid
                    WHERE p.provolatile <> 'i' AND p.proname NOT IN ('statement_timestamp', 'clock_timestamp')),
           w.ev_action::text ~ 'SQLVALUEFUNCTION :op [0-8] ',
           (SELECT count(*) FROM regexp_matches(w.ev_action::text, '\\{COERCEVIAIO', 'g')) > 1
      FROM pg_catalog.pg_rewrite w WHERE w.ev_class = %s AND w.rulename = '_RETURN'
"""

# The kind of a relation, and whether its owner keeps rows from our role: row-level security other than the portal's own.
READABLE = """
    SELECT c.relkind::text, c.relrowsecurity AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polname = %s)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = %s AND c.relname = %s
"""

POWERS = """
    SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = %s
"""

SESSIONS = "SELECT pid FROM pg_catalog.pg_stat_activity WHERE usename = %s"
TERMINATE = (
    "SELECT pg_terminate_backend(pid, 2000) FROM pg_catalog.pg_stat_activity WHERE usename = %s"
)
