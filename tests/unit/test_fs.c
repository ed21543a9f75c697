/* SPDX-License-Identifier: MIT */
/* test_fs.c - opening, looking, listing, reading and writing of fs.h */
#define _GNU_SOURCE /* O_PATH */
#include "support/fs_world.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char long_name[256 + 1]; /* one byte more than a name may have */

/* ---- open_dir ---- */

static void make_tree(struct fs_world *w)
{
    scratch_dir(w->scratch, "a/b/c");
    scratch_dir(w->scratch, "..a");
    scratch_file(w->scratch, "file", "bytes");
    scratch_link(w->scratch, "link", "a");
    scratch_link(w->scratch, "a/link", "b");
    scratch_link(w->scratch, "dangling", "nowhere");
    scratch_link(w->scratch, "loop", "loop");
    scratch_link(w->scratch, "away", "/");
    assert_int_equal(mkfifoat(w->scratch->fd, "fifo", 0600), 0);
}

static int count_descriptors(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void check_open_dir(struct fs_world *w, const char *path, unsigned how,
                           int want)
{
    int before = count_descriptors();
    int fd = w->fs.open_dir(&w->fs, w->at, path, how);
    if (want == 0 ? fd < 0 : fd != -want)
        fail_msg("open_dir '%.40s': %d, want %d", path, fd, -want);
    if (fd >= 0) {
        struct stat st;
        assert_int_equal(fstat(fd, &st), 0);
        assert_true(S_ISDIR(st.st_mode));
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(fcntl(fd, F_GETFL) & O_PATH,
                         how & LF_DIR_READ ? 0 : O_PATH);
        assert_int_equal(w->fs.close(&w->fs, fd), 0);
    }
    assert_int_equal(count_descriptors(), before);
}

static void test_directories_open_without_following_or_leaving(void **state)
{
    static const struct {
        const char *path;
        int want;
    } rows[] = {
            {"",            0           },
            {".",           0           },
            {"a",           0           },
            {"a/b/c",       0           },
            {"./a//b/./c/", 0           },
            {"..a",         0           },
            {"link",        ELOOP       },
            {"link/",       ELOOP       },
            {"link/b",      ELOOP       },
            {"a/link",      ELOOP       },
            {"a/link/c",    ELOOP       },
            {"dangling",    ELOOP       },
            {"loop",        ELOOP       },
            {"away/etc",    ELOOP       },
            {"..",          EXDEV       },
            {"a/..",        EXDEV       },
            {"a/../a",      EXDEV       },
            {"nowhere/..",  EXDEV       },
            {"/",           EXDEV       },
            {"/tmp",        EXDEV       },
            {"nowhere",     ENOENT      },
            {"a/nowhere/b", ENOENT      },
            {"file",        ENOTDIR     },
            {"file/",       ENOTDIR     },
            {"file/b",      ENOTDIR     },
            {"fifo",        ENOTDIR     },
            {long_name,     ENAMETOOLONG},
    };
    struct fs_world *w = *state;
    make_tree(w);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_open_dir(w, rows[i].path, LF_DIR_PATH, rows[i].want);
        check_open_dir(w, rows[i].path, LF_DIR_READ, rows[i].want);
    }
}

static void test_a_path_may_be_as_long_as_the_system_allows(void **state)
{
    struct fs_world *w = *state;
    make_tree(w);
    char path[4097];
    for (size_t i = 0; i < sizeof(path) - 1; i++)
        path[i] = "./"[i % 2];
    path[4095] = '\0';
    path[4094] = 'a';
    check_open_dir(w, path, LF_DIR_PATH, 0);
    check_open_dir(w, path, LF_DIR_READ | LF_DIR_SEARCH, 0);
    path[4094] = '/';
    path[4095] = 'a';
    path[4096] = '\0';
    path[4093] = '/';
    check_open_dir(w, path, LF_DIR_PATH, ENAMETOOLONG);
}

static void test_a_users_own_path_is_followed(void **state)
{
    struct fs_world *w = *state;
    make_tree(w);
    check_open_dir(w, "link/b", LF_DIR_FOLLOW, 0);
    check_open_dir(w, "a/..", LF_DIR_FOLLOW | LF_DIR_READ, 0);
    check_open_dir(w, "/", LF_DIR_FOLLOW, 0);
    check_open_dir(w, "", LF_DIR_FOLLOW, 0);
    check_open_dir(w, "loop", LF_DIR_FOLLOW, ELOOP);
    check_open_dir(w, "dangling", LF_DIR_FOLLOW, ENOENT);
    check_open_dir(w, "file", LF_DIR_FOLLOW, ENOTDIR);
    assert_errno(w->fs.open_dir(&w->fs, -1, "nowhere-at-all", LF_DIR_FOLLOW),
                 ENOENT);
    assert_errno(w->fs.open_dir(&w->fs, -1, "a", LF_DIR_PATH), EBADF);
}

