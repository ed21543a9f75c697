/* SPDX-License-Identifier: MIT */
/*
 * kernel.c - hold the resolver to the kernel, on random trees
 *
 *     kernel [CASES [SEED]]
 *
 * Makes random trees of directories, files and links (as root with mounts and
 * binds, in a private mount namespace), asks random paths of them, and compares
 * - the real view with openat2(2): RESOLVE_IN_ROOT and RESOLVE_BENEATH, also
 *   with RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV, followed or not: the errno, or
 *   the inode and the path that the kernel gives for it;
 * - the memory view with the real view, where there are no mounts;
 * - relative texts with where a link of that text leads.
 * Prints the seed, each difference, and `N passed, N failed`.
 */
#define _GNU_SOURCE
#include "support/check.h"
#include "support/scratch.h"
#include "tests/real_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <linkfarm/resolve.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NODES = 24, MOST_DIRS = 32, PATHS = 60, TEXT = 512 };

struct world {
    uint64_t state; /* of the generator */
    struct scratch *scratch;
    struct lf_view *real, *memory;
    struct lf_resolver *resolver, *described;
    char dirs[MOST_DIRS][TEXT]; /* below the scratch directory; [0] is "" */
    size_t n_dirs;
    size_t n_mounts;
    bool mounts;
    char last[TEXT]; /* path that was asked */
    size_t passed, failed;
};

/* ---- chance ---- */

