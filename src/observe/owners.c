/* SPDX-License-Identifier: MIT */
/*
 * owners.c - ways that lead through what someone else may have put there
 */
#include "observe/owners.h"

#include "base/path.h"
#include <errno.h>
#include <string.h>

enum {
    ROOT = 0,
    OTHERS_WRITE = 022, /* with an access list, the group's bits are its mask */
};

static bool others_may_write(uint32_t uid, uint32_t mode)
{
    return uid != ROOT || mode & OTHERS_WRITE;
}

static bool is_passable(struct lf_passable passable, struct lf_str path)
{
    for (uint32_t i = 0; i < passable.count; i++)
        if (lf_str_equal(passable.dirs[i], path))
            return true;
    return false;
}

void lf_held_way_init(struct lf_held_way *way, struct lf_fs *fs, int root_fd,
                      struct lf_passable passable)
{
    *way = (struct lf_held_way){
            .fs = fs, .root_fd = root_fd, .passable = passable};
}

/* Close all but the first `count`; what is lent is its borrower's now. */
static void hold_only(struct lf_held_way *way, unsigned count)
{
    while (way->n_held > count) {
        struct lf_held_part *last = &way->held[--way->n_held];
        if (last->fd != way->root_fd && !last->lent)
            way->fs->close(way->fs, last->fd);
    }
}

void lf_held_way_forget(struct lf_held_way *way)
{
    hold_only(way, 0);
}

void lf_held_way_close(struct lf_held_way *way, int fd)
{
    for (unsigned i = way->n_held; i-- > 1;)
        if (way->held[i].fd == fd) {
            way->held[i].lent = false;
            return;
        }
    way->fs->close(way->fs, fd);
}

void lf_held_way_forget_below(struct lf_held_way *way, struct lf_str dir,
                              struct lf_str name)
{
    unsigned kept = way->n_held;
    while (kept > 1 &&
           lf_path_below(lf_str_of(way->path.data, way->held[kept - 1].upto),
                         dir, name))
        kept--;
    hold_only(way, kept);
}

/* What is known of a directory that was opened as `fd`. */
static int look(struct lf_held_way *way, int fd, size_t upto, bool shared,
                struct lf_held_part *ret)
{
    struct lf_node node;
    int result = way->fs->stat(way->fs, fd, "", &node);
    if (result < 0)
        return result;
    *ret = (struct lf_held_part){
            .upto = upto,
            .fd = fd,
            .uid = node.uid,
            .mode = node.mode,
            .dev = node.dev,
            .shared = shared || others_may_write(node.uid, node.mode),
    };
    return 0;
}

/* Open `name` in `above` and look at what was opened. */
static int enter(struct lf_held_way *way, const struct lf_held_part *above,
                 struct lf_str name, size_t upto, struct lf_held_part *ret)
{
    char text[LF_NAME_LIMIT + 1];
    if (name.len > LF_NAME_LIMIT)
        return -ENAMETOOLONG;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    int fd = way->fs->open_dir(way->fs, above->fd, text, LF_DIR_PATH);
    if (fd < 0)
        return fd;
    int result = look(way, fd, upto, above->shared, ret);
    if (result < 0)
        way->fs->close(way->fs, fd);
    return result;
}

/* Whether `part`, which stands in `above`, is not to be passed. */
static bool is_foreign(const struct lf_held_way *way,
                       const struct lf_held_part *above,
                       const struct lf_held_part *part, struct lf_str path)
{
    return others_may_write(above->uid, above->mode) && part->uid != ROOT &&
           part->uid != above->uid &&
           !is_passable(way->passable, lf_str_of(path.data, part->upto));
}

/* Whether the directory held as `part` is on the way to `path`. At its end one
 * that is lent is none: a descriptor has one borrower. */
static bool is_on(const struct lf_held_way *way,
                  const struct lf_held_part *part, struct lf_str path)
{
    return part->upto == 0 ||
           (part->upto + (part->lent ? 1 : 0) <= path.len &&
            lf_path_within(path, lf_str_of(way->path.data, part->upto)));
}

/* Keep what `path` shares with the latest way. */
static int begin(struct lf_held_way *way, struct lf_str path)
{
    unsigned shared = 0;
    while (shared < way->n_held && is_on(way, &way->held[shared], path))
        shared++;
    hold_only(way, shared);
    way->path = path;
    if (shared > 0)
        return 0;
    int result = look(way, way->root_fd, 0, false, &way->held[0]);
    way->n_held = result < 0 ? 0 : 1;
    return result;
}

/* Close `part`, if it is not held. */
static void leave(struct lf_held_way *way, const struct lf_held_part *part)
{
    if (part->fd != way->held[way->n_held - 1].fd)
        way->fs->close(way->fs, part->fd);
}

/* From `above` to `name`, the last byte of which is the `upto`th. */
static int step(struct lf_held_way *way, const struct lf_held_part *above,
                struct lf_str name, size_t upto, struct lf_held_part *ret,
                struct lf_way_owners *owners)
{
    int result = enter(way, above, name, upto, ret);
    if (result == -ENOENT)
        owners->missing = upto;
    if (result < 0 || !is_foreign(way, above, ret, way->path))
        return result;
    way->fs->close(way->fs, ret->fd);
    owners->foreign = upto;
    owners->owner = ret->uid;
    owners->above_owner = above->uid;
    owners->above_mode = above->mode;
    return -EPERM;
}

int lf_held_way_open(struct lf_held_way *way, struct lf_str path,
                     struct lf_way_owners *ret)
{
    *ret = (struct lf_way_owners){0};
    int result = begin(way, path);
    if (result < 0)
        return result;
    struct lf_held_part at = way->held[way->n_held - 1], next;
    struct lf_str rest = lf_str_of(path.data + at.upto, path.len - at.upto);
    struct lf_str name = lf_path_next(&rest);
    while (name.len > 0) {
        size_t upto = (size_t)(name.data - path.data) + name.len;
        ret->shared = at.shared;
        result = step(way, &at, name, upto, &next, ret);
        leave(way, &at);
        if (result < 0)
            return result;
        name = lf_path_next(&rest);
        if (way->n_held < LF_WAY_HELD)
            way->held[way->n_held++] = next;
        at = next;
    }
    ret->shared = at.shared;
    ret->dev = at.dev;
    if (at.fd == way->root_fd)
        return way->fs->open_dir(way->fs, at.fd, "", LF_DIR_PATH);
    struct lf_held_part *last = &way->held[way->n_held - 1];
    last->lent = last->fd == at.fd;
    return at.fd;
}