static void test_a_directory_without_search_right_is_not_passed(void **state)
{
    struct fs_world *w = *state;
    if (geteuid() == 0)
        skip_because("root may search everywhere");
    scratch_dir(w->scratch, "closed/in");
    assert_int_equal(fchmodat(w->scratch->fd, "closed", 0, 0), 0);
    check_open_dir(w, "closed/in", LF_DIR_PATH, EACCES);
    check_open_dir(w, "closed", LF_DIR_PATH, 0);
    check_open_dir(w, "closed", LF_DIR_READ, EACCES);
    assert_int_equal(fchmodat(w->scratch->fd, "closed", 0400, 0), 0);
    check_open_dir(w, "closed", LF_DIR_READ, 0);
    check_open_dir(w, "closed", LF_DIR_READ | LF_DIR_SEARCH, EACCES);
    assert_int_equal(fchmodat(w->scratch->fd, "closed", 0500, 0), 0);
    check_open_dir(w, "closed", LF_DIR_READ | LF_DIR_SEARCH, 0);
}

static void test_paths_beyond_the_limit_are_reached_step_by_step(void **state)
{
    enum { LEVELS = 40 };
    struct fs_world *w = *state;
    struct lf_fs *fs = &w->fs;
    struct lf_node node;
    char name[201], text[16];
    memset(name, 'd', 200);
    name[200] = '\0';
    int fds[LEVELS + 1] = {w->at};
    for (int i = 0; i < LEVELS; i++) {
        assert_errno(fs->mkdir(fs, fds[i], name, 0700), 0);
        fds[i + 1] = fs->open_dir(fs, fds[i], name, LF_DIR_PATH);
        assert_errno(fds[i + 1], 0);
    }
    assert_errno(fs->symlink(fs, "text", fds[LEVELS], "link"), 0);
    assert_errno(fs->stat(fs, fds[LEVELS], "link", &node), 0);
    assert_int_equal(node.kind, LF_NODE_LINK);
    assert_int_equal(fs->readlink(fs, fds[LEVELS], "link", text, 16), 4);
    assert_errno(fs->unlink(fs, fds[LEVELS], "link"), 0);
    for (int i = LEVELS; i > 0; i--) {
        fs->close(fs, fds[i]);
        assert_errno(fs->rmdir(fs, fds[i - 1], name), 0);
    }
}

/* ---- looking ---- */

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void test_a_look_tells_what_lstat_tells(void **state)
{
    static const struct {
        const char *name;
        enum lf_node_kind kind;
    } rows[] = {
            {"a",        LF_NODE_DIR  },
            {"file",     LF_NODE_FILE },
            {"link",     LF_NODE_LINK },
            {"dangling", LF_NODE_LINK },
            {"fifo",     LF_NODE_OTHER},
    };
    struct fs_world *w = *state;
    make_tree(w);
    assert_int_equal(fchmodat(w->scratch->fd, "file", 06751, 0), 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct lf_node node;
        struct stat st;
        assert_errno(w->fs.stat(&w->fs, w->at, rows[i].name, &node), 0);
        assert_int_equal(
                fstatat(w->scratch->fd, rows[i].name, &st, AT_SYMLINK_NOFOLLOW),
                0);
        assert_int_equal(node.kind, rows[i].kind);
        assert_int_equal(node.mode, st.st_mode & 07777);
        assert_int_equal(node.uid, st.st_uid);
        assert_int_equal(node.gid, st.st_gid);
        assert_int_equal(node.dev, st.st_dev);
        assert_int_equal(node.ino, st.st_ino);
        assert_int_equal(node.size, st.st_size);
        assert_int_equal(node.mtime, nanoseconds(st.st_mtim));
        assert_int_equal(node.ctime, nanoseconds(st.st_ctim));
        assert_null(node.text.data);
    }
}

static void test_an_empty_name_looks_at_the_descriptor_itself(void **state)
{
    struct fs_world *w = *state;
    struct lf_node a, b;
    make_tree(w);
    int fd = w->fs.open_dir(&w->fs, w->at, "a", LF_DIR_PATH);
    assert_errno(w->fs.stat(&w->fs, fd, "", &a), 0);
    assert_errno(w->fs.stat(&w->fs, w->at, "a", &b), 0);
    assert_true(lf_node_same(&a, &b));
    assert_errno(w->fs.stat(&w->fs, w->at, "", &b), 0);
    assert_false(lf_node_same(&a, &b));
    w->fs.close(&w->fs, fd);
    assert_errno(w->fs.stat(&w->fs, -1, "", &b), EBADF);
    assert_errno(w->fs.stat(&w->fs, w->at, "nowhere", &b), ENOENT);
    int file = openat(w->scratch->fd, "file", O_RDONLY | O_CLOEXEC);
    assert_errno(w->fs.stat(&w->fs, file, "x", &b), ENOTDIR);
    close(file);
}

