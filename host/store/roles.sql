-- The database and its three roles, made by cluster.sh at every start (harmless when they are there); run it by
-- hand as a superuser when DATABASE_URL names a server of your own. No service is ever the superuser.
--
--   xc_migrate  owns the tables and changes them: `store migrate` only
--   xc_writer   the projector: adds rows, moves the mark
--   xc_reader   the web process and people: looks
select format('create role %I login', role)
from unnest(array['xc_migrate', 'xc_writer', 'xc_reader']) role
where not exists (select from pg_roles where rolname = role) \gexec

alter role xc_reader set default_transaction_read_only = on;
alter role xc_reader set statement_timeout = '5s';
alter role xc_migrate set lock_timeout = '60s';

select 'create database crosspoint owner xc_migrate'
where not exists (select from pg_database where datname = 'crosspoint') \gexec

revoke all on database crosspoint from public;
grant connect on database crosspoint to xc_writer, xc_reader;
grant temporary on database crosspoint to xc_writer;
