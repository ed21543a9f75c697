/* SPDX-License-Identifier: MIT */
/*
 * test_fs_faults.c - fs.h where calls fail, are interrupted, transfer little,
 * or are raced against
 */
#define _GNU_SOURCE
#include "support/fs_world.h"
#include "support/intercept.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* What the answering functions work with; each child has its own copy. */
static long denied_errno;
static long calls;
static long interruptions;
static struct fs_world *racer;

static void run(bool (*body)(void *arg), struct fs_world *w)
{
    if (!intercept_works())
        skip_because("system calls cannot be intercepted here");
    scratch_dir(w->scratch, "a/b");
    scratch_file(w->scratch, "file", "bytes");
    scratch_link(w->scratch, "link", "a");
    assert_true(intercept_run(body, w));
}

/* ---- a listing ---- */

static long hide_types(long number, const long args[6])
{
    long len = intercept_pass(number, args);
    char *records = (char *)args[1];
    for (long at = 0; at < len;) {
        struct dirent *entry = (struct dirent *)(records + at);
        entry->d_type = DT_UNKNOWN;
        at += entry->d_reclen;
    }
    return len;
}

static bool all_unknown(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    (void)name;
    bool *known = arg;
    *known |= kind != LF_NODE_UNKNOWN;
    return true;
}

static bool list_without_types(void *arg)
{
    struct fs_world *w = arg;
    bool known = false;
    const long numbers[] = {SYS_getdents64};
    intercept_calls(hide_types, numbers, 1);
    require(w->fs.list(&w->fs, w->at, all_unknown, &known) == 0);
    require(!known);
    return true;
}

static void test_a_listing_without_kinds_says_unknown(void **state)
{
    run(list_without_types, *state);
}

static long fail_with_eio(long number, const long args[6])
{
    (void)number;
    (void)args;
    return -EIO;
}

static bool list_with_an_error(void *arg)
{
    struct fs_world *w = arg;
    bool known = false;
    const long numbers[] = {SYS_getdents64};
    intercept_calls(fail_with_eio, numbers, 1);
    require(w->fs.list(&w->fs, w->at, all_unknown, &known) == -EIO);
    return true;
}

static void test_a_listing_that_fails_says_so(void **state)
{
    run(list_with_an_error, *state);
}

/* ---- interruptions ---- */

static long interrupt(long number, const long args[6])
{
    calls++;
    if (interruptions < 0)
        return -EINTR;
    /* each call gets through after so many */
    return calls % (interruptions + 1) ? -EINTR : intercept_pass(number, args);
}

static bool ignore(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    (void)arg;
    (void)name;
    (void)kind;
    return true;
}

/* Every operation; the number of the one that was not `want`, 0 if all were. */
static int first_that_is_not(struct fs_world *w, int file, int want)
{
    struct lf_fs *fs = &w->fs;
    struct lf_node node;
    char buf[8];
    int at = w->at;
    const long results[] = {
            0,
            fs->open_dir(fs, at, "a/b", LF_DIR_PATH),
            fs->open_dir(fs, at, "link", LF_DIR_FOLLOW),
            fs->stat(fs, at, "file", &node),
            fs->stat(fs, at, "", &node),
            fs->readlink(fs, at, "link", buf, 8),
            fs->list(fs, at, ignore, NULL),
            fs->symlink(fs, "x", at, "new"),
            fs->mkdir(fs, at, "dir", 0700),
            fs->chmod(fs, at, "file", 0600),
            fs->rename(fs, at, "new", at, "new2", LF_RENAME_REPLACE),
            fs->rename(fs, at, "new2", at, "new", LF_RENAME_NOREPLACE),
            fs->link(fs, at, "new", at, "twin"),
            fs->unlink(fs, at, "new"),
            fs->unlink(fs, at, "twin"),
            fs->rmdir(fs, at, "dir"),
            fs->open_file(fs, at, "file", LF_FILE_WRITE, 0),
            fs->write(fs, file, "12345", 5),
            fs->truncate(fs, file, 0),
            fs->read(fs, file, buf, 8),
            fs->fsync(fs, file),
            fs->syncfs(fs, file),
            fs->lock(fs, file),
    };
    for (size_t i = 1; i < ARRAY_LEN(results); i++) {
        if (want == 0 ? results[i] < 0 : results[i] != want) {
            interruptions = 0; /* of the message */
            fprintf(stderr, "operation %zu: %ld, want %d\n", i, results[i],
                    want);
            return (int)i;
        }
    }
    return 0;
}

