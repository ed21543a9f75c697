/* SPDX-License-Identifier: MIT */
/*
 * view_real.c - the real file system, by directory descriptors
 *
 * A directory is opened when something below it is asked for, by the names
 * that lead to it from the nearest directory that is open, none of which may
 * have become a symlink. A few descriptors stay open, the one unused longest
 * is closed first; so their number does not grow with the depth.
 */
#include "base/cures.h"
#include "base/path.h"
#include "platform/sys.h"
#include "resolve/view.h"

#include <errno.h>
#include <stdlib.h>

enum {
    SLOTS = 16,
    /* bytes of one open: what a single call takes, less a name and slashes */
    REACH = LF_PATH_LIMIT - LF_NAME_LIMIT - 2,
};

struct slot {
    const struct lf_place *place; /* NULL: free */
    int fd;
    uint64_t used;
};

struct real {
    struct lf_view view;
    struct lf_fs *fs;
    struct lf_fs own_fs; /* of lf_view_open() */
    int root_fd;
    bool owns_root;
    uint32_t uid; /* who looks */
    uint64_t clock;
    struct slot slots[SLOTS];
    char path[LF_PATH_LIMIT + 1]; /* a name or path on its way to a call */
    char text[LF_PATH_LIMIT + 1]; /* the latest link's */
};

static struct real *real_of(struct lf_view *view)
{
    return (struct real *)view;
}

/* ---- descriptors ---- */

static int open_fd(struct real *real, const struct lf_place *place)
{
    if (place->parent == place)
        return real->root_fd;
    for (size_t i = 0; i < SLOTS; i++) {
        if (real->slots[i].place == place) {
            real->slots[i].used = ++real->clock;
            return real->slots[i].fd;
        }
    }
    return -1;
}

static struct slot *free_slot(struct real *real)
{
    struct slot *oldest = &real->slots[0];
    for (size_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &real->slots[i];
        if (!slot->place)
            return slot;
        if (slot->used < oldest->used)
            oldest = slot;
    }
    real->fs->close(real->fs, oldest->fd);
    oldest->place = NULL;
    return oldest;
}

/* The names from `from`, which is above, to `place`, into real->path. */
static void write_path(struct real *real, const struct lf_place *from,
                       const struct lf_place *place, size_t len)
{
    real->path[len] = '\0';
    for (; place != from; place = place->parent) {
        len -= place->name_len;
        memcpy(real->path + len, place->name, place->name_len);
        if (len)
            real->path[--len] = '/';
    }
}

static int open_below(struct real *real, const struct lf_place *from,
                      int from_fd, const struct lf_place *place, size_t len)
{
    write_path(real, from, place, len);
    int fd = real->fs->open_dir(real->fs, from_fd, real->path, LF_DIR_PATH);
    if (fd < 0)
        return fd;
    struct slot *slot = free_slot(real);
    *slot = (struct slot){place, fd, ++real->clock};
    return fd;
}

/* Deeper than one call reaches, directories on the way are opened too. */
static int dir_fd(struct real *real, const struct lf_place *dir)
{
    for (;;) {
        size_t len = 0;
        const struct lf_place *from = dir, *last = dir;
        int fd;
        while ((fd = open_fd(real, from)) < 0) {
            /* `last` is to lie within reach of what is open above it */
            len += (size_t)from->name_len + 1;
            for (; len > REACH; last = last->parent)
                len -= (size_t)last->name_len + 1;
            from = from->parent;
        }
        if (len == 0)
            return fd;
        fd = open_below(real, from, fd, last, len - 1);
        if (fd < 0 || last == dir)
            return fd;
    }
}

static void real_forget(struct lf_view *view)
{
    struct real *real = real_of(view);
    for (size_t i = 0; i < SLOTS; i++) {
        if (real->slots[i].place)
            real->fs->close(real->fs, real->slots[i].fd);
        real->slots[i].place = NULL;
    }
}

/* ---- looking ---- */

static int real_root(struct lf_view *view, struct lf_look *ret)
{
    struct real *real = real_of(view);
    return real->fs->stat(real->fs, real->root_fd, "", &ret->node);
}

static bool is_number(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (name[i] < '0' || name[i] > '9')
            return false;
    return len > 0;
}

/*
 * Links below a process's directory are magic, and so are others of procfs
 * that show a size which is not their text's (0, or 64 for descriptors); the
 * links in its root are plain. Plain file systems hardly ever show such sizes,
 * so the system is seldom asked.
 */
