/* SPDX-License-Identifier: MIT */
/*
 * test_fs_lacking.c - fs.h over kernels that lack calls, are interrupted, or
 * are raced against
 */
#define _GNU_SOURCE
#include "support/fs_world.h"
#include "support/intercept.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/* What the answering functions work with; each child has its own copy. */
static long denied_errno;
static long calls;
static long interruptions;
static struct fs_world *racer;

static long deny(long number, const long args[6])
{
    (void)number;
    (void)args;
    calls++;
    return -denied_errno;
}

static void deny_calls(const long *numbers, size_t n, int with)
{
    denied_errno = with;
    calls = 0;
    intercept_calls(deny, numbers, n);
}

static void run(bool (*body)(void *arg), struct fs_world *w)
{
    if (!intercept_works())
        skip_because("system calls cannot be intercepted here");
    scratch_dir(w->scratch, "a/b");
    scratch_file(w->scratch, "file", "bytes");
    scratch_link(w->scratch, "link", "a");
    assert_true(intercept_run(body, w));
}

/* ---- calls that are missing ---- */

static bool opens_safely(struct fs_world *w)
{
    struct lf_fs *fs = &w->fs;
    require(fs->open_dir(fs, w->at, "a/b", LF_DIR_READ) >= 0);
    require(fs->open_dir(fs, w->at, "", LF_DIR_PATH) >= 0);
    require(fs->open_dir(fs, w->at, "link/b", LF_DIR_PATH) == -ELOOP);
    require(fs->open_dir(fs, w->at, "link", LF_DIR_PATH) == -ELOOP);
    require(fs->open_dir(fs, w->at, "a/..", LF_DIR_PATH) == -EXDEV);
    require(fs->open_dir(fs, w->at, "a/c", LF_DIR_PATH) == -ENOENT);
    require(fs->open_dir(fs, w->at, "file", LF_DIR_PATH) == -ENOTDIR);
    require(calls > 0);
    return true;
}

static bool open_without_openat2(void *arg)
{
    const long numbers[] = {SYS_openat2};
    deny_calls(numbers, 1, ENOSYS);
    return opens_safely(arg);
}

static bool open_with_openat2_forbidden(void *arg)
{
    const long numbers[] = {SYS_openat2};
    deny_calls(numbers, 1, EPERM);
    return opens_safely(arg);
}

static bool open_with_openat2_always_busy(void *arg)
{
    const long numbers[] = {SYS_openat2};
    deny_calls(numbers, 1, EAGAIN);
    return opens_safely(arg);
}

static void test_directories_open_safely_without_openat2(void **state)
{
    run(open_without_openat2, *state);
}

static void
test_directories_open_safely_where_openat2_is_forbidden(void **state)
{
    run(open_with_openat2_forbidden, *state);
}

static void test_directories_open_safely_where_openat2_is_busy(void **state)
{
    run(open_with_openat2_always_busy, *state);
}

static bool stat_without_statx(void *arg)
{
    struct fs_world *w = arg;
    struct lf_node node;
    const long numbers[] = {SYS_statx};
    deny_calls(numbers, 1, ENOSYS);
    require(w->fs.stat(&w->fs, w->at, "link", &node) == 0);
    require(node.kind == LF_NODE_LINK && node.mount == 0);
    require(w->fs.stat(&w->fs, w->at, "x", &node) == -ENOENT);
    require(w->fs.stat(&w->fs, w->at, "", &node) == 0);
    require(node.kind == LF_NODE_DIR && calls > 0);
    return true;
}

static void test_looks_work_without_statx(void **state)
{
    run(stat_without_statx, *state);
}

static long hide_mount(long number, const long args[6])
{
    long result = intercept_pass(number, args);
    struct statx *st = (struct statx *)args[4];
    st->stx_mask &= ~(unsigned)STATX_MNT_ID;
    return result;
}

static bool stat_without_mount_id(void *arg)
{
    struct fs_world *w = arg;
    struct lf_node node;
    const long numbers[] = {SYS_statx};
    intercept_calls(hide_mount, numbers, 1);
    require(w->fs.stat(&w->fs, w->at, "link", &node) == 0);
    require(node.mount == 0 && node.kind == LF_NODE_LINK);
    return true;
}

static void test_a_kernel_without_mount_ids_gives_none(void **state)
{
    run(stat_without_mount_id, *state);
}

static bool renames_without_replacing(struct fs_world *w, int exchange)
{
    struct lf_fs *fs = &w->fs;
    int at = w->at;
    static const char *const names[] = {"file", "link", "a"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *name = names[i];
        struct lf_node old, new;
        require(fs->stat(fs, at, name, &old) == 0);
        require(fs->mkdir(fs, at, "new", 0700) == 0);
        require(fs->rename(fs, at, name, at, "new", LF_RENAME_NOREPLACE) ==
                -EEXIST);
        require(fs->rename(fs, at, name, at, "new", LF_RENAME_EXCHANGE) ==
                -exchange);
        require(fs->rmdir(fs, at, "new") == 0);
        require(fs->rename(fs, at, name, at, "new", LF_RENAME_NOREPLACE) == 0);
        require(fs->stat(fs, at, name, &new) == -ENOENT);
        require(fs->stat(fs, at, "new", &new) == 0);
        require(lf_node_same(&old, &new));
        require(fs->rename(fs, at, "new", at, name, LF_RENAME_REPLACE) == 0);
    }
    require(calls > 0);
    return true;
}

static bool rename_without_renameat2(void *arg)
{
    const long numbers[] = {SYS_renameat2};
    deny_calls(numbers, 1, ENOSYS);
    return renames_without_replacing(arg, ENOSYS);
}