/* At most 8 a filter, so there are several, which add up. */
static void interrupt_all(void)
{
    static const long numbers[] = {
            SYS_openat2,    SYS_openat,    SYS_statx,    SYS_readlinkat,
            SYS_getdents64, SYS_symlinkat, SYS_mkdirat,  SYS_fchmodat2,
            SYS_renameat2,  SYS_linkat,    SYS_unlinkat, SYS_fchmod,
#ifdef SYS_newfstatat /* 32-bit machines call it otherwise */
            SYS_newfstatat,
#endif
#ifdef SYS_chmod
            SYS_chmod,
#endif
#ifdef SYS_renameat
            SYS_renameat,
#endif
            SYS_write,      SYS_ftruncate, SYS_read,     SYS_fsync,
            SYS_syncfs,     SYS_flock,
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i += 8) {
        size_t left = ARRAY_LEN(numbers) - i;
        intercept_calls(interrupt, numbers + i, left < 8 ? left : 8);
    }
}

static bool interrupted_for_a_while(void *arg)
{
    struct fs_world *w = arg;
    int file = w->fs.open_file(&w->fs, w->at, "file", LF_FILE_WRITE, 0);
    require(file >= 0);
    interruptions = 0;
    interrupt_all();
    for (int times = 0; times < 40; times += 13) {
        interruptions = times;
        require(first_that_is_not(w, file, 0) == 0);
    }
    return true;
}

static bool interrupted_for_ever(void *arg)
{
    struct fs_world *w = arg;
    int file = w->fs.open_file(&w->fs, w->at, "file", LF_FILE_WRITE, 0);
    require(file >= 0);
    interruptions = 0;
    interrupt_all();
    interruptions = -1;
    require(first_that_is_not(w, file, -EINTR) == 0);
    require(calls < 30 * 200);
    return true;
}

static void test_an_interrupted_call_is_made_again(void **state)
{
    run(interrupted_for_a_while, *state);
}

static void test_a_call_is_not_made_again_for_ever(void **state)
{
    run(interrupted_for_ever, *state);
}

/* ---- short transfers ---- */

static long transfer_one_byte(long number, const long args[6])
{
    long short_args[6] = {args[0], args[1], args[2] > 1 ? 1 : args[2]};
    return intercept_pass(number, short_args);
}

static bool transfers_byte_by_byte(void *arg)
{
    struct fs_world *w = arg;
    struct lf_fs *fs = &w->fs;
    char buf[32];
    const long numbers[] = {SYS_read, SYS_write};
    int fd = fs->open_file(fs, w->at, "new", LF_FILE_WRITE | LF_FILE_CREATE,
                           0600);
    intercept_calls(transfer_one_byte, numbers, 2);
    require(fs->write(fs, fd, "some bytes", 10) == 0);
    fd = fs->open_file(fs, w->at, "new", LF_FILE_READ, 0);
    require(fs->read(fs, fd, buf, sizeof(buf)) == 10);
    require(memcmp(buf, "some bytes", 10) == 0);
    return true;
}

static long fail_after_some(long number, const long args[6])
{
    if (calls++ > 3)
        return -denied_errno;
    return transfer_one_byte(number, args);
}

static bool transfers_that_fail(void *arg)
{
    struct fs_world *w = arg;
    struct lf_fs *fs = &w->fs;
    char buf[32];
    const long numbers[] = {SYS_read, SYS_write};
    int fd = fs->open_file(fs, w->at, "file", LF_FILE_WRITE, 0);
    intercept_calls(fail_after_some, numbers, 2);
    denied_errno = EIO;
    calls = 0;
    require(fs->read(fs, fd, buf, sizeof(buf)) == -EIO);
    denied_errno = ENOSPC;
    calls = 0;
    require(fs->write(fs, fd, "some bytes", 10) == -ENOSPC);
    denied_errno = 0; /* write(2) that writes nothing must not loop */
    calls = 0;
    require(fs->write(fs, fd, "some bytes", 10) == -EIO);
    return true;
}

static void test_short_transfers_are_continued(void **state)
{
    run(transfers_byte_by_byte, *state);
}

static void test_a_transfer_that_fails_half_way_fails(void **state)
{
    run(transfers_that_fail, *state);
}

/* ---- races with the fall-back of renaming ---- */

/* Another process replaces "file" just before it is linked. */
static long swap_before_link(long number, const long args[6])
{
    renameat(racer->scratch->fd, "foreign", racer->scratch->fd, "file");
    return intercept_pass(number, args);
}

