/* SPDX-License-Identifier: MIT */
/* test_fs_change.c - what fs.h says of changing names and modes */
#define _GNU_SOURCE
#include "support/fs_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct lf_node look(struct fs_world *w, const char *name)
{
    struct lf_node node = {0};
    int result = w->fs.stat(&w->fs, w->at, name, &node);
    assert_true(result == 0 || result == -ENOENT);
    return node; /* LF_NODE_NOTHING where there is none */
}

/* One of each kind; "dir" is not empty. */
static void make_kinds(struct fs_world *w, const char *suffix)
{
    char name[64];
    snprintf(name, sizeof(name), "file%s", suffix);
    scratch_file(w->scratch, name, suffix);
    snprintf(name, sizeof(name), "dir%s/in", suffix);
    scratch_file(w->scratch, name, "");
    snprintf(name, sizeof(name), "link%s", suffix);
    scratch_link(w->scratch, name, "dir");
    snprintf(name, sizeof(name), "dangling%s", suffix);
    scratch_link(w->scratch, name, "nowhere");
    snprintf(name, sizeof(name), "fifo%s", suffix);
    assert_int_equal(mkfifoat(w->scratch->fd, name, 0600), 0);
}

static const char *const kinds[] = {"file", "dir", "link", "dangling", "fifo"};
static const char *const others[] = {"file2", "dir2", "link2", "dangling2",
                                     "fifo2"};

/* ---- names that are refused ---- */

static void check_refused_name(struct fs_world *w, const char *name, int want)
{
    struct lf_fs *fs = &w->fs;
    struct lf_node node;
    char buf[8];
    if (name[0] != '\0') { /* "" is the descriptor itself for these */
        assert_errno(fs->stat(fs, w->at, name, &node), want);
        assert_errno(fs->readlink(fs, w->at, name, buf, 8), want);
        assert_errno(fs->chmod(fs, w->at, name, 0700), want);
    }
    assert_errno(fs->symlink(fs, "text", w->at, name), want);
    assert_errno(fs->mkdir(fs, w->at, name, 0700), want);
    assert_errno(fs->unlink(fs, w->at, name), want);
    assert_errno(fs->rmdir(fs, w->at, name), want);
    assert_errno(fs->link(fs, w->at, name, w->at, "new"), want);
    assert_errno(fs->link(fs, w->at, "file", w->at, name), want);
    for (enum lf_rename how = LF_RENAME_NOREPLACE; how <= LF_RENAME_REPLACE;
         how++) {
        assert_errno(fs->rename(fs, w->at, name, w->at, "new", how), want);
        assert_errno(fs->rename(fs, w->at, "file", w->at, name, how), want);
    }
    assert_errno(fs->open_file(fs, w->at, name, LF_FILE_CREATE, 0600), want);
}

static void test_what_is_not_one_name_is_refused_by_all(void **state)
{
    struct fs_world *w = *state;
    make_kinds(w, "");
    check_refused_name(w, "", EINVAL);
    check_refused_name(w, "/", EINVAL);
    check_refused_name(w, "dir/in", EINVAL);
    check_refused_name(w, "dir/", EINVAL);
    check_refused_name(w, "/etc", EINVAL);
    check_refused_name(w, "../x", EINVAL);
    check_refused_name(w, "..", EXDEV);
    assert_false(scratch_exists(w->scratch, "new"));
    assert_true(scratch_exists(w->scratch, "file"));
}

static void test_every_byte_but_slash_and_nul_is_fine_in_a_name(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    char longest[256], too_long[257];
    memset(longest, 'n', 255);
    memset(too_long, 'n', 256);
    longest[255] = too_long[256] = '\0';
    const char *names[] = {"new\nline", "\xff\xfe", "*", "..a",  "a..",
                           " ",         "-rf",      "~", longest};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char buf[300];
        assert_errno(fs->symlink(fs, names[i], w->at, names[i]), 0);
        assert_int_equal(fs->readlink(fs, w->at, names[i], buf, 300),
                         strlen(names[i]));
        assert_errno(fs->rename(fs, w->at, names[i], w->at, "b",
                                LF_RENAME_NOREPLACE),
                     0);
        assert_errno(fs->mkdir(fs, w->at, names[i], 0700), 0);
        assert_errno(fs->chmod(fs, w->at, names[i], 0711), 0);
        assert_errno(fs->rmdir(fs, w->at, names[i]), 0);
        assert_errno(fs->unlink(fs, w->at, "b"), 0);
    }
    assert_errno(fs->symlink(fs, "x", w->at, too_long), ENAMETOOLONG);
    assert_errno(fs->mkdir(fs, w->at, too_long, 0700), ENAMETOOLONG);
}

/* ---- making and removing ---- */

