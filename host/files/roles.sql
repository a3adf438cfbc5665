-- Rights of the schema's owner and of the app, as the provider's administrator (who is no superuser)
-- in the app's database. Postgres 15 and later lets no other role create in "public".
-- Variables: owner, app. Safe to run again. What the owner itself can grant is in owner.sql: since
-- Postgres 16 an administrator is no member of roles that the provider made.

SET client_min_messages = warning;

SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I, %I', current_database(), :'owner', :'app') \gexec
GRANT USAGE, CREATE ON SCHEMA public TO :"owner";
GRANT USAGE ON SCHEMA public TO :"app";

-- The rest is welcome but not everywhere allowed; what was refused is said and not fatal.
DO $$
DECLARE
  step text;
BEGIN
  FOREACH step IN ARRAY ARRAY[
    -- Statement times for the query-time alarm.
    'CREATE EXTENSION IF NOT EXISTS pg_stat_statements',
    -- Nobody else's objects belong here.
    'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
  ] LOOP
    BEGIN
      EXECUTE step;
    EXCEPTION WHEN OTHERS THEN
      RAISE WARNING 'not done: % (%)', step, SQLERRM;
    END;
  END LOOP;
END
$$;
