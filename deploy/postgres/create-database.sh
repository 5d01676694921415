#!/usr/bin/env bash
# Runs once, when the data directory is made: the login that migrates, and its database. It is no superuser.
set -euo pipefail
psql --set=ON_ERROR_STOP=1 --set=password="$MIGRATOR_PASSWORD" --username=postgres --dbname=postgres <<'SQL'
CREATE ROLE moyai_migrator LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE moyai OWNER moyai_migrator;
SQL