static void test_what_is_there_is_never_made_anew(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct lf_node before = look(w, kinds[i]);
        assert_errno(fs->symlink(fs, "x", w->at, kinds[i]), EEXIST);
        assert_errno(fs->mkdir(fs, w->at, kinds[i], 0700), EEXIST);
        assert_errno(fs->link(fs, w->at, "fifo", w->at, kinds[i]), EEXIST);
        assert_errno(fs->open_file(fs, w->at, kinds[i],
                                   LF_FILE_CREATE | LF_FILE_EXCLUSIVE |
                                           LF_FILE_WRITE,
                                   0600),
                     EEXIST);
        struct lf_node after = look(w, kinds[i]);
        assert_true(lf_node_same(&before, &after));
    }
    assert_errno(fs->symlink(fs, "", w->at, "new"), ENOENT);
    assert_false(scratch_exists(w->scratch, "nowhere"));
}

static void test_removing_takes_the_name_and_not_what_it_leads_to(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    scratch_dir(w->scratch, "empty");
    assert_errno(fs->rmdir(fs, w->at, "link"), ENOTDIR);
    assert_errno(fs->rmdir(fs, w->at, "file"), ENOTDIR);
    assert_errno(fs->rmdir(fs, w->at, "dir"), ENOTEMPTY);
    assert_errno(fs->rmdir(fs, w->at, "nowhere"), ENOENT);
    assert_errno(fs->unlink(fs, w->at, "nowhere"), ENOENT);
    assert_errno(fs->unlink(fs, w->at, "empty"), EISDIR);
    assert_errno(fs->rmdir(fs, w->at, "empty"), 0);
    assert_errno(fs->unlink(fs, w->at, "link"), 0);
    assert_errno(fs->unlink(fs, w->at, "dangling"), 0);
    assert_true(scratch_exists(w->scratch, "dir/in"));
    assert_false(scratch_exists(w->scratch, "link"));
}

static void test_a_second_name_is_of_the_node_itself(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    const char *names[] = {"file", "link", "dangling", "fifo"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_errno(fs->link(fs, w->at, names[i], w->at, "new"), 0);
        struct lf_node old = look(w, names[i]), new = look(w, "new");
        assert_true(lf_node_same(&old, &new));
        assert_errno(fs->unlink(fs, w->at, "new"), 0);
    }
    assert_errno(fs->link(fs, w->at, "dir", w->at, "new"), EPERM);
    assert_errno(fs->link(fs, w->at, "nowhere", w->at, "new"), ENOENT);
}

/* ---- renaming ---- */

static void test_renaming_keeps_the_node(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    scratch_dir(w->scratch, "below");
    int below = fs->open_dir(fs, w->at, "below", LF_DIR_PATH);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct lf_node before = look(w, kinds[i]), after = {0};
        assert_errno(fs->rename(fs, w->at, kinds[i], below, "new",
                                LF_RENAME_NOREPLACE),
                     0);
        assert_int_equal(look(w, kinds[i]).kind, LF_NODE_NOTHING);
        assert_errno(fs->stat(fs, below, "new", &after), 0);
        assert_true(lf_node_same(&before, &after));
        assert_errno(fs->rename(fs, below, "new", w->at, kinds[i],
                                LF_RENAME_REPLACE),
                     0);
        after = look(w, kinds[i]);
        assert_true(lf_node_same(&before, &after));
    }
    fs->close(fs, below);
}

static void test_renaming_without_replacing_replaces_nothing(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    make_kinds(w, "2");
    scratch_dir(w->scratch, "empty");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        for (size_t j = 0; j < ARRAY_LEN(others); j++) {
            struct lf_node a = look(w, kinds[i]), b = look(w, others[j]);
            assert_errno(fs->rename(fs, w->at, kinds[i], w->at, others[j],
                                    LF_RENAME_NOREPLACE),
                         EEXIST);
            struct lf_node a2 = look(w, kinds[i]), b2 = look(w, others[j]);
            assert_true(lf_node_same(&a, &a2) && lf_node_same(&b, &b2));
        }
        assert_errno(fs->rename(fs, w->at, kinds[i], w->at, "empty",
                                LF_RENAME_NOREPLACE),
                     EEXIST);
        assert_errno(fs->rename(fs, w->at, kinds[i], w->at, kinds[i],
                                LF_RENAME_NOREPLACE),
                     EEXIST);
    }
    assert_errno(fs->rename(fs, w->at, "nowhere", w->at, "file",
                            LF_RENAME_NOREPLACE),
                 ENOENT);
    assert_errno(
            fs->rename(fs, w->at, "nowhere", w->at, "new", LF_RENAME_NOREPLACE),
            ENOENT);
}

static void test_a_directory_does_not_move_into_itself(void **state)
{
    struct fs_world *w = *state;
    scratch_dir(w->scratch, "a/b");
    int fd = w->fs.open_dir(&w->fs, w->at, "a/b", LF_DIR_PATH);
    assert_errno(w->fs.rename(&w->fs, w->at, "a", fd, "c", LF_RENAME_NOREPLACE),
                 EINVAL);
    assert_errno(w->fs.rename(&w->fs, w->at, "a", fd, "c", LF_RENAME_REPLACE),
                 EINVAL);
    w->fs.close(&w->fs, fd);
}

