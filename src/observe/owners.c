/* SPDX-License-Identifier: MIT */
/*
 * owners.c - ways that lead through what someone else may have put there
 */
#include "observe/owners.h"
#include "base/texts.h"

#include "base/path.h"
#include <errno.h>
#include <string.h>

enum {
    ROOT = 0,
    OTHERS_WRITE = 022, /* with an access list, the group's bits are its mask */
    STICKY = 01000,
};

bool lf_others_write(uint32_t uid, uint32_t mode)
{
    return uid != ROOT || mode & OTHERS_WRITE;
}

bool lf_others_rename(uint32_t uid, uint32_t mode)
{
    return uid != ROOT || (mode & OTHERS_WRITE && !(mode & STICKY));
}

struct lf_way_part lf_way_root(const struct lf_node *node)
{
    return (struct lf_way_part){
            .uid = node->uid,
            .mode = node->mode,
            .dev = node->dev,
            .shared = lf_others_write(node->uid, node->mode),
    };
}

/* Who may have brought another directory to a name in `above`, or to one on the way
 * there: its owner, or without a sticky bit all who may write in it. */
static uint32_t mover_in(const struct lf_way_part *above)
{
    bool all = above->mode & OTHERS_WRITE && !(above->mode & STICKY);
    uint32_t here = all ? LF_ANYBODY : above->uid;
    if (here == ROOT || here == above->mover)
        return above->mover;
    return above->mover == ROOT ? here : LF_ANYBODY;
}

bool lf_way_pass(struct lf_passable passable, const struct lf_way_part *above,
                 const struct lf_node *node, struct lf_str path,
                 struct lf_way_part *ret, struct lf_way_owners *owners)
{
    *ret = lf_way_root(node);
    ret->shared |= above->shared;
    ret->mover = mover_in(above);
    if (ret->mover != ROOT &&
        lf_texts_have(passable.dirs, passable.count, path))
        ret->mover = ROOT;
    if (!lf_others_write(above->uid, above->mode) || node->uid == ROOT ||
        node->uid == above->uid ||
        lf_texts_have(passable.dirs, passable.count, path))
        return true;
    owners->foreign = path.len;
    owners->owner = node->uid;
    owners->above_owner = above->uid;
    owners->above_mode = above->mode;
    return false;
}

/* Whoever may write where a link of root's stands can bring another one of root's
 * there, from anywhere that they may write, unless the sticky bit of a directory of
 * root's keeps them from it. So of root's no more than of theirs is known who put it
 * at this name. */
bool lf_way_follows(const struct lf_node *above, const struct lf_node *link,
                    const struct lf_node *end)
{
    if (!lf_others_write(above->uid, above->mode))
        return true;
    if (!link)
        return false;
    if (above->uid == ROOT)
        return link->uid == ROOT && !lf_others_rename(above->uid, above->mode);
    return (link->uid == ROOT || link->uid == above->uid) && end &&
           end->uid == above->uid;
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

/* Open `name` in `above` and look at what was opened. */
static int enter(struct lf_held_way *way, int above, struct lf_str name,
                 int *ret_fd, struct lf_node *ret)
{
    char text[LF_NAME_LIMIT + 1];
    if (name.len > LF_NAME_LIMIT)
        return -ENAMETOOLONG;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    int fd = way->fs->open_dir(way->fs, above, text, LF_DIR_PATH);
    if (fd < 0)
        return fd;
    int result = way->fs->stat(way->fs, fd, "", ret);
    if (result < 0)
        way->fs->close(way->fs, fd);
    *ret_fd = fd;
    return result;
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
    struct lf_node root;
    int result = way->fs->stat(way->fs, way->root_fd, "", &root);
    if (result < 0)
        return result;
    way->held[way->n_held++] = (struct lf_held_part){
            .fd = way->root_fd, .ino = root.ino, .is = lf_way_root(&root)};
    return 0;
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
    struct lf_node node = {0};
    *ret = (struct lf_held_part){.upto = upto};
    int result = enter(way, above->fd, name, &ret->fd, &node);
    ret->ino = node.ino;
    if (result == -ENOENT)
        owners->missing = upto;
    if (result < 0 ||
        lf_way_pass(way->passable, &above->is, &node,
                    lf_str_of(way->path.data, upto), &ret->is, owners))
        return result;
    way->fs->close(way->fs, ret->fd);
    return -EPERM;
}

int lf_held_way_open(struct lf_held_way *way, struct lf_str path,
                     struct lf_way_owners *ret)
{
    *ret = (struct lf_way_owners){.mover = LF_ANYBODY};
    int result = begin(way, path);
    if (result < 0)
        return result;
    struct lf_held_part at = way->held[way->n_held - 1], next;
    struct lf_str rest = lf_str_of(path.data + at.upto, path.len - at.upto);
    struct lf_str name = lf_path_next(&rest);
    while (name.len > 0) {
        size_t upto = (size_t)(name.data - path.data) + name.len;
        ret->shared = at.is.shared;
        result = step(way, &at, name, upto, &next, ret);
        leave(way, &at);
        if (result < 0)
            return result;
        name = lf_path_next(&rest);
        if (way->n_held < LF_WAY_HELD)
            way->held[way->n_held++] = next;
        at = next;
    }
    ret->shared = at.is.shared;
    ret->mover = at.is.mover;
    ret->dev = at.is.dev;
    ret->ino = at.ino;
    if (at.fd == way->root_fd)
        return way->fs->open_dir(way->fs, at.fd, "", LF_DIR_PATH);
    struct lf_held_part *last = &way->held[way->n_held - 1];
    last->lent = last->fd == at.fd;
    return at.fd;
}
