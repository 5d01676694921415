#!/usr/bin/env bash
# Safe to run at every start; running it with a new ROLE_PASSWORD changes the password.
set -euo pipefail
for role in moyai_app moyai_admission moyai_ops moyai_finance moyai_exit; do
  psql --quiet --set=ON_ERROR_STOP=1 --set=role="$role" --set=password="$ROLE_PASSWORD" <<'SQL'
ALTER ROLE :"role" LOGIN PASSWORD :'password';
SQL
done
