/* SPDX-License-Identifier: MIT */
/*
 * test_fs_rights.c - fs.h: what would be allowed
 *
 * Attributes and mounts, which only root can make, are in
 * tests/cases/safety/rights.case.
 */
#define _GNU_SOURCE
#include "support/fs_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRANGER 65533

static int open_it(struct fs_world *w, const char *path)
{
    int fd = w->fs.open_dir(&w->fs, w->at, path, LF_DIR_PATH);
    assert_true(fd >= 0);
    return fd;
}

static void set_mode(struct fs_world *w, const char *path, mode_t mode)
{
    assert_int_equal(fchmodat(w->at, path, mode, 0), 0);
}

static void test_who_may_write_and_search_may_change(void **state)
{
    struct fs_world *w = *state;
    static const mode_t lacking[] = {0555, 0655, 0600, 0100, 0};
    scratch_dir(w->scratch, "d");
    int fd = open_it(w, "d");
    assert_errno(w->fs.may_change(&w->fs, fd), 0);
    set_mode(w, "d", 0300);
    assert_errno(w->fs.may_change(&w->fs, fd), 0);
    for (size_t i = 0; i < ARRAY_LEN(lacking); i++) {
        set_mode(w, "d", lacking[i]);
        assert_errno(w->fs.may_change(&w->fs, fd), geteuid() == 0 ? 0 : EACCES);
    }
    set_mode(w, "d", 0700);
    w->fs.close(&w->fs, fd);
    assert_errno(w->fs.may_change(&w->fs, -1), EBADF);
}

static void test_names_are_single_components(void **state)
{
    struct fs_world *w = *state;
    scratch_file(w->scratch, "d/x", "x");
    assert_errno(w->fs.may_take(&w->fs, w->at, ""), EINVAL);
    assert_errno(w->fs.may_take(&w->fs, w->at, "d/x"), EINVAL);
    assert_errno(w->fs.may_take(&w->fs, w->at, ".."), EXDEV);
    assert_errno(w->fs.may_take(&w->fs, w->at, "nothing"), ENOENT);
    assert_errno(w->fs.may_take(&w->fs, w->at, "d"), 0);
    assert_errno(w->fs.may_take(&w->fs, -1, "d"), EBADF);
}

/* ---- as another user ---- */

static int as_stranger(struct fs_world *w, int fd)
{
    struct lf_fs *fs = &w->fs;
    /* what was opened before stays open */
    if (setresgid(STRANGER, STRANGER, STRANGER) < 0 ||
        setresuid(STRANGER, STRANGER, STRANGER) < 0)
        return 1;
    if (fs->may_change(fs, fd) != 0)
        return 2;
    if (fs->may_take(fs, fd, "theirs") != -EACCES ||
        fs->may_take(fs, fd, "link") != -EACCES)
        return 3;
    if (fs->may_take(fs, fd, "own") != 0)
        return 4;
    return fs->may_change(fs, w->at) == -EACCES ? 0 : 5;
}

static int run_as_stranger(struct fs_world *w, int fd)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(as_stranger(w, fd));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void test_in_a_sticky_directory_only_owners_take(void **state)
{
    struct fs_world *w = *state;
    if (geteuid() != 0)
        skip_because("only root may become someone else");
    scratch_nodes(w->scratch, "d/theirs\nd/own\nd/link -> x");
    assert_int_equal(fchownat(w->at, "d/own", STRANGER, STRANGER, 0), 0);
    set_mode(w, "d", 01777);
    int fd = open_it(w, "d");
    assert_int_equal(run_as_stranger(w, fd), 0);
    /* root is bound by nothing */
    assert_errno(w->fs.may_take(&w->fs, fd, "own"), 0);
    /* without the bit, whoever may write may take */
    set_mode(w, "d", 0777);
    assert_int_equal(run_as_stranger(w, fd), 3);
    /* the directory's owner owns every name */
    set_mode(w, "d", 01777);
    assert_int_equal(fchownat(w->at, "d", STRANGER, STRANGER, 0), 0);
    assert_int_equal(run_as_stranger(w, fd), 3);
    w->fs.close(&w->fs, fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            FS_BOTH(test_who_may_write_and_search_may_change),
            FS_BOTH(test_names_are_single_components),
            FS_BOTH(test_in_a_sticky_directory_only_owners_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
