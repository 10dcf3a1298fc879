#!/usr/bin/env bash
# Runs once, when the database is made: the role that Datong uses owns its database and is no
# superuser; the superuser loses the password he was given, so that he is reached from within the
# container alone. The password is read from the environment: on a command line others would see it.
set -euo pipefail
psql --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname postgres --no-password <<'SQL'
\getenv password DATONG_DB_PASSWORD
CREATE ROLE datong LOGIN PASSWORD :'password';
CREATE DATABASE datong OWNER datong;
REVOKE CONNECT, TEMPORARY ON DATABASE datong FROM PUBLIC;
ALTER ROLE postgres PASSWORD NULL;
SQL
