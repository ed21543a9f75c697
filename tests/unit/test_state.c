/* SPDX-License-Identifier: MIT */
/* test_state.c - the state directory: making, trusting, locking it */
#include "ledger/state.h"
#include "support/check.h"
#include "support/sample_state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- making and trusting ---- */

static void test_reading_makes_nothing(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state reader;
    struct lf_ledger *ledger = NULL;
    struct lf_str text;
    uint64_t *numbers;
    size_t count = 1;
    bool exists = true;
    lf_fs_system(&fs);
    assert_done(lf_state_open(&fs, below(scratch, "a/b/state"), LF_STATE_READ,
                              &reader, &err),
                &err);
    assert_int_equal(reader.fd, -1);
    assert_done(lf_state_load(&reader, &ledger, &err), &err);
    assert_int_equal(ledger->n_farms, 0);
    lf_ledger_free(ledger);
    assert_done(lf_state_read(&reader, "journal", &text, &exists, &err), &err);
    assert_false(exists);
    assert_done(
            lf_state_generations(&reader, LF_STR("f"), &numbers, &count, &err),
            &err);
    assert_int_equal(count, 0);
    assert_refused(lf_state_generation(&reader, LF_STR("f"), 1, &ledger, &err),
                   &err, LF_CODE_NO_GENERATION);
    assert_false(lf_state_interrupted(&reader));
    lf_state_close(&reader);
    assert_false(scratch_exists(scratch, "a"));
}

static void test_writing_makes_it_and_its_parents_private(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    mode_t old = umask(022);
    lf_fs_system(&fs);
    scratch_dir(scratch, "home");
    struct lf_state writer = open_state(&fs, below(scratch, "home/a/./b//s/."));
    lf_state_close(&writer);
    umask(old);
    assert_int_equal(mode_of(scratch, "home"), 0755);
    assert_int_equal(mode_of(scratch, "home/a"), 0700);
    assert_int_equal(mode_of(scratch, "home/a/b"), 0700);
    assert_int_equal(mode_of(scratch, "home/a/b/s"), 0700);
}

static void test_parents_may_be_links(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    lf_fs_system(&fs);
    scratch_dir(scratch, "disk");
    scratch_link(scratch, "local", "disk");
    struct lf_state writer = open_state(&fs, below(scratch, "local/new/state"));
    lf_state_close(&writer);
    assert_true(scratch_exists(scratch, "disk/new/state"));
    writer = open_state(&fs, below(scratch, "local/new/state"));
    lf_state_close(&writer);
}

static void test_works_without_what_linux_adds(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system_fallback(&fs);
    struct lf_state writer = open_state(&fs, below(scratch, "a/state"));
    assert_done(lf_state_lock(&writer, 0, LF_STR("test"), &err), &err);
    stand(&writer, "f", 1, "one");
    assert_done(lf_state_keep(&writer, LF_STR("f"), 1, &err), &err);
    lf_state_close(&writer);
}

static void check_unsafe(struct scratch *scratch, const char *name,
                         const char *says, const char *cure)
{
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state opened;
    char want[4400];
    lf_fs_system(&fs);
    for (enum lf_state_mode mode = LF_STATE_READ; mode <= LF_STATE_WRITE;
         mode++) {
        assert_refused(
                lf_state_open(&fs, below(scratch, name), mode, &opened, &err),
                &err, LF_CODE_STATE_UNSAFE);
        snprintf(want, sizeof(want), "state directory '%s/%s' %s",
                 scratch->path, name, says);
        assert_string_equal(err.message, want);
        assert_non_null(strstr(err.help, cure));
    }
}

static void test_refuses_what_others_may_write(void **state)
{
    struct scratch *scratch = *state;
    scratch_dir(scratch, "state");
    assert_int_equal(fchmodat(scratch->fd, "state", 0770, 0), 0);
    check_unsafe(scratch, "state", "may be written by others (mode 0770)",
                 "chmod 700 ");
    assert_int_equal(fchmodat(scratch->fd, "state", 01702, 0), 0);
    check_unsafe(scratch, "state", "may be written by others (mode 1702)",
                 "chmod 700 ");
}

