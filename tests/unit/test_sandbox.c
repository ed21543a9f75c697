/* SPDX-License-Identifier: MIT */
/* test_sandbox.c - sandbox.h: each in a process of its own, it is for good */
#define _GNU_SOURCE
#include "platform/sandbox.h"
#include "support/check.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a try in the scratch directory, and what came of it ---- */

static int at;

static int moved(const char *from, const char *to, unsigned how)
{
    return renameat2(at, from, at, to, how);
}

static int opened(const char *path, int flags)
{
    int fd = openat(at, path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
    return fd < 0 ? -1 : close(fd);
}

/* Say which call did not end as it has to, and be the child's exit status. */
static int differs(const char *call, int result, int want)
{
    int error = result < 0 ? errno : 0;
    if (error == want)
        return 0;
    fprintf(stderr, "%s: %s, want: %s\n", call, strerror(error),
            strerror(want));
    return 1;
}

#define TRY(call, want) differs(#call, (call), (want))

static int in_child(int (*body)(void))
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

/* ---- worlds ---- */

static int setup(void **state)
{
    struct lf_sandbox sandbox;
    int result = lf_sandbox_begin(&sandbox);
    lf_sandbox_finish(&sandbox);
    if (result < 0)
        return 0; /* and no scratch directory: the tests are skipped */
    if (scratch_setup(state) < 0)
        return -1;
    scratch_nodes(*state, "in/file\nin/sub/file\nin/link -> file\nin/empty/\n"
                          "too/file\nout/file\nout/link -> file\nout/empty/");
    at = ((struct scratch *)*state)->fd;
    return 0;
}

static int teardown(void **state)
{
    return *state ? scratch_teardown(state) : 0;
}

#define NEEDS_LANDLOCK(state)                                                  \
    if (!*(state))                                                             \
    skip_because("this kernel has no Landlock, or forbids it")

/* Leave `rights` in the directories, and no other. */
static void enter(const char *const *dirs, size_t n, unsigned rights)
{
    struct lf_sandbox sandbox;
    if (lf_sandbox_begin(&sandbox) < 0)
        abort();
    for (size_t i = 0; i < n; i++) {
        int fd = openat(at, dirs[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || lf_sandbox_allow(&sandbox, fd, rights) < 0)
            abort();
        close(fd);
    }
    if (lf_sandbox_enter(&sandbox) < 0)
        abort();
    lf_sandbox_finish(&sandbox);
}

static const char *const in_and_too[] = {"in", "too"};

/* ---- laws ---- */

static int changes_outside(void)
{
    enter(in_and_too, 2, LF_SANDBOX_NAMES);
    return TRY(symlinkat("x", at, "out/new"), EACCES) |
           TRY(mkdirat(at, "out/new", 0700), EACCES) |
           TRY(mkfifoat(at, "out/new", 0700), EACCES) |
           TRY(mkdirat(at, "new", 0700), EACCES) |
           TRY(unlinkat(at, "out/file", 0), EACCES) |
           TRY(unlinkat(at, "out/link", 0), EACCES) |
           TRY(unlinkat(at, "out/empty", AT_REMOVEDIR), EACCES) |
           TRY(linkat(at, "out/file", at, "out/new", 0), EACCES) |
           TRY(moved("out/file", "out/new", 0), EACCES) |
           TRY(opened("out/file", O_WRONLY), EACCES) |
           TRY(opened("out/file", O_RDWR | O_TRUNC), EACCES) |
           TRY(opened("out/new", O_WRONLY | O_CREAT | O_EXCL), EACCES);
}

static void test_nothing_changes_outside(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(changes_outside), 0);
    char *text = scratch_read(*state, "out/file", NULL);
    assert_string_equal(text, "out/file");
    assert_false(scratch_exists(*state, "out/new"));
    free(text);
}

static int changes_inside(void)
{
    enter(in_and_too, 2, LF_SANDBOX_NAMES);
    return TRY(symlinkat("x", at, "in/new"), 0) |
           TRY(mkdirat(at, "in/sub/new", 0700), 0) |
           TRY(symlinkat("x", at, "in/sub/new/deep"), 0) |
           TRY(moved("in/new", "in/sub/new/deep", RENAME_EXCHANGE), 0) |
           TRY(moved("in/file", "too/from-in", RENAME_NOREPLACE), 0) |
           TRY(moved("in/sub", "too/sub", RENAME_NOREPLACE), 0) |
           TRY(moved("in/empty", "too/file", RENAME_EXCHANGE), 0) |
           TRY(linkat(at, "too/from-in", at, "in/name", 0), 0) |
           TRY(unlinkat(at, "too/empty", 0), ENOENT) |
           TRY(unlinkat(at, "too/file", AT_REMOVEDIR), 0) |
           TRY(unlinkat(at, "in/link", 0), 0);
}

static void test_names_change_inside_and_between(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(changes_inside), 0);
    assert_true(scratch_exists(*state, "too/sub/new/deep"));
    assert_true(scratch_exists(*state, "in/name"));
}