static bool rename_while_swapped(void *arg)
{
    struct fs_world *w = racer = arg;
    struct lf_fs fs;
    struct lf_node foreign, now;
    const long numbers[] = {SYS_linkat};
    lf_fs_system_fallback(&fs);
    scratch_file(w->scratch, "foreign", "of someone else");
    require(fs.stat(&fs, w->at, "foreign", &foreign) == 0);
    intercept_calls(swap_before_link, numbers, 1);
    require(fs.rename(&fs, w->at, "file", w->at, "new", LF_RENAME_NOREPLACE) ==
            -EAGAIN);
    require(fs.stat(&fs, w->at, "new", &now) == -ENOENT);
    require(fs.stat(&fs, w->at, "file", &now) == 0);
    require(lf_node_same(&foreign, &now));
    return true;
}

static void test_a_node_put_in_the_way_of_a_rename_is_kept(void **state)
{
    run(rename_while_swapped, *state);
}

/* The first name cannot be taken away, the second can. */
static long refuse_once(long number, const long args[6])
{
    return calls++ == 0 ? -EROFS : intercept_pass(number, args);
}

static bool rename_half_done(void *arg)
{
    struct fs_world *w = arg;
    struct lf_fs fs;
    struct lf_node now;
    const long numbers[] = {SYS_unlinkat};
    lf_fs_system_fallback(&fs);
    intercept_calls(refuse_once, numbers, 1);
    require(fs.rename(&fs, w->at, "file", w->at, "new", LF_RENAME_NOREPLACE) ==
            -EROFS);
    require(fs.stat(&fs, w->at, "new", &now) == -ENOENT);
    require(fs.stat(&fs, w->at, "file", &now) == 0);
    return true;
}

static void test_a_rename_that_fails_half_way_is_taken_back(void **state)
{
    run(rename_half_done, *state);
}

/* ---- a hostile neighbour ---- */

/* Swap "swapped" and "link", a link to "outside", until killed. */
static void swap_for_ever(int at)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing */
    for (;;)
        renameat2(at, "swapped", at, "link-out", RENAME_EXCHANGE);
}

static void check_race(struct fs_world *w, const struct lf_node *inside)
{
    struct lf_fs *fs = &w->fs;
    int opened = 0, refused = 0;
    for (int i = 0; i < 100000 && (opened < 2000 || refused < 2000); i++) {
        struct lf_node node;
        int fd = fs->open_dir(fs, w->at, "swapped/b", LF_DIR_PATH);
        if (fd < 0) {
            /* without openat2(2) the kind is asked for after the refusal, and
             * may be another by then */
            assert_true(fd == -ELOOP || fd == -ENOTDIR);
            refused++;
        } else {
            assert_errno(fs->stat(fs, fd, "", &node), 0);
            assert_true(lf_node_same(&node, inside));
            fs->close(fs, fd);
            opened++;
        }
        int result = fs->chmod(fs, w->at, "swapped", 0700);
        assert_true(result == 0 || result == -EOPNOTSUPP);
    }
    assert_true(opened > 0 && refused > 0);
}

static void test_a_directory_swapped_for_a_link_leads_nowhere(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    struct lf_node inside, outside;
    scratch_dir(w->scratch, "swapped/b");
    scratch_dir(w->scratch, "outside/b");
    scratch_link(w->scratch, "link-out", "outside");
    int fd = fs->open_dir(fs, w->at, "swapped/b", LF_DIR_PATH);
    assert_errno(fs->stat(fs, fd, "", &inside), 0);
    fs->close(fs, fd);
    if (renameat2(w->scratch->fd, "swapped", w->scratch->fd, "link-out",
                  RENAME_EXCHANGE) < 0)
        skip_because("this file system has no exchange");
    pid_t neighbour = fork();
    if (neighbour == 0)
        swap_for_ever(w->scratch->fd);
    assert_true(neighbour > 0);
    check_race(w, &inside);
    kill(neighbour, SIGKILL);
    assert_int_equal(waitpid(neighbour, NULL, 0), neighbour);
    assert_errno(fs->stat(fs, w->at, "outside", &outside), 0);
    assert_int_equal(outside.mode, 0755);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            FS_BOTH(test_a_listing_without_kinds_says_unknown),
            FS_BOTH(test_a_listing_that_fails_says_so),
            FS_BOTH(test_an_interrupted_call_is_made_again),
            FS_BOTH(test_a_call_is_not_made_again_for_ever),
            FS_BOTH(test_short_transfers_are_continued),
            FS_BOTH(test_a_transfer_that_fails_half_way_fails),
            FS_SYSTEM(test_a_node_put_in_the_way_of_a_rename_is_kept),
            FS_SYSTEM(test_a_rename_that_fails_half_way_is_taken_back),
            FS_BOTH(test_a_directory_swapped_for_a_link_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
