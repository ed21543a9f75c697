/* SPDX-License-Identifier: MIT */
/* test_fs_lacking.c - fs.h over kernels that lack calls or forbid them */
#define _GNU_SOURCE
#include "support/fs_world.h"
#include "support/intercept.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439
#endif

/* What deny() works with; each child has its own copy. */
static long denied_errno;
static long calls;

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

enum { MNT_ID_UNIQUE = 0x4000 }; /* STATX_MNT_ID_UNIQUE of newer headers */

static long hide_mount(long number, const long args[6])
{
    long result = intercept_pass(number, args);
    struct statx *st = (struct statx *)args[4];
    st->stx_mask &= ~(STATX_MNT_ID | MNT_ID_UNIQUE);
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

static bool rename_with_renameat2_forbidden(void *arg)
{
    const long numbers[] = {SYS_renameat2};
    deny_calls(numbers, 1, EPERM);
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

static void test_nothing_is_replaced_where_renameat2_is_forbidden(void **state)
{
    run(rename_with_renameat2_forbidden, *state);
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

static bool may_change_with_faccessat2_forbidden(void *arg)
{
    struct fs_world *w = arg;
    struct lf_fs *fs = &w->fs;
    const long numbers[] = {SYS_faccessat2};
    require(mkdirat(w->at, "shut", 0500) == 0);
    int shut = fs->open_dir(fs, w->at, "shut", LF_DIR_PATH);
    deny_calls(numbers, 1, EPERM);
    require(fs->may_change(fs, w->at) == 0);
    require(fs->may_change(fs, shut) == (geteuid() == 0 ? 0 : -EACCES));
    require(fs->may_change(fs, -1) == -EBADF);
    return true;
}

static void test_rights_are_known_where_faccessat2_is_forbidden(void **state)
{
    run(may_change_with_faccessat2_forbidden, *state);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
            FS_SYSTEM(test_directories_open_safely_without_openat2),
            FS_SYSTEM(test_directories_open_safely_where_openat2_is_forbidden),
            FS_SYSTEM(test_directories_open_safely_where_openat2_is_busy),
            FS_SYSTEM(test_looks_work_without_statx),
            FS_SYSTEM(test_a_kernel_without_mount_ids_gives_none),
            FS_SYSTEM(test_nothing_is_replaced_without_renameat2),
            FS_SYSTEM(test_nothing_is_replaced_where_renameat2_is_forbidden),
            FS_SYSTEM(test_nothing_is_replaced_where_flags_are_not_known),
            FS_SYSTEM(test_nothing_is_replaced_where_there_are_no_hard_links),
            FS_SYSTEM(test_modes_are_set_without_fchmodat2),
            FS_SYSTEM(test_modes_are_set_where_fchmodat2_is_forbidden),
            FS_SYSTEM(test_rights_are_known_where_faccessat2_is_forbidden),
#ifdef SYS_chmod
            FS_SYSTEM(test_without_proc_directories_can_still_be_set),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