static bool rename_on_a_file_system_without_flags(void *arg)
{
    const long numbers[] = {SYS_renameat2};
    deny_calls(numbers, 1, EINVAL);
    return renames_without_replacing(arg, EINVAL);
}

static bool rename_without_flags_and_links(void *arg)
{
    const long numbers[] = {SYS_renameat2, SYS_linkat};
    deny_calls(numbers, 2, ENOSYS);
    return renames_without_replacing(arg, ENOSYS);
}

static void test_nothing_is_replaced_without_renameat2(void **state)
{
    run(rename_without_renameat2, *state);
}

static void test_nothing_is_replaced_where_flags_are_not_known(void **state)
{
    run(rename_on_a_file_system_without_flags, *state);
}

static void test_nothing_is_replaced_where_there_are_no_hard_links(void **state)
{
    run(rename_without_flags_and_links, *state);
}

static bool chmods_exactly(struct fs_world *w)
{
    struct lf_fs *fs = &w->fs;
    struct lf_node node;
    static const char *const names[] = {"file", "a"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        require(fs->chmod(fs, w->at, names[i], 0711) == 0);
        require(fs->stat(fs, w->at, names[i], &node) == 0);
        require(node.mode == 0711);
    }
    require(fs->chmod(fs, w->at, "link", 0700) == -EOPNOTSUPP);
    int fd = fs->open_dir(fs, w->at, "a", LF_DIR_PATH);
    require(fs->chmod(fs, fd, "", 0755) == 0);
    require(fs->stat(fs, w->at, "a", &node) == 0 && node.mode == 0755);
    return true;
}

static bool chmod_without_fchmodat2(void *arg)
{
    const long numbers[] = {SYS_fchmodat2};
    deny_calls(numbers, 1, ENOSYS);
    return chmods_exactly(arg);
}

static bool chmod_with_fchmodat2_forbidden(void *arg)
{
    const long numbers[] = {SYS_fchmodat2};
    deny_calls(numbers, 1, EPERM);
    return chmods_exactly(arg);
}

static void test_modes_are_set_without_fchmodat2(void **state)
{
    run(chmod_without_fchmodat2, *state);
}

static void test_modes_are_set_where_fchmodat2_is_forbidden(void **state)
{
    run(chmod_with_fchmodat2_forbidden, *state);
}

#ifdef SYS_chmod
/* chmod(2) by path is only used on /proc/self/fd */
static bool chmod_without_proc(void *arg)
{
    struct fs_world *w = arg;
    struct lf_node node;
    const long numbers[] = {SYS_fchmodat2, SYS_chmod};
    deny_calls(numbers, 2, ENOSYS);
    denied_errno = ENOENT;
    struct lf_fs fs;
    lf_fs_system_fallback(&fs);
    require(fs.chmod(&fs, w->at, "a", 0711) == 0);
    require(fs.stat(&fs, w->at, "a", &node) == 0 && node.mode == 0711);
    require(fs.chmod(&fs, w->at, "file", 0711) == -EOPNOTSUPP);
    require(fs.chmod(&fs, w->at, "link", 0711) == -EOPNOTSUPP);
    denied_errno = EROFS;
    require(fs.chmod(&fs, w->at, "a", 0711) == -EROFS);
    return true;
}

static void test_without_proc_directories_can_still_be_set(void **state)
{
    run(chmod_without_proc, *state);
}
#endif

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

static bool list_with_an_error(void *arg)
{
    struct fs_world *w = arg;
    bool known = false;
    const long numbers[] = {SYS_getdents64};
    deny_calls(numbers, 1, EIO);
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
            SYS_openat2,    SYS_openat,     SYS_statx,     SYS_newfstatat,
            SYS_readlinkat, SYS_getdents64, SYS_symlinkat, SYS_mkdirat,
            SYS_fchmodat2,  SYS_renameat2,  SYS_linkat,    SYS_unlinkat,
            SYS_fchmod,
#ifdef SYS_chmod
            SYS_chmod,
#endif
#ifdef SYS_renameat
            SYS_renameat,
#endif
            SYS_write,      SYS_ftruncate,  SYS_read,      SYS_fsync,
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

int main(void)
{
    const struct CMUnitTest tests[] = {
            FS_SYSTEM(test_directories_open_safely_without_openat2),
            FS_SYSTEM(test_directories_open_safely_where_openat2_is_forbidden),
            FS_SYSTEM(test_directories_open_safely_where_openat2_is_busy),
            FS_SYSTEM(test_looks_work_without_statx),
            FS_SYSTEM(test_a_kernel_without_mount_ids_gives_none),
            FS_SYSTEM(test_nothing_is_replaced_without_renameat2),
            FS_SYSTEM(test_nothing_is_replaced_where_flags_are_not_known),
            FS_SYSTEM(test_nothing_is_replaced_where_there_are_no_hard_links),
            FS_SYSTEM(test_modes_are_set_without_fchmodat2),
            FS_SYSTEM(test_modes_are_set_where_fchmodat2_is_forbidden),
#ifdef SYS_chmod
            FS_SYSTEM(test_without_proc_directories_can_still_be_set),
#endif
            FS_BOTH(test_a_listing_without_kinds_says_unknown),
            FS_BOTH(test_a_listing_that_fails_says_so),
            FS_BOTH(test_an_interrupted_call_is_made_again),
            FS_BOTH(test_a_call_is_not_made_again_for_ever),
            FS_BOTH(test_short_transfers_are_continued),
            FS_BOTH(test_a_transfer_that_fails_half_way_fails),
            FS_SYSTEM(test_a_node_put_in_the_way_of_a_rename_is_kept),
            FS_SYSTEM(test_a_rename_that_fails_half_way_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