static void test_replacing_is_what_rename_does(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    make_kinds(w, "2");
    struct lf_node link = look(w, "link");
    assert_errno(
            fs->rename(fs, w->at, "link", w->at, "file", LF_RENAME_REPLACE), 0);
    struct lf_node now = look(w, "file");
    assert_true(lf_node_same(&link, &now));
    assert_errno(fs->rename(fs, w->at, "file", w->at, "dir", LF_RENAME_REPLACE),
                 EISDIR);
    assert_errno(fs->rename(fs, w->at, "dir", w->at, "dir2", LF_RENAME_REPLACE),
                 ENOTEMPTY);
    assert_errno(
            fs->rename(fs, w->at, "dir", w->at, "fifo2", LF_RENAME_REPLACE),
            ENOTDIR);
}

static void test_an_exchange_swaps_any_two_kinds(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    make_kinds(w, "");
    make_kinds(w, "2");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        for (size_t j = 0; j < ARRAY_LEN(others); j++) {
            struct lf_node a = look(w, kinds[i]), b = look(w, others[j]);
            int result = fs->rename(fs, w->at, kinds[i], w->at, others[j],
                                    LF_RENAME_EXCHANGE);
            if (w->fallback) {
                assert_errno(result, ENOSYS);
                continue;
            }
            if (result == -EINVAL)
                skip_because("this file system has no exchange");
            assert_errno(result, 0);
            struct lf_node a2 = look(w, kinds[i]), b2 = look(w, others[j]);
            assert_true(lf_node_same(&a, &b2) && lf_node_same(&b, &a2));
        }
    }
    int want = w->fallback ? ENOSYS : ENOENT;
    assert_errno(
            fs->rename(fs, w->at, "file", w->at, "nowhere", LF_RENAME_EXCHANGE),
            want);
    assert_errno(
            fs->rename(fs, w->at, "nowhere", w->at, "file", LF_RENAME_EXCHANGE),
            want);
}

/* ---- modes ---- */

static void test_modes_are_set_exactly_and_never_through_links(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    static const uint32_t modes[] = {0, 0444, 0700, 01777, 02755, 0640};
    static const char *const names[] = {"file", "dir", "fifo"};
    make_kinds(w, "");
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        for (size_t j = 0; j < ARRAY_LEN(names); j++) {
            assert_errno(fs->chmod(fs, w->at, names[j], modes[i]), 0);
            assert_int_equal(look(w, names[j]).mode, modes[i]);
        }
    }
    assert_errno(fs->chmod(fs, w->at, "dir", 0750), 0);
    assert_errno(fs->chmod(fs, w->at, "link", 0700), EOPNOTSUPP);
    assert_errno(fs->chmod(fs, w->at, "dangling", 0700), EOPNOTSUPP);
    assert_int_equal(look(w, "dir").mode, 0750);
    assert_errno(fs->chmod(fs, w->at, "nowhere", 0700), ENOENT);
}

static void test_the_mode_of_an_open_directory_can_be_set(void **state)
{
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    static const unsigned hows[] = {LF_DIR_PATH, LF_DIR_READ};
    scratch_dir(w->scratch, "dir");
    for (size_t i = 0; i < ARRAY_LEN(hows); i++) {
        int fd = fs->open_dir(fs, w->at, "dir", hows[i]);
        assert_errno(fs->chmod(fs, fd, "", 0710 + (uint32_t)i), 0);
        assert_int_equal(look(w, "dir").mode, 0710 + i);
        fs->close(fs, fd);
    }
    assert_errno(fs->chmod(fs, -1, "", 0700), EBADF);
    int fd = openat(w->scratch->fd, ".", O_PATH | O_CLOEXEC);
    scratch_link(w->scratch, "link", "dir");
    int link = openat(fd, "link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    assert_errno(fs->chmod(fs, link, "", 0700), EOPNOTSUPP);
    assert_int_equal(look(w, "dir").mode, 0711);
    close(link);
    close(fd);
}

static void test_a_new_directory_obeys_the_umask(void **state)
{
    struct fs_world *w = *state;
    mode_t before = umask(027);
    assert_errno(w->fs.mkdir(&w->fs, w->at, "dir", 0777), 0);
    umask(before);
    assert_int_equal(look(w, "dir").mode & 0777, 0750);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            FS_BOTH(test_what_is_not_one_name_is_refused_by_all),
            FS_BOTH(test_every_byte_but_slash_and_nul_is_fine_in_a_name),
            FS_BOTH(test_what_is_there_is_never_made_anew),
            FS_BOTH(test_removing_takes_the_name_and_not_what_it_leads_to),
            FS_BOTH(test_a_second_name_is_of_the_node_itself),
            FS_BOTH(test_renaming_keeps_the_node),
            FS_BOTH(test_renaming_without_replacing_replaces_nothing),
            FS_BOTH(test_a_directory_does_not_move_into_itself),
            FS_BOTH(test_replacing_is_what_rename_does),
            FS_BOTH(test_an_exchange_swaps_any_two_kinds),
            FS_BOTH(test_modes_are_set_exactly_and_never_through_links),
            FS_BOTH(test_the_mode_of_an_open_directory_can_be_set),
            FS_BOTH(test_a_new_directory_obeys_the_umask),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
