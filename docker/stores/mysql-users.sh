#!/bin/bash
# The users of MySQL: MYSQL_MIGRATION_USER changes the schema, MYSQL_QUERY_USER reads and writes rows. Runs at the first
# start of MySQL; it may run again at any time, and then sets passwords and privileges.
set -euo pipefail

quoted() { printf "'%s'" "$(printf %s "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g")"; }
migration=$(quoted "$MYSQL_MIGRATION_USER")
migration_password=$(quoted "$MYSQL_MIGRATION_PASSWORD")
queries=$(quoted "$MYSQL_QUERY_USER")
queries_password=$(quoted "$MYSQL_QUERY_PASSWORD")

MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root <<SQL
CREATE DATABASE IF NOT EXISTS \`$MYSQL_DATABASE\`;
CREATE USER IF NOT EXISTS $migration@'%' IDENTIFIED BY $migration_password, $queries@'%' IDENTIFIED BY $queries_password;
ALTER USER $migration@'%' IDENTIFIED BY $migration_password, $queries@'%' IDENTIFIED BY $queries_password;
REVOKE ALL PRIVILEGES, GRANT OPTION FROM $migration@'%', $queries@'%';
GRANT ALL ON \`$MYSQL_DATABASE\`.* TO $migration@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON \`$MYSQL_DATABASE\`.* TO $queries@'%';
SQL