static int across_the_border(void)
{
    enter(in_and_too, 2, LF_SANDBOX_NAMES);
    return TRY(moved("in/file", "out/new", RENAME_NOREPLACE), EACCES) |
           TRY(moved("out/file", "in/new", RENAME_NOREPLACE), EACCES) |
           TRY(moved("in/file", "out/file", RENAME_EXCHANGE), EACCES) |
           TRY(moved("in/sub", "out/new", 0), EACCES) |
           /* a hard link would let the inode be reached in here */
           TRY(linkat(at, "out/file", at, "in/new", 0), EXDEV);
}

static void test_nothing_moves_across_the_border(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(across_the_border), 0);
}

static int contents(void)
{
    enter(in_and_too, 2, LF_SANDBOX_NAMES);
    return TRY(opened("in/file", O_WRONLY), EACCES) |
           TRY(opened("in/new", O_RDWR | O_CREAT | O_EXCL), EACCES) |
           TRY(opened("/dev/null", O_WRONLY), EACCES);
}

static int contents_allowed(void)
{
    enter(in_and_too, 1, LF_SANDBOX_NAMES | LF_SANDBOX_FILES);
    return TRY(opened("in/file", O_WRONLY | O_TRUNC), 0) |
           TRY(opened("in/other", O_RDWR | O_CREAT | O_EXCL), 0) |
           TRY(opened("too/file", O_WRONLY), EACCES);
}

static void test_no_file_is_written_unless_that_is_allowed(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(contents), 0);
    assert_int_equal(in_child(contents_allowed), 0);
}

static int empties(void)
{
    enter(in_and_too, 1, LF_SANDBOX_EMPTIES);
    return TRY(unlinkat(at, "in/file", 0), EACCES) |
           TRY(unlinkat(at, "in/sub", AT_REMOVEDIR), ENOTEMPTY) |
           TRY(mkdirat(at, "in/new", 0700), EACCES) |
           TRY(moved("in/file", "in/new", 0), EACCES) |
           TRY(unlinkat(at, "in/empty", AT_REMOVEDIR), 0);
}

static void test_only_empty_directories_go_where_that_is_said(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(empties), 0);
}

static int looks(void)
{
    char buf[16];
    struct stat st;
    enter(in_and_too, 2, LF_SANDBOX_NAMES);
    return TRY(opened("out/file", O_RDONLY), 0) |
           TRY(opened("out", O_RDONLY | O_DIRECTORY), 0) |
           TRY((int)readlinkat(at, "out/link", buf, sizeof(buf)), 0) |
           TRY(fstatat(at, "out/file", &st, 0), 0) |
           TRY(opened("/etc/passwd", O_RDONLY), 0);
}

static void test_everything_can_still_be_read(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(looks), 0);
}

static int held_open(void)
{
    /* what was opened before keeps its rights: the program's output does */
    int fd = openat(at, "out/file", O_WRONLY | O_CLOEXEC);
    enter(in_and_too, 0, 0);
    return TRY((int)write(fd, "x", 1), 0);
}

static void test_what_was_open_before_can_still_be_written(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(held_open), 0);
}

static int programs(void)
{
    char *const argv[] = {(char *)(uintptr_t) "true", NULL};
    enter(in_and_too, 2, LF_SANDBOX_NAMES);
    return TRY(execv("/bin/true", argv), EACCES);
}

static void test_no_program_can_be_run(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(programs), 0);
}

/* ---- threads ---- */

static void *confined(void *arg)
{
    int *result = arg;
    enter(in_and_too, 1, LF_SANDBOX_NAMES);
    *result = TRY(mkdirat(at, "out/by-thread", 0700), EACCES) |
              TRY(mkdirat(at, "in/by-thread", 0700), 0);
    return NULL;
}

static int other_threads(void)
{
    pthread_t thread;
    int result = 1;
    if (pthread_create(&thread, NULL, confined, &result) != 0 ||
        pthread_join(thread, NULL) != 0)
        return 1;
    return result | TRY(mkdirat(at, "out/by-process", 0700), 0);
}

static void test_other_threads_keep_their_rights(void **state)
{
    NEEDS_LANDLOCK(state);
    assert_int_equal(in_child(other_threads), 0);
}

int main(void)
{
#define SANDBOX_TEST(test)                                                     \
    cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
            SANDBOX_TEST(test_nothing_changes_outside),
            SANDBOX_TEST(test_names_change_inside_and_between),
            SANDBOX_TEST(test_nothing_moves_across_the_border),
            SANDBOX_TEST(test_no_file_is_written_unless_that_is_allowed),
            SANDBOX_TEST(test_only_empty_directories_go_where_that_is_said),
            SANDBOX_TEST(test_everything_can_still_be_read),
            SANDBOX_TEST(test_what_was_open_before_can_still_be_written),
            SANDBOX_TEST(test_no_program_can_be_run),
            SANDBOX_TEST(test_other_threads_keep_their_rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
