/* SPDX-License-Identifier: MIT */
/* test_fs_contents.c - what fs.h says of files, their contents and locks */
#define _GNU_SOURCE
#include "support/fs_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct lf_node look(struct fs_world *w, const char *name)
{
    struct lf_node node;
    assert_errno(w->fs.stat(&w->fs, w->at, name, &node), 0);
    return node;
}

static void make_some(struct fs_world *w)
{
    scratch_file(w->scratch, "file", "");
    scratch_file(w->scratch, "dir/in", "");
    scratch_link(w->scratch, "link", "dir");
    scratch_link(w->scratch, "dangling", "nowhere");
    assert_int_equal(mkfifoat(w->scratch->fd, "fifo", 0600), 0);
}

static void test_files_open_without_following_or_waiting(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_some(w);
    assert_errno(fs->open_file(fs, w->at, "link", LF_FILE_READ, 0), ELOOP);
    assert_errno(fs->open_file(fs, w->at, "dangling",
                               LF_FILE_CREATE | LF_FILE_WRITE, 0600),
                 ELOOP);
    assert_false(scratch_exists(w->scratch, "nowhere"));
    assert_errno(fs->open_file(fs, w->at, "nowhere", LF_FILE_READ, 0), ENOENT);
    assert_errno(fs->open_file(fs, w->at, "dir", LF_FILE_WRITE, 0), EISDIR);
    int fd = fs->open_file(fs, w->at, "fifo", LF_FILE_READ, 0);
    assert_errno(fd, 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    char byte;
    assert_int_equal(fs->read(fs, fd, &byte, 1), 0); /* no writer: the end */
    int writer = fs->open_file(fs, w->at, "fifo", LF_FILE_WRITE, 0);
    assert_errno(writer, 0);
    assert_errno(fs->read(fs, fd, &byte, 1), EAGAIN);
    fs->close(fs, writer);
    fs->close(fs, fd);
}

static void test_a_file_that_a_user_names_is_followed(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_some(w);
    int fd = fs->open_file(fs, w->at, "link/in", LF_FILE_FOLLOW, 0);
    assert_errno(fd, 0);
    fs->close(fs, fd);
    char path[4096];
    snprintf(path, sizeof(path), "%s/file", w->scratch->path);
    fd = fs->open_file(fs, -1, path, LF_FILE_FOLLOW, 0);
    assert_errno(fd, 0);
    fs->close(fs, fd);
}

static void test_what_is_written_is_read(void **state)
{
    enum { SIZE = 3000000 };
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    char *out = malloc(SIZE), *in = malloc(SIZE + 10);
    assert_true(out && in);
    for (size_t i = 0; i < SIZE; i++)
        out[i] = (char)(i * 31 + i / 257);
    int fd = fs->open_file(fs, w->at, "new",
                           LF_FILE_WRITE | LF_FILE_CREATE | LF_FILE_EXCLUSIVE,
                           0600);
    assert_errno(fd, 0);
    assert_int_equal(look(w, "new").mode, 0600);
    assert_errno(fs->write(fs, fd, out, SIZE), 0);
    assert_errno(fs->write(fs, fd, out, 0), 0);
    assert_errno(fs->fsync(fs, fd), 0);
    assert_errno(fs->syncfs(fs, w->at), 0);
    assert_errno(fs->fsync(fs, w->at), 0);
    fs->close(fs, fd);

    fd = fs->open_file(fs, w->at, "new", LF_FILE_WRITE, 0);
    assert_int_equal(fs->read(fs, fd, in, SIZE - 10), SIZE - 10);
    assert_int_equal(fs->read(fs, fd, in + SIZE - 10, 20), 10);
    assert_int_equal(fs->read(fs, fd, in, 20), 0);
    assert_int_equal(memcmp(in + 20, out + 20, SIZE - 20), 0);
    assert_errno(fs->truncate(fs, fd, 5), 0);
    assert_int_equal(look(w, "new").size, 5);
    assert_errno(fs->truncate(fs, fd, UINT64_MAX), EFBIG);
    fs->close(fs, fd);
    fd = fs->open_file(fs, w->at, "new", LF_FILE_READ, 0);
    assert_errno(fs->write(fs, fd, out, 1), EBADF);
    fs->close(fs, fd);
    free(out);
    free(in);
}

static void test_a_closed_descriptor_is_said(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    char byte = 0;
    assert_errno(fs->close(fs, -1), EBADF);
    assert_errno(fs->read(fs, -1, &byte, 1), EBADF);
    assert_errno(fs->write(fs, -1, &byte, 1), EBADF);
    assert_errno(fs->truncate(fs, -1, 0), EBADF);
    assert_errno(fs->fsync(fs, -1), EBADF);
    assert_errno(fs->syncfs(fs, -1), EBADF);
    assert_errno(fs->lock(fs, -1), EBADF);
}

static void test_a_lock_excludes_and_ends_with_its_descriptor(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    int first = fs->open_file(fs, w->at, "lock", LF_FILE_WRITE | LF_FILE_CREATE,
                              0600);
    int second = fs->open_file(fs, w->at, "lock", LF_FILE_WRITE, 0);
    assert_errno(fs->lock(fs, first), 0);
    assert_errno(fs->lock(fs, first), 0);
    assert_errno(fs->lock(fs, second), EWOULDBLOCK);
    fs->close(fs, first);
    assert_errno(fs->lock(fs, second), 0);
    fs->close(fs, second);
    int again = fs->open_dir(fs, w->at, "", LF_DIR_READ);
    assert_errno(fs->lock(fs, w->at), 0);
    assert_errno(fs->lock(fs, again), EWOULDBLOCK);
    fs->close(fs, again);
}

static void test_a_descriptor_closes_with_its_scope(void **state)
{
    struct fs_world *w = *state;
    int number;
    {
        LF_AUTO_CLOSE struct lf_fd fd = {
                &w->fs, w->fs.open_dir(&w->fs, w->at, "", LF_DIR_PATH)};
        LF_AUTO_CLOSE struct lf_fd none = {&w->fs, -1};
        assert_true(none.fd < 0);
        number = fd.fd;
        assert_true(fcntl(number, F_GETFD) >= 0);
    }
    assert_int_equal(fcntl(number, F_GETFD), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            FS_BOTH(test_files_open_without_following_or_waiting),
            FS_BOTH(test_a_file_that_a_user_names_is_followed),
            FS_BOTH(test_what_is_written_is_read),
            FS_BOTH(test_a_closed_descriptor_is_said),
            FS_BOTH(test_a_lock_excludes_and_ends_with_its_descriptor),
            FS_BOTH(test_a_descriptor_closes_with_its_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