static void test_times_of_far_years_are_told_apart(void **state)
{
    struct fs_world *w = *state;
    const time_t year = (time_t)INT64_C(15000000000);
    const struct timespec far[2] = {{.tv_sec = year}, {.tv_sec = year}};
    const struct timespec farther[2] = {{.tv_sec = year + 1},
                                        {.tv_sec = year + 1}};
    const struct timespec early[2] = {{.tv_sec = -1}, {.tv_sec = -1}};
    struct lf_node node;
    struct stat st;
    if (sizeof(time_t) < sizeof(int64_t))
        skip_because("no such years in this system's time_t");
    make_tree(w);
    assert_int_equal(utimensat(w->at, "file", farther, 0), 0);
    assert_int_equal(fstatat(w->at, "file", &st, 0), 0);
    if (st.st_mtime != farther[1].tv_sec)
        skip_because("no such years on this file system");
    assert_int_equal(utimensat(w->at, "file", early, 0), 0);
    assert_errno(w->fs.stat(&w->fs, w->at, "file", &node), 0);
    assert_int_equal(node.mtime, -1000000000);
    assert_int_equal(utimensat(w->at, "file", far, 0), 0);
    assert_errno(w->fs.stat(&w->fs, w->at, "file", &node), 0);
    int64_t mtime = node.mtime;
    assert_int_equal(utimensat(w->at, "file", farther, 0), 0);
    assert_errno(w->fs.stat(&w->fs, w->at, "file", &node), 0);
    /* a sanitizer sees what goes beyond 64 bits */
    assert_int_equal((uint64_t)node.mtime - (uint64_t)mtime, 1000000000);
}

static void test_mounts_are_told_apart(void **state)
{
    struct fs_world *w = *state;
    struct lf_node here, below, proc;
    make_tree(w);
    int fd = w->fs.open_dir(&w->fs, -1, "/proc", LF_DIR_FOLLOW);
    if (fd < 0)
        skip_because("no /proc");
    assert_errno(w->fs.stat(&w->fs, w->at, "", &here), 0);
    assert_errno(w->fs.stat(&w->fs, w->at, "a", &below), 0);
    assert_errno(w->fs.stat(&w->fs, fd, "", &proc), 0);
    assert_int_equal(here.mount, below.mount);
    assert_int_equal(here.mount == proc.mount, w->fallback);
    assert_int_equal(here.mount == 0, w->fallback);
    if (w->fs.on_proc) {
        assert_int_equal(w->fs.on_proc(&w->fs, fd), 1);
        assert_int_equal(w->fs.on_proc(&w->fs, w->at), 0);
        assert_errno(w->fs.on_proc(&w->fs, -1), EBADF);
    }
    w->fs.close(&w->fs, fd);
}

static void test_a_link_text_is_read_whole_or_cut(void **state)
{
    struct fs_world *w = *state;
    char text[4097], buf[4097];
    memset(text, 't', sizeof(text));
    text[4095] = '\0';
    make_tree(w);
    assert_errno(w->fs.symlink(&w->fs, text, w->at, "longest"), 0);
    assert_int_equal(w->fs.readlink(&w->fs, w->at, "longest", buf, 4097), 4095);
    assert_memory_equal(buf, text, 4095);
    assert_int_equal(w->fs.readlink(&w->fs, w->at, "longest", buf, 10), 10);
    assert_errno(w->fs.readlink(&w->fs, w->at, "file", buf, 10), EINVAL);
    assert_errno(w->fs.readlink(&w->fs, w->at, "nowhere", buf, 10), ENOENT);
    int fd = openat(w->scratch->fd, "link", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    assert_int_equal(w->fs.readlink(&w->fs, fd, "", buf, 10), 1);
    assert_int_equal(buf[0], 'a');
    close(fd);
}

/* ---- listing ---- */

static const char *const odd_names[] = {
        "plain",
        "with space",
        "new\nline",
        "\xff\xfe not utf-8",
        "-dash",
        "\\",
        "*",
        "...",
        " ",
        "\x01",
        "\xe2\x80\xae",
};

struct listing {
    unsigned seen[ARRAY_LEN(odd_names) + 1];
    size_t count, stop_at;
    enum lf_node_kind kind;
};

static bool count_entry(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct listing *listing = arg;
    assert_int_equal(name.data[name.len], '\0');
    assert_true(kind == listing->kind || kind == LF_NODE_UNKNOWN);
    for (size_t i = 0; i < ARRAY_LEN(odd_names); i++)
        listing->seen[i] += lf_str_equal(name, lf_str(odd_names[i]));
    listing->seen[ARRAY_LEN(odd_names)] += name.len == 255;
    return ++listing->count != listing->stop_at;
}

static void test_a_listing_has_each_name_once_each_time(void **state)
{
    struct fs_world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(odd_names); i++)
        assert_errno(w->fs.symlink(&w->fs, "x", w->at, odd_names[i]), 0);
    assert_errno(w->fs.symlink(&w->fs, "x", w->at, long_name + 1), 0);
    for (int round = 0; round < 3; round++) {
        struct listing listing = {.kind = LF_NODE_LINK};
        assert_errno(w->fs.list(&w->fs, w->at, count_entry, &listing), 0);
        assert_int_equal(listing.count, ARRAY_LEN(odd_names) + 1);
        for (size_t i = 0; i <= ARRAY_LEN(odd_names); i++)
            assert_int_equal(listing.seen[i], 1);
        struct listing early = {.kind = LF_NODE_LINK, .stop_at = 3};
        assert_errno(w->fs.list(&w->fs, w->at, count_entry, &early), 0);
        assert_int_equal(early.count, 3);
    }
}

