/// Credentials of other servers, as they stand in dumps; all of them hold `hunter2`.
package enum DumpCredentials {
    package static let statements = [
        "CREATE USER MAPPING FOR reader SERVER warehouse OPTIONS (user 'wh', password 'hunter2');",
        "CREATE USER MAPPING FOR \"reader\" SERVER \"options\" OPTIONS (\n    \"password\" 'hunter2',\n    \"user\" 'wh'\n);",
        "CREATE USER MAPPING IF NOT EXISTS FOR PUBLIC SERVER s OPTIONS (pw 'hunter2');",
        "create user mapping for public server s options (passwd E'hunter2\\'');",
        "ALTER USER MAPPING FOR reader SERVER s OPTIONS (SET key 'hunter2');",
        "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'h', aws_secret_access_key 'hunter2');",
        "CREATE FOREIGN TABLE f (id int) SERVER s OPTIONS (\"Password\" 'hunter2');",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h password=hunter2 dbname=d' PUBLICATION p;",
        "CREATE SUBSCRIPTION s CONNECTION 'postgres://u:hunter2@h/d' PUBLICATION p WITH (slot_name = 's');",
        "ALTER SUBSCRIPTION s CONNECTION 'host=h password = ''hunter2'' dbname=d';",
    ]
}
