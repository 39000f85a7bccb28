#include "MigrationKitBuild.h"

// Both are set by `make dist`, see Package.swift.
#ifndef MIGRATIONKIT_COMMIT
#define MIGRATIONKIT_COMMIT ""
#endif
#ifndef MIGRATIONKIT_DATE
#define MIGRATIONKIT_DATE ""
#endif

const char *const migrationkit_commit = MIGRATIONKIT_COMMIT;
const char *const migrationkit_date = MIGRATIONKIT_DATE;