static void test_a_large_directory_is_listed_whole(void **state)
{
    struct fs_world *w = *state;
    for (int i = 0; i < 4000; i++) {
        char name[64];
        snprintf(name, sizeof(name), "a name of some length, number %d", i);
        assert_errno(w->fs.symlink(&w->fs, "x", w->at, name), 0);
    }
    struct listing listing = {.kind = LF_NODE_LINK};
    assert_errno(w->fs.list(&w->fs, w->at, count_entry, &listing), 0);
    assert_int_equal(listing.count, 4000);
}

static void note_kind(enum lf_node_kind *kinds, struct lf_str name,
                      enum lf_node_kind kind)
{
    kinds[name.data[0] == 'd' ? 0 : name.data[0] == 'f' ? 1 : 2] = kind;
}

static bool collect_kind(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    note_kind(arg, name, kind);
    return true;
}

static void test_a_listing_tells_kinds_or_that_it_cannot(void **state)
{
    struct fs_world *w = *state;
    enum lf_node_kind kinds[3] = {0};
    scratch_dir(w->scratch, "d");
    scratch_file(w->scratch, "f", "");
    assert_int_equal(mkfifoat(w->scratch->fd, "p", 0600), 0);
    assert_errno(w->fs.list(&w->fs, w->at, collect_kind, kinds), 0);
    assert_true(kinds[0] == LF_NODE_DIR || kinds[0] == LF_NODE_UNKNOWN);
    assert_true(kinds[1] == LF_NODE_FILE || kinds[1] == LF_NODE_UNKNOWN);
    assert_true(kinds[2] == LF_NODE_OTHER || kinds[2] == LF_NODE_UNKNOWN);
}

static void test_only_a_directory_that_may_be_read_is_listed(void **state)
{
    struct fs_world *w = *state;
    struct listing listing = {0};
    make_tree(w);
    int before = count_descriptors();
    assert_errno(w->fs.list(&w->fs, -1, count_entry, &listing), EBADF);
    int fd = openat(w->scratch->fd, "file", O_RDONLY | O_CLOEXEC);
    assert_errno(w->fs.list(&w->fs, fd, count_entry, &listing), ENOTDIR);
    close(fd);
    fd = w->fs.open_dir(&w->fs, w->at, "a", LF_DIR_PATH);
    assert_errno(w->fs.list(&w->fs, fd, count_entry, &listing), EBADF);
    w->fs.close(&w->fs, fd);
    assert_int_equal(listing.count, 0);
    assert_int_equal(count_descriptors(), before);
}

int main(void)
{
    memset(long_name, 'n', sizeof(long_name) - 1);
    const struct CMUnitTest tests[] = {
            FS_BOTH(test_directories_open_without_following_or_leaving),
            FS_BOTH(test_a_path_may_be_as_long_as_the_system_allows),
            FS_BOTH(test_a_users_own_path_is_followed),
            FS_BOTH(test_a_directory_without_search_right_is_not_passed),
            FS_BOTH(test_paths_beyond_the_limit_are_reached_step_by_step),
            FS_BOTH(test_a_look_tells_what_lstat_tells),
            FS_BOTH(test_an_empty_name_looks_at_the_descriptor_itself),
            FS_BOTH(test_times_of_far_years_are_told_apart),
            FS_BOTH(test_mounts_are_told_apart),
            FS_BOTH(test_a_link_text_is_read_whole_or_cut),
            FS_BOTH(test_a_listing_has_each_name_once_each_time),
            FS_BOTH(test_a_large_directory_is_listed_whole),
            FS_BOTH(test_a_listing_tells_kinds_or_that_it_cannot),
            FS_BOTH(test_only_a_directory_that_may_be_read_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