static bool is_magic(struct real *real, int fd, const struct lf_place *dir,
                     const struct lf_node *node)
{
    bool odd = node->size != node->text.len;
    if (!odd && node->size != 64)
        return false;
    if (!real->fs->on_proc || real->fs->on_proc(real->fs, fd) <= 0)
        return false;
    const struct lf_place *below = NULL; /* the mount's root */
    while (dir->parent != dir && lf_same_mount(dir->node, dir->parent->node)) {
        below = dir;
        dir = dir->parent;
    }
    return below && (odd || is_number(below->name, below->name_len));
}

static int read_text(struct real *real, int fd, struct lf_node *node)
{
    long len = real->fs->readlink(real->fs, fd, real->path, real->text,
                                  sizeof(real->text) - 1);
    if (len < 0)
        return (int)len;
    real->text[len] = '\0';
    node->text = lf_str_of(real->text, (size_t)len);
    return 0;
}

static int real_look(struct lf_view *view, struct lf_place *dir,
                     struct lf_str name, struct lf_look *ret)
{
    struct real *real = real_of(view);
    int fd = dir_fd(real, dir);
    if (fd < 0)
        return fd;
    memcpy(real->path, name.data, name.len);
    real->path[name.len] = '\0';
    int result = real->fs->stat(real->fs, fd, real->path, &ret->node);
    if (result == -ENOENT)
        ret->node = (struct lf_node){.kind = LF_NODE_NOTHING};
    else if (result < 0)
        return result;
    dir->searchable = true;
    if (ret->node.kind != LF_NODE_LINK)
        return 0;
    result = read_text(real, fd, &ret->node);
    if (result == 0)
        ret->magic = is_magic(real, fd, dir, &ret->node);
    return result;
}

/* An access list does not take the owner's rights away: acl(5). */
static bool owner_may_search(const struct real *real,
                             const struct lf_place *dir)
{
    return dir->node->uid == real->uid && dir->node->mode & 0100;
}

/* For names, look() tells. */
static int real_search(struct lf_view *view, struct lf_place *dir, bool dots)
{
    struct real *real = real_of(view);
    if (owner_may_search(real, dir))
        dir->searchable = true;
    if (!dots || dir->searchable)
        return 0;
    int fd = dir_fd(real, dir);
    struct lf_node node;
    int result = fd < 0 ? fd : real->fs->stat(real->fs, fd, ".", &node);
    if (result == 0)
        dir->searchable = true;
    return result;
}

static void real_free(struct lf_view *view)
{
    struct real *real = real_of(view);
    real_forget(view);
    if (real->owns_root)
        real->fs->close(real->fs, real->root_fd);
    free(real);
}

static const struct lf_view_ops real_ops = {
        .plain = true,
        .root = real_root,
        .look = real_look,
        .search = real_search,
        .forget = real_forget,
        .free = real_free,
};

static struct real *real_new(struct lf_fs *fs, int root_fd)
{
    struct real *real = calloc(1, sizeof(*real));
    if (!real)
        return NULL;
    real->view.ops = &real_ops;
    real->fs = fs;
    real->root_fd = root_fd;
    real->uid = lf_sys_uid();
    return real;
}

bool lf_view_real_new(struct lf_fs *fs, int root_fd, struct lf_view **ret_view,
                      struct lf_error *err)
{
    struct real *real = real_new(fs, root_fd);
    if (!real)
        return lf_error_oom(err);
    *ret_view = &real->view;
    return true;
}

bool lf_view_unopened(const char *root, int error, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_ROOT, error, "cannot open the root '%s': %s",
                 root, strerror(error));
    if (lf_met_open_files(error))
        lf_error_help(err, LF_CURE_OPEN_FILES);
    else if (error == EACCES)
        lf_error_help(err, "run as a user who may open it");
    else
        lf_error_help(err, "name a directory that exists: --root=DIR");
    return false;
}

bool lf_view_open(const char *root, struct lf_view **ret_view,
                  struct lf_error *err)
{
    struct real *real = real_new(NULL, -1);
    if (!real)
        return lf_error_oom(err);
    lf_fs_system(&real->own_fs);
    real->fs = &real->own_fs;
    /* an empty path would be the working directory */
    real->root_fd = root[0] ? real->fs->open_dir(real->fs, -1, root,
                                                 LF_DIR_PATH | LF_DIR_FOLLOW)
                            : -ENOENT;
    if (real->root_fd < 0) {
        lf_view_unopened(root, -real->root_fd, err);
        free(real);
        return false;
    }
    real->owns_root = true;
    *ret_view = &real->view;
    return true;
}
