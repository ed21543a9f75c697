/* SPDX-License-Identifier: MIT */
/* scratch.c - a directory of its own for each test, gone after it */
#define _GNU_SOURCE /* asprintf, FTW_PHYS, O_PATH */
#include "support/scratch.h"
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void require(bool done, const char *what, const char *path)
{
    if (!done)
        fail_msg("scratch: %s %s: %s", what, path, strerror(errno));
}

struct scratch *scratch_new(void)
{
    const char *tmp = getenv("TMPDIR");
    struct scratch *scratch = calloc(1, sizeof(*scratch));
    char *template;

    assert_non_null(scratch);
    if (asprintf(&template, "%s/lf-test-XXXXXX", tmp && *tmp ? tmp : "/tmp") <
        0)
        fail_msg("scratch: out of memory");
    require(mkdtemp(template), "mkdtemp", template);
    scratch->path = realpath(template, NULL);
    require(scratch->path, "realpath", template);
    free(template);
    scratch->fd = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    require(scratch->fd >= 0, "open", scratch->path);
    return scratch;
}

static int make_writable(const char *path, const struct stat *st, int kind,
                         struct FTW *at)
{
    (void)st;
    (void)at;
    if (kind == FTW_D || kind == FTW_DNR)
        return chmod(path, 0700);
    return 0;
}

static int remove_node(const char *path, const struct stat *st, int kind,
                       struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void scratch_free(struct scratch *scratch)
{
    if (!scratch)
        return;
    close(scratch->fd);
    /* A closed directory opens to the next pass only: one pass a level. */
    for (int pass = 0; pass < 64 && access(scratch->path, F_OK) == 0; pass++) {
        nftw(scratch->path, make_writable, 16, FTW_PHYS);
        nftw(scratch->path, remove_node, 16, FTW_PHYS | FTW_DEPTH);
    }
    free(scratch->path);
    free(scratch);
}

int scratch_setup(void **state)
{
    *state = scratch_new();
    return 0;
}

int scratch_teardown(void **state)
{
    scratch_free(*state);
    return 0;
}

static void make_parents(struct scratch *scratch, const char *path)
{
    char *copy = strdup(path);

    assert_non_null(copy);
    for (char *slash = strchr(copy, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        if (slash == copy)
            continue;
        *slash = '\0';
        require(mkdirat(scratch->fd, copy, 0755) == 0 || errno == EEXIST,
                "mkdir", copy);
        *slash = '/';
    }
    free(copy);
}

void scratch_dir(struct scratch *scratch, const char *path)
{
    make_parents(scratch, path);
    require(mkdirat(scratch->fd, path, 0755) == 0 || errno == EEXIST, "mkdir",
            path);
}

void scratch_file(struct scratch *scratch, const char *path, const char *bytes)
{
    size_t len = strlen(bytes);
    int fd;

    make_parents(scratch, path);
    fd = openat(scratch->fd, path,
                O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    require(fd >= 0, "create", path);
    require(write(fd, bytes, len) == (ssize_t)len, "write", path);
    require(close(fd) == 0, "close", path);
}

void scratch_link(struct scratch *scratch, const char *path, const char *text)
{
    make_parents(scratch, path);
    require(symlinkat(text, scratch->fd, path) == 0, "symlink", path);
}

const char *scratch_readlink(struct scratch *scratch, const char *path)
{
    static char text[4097];
    ssize_t len = readlinkat(scratch->fd, path, text, sizeof(text) - 1);

    if (len < 0)
        return NULL;
    text[len] = '\0';
    return text;
}

char *scratch_read(struct scratch *scratch, const char *path, size_t *ret_len)
{
    struct stat st;
    char *bytes;
    ssize_t len;
    int fd = openat(scratch->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    require(fstat(fd, &st) == 0, "stat", path);
    bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    len = read(fd, bytes, (size_t)st.st_size);
    require(len == st.st_size, "read", path);
    close(fd);
    bytes[len] = '\0';
    if (ret_len)
        *ret_len = (size_t)len;
    return bytes;
}

bool scratch_exists(struct scratch *scratch, const char *path)
{
    struct stat st;

    return fstatat(scratch->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void make_node(struct scratch *scratch, char *line)
{
    size_t len = strlen(line);
    char *text = strstr(line, " -> ");
    if (text) {
        *text = '\0';
        scratch_link(scratch, line, text + 4);
    } else if (len && line[len - 1] == '/') {
        line[len - 1] = '\0';
        scratch_dir(scratch, line);
    } else if (len) {
        scratch_file(scratch, line, line);
    }
}

void scratch_nodes(struct scratch *scratch, const char *nodes)
{
    char line[1024];
    while (*nodes) {
        size_t len = strcspn(nodes, "\n");
        assert_true(len < sizeof(line));
        memcpy(line, nodes, len);
        line[len] = '\0';
        make_node(scratch, line);
        nodes += len + (nodes[len] == '\n');
    }
}
