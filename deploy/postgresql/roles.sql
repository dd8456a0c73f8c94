-- Rights of the role the web server connects as: it reads and writes rows, and nothing else.
--
-- Run it in the portal's database as a superuser, after the first `migrate` and again after each upgrade:
--
--     psql --single-transaction --set ON_ERROR_STOP=1 --dbname interop --file deploy/postgresql/roles.sql
--
-- Give the role its password once: \password interop_web

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'interop_web') THEN
        CREATE ROLE interop_web LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO interop_web', current_database());
    EXECUTE format('ALTER ROLE interop_web IN DATABASE %I SET statement_timeout = %L', current_database(), '30s');
    EXECUTE format('ALTER ROLE interop_web IN DATABASE %I SET lock_timeout = %L', current_database(), '10s');
    EXECUTE format(
        'ALTER ROLE interop_web IN DATABASE %I SET idle_in_transaction_session_timeout = %L', current_database(), '30s'
    );
END $$;

-- No tables of its own, and none of anybody else's making.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO interop_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO interop_web;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO interop_web;
-- Tables the owner makes later (partitions of the access log) are read and added to until this file has run again.
DO $$
DECLARE
    owner text := (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'interop_auditevent');
    begun text := format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA public ', owner);
BEGIN
    EXECUTE begun || 'GRANT SELECT, INSERT ON TABLES TO interop_web';
    EXECUTE begun || 'GRANT USAGE, SELECT ON SEQUENCES TO interop_web';
END $$;

-- What happened stays: who did what, and who read what. The list of migrations is nobody's business but migrate's.
DO $$
DECLARE
    kept text;
BEGIN
    FOR kept IN
        SELECT quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE nspname = 'public' AND relkind IN ('r', 'p')
          AND (relname IN ('interop_auditevent', 'django_migrations') OR relname LIKE 'connections\_accesslog%')
    LOOP
        EXECUTE 'REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON public.' || kept || ' FROM interop_web';
    END LOOP;
END $$;
REVOKE INSERT ON public.django_migrations FROM interop_web;
-- How long an answer was is known when it has been sent; nothing else of a row that says who read what may change.
GRANT UPDATE (bytes, milliseconds) ON public.connections_accesslog TO interop_web;