static void test_refuses_a_link_at_its_own_place(void **state)
{
    struct scratch *scratch = *state;
    scratch_dir(scratch, "real");
    scratch_link(scratch, "state", "real");
    check_unsafe(scratch, "state", "is a symbolic link", "--state-dir");
    scratch_link(scratch, "dangling", "nowhere");
    check_unsafe(scratch, "dangling", "is a symbolic link", "--state-dir");
}

static void test_refuses_what_is_no_directory(void **state)
{
    struct scratch *scratch = *state;
    scratch_file(scratch, "state", "");
    check_unsafe(scratch, "state", "is not a directory", "move it away");
}

static void test_refuses_what_belongs_to_another(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state opened;
    lf_fs_system(&fs);
    if (geteuid() == 0) {
        scratch_dir(scratch, "state");
        assert_int_equal(fchownat(scratch->fd, "state", 4242, 0, 0), 0);
        check_unsafe(scratch, "state", "belongs to user 4242, not to user 0",
                     "run as its owner");
        return;
    }
    assert_refused(
            lf_state_open(&fs, LF_STR("/usr"), LF_STATE_WRITE, &opened, &err),
            &err, LF_CODE_STATE_UNSAFE);
    assert_non_null(strstr(err.message, "belongs to user"));
}

/* Ours, but not to be read: there is a cure that the message leads to. */
static void test_tells_what_cannot_be_read(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state opened;
    if (geteuid() == 0)
        skip_because("root can read every directory");
    lf_fs_system(&fs);
    scratch_dir(scratch, "state");
    assert_int_equal(fchmodat(scratch->fd, "state", 0300, 0), 0);
    assert_refused(lf_state_open(&fs, below(scratch, "state"), LF_STATE_READ,
                                 &opened, &err),
                   &err, LF_CODE_STATE_UNREADABLE);
    assert_int_equal(err.os_errno, EACCES);
    assert_refused(lf_state_open(&fs, below(scratch, "state"), LF_STATE_WRITE,
                                 &opened, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    /* whoever else may do what with it comes first */
    assert_int_equal(fchmodat(scratch->fd, "state", 0320, 0), 0);
    check_unsafe(scratch, "state", "may be written by others (mode 0320)",
                 "chmod 700 ");
    assert_int_equal(fchmodat(scratch->fd, "state", 0700, 0), 0);
}

static void test_refuses_a_path_without_a_name(void **state)
{
    static const char *const paths[] = {"",    "/",       "//",      "/.",
                                        "a/b", "/tmp/..", "/tmp/../"};
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state opened;
    lf_fs_system(&fs);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        assert_refused(lf_state_open(&fs, lf_str(paths[i]), LF_STATE_WRITE,
                                     &opened, &err),
                       &err, LF_CODE_STATE_UNSAFE);
    assert_refused(lf_state_open(&fs, LF_STR("/tmp/a\0b"), LF_STATE_WRITE,
                                 &opened, &err),
                   &err, LF_CODE_STATE_UNSAFE);
    (void)state;
}

static void test_says_where_it_cannot_be_made(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state opened;
    char name[300];
    lf_fs_system(&fs);
    scratch_file(scratch, "file", "");
    assert_refused(lf_state_open(&fs, below(scratch, "file/state"),
                                 LF_STATE_WRITE, &opened, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    assert_int_equal(err.os_errno, ENOTDIR);
    assert_non_null(strstr(err.message, "cannot make '"));
    assert_refused(lf_state_open(&fs, below(scratch, "no/../state"),
                                 LF_STATE_WRITE, &opened, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    assert_int_equal(err.os_errno, ENOENT);
    memset(name, 'a', sizeof(name) - 1);
    memcpy(name, "x/", 2);
    name[sizeof(name) - 3] = '/';
    name[sizeof(name) - 1] = '\0';
    assert_refused(lf_state_open(&fs, below(scratch, name), LF_STATE_WRITE,
                                 &opened, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    assert_int_equal(err.os_errno, ENAMETOOLONG);
    scratch_link(scratch, "gone", "nowhere");
    assert_refused(lf_state_open(&fs, below(scratch, "gone/state"),
                                 LF_STATE_WRITE, &opened, &err),
                   &err, LF_CODE_STATE_UNWRITABLE);
    assert_int_equal(err.os_errno, ELOOP);
}

static void test_shows_control_bytes_escaped(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    struct lf_state opened;
    lf_fs_system(&fs);
    scratch_file(scratch, "a\x1b[31m", "");
    assert_refused(lf_state_open(&fs, below(scratch, "a\x1b[31m"),
                                 LF_STATE_READ, &opened, &err),
                   &err, LF_CODE_STATE_UNSAFE);
    assert_null(strchr(err.message, 0x1b));
    assert_non_null(strstr(err.message, "a\\e[31m"));
}

/* ---- lock ---- */

/* A child, 0 to itself, which says by say_ready() when await_ready() is over. */
static pid_t begin_child(int ready[2])
{
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    return pid;
}

static void say_ready(const int ready[2])
{
    if (write(ready[1], "x", 1) != 1)
        _exit(2);
}

static void await_ready(const int ready[2])
{
    char byte;
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
}

/* A child that holds the lock until it is killed or `hold_ms` are over. */
static pid_t hold_lock(struct lf_str path, const char *command, int hold_ms)
{
    int ready[2];
    pid_t pid = begin_child(ready);
    if (pid == 0) {
        struct timespec time = {hold_ms / 1000, hold_ms % 1000 * 1000000L};
        struct lf_fs fs;
        struct lf_error err;
        struct lf_state held;
        lf_fs_system(&fs);
        if (!lf_state_open(&fs, path, LF_STATE_WRITE, &held, &err) ||
            !lf_state_lock(&held, 0, lf_str(command), &err))
            _exit(1);
        say_ready(ready);
        nanosleep(&time, NULL);
        lf_state_close(&held);
        _exit(0);
    }
    await_ready(ready);
    return pid;
}

static void test_a_lock_names_its_holder(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    char want[4400];
    lf_fs_system(&fs);
    pid_t pid = hold_lock(below(scratch, "state"), "linkfarm apply\n", 60000);
    struct lf_state waiter = open_state(&fs, below(scratch, "state"));
    assert_refused(lf_state_lock(&waiter, 0, LF_STR("me"), &err), &err,
                   LF_CODE_LOCKED);
    snprintf(want, sizeof(want),
             "state directory '%s/state' is locked by process %ld "
             "(linkfarm apply\\n)",
             scratch->path, (long)pid);
    assert_string_equal(err.message, want);
    assert_true(err.help[0]);
    assert_int_equal(lf_code_exit(err.code), 75);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_done(lf_state_lock(&waiter, 0, LF_STR("me"), &err), &err);
    lf_state_close(&waiter);
    check_file(scratch, "state/lock", "");
}

static void test_waits_for_the_lock(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    int status;
    lf_fs_system(&fs);
    pid_t pid = hold_lock(below(scratch, "state"), "short", 100);
    struct lf_state waiter = open_state(&fs, below(scratch, "state"));
    assert_refused(lf_state_lock(&waiter, 20, LF_STR("me"), &err), &err,
                   LF_CODE_LOCKED);
    assert_done(lf_state_lock(&waiter, 60000, LF_STR("me"), &err), &err);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    lf_state_close(&waiter);
}

static void test_a_holder_that_says_nothing_is_another_process(void **state)
{
    static const char *const texts[] = {"",      "x",       "12\n",
                                        "x y\n", "1 \\9\n", "12 cut"};
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    struct lf_state holder = open_state(&fs, below(scratch, "state"));
    struct lf_state waiter = open_state(&fs, below(scratch, "state"));
    assert_done(lf_state_lock(&holder, 0, LF_STR("me"), &err), &err);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        scratch_file(scratch, "state/lock", texts[i]);
        assert_refused(lf_state_lock(&waiter, 0, LF_STR("me"), &err), &err,
                       LF_CODE_LOCKED);
        assert_non_null(strstr(err.message, "is locked by another process"));
    }
    lf_state_close(&waiter);
    lf_state_close(&holder);
}

static void test_a_long_command_is_cut(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    char command[2000];
    struct stat st;
    lf_fs_system(&fs);
    memset(command, 'c', sizeof(command));
    struct lf_state holder = open_state(&fs, below(scratch, "state"));
    assert_done(lf_state_lock(&holder, 0, lf_str_of(command, sizeof(command)),
                              &err),
                &err);
    assert_int_equal(fstatat(scratch->fd, "state/lock", &st, 0), 0);
    assert_true(st.st_size < 600);
    assert_int_equal(st.st_mode & 07777, 0600);
    lf_state_close(&holder);
}

/* Somebody else's file would be emptied. */
static void test_a_lock_with_another_name_is_replaced(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    scratch_file(scratch, "precious", "precious");
    struct lf_state holder = open_state(&fs, below(scratch, "state"));
    struct lf_state waiter = open_state(&fs, below(scratch, "state"));
    assert_int_equal(
            linkat(scratch->fd, "precious", scratch->fd, "state/lock", 0), 0);
    assert_done(lf_state_lock(&holder, 0, LF_STR("me"), &err), &err);
    assert_refused(lf_state_lock(&waiter, 0, LF_STR("me"), &err), &err,
                   LF_CODE_LOCKED);
    lf_state_close(&holder);
    assert_done(lf_state_lock(&waiter, 0, LF_STR("me"), &err), &err);
    lf_state_close(&waiter);
    check_file(scratch, "precious", "precious");
    check_file(scratch, "state/lock", "");
    assert_true(inode_of(scratch, "precious") !=
                inode_of(scratch, "state/lock"));
}

static struct lf_fs beyond;
static struct scratch *replaced_in; /* NULL: not any more */

/* Somebody replaces the file between its opening and its locking. */
static int lock_late(struct lf_fs *fs, int fd)
{
    (void)fs;
    if (replaced_in) {
        int at = replaced_in->fd;
        replaced_in = NULL;
        assert_int_equal(renameat(at, "state/lock", at, "old"), 0);
    }
    return beyond.lock(&beyond, fd);
}

/* A child with copies of all descriptors, which it keeps, or closes as its own. */
static pid_t fork_with(struct lf_state *held, bool closes)
{
    int ready[2];
    pid_t pid = begin_child(ready);
    if (pid == 0) {
        if (closes)
            lf_state_close(held);
        say_ready(ready);
        for (;;)
            pause();
    }
    await_ready(ready);
    return pid;
}

static void test_a_lock_is_of_the_process_that_took_it(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    struct lf_state holder = open_state(&fs, below(scratch, "state"));
    struct lf_state waiter = open_state(&fs, below(scratch, "state"));
    assert_done(lf_state_lock(&holder, 0, LF_STR("me"), &err), &err);
    pid_t keeps = fork_with(&holder, false), closes = fork_with(&holder, true);
    bool got = lf_state_lock(&waiter, 0, LF_STR("you"), &err);
    bool named = !got && strstr(err.message, "me") != NULL;
    lf_state_close(&holder);
    bool later = got || lf_state_lock(&waiter, 0, LF_STR("you"), &err);
    lf_state_close(&waiter);
    assert_int_equal(kill(keeps, SIGKILL), 0);
    assert_int_equal(kill(closes, SIGKILL), 0);
    assert_int_equal(waitpid(keeps, NULL, 0), keeps);
    assert_int_equal(waitpid(closes, NULL, 0), closes);
    assert_false(got);
    assert_true(named);
    assert_true(later);
}

static void test_a_lock_that_was_replaced_is_not_held(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&beyond);
    fs = beyond;
    fs.lock = lock_late;
    struct lf_state holder = open_state(&fs, below(scratch, "state"));
    struct lf_state waiter = open_state(&beyond, below(scratch, "state"));
    replaced_in = scratch;
    assert_done(lf_state_lock(&holder, 0, LF_STR("me"), &err), &err);
    assert_refused(lf_state_lock(&waiter, 0, LF_STR("me"), &err), &err,
                   LF_CODE_LOCKED);
    check_file(scratch, "old", "");
    lf_state_close(&waiter);
    lf_state_close(&holder);
}

static struct scratch *contended; /* where others lock */

/* Each file is held at first, and another one stands when it is not any more. */
static int lock_in_vain(struct lf_fs *fs, int fd)
{
    static bool held;
    (void)fs;
    (void)fd;
    held = !held;
    if (held)
        return -EWOULDBLOCK;
    assert_int_equal(
            renameat(contended->fd, "state/lock", contended->fd, "old"), 0);
    return 0;
}

static void test_locks_that_are_replaced_are_waited_for_no_longer(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    lf_fs_system(&fs);
    fs.lock = lock_in_vain;
    struct lf_state waiter = open_state(&fs, below(scratch, "state"));
    contended = scratch;
    assert_refused(lf_state_lock(&waiter, 1, LF_STR("me"), &err), &err,
                   LF_CODE_LOCKED);
    lf_state_close(&waiter);
}

static void test_a_lock_of_another_user_is_refused(void **state)
{
    struct scratch *scratch = *state;
    struct lf_fs fs;
    struct lf_error err;
    if (geteuid() != 0)
        skip();
    lf_fs_system(&fs);
    scratch_file(scratch, "state/lock", "theirs");
    assert_int_equal(fchmodat(scratch->fd, "state", 0700, 0), 0);
    assert_int_equal(fchownat(scratch->fd, "state/lock", 65534, 65534, 0), 0);
    struct lf_state writer = open_state(&fs, below(scratch, "state"));
    assert_refused(lf_state_lock(&writer, 0, LF_STR("me"), &err), &err,
                   LF_CODE_STATE_UNWRITABLE);
    assert_non_null(strstr(err.message, "belongs to another user"));
    lf_state_close(&writer);
    check_file(scratch, "state/lock", "theirs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            IN_SCRATCH(test_reading_makes_nothing),
            IN_SCRATCH(test_writing_makes_it_and_its_parents_private),
            IN_SCRATCH(test_parents_may_be_links),
            IN_SCRATCH(test_works_without_what_linux_adds),
            IN_SCRATCH(test_refuses_what_others_may_write),
            IN_SCRATCH(test_refuses_a_link_at_its_own_place),
            IN_SCRATCH(test_refuses_what_is_no_directory),
            IN_SCRATCH(test_refuses_what_belongs_to_another),
            IN_SCRATCH(test_tells_what_cannot_be_read),
            IN_SCRATCH(test_refuses_a_path_without_a_name),
            IN_SCRATCH(test_says_where_it_cannot_be_made),
            IN_SCRATCH(test_shows_control_bytes_escaped),
            IN_SCRATCH(test_a_lock_names_its_holder),
            IN_SCRATCH(test_a_lock_with_another_name_is_replaced),
            IN_SCRATCH(test_a_lock_is_of_the_process_that_took_it),
            IN_SCRATCH(test_a_lock_that_was_replaced_is_not_held),
            IN_SCRATCH(test_locks_that_are_replaced_are_waited_for_no_longer),
            IN_SCRATCH(test_a_lock_of_another_user_is_refused),
            IN_SCRATCH(test_waits_for_the_lock),
            IN_SCRATCH(test_a_holder_that_says_nothing_is_another_process),
            IN_SCRATCH(test_a_long_command_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