/* splitmix64, Vigna 2015: a seed that is printed makes the same trees again. */
static uint64_t draw(struct world *w)
{
    uint64_t z = w->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(struct world *w, size_t n)
{
    return (size_t)(draw(w) % n);
}

static const char *name(struct world *w)
{
    static const char *const names[] = {"a", "b", "c", "d"};
    return names[below(w, ARRAY_LEN(names))];
}

static void random_path(struct world *w, char *out, bool absolute)
{
    size_t parts = 1 + below(w, 5), len = 0;
    if (absolute)
        out[len++] = '/';
    for (size_t i = 0; i < parts; i++) {
        size_t kind = below(w, 10);
        len += (size_t)snprintf(out + len, TEXT - len, "%s%s", i ? "/" : "",
                                kind < 2   ? ".."
                                : kind < 3 ? "."
                                           : name(w));
    }
    if (below(w, 8) == 0)
        out[len++] = '/';
    if (below(w, 16) == 0)
        out[len++] = '.';
    out[len] = '\0';
}

/* ---- trees ---- */

static void describe(struct world *w, enum lf_node_kind kind, const char *path,
                     const char *text)
{
    struct lf_error err;
    char whole[TEXT + 1];
    snprintf(whole, sizeof(whole), "/%s", path);
    assert_done(lf_view_memory_add(w->memory, kind, lf_str(whole), lf_str(text),
                                   &err),
                &err);
}

static void add_mount(struct world *w, const char *path)
{
    char at[2 * TEXT], from[2 * TEXT];
    snprintf(at, sizeof(at), "%s/%s", w->scratch->path, path);
    snprintf(from, sizeof(from), "%s/%s", w->scratch->path,
             w->dirs[below(w, w->n_dirs)]);
    bool bind = below(w, 2);
    if (bind ? mount(from, at, NULL, MS_BIND, NULL) == 0
             : mount("tmpfs", at, "tmpfs", 0, "mode=0755,size=64k") == 0)
        w->n_mounts++;
}

static void add_node(struct world *w)
{
    char path[TEXT], text[TEXT];
    const char *dir = w->dirs[below(w, w->n_dirs)];
    if (strlen(dir) > 60)
        return;
    snprintf(path, sizeof(path), "%s%s%s", dir, *dir ? "/" : "", name(w));
    int at = w->scratch->fd;
    size_t kind = below(w, 10);
    if (kind < 4 && w->n_dirs < MOST_DIRS) {
        if (mkdirat(at, path, 0755) < 0)
            return;
        describe(w, LF_NODE_DIR, path, "");
        snprintf(w->dirs[w->n_dirs++], TEXT, "%s", path);
        if (w->mounts && below(w, 3) == 0)
            add_mount(w, path);
    } else if (kind < 8) {
        random_path(w, text, below(w, 4) == 0);
        if (symlinkat(text, at, path) == 0)
            describe(w, LF_NODE_LINK, path, text);
    } else {
        int fd =
                openat(at, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
        if (fd < 0)
            return;
        close(fd);
        describe(w, LF_NODE_FILE, path, "");
    }
}

static void open_world(struct world *w)
{
    struct lf_error err;
    w->scratch = scratch_new();
    w->n_dirs = 1;
    w->dirs[0][0] = '\0';
    w->n_mounts = 0;
    assert_done(lf_view_memory_new(&w->memory, &err), &err);
    for (int i = 0; i < NODES; i++)
        add_node(w);
    assert_done(lf_view_open(w->scratch->path, &w->real, &err), &err);
    assert_done(lf_resolver_new(w->real, &w->resolver, &err), &err);
    assert_done(lf_resolver_new(w->memory, &w->described, &err), &err);
}

static void close_world(struct world *w)
{
    lf_resolver_free(w->resolver);
    lf_resolver_free(w->described);
    lf_view_free(w->real);
    lf_view_free(w->memory);
    for (size_t i = w->n_dirs; w->n_mounts && i-- > 0;) {
        char at[2 * TEXT];
        snprintf(at, sizeof(at), "%s/%s", w->scratch->path, w->dirs[i]);
        while (i > 0 && umount2(at, MNT_DETACH) == 0)
            continue;
    }
    scratch_free(w->scratch);
}

/* ---- asking ---- */

struct question {
    char path[TEXT];
    const char *scope;
    unsigned flags;
};

static void tell(struct world *w, const struct question *q, const char *what,
                 const char *got, const char *want)
{
    w->failed++;
    printf("# %s: '%s' from '/%s', flags %#x: got %s, want %s\n", what, q->path,
           q->scope, q->flags, got, want);
}

static int ask_kernel(const struct world *w, const struct question *q)
{
    int dir = openat(w->scratch->fd, *q->scope ? q->scope : ".",
                     O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct open_how how = {.flags = O_PATH | O_CLOEXEC};
    if (q->flags & LF_RESOLVE_NOFOLLOW)
        how.flags |= O_NOFOLLOW;
    how.resolve |=
            q->flags & LF_RESOLVE_BENEATH ? RESOLVE_BENEATH : RESOLVE_IN_ROOT;
    if (q->flags & LF_RESOLVE_NO_SYMLINKS)
        how.resolve |= RESOLVE_NO_SYMLINKS;
    if (q->flags & LF_RESOLVE_NO_XDEV)
        how.resolve |= RESOLVE_NO_XDEV;
    int fd, error, tries = 0;
    do { /* EAGAIN: something was renamed meanwhile, anywhere (openat2(2)) */
        fd = (int)syscall(SYS_openat2, dir, q->path, &how, sizeof(how));
        error = errno;
    } while (fd < 0 && error == EAGAIN && tries++ < 1000);
    close(dir);
    return fd < 0 ? -error : fd;
}

static struct lf_resolution *ask(struct lf_resolver *resolver,
                                 const struct question *q)
{
    char scope[TEXT + 1];
    struct lf_error err;
    struct lf_resolution *found;
    snprintf(scope, sizeof(scope), "/%s", q->scope);
    struct lf_resolve_request request = {
            .path = lf_str(q->path),
            .start = lf_str(scope),
            .scope = lf_str(scope),
            .flags = q->flags,
    };
    /* the whole view is a root already: asked as planners ask, so that what
     * the resolver remembers of the last question is held to the kernel too */
    if (!*q->scope && (q->flags & LF_RESOLVE_IN_ROOT))
        request.flags &= ~(unsigned)LF_RESOLVE_IN_ROOT;
    assert_done(lf_resolve(resolver, &request, &found, &err), &err);
    return found;
}

/* The inode, and where the kernel says that it is. */
static void compare_found(struct world *w, const struct question *q, int fd,
                          const struct lf_resolution *found)
{
    char link[64], path[4 * TEXT], got[128], want[128];
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    if (found->node.ino != st.st_ino || found->node.dev != st.st_dev) {
        snprintf(got, sizeof(got), "inode %llu",
                 (unsigned long long)found->node.ino);
        snprintf(want, sizeof(want), "inode %llu",
                 (unsigned long long)st.st_ino);
        tell(w, q, "real", got, want);
        return;
    }
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    size_t top = strlen(w->scratch->path);
    if (len < 0 || (size_t)len < top)
        return;
    path[len] = '\0';
    const char *inside = path[top] ? path + top : "/";
    if (!lf_str_equal(found->path, lf_str(inside)))
        tell(w, q, "real path", found->path.data, inside);
    else
        w->passed++;
}

static void check_kernel(struct world *w, const struct question *q)
{
    int fd = ask_kernel(w, q);
    struct lf_resolution *found = ask(w->resolver, q);
    if (fd < 0 || found->error) {
        if (found->error == (fd < 0 ? -fd : 0))
            w->passed++;
        else
            tell(w, q, "real",
                 found->error ? lf_errno_name(found->error) : "found",
                 fd < 0 ? lf_errno_name(-fd) : "found");
    } else {
        compare_found(w, q, fd, found);
    }
    if (fd >= 0)
        close(fd);
    lf_resolution_free(found);
}

static void check_memory(struct world *w, const struct question *q)
{
    struct lf_resolution *real = ask(w->resolver, q);
    struct lf_resolution *memory = ask(w->described, q);
    if (real->error != memory->error || real->links != memory->links ||
        real->outcome != memory->outcome ||
        !lf_str_equal(real->path, memory->path))
        tell(w, q, "memory", memory->path.data, real->path.data);
    else
        w->passed++;
    lf_resolution_free(real);
    lf_resolution_free(memory);
}

/* A link of the text must lead to the source's own place. */
static void check_reltext(struct world *w)
{
    char link[2 * TEXT], source[2 * TEXT];
    struct lf_str text;
    enum lf_reltext_reason reason;
    struct lf_error err;
    struct stat want, got;
    struct question q = {.scope = "", .flags = LF_RESOLVE_NOFOLLOW};
    const char *dir = w->dirs[below(w, w->n_dirs)];
    snprintf(link, sizeof(link), "/%s%snew", dir, *dir ? "/" : "");
    random_path(w, q.path, false);
    size_t len = strlen(q.path);
    while (len && strchr("/.", q.path[len - 1]))
        q.path[--len] = '\0';
    int at = len ? ask_kernel(w, &q) : -1;
    if (at < 0)
        return;
    assert_int_equal(fstat(at, &want), 0);
    close(at);
    snprintf(source, sizeof(source), "/%s", q.path);
    assert_done(lf_reltext(w->resolver, lf_str(link), lf_str(source),
                           LF_RELTEXT_PHYSICAL, &text, &reason, &err),
                &err);
    if (reason != LF_RELTEXT_OK) { /* only binds make a text wrong here */
        if (!w->n_mounts)
            tell(w, &q, "relative text", "a refusal", "a text");
        return;
    }
    int fd = openat(w->scratch->fd, *dir ? dir : ".",
                    O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fstatat(fd, text.data, &got, AT_SYMLINK_NOFOLLOW) < 0 ||
        got.st_ino != want.st_ino || got.st_dev != want.st_dev)
        tell(w, &q, "relative text", text.data, source);
    else
        w->passed++;
    close(fd);
    free((void *)(uintptr_t)text.data);
}

/* The last path with another last name. */
static void ask_nearby(struct world *w, struct question *q)
{
    size_t len = strlen(w->last);
    while (len && w->last[len - 1] != '/')
        len--;
    snprintf(q->path, sizeof(q->path), "%.*s%s", (int)len, w->last, name(w));
}

static void ask_one(struct world *w)
{
    static const unsigned more[] = {0, 0, 0, LF_RESOLVE_NO_SYMLINKS,
                                    LF_RESOLVE_NO_XDEV};
    struct question q = {.scope = below(w, 2) ? ""
                                              : w->dirs[below(w, w->n_dirs)]};
    random_path(w, q.path, below(w, 4) == 0);
    if (below(w, 3) == 0)
        ask_nearby(w, &q);
    q.flags = below(w, 3) ? LF_RESOLVE_IN_ROOT : LF_RESOLVE_BENEATH;
    q.flags |= more[below(w, ARRAY_LEN(more))];
    if (below(w, 3) == 0)
        q.flags |= LF_RESOLVE_NOFOLLOW;
    snprintf(w->last, sizeof(w->last), "%s", q.path);
    check_kernel(w, &q);
    if (!w->n_mounts)
        check_memory(w, &q);
    if (below(w, 4) == 0)
        check_reltext(w);
}

int main(int argc, char **argv)
{
    struct world w = {0};
    size_t cases = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
    if (argc <= 2 && getentropy(&seed, sizeof(seed)) < 0)
        return 1;
    struct open_how how = {.flags = O_PATH};
    if (syscall(SYS_openat2, AT_FDCWD, ".", &how, sizeof(how)) < 0) {
        printf("# SKIP-REASON kernel: openat2(2) is missing\n"
               "0 passed, 0 failed, 1 skipped\n");
        return 0;
    }
    w.mounts = geteuid() == 0 && real_tree_isolate();
    w.state = seed;
    printf("# seed %llu%s\n", (unsigned long long)seed,
           w.mounts ? ", with mounts" : ", without mounts, which need root");
    while (w.passed + w.failed < cases) {
        bool mounts = w.mounts;
        w.mounts = mounts && below(&w, 3) == 0;
        open_world(&w);
        for (int i = 0; i < PATHS; i++)
            ask_one(&w);
        close_world(&w);
        w.mounts = mounts;
    }
    printf("%zu passed, %zu failed\n", w.passed, w.failed);
    return w.failed != 0;
}
