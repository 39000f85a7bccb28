#ifndef MIGRATIONKIT_BUILD_H
#define MIGRATIONKIT_BUILD_H

/// The commit that a release was built from; empty in every other build.
extern const char *_Nonnull const migrationkit_commit;

/// The day of that commit, as 2026-11-30.
extern const char *_Nonnull const migrationkit_date;

#endif
