// Makes the process that runs the tests the same on every machine, before anything in it reads its environment: a
// change of that is safe only while there is one thread. Of the variables of whoever has started it only those stay that
// the runner itself needs, and its PATH leads to just the programs that are meant to be there.

#define _GNU_SOURCE
#include "TestProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__
#include <crt_externs.h>
#define VARIABLES (*_NSGetEnviron())
#else
extern char **environ;
#define VARIABLES environ
#endif

// Those of the Swift runtime, of the runner and of the tools that look into a process; `*` stands for the rest.
static const char *const kept[] = {
    "CI", "COLORTERM", "DYLD_*", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE", "NO_COLOR", "SWIFT*", "SWT_*",
    "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "TERM", "TESTS_*", "TMPDIR", "XCTest*",
    "XCODE*", "__CF*", "__XCODE*", "__XPC_*",
};

// What the commands, the stand-ins, the scripts and the tests use of the system. What is missing is left out: not every
// system has all of them.
static const char *const programs[] = {
    "[", "awk", "base64", "basename", "bash", "cat", "chgrp", "chmod", "chown", "cksum", "cmp", "comm", "cp", "curl", "cut",
    "date", "dd", "df", "diff", "dirname", "du", "echo", "env", "expr", "false", "find", "flock", "getconf", "grep",
    "gunzip", "gzip", "head", "hostname", "id", "kill", "ln", "locale", "ls", "mkdir", "mkfifo", "mktemp", "mv",
    "nice", "nohup", "od", "openssl", "paste", "perl", "printenv", "printf", "ps", "pwd", "python3", "readlink",
    "realpath", "rm", "rmdir", "runuser", "script", "sed", "seq", "setsid", "sh", "sha256sum", "shasum", "sleep",
    "sort", "split", "ssh", "ssh-keygen", "stat", "stty", "sudo", "sync", "tail", "tar", "tee", "test", "timeout",
    "touch", "tr", "true", "truncate", "tty", "uname", "uniq", "unlink", "wc", "which", "xargs",
};

static const char *const system_folders[] = {"/usr/bin", "/bin", "/usr/sbin", "/sbin"};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static char search_path[1 << 16];
static char folder[PATH_MAX];

const char *testProcessSearchPath(void) { return search_path; }
const char *testProcessFolder(void) { return folder; }

static void give_up(const char *what) {
    perror(what);
    _exit(70);
}

static int is_kept(const char *name, size_t length) {
    for (size_t i = 0; i < COUNT(kept); i++) {
        size_t whole = strlen(kept[i]);
        if (kept[i][whole - 1] == '*' ? length >= whole - 1 && !strncmp(name, kept[i], whole - 1)
                                      : length == whole && !strncmp(name, kept[i], whole))
            return 1;
    }
    return 0;
}

static void clean_environment(void) {
    char **variable = VARIABLES;
    while (variable && *variable) {
        const char *end = strchr(*variable, '=');
        size_t length = end ? (size_t)(end - *variable) : strlen(*variable);
        char *name = is_kept(*variable, length) ? NULL : strndup(*variable, length);
        // What is taken out makes place for what follows it. What has no name cannot be taken out.
        if (!name || unsetenv(name) != 0) variable++;
        free(name);
    }
}

// Removes the folder when this process has ended, whichever way: the kernel closes the pipe then. It is nobody's child,
// hears no Ctrl-C, and holds nothing open.
static void remove_at_end(void) {
    int ends[2];
    if (pipe(ends) != 0 || fcntl(ends[1], F_SETFD, FD_CLOEXEC) != 0) give_up("a pipe");
    pid_t child = fork();
    if (child < 0) give_up("fork");
    if (child == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        int nowhere = open("/dev/null", O_RDWR);
        if (dup2(ends[0], 0) < 0 || dup2(nowhere, 1) < 0 || dup2(nowhere, 2) < 0) _exit(1);
        for (int file = 3; file < 256; file++) close(file);
        if (chdir("/") != 0) _exit(1);
        execl("/bin/sh", "sh", "-c", "while read -r _; do :; done; PATH=/usr/bin:/bin; rm -rf -- \"$0\"", folder,
              (char *)NULL);
        _exit(127);
    }
    close(ends[0]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
}

static void make_folder(void) {
    const char *parent = getenv("TMPDIR");
    char file[PATH_MAX], program[PATH_MAX];
    snprintf(folder, sizeof folder, "%s/migrationkit-tests.XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(folder)) give_up(folder);
    remove_at_end();
    snprintf(file, sizeof file, "%s/bin", folder);
    if (chmod(folder, 0755) != 0 || mkdir(file, 0755) != 0) give_up(folder);
    snprintf(file, sizeof file, "%s/tools", folder);
    if (mkdir(file, 0755) != 0) give_up(file);
    for (size_t i = 0; i < COUNT(programs); i++) {
        for (size_t place = 0; place < COUNT(system_folders); place++) {
            snprintf(program, sizeof program, "%s/%s", system_folders[place], programs[i]);
            if (access(program, X_OK) != 0) continue;
            snprintf(file, sizeof file, "%s/tools/%s", folder, programs[i]);
            if (symlink(program, file) != 0) give_up(file);
            break;
        }
    }
}

__attribute__((constructor)) static void prepare(void) {
    const char *path = getenv("PATH");
    snprintf(search_path, sizeof search_path, "%s", path ? path : "/usr/bin:/bin");
    umask(022);
    clean_environment();
    make_folder();

    char value[4 * PATH_MAX];
    // `postgres` comes to be with the first server.
    snprintf(value, sizeof value, "%s/postgres:%s/bin:%s/tools", folder, folder, folder);
    setenv("PATH", value, 1);
    snprintf(value, sizeof value, "%s/nobodys-home", folder);
    setenv("HOME", value, 1);
    setenv("LC_ALL", "C", 1);
    // The runner would keep a backtrace of each error that is thrown, a tenth of its time; most are caught on purpose.
    setenv("SWT_SWIFT_ERROR_BACKTRACING_ENABLED", "0", 0);
    setenv("TZ", "UTC", 1);
}
