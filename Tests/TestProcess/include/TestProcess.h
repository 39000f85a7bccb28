#ifndef TEST_PROCESS_H
#define TEST_PROCESS_H

/// The PATH of whoever has started the tests.
const char *_Nonnull testProcessSearchPath(void);

/// A folder of this process alone, which goes when the process does: `tools` has the system's programs that tests and
/// commands may use, `bin` is for stand-ins. Anybody may look into it: servers run as another user.
const char *_Nonnull testProcessFolder(void);

#endif
