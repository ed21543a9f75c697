/* SPDX-License-Identifier: MIT */
/*
 * owners.h - ways that lead through what someone else may have put there
 *
 * In a directory that others than root may write, any of them can put a
 * directory at a name, or take one away and put another there. Who works as
 * root must not follow them: of what stands in such a directory, only what is
 * root's or the directory's owner's own is passed.
 */
#ifndef LF_OBSERVE_OWNERS_H
#define LF_OBSERVE_OWNERS_H

#include "platform/fs.h"

/** Physical directories that are passed, whoever they belong to; sorted. */
struct lf_passable {
    const struct lf_str *dirs;
    uint32_t count;
};

/** Whether others than root may change the names in a directory with that owner and
 *  mode. */
bool lf_others_write(uint32_t uid, uint32_t mode);

/** Whether they may also put something else in the place of what is root's in it, from
 *  which a sticky bit keeps them. */
bool lf_others_rename(uint32_t uid, uint32_t mode);

/** More than one user, or whoever likes. */
#define LF_ANYBODY UINT32_MAX

/** What was met on a way. */
struct lf_way_owners {
    bool shared;          /* someone else than root may change a part of it */
    uint32_t mover;       /* see struct lf_way_part; of a way that could not be
                             gone to its end, LF_ANYBODY */
    uint64_t dev, ino;    /* of the directory that it leads to */
    size_t missing;       /* bytes of the path up to and with the name that
                             nothing has; 0: none was missing */
    size_t foreign;       /* the same of the directory that is not to be passed;
                             0: none */
    uint32_t owner;       /* its owner */
    uint32_t above_owner; /* of the directory that it stands in, */
    uint32_t above_mode;  /* and that one's mode */
};

/** What counts of a directory on a way. */
struct lf_way_part {
    uint32_t uid, mode;
    uint64_t dev;
    bool shared; /* someone else than root may change it, or one above it */
    /* who may have brought it here, with what is in it, though it is not theirs:
     * a user, LF_ANYBODY, or none but root (0) */
    uint32_t mover;
};

/**
 * Whether a symlink `link`, in the directory `above` or below it in directories that
 * only root may write, may lead a way to the directory `end`: where only root could
 * have put it at that name, or it is root's or that of the owner of `above`, who is
 * not root, and leads to what is that owner's own. A NULL `link` or `end` was not
 * found.
 */
bool lf_way_follows(const struct lf_node *above, const struct lf_node *link,
                    const struct lf_node *end);

/** The root directory, where ways begin. */
struct lf_way_part lf_way_root(const struct lf_node *node);

/**
 * One name further, to the directory `node`, which was found at `path` below what
 * `above` tells of. False: it is not to be passed, which `owners` tells.
 */
bool lf_way_pass(struct lf_passable passable, const struct lf_way_part *above,
                 const struct lf_node *node, struct lf_str path,
                 struct lf_way_part *ret, struct lf_way_owners *owners);

enum { LF_WAY_HELD = 16 };

/**
 * The way to the directory opened last, with the directories on it held, and
 * that one too: the next way opens only what it does not share. Of a way of
 * more than LF_WAY_HELD directories, those at its end are opened each time.
 */
struct lf_held_way {
    struct lf_fs *fs;
    int root_fd;
    struct lf_passable passable;
    struct lf_str path; /* the way that is held; the caller's */
    struct lf_held_part {
        size_t upto; /* bytes of the path */
        int fd;
        uint64_t ino;
        struct lf_way_part is;
        bool lent; /* the caller has the descriptor, too: who is last to
                        need it closes it */
    } held[LF_WAY_HELD];
    unsigned n_held; /* the first is the root, whose descriptor is not ours */
};

void lf_held_way_init(struct lf_held_way *way, struct lf_fs *fs, int root_fd,
                      struct lf_passable passable);

/** Close what is held: nothing more is asked. The way can be used again. */
void lf_held_way_forget(struct lf_held_way *way);

/** Close what is held of `name` in `dir` and below it: another directory stands
 *  there now, or none. */
void lf_held_way_forget_below(struct lf_held_way *way, struct lf_str dir,
                              struct lf_str name);

/**
 * Open the directory `path`, absolute and physical, below the root, one name
 * after the other, so that what was looked at is what is passed. `path` must
 * live until the next way is asked for or this one is forgotten. Returns a
 * descriptor for reaching what is below it, lent until the caller gives it back
 * with lf_held_way_close(), whatever is asked for meanwhile; -EPERM with
 * `ret->foreign` set at a directory that is not to be passed; or what else
 * failed. `ret` is set in any case, as far as the way went.
 */
int lf_held_way_open(struct lf_held_way *way, struct lf_str path,
                     struct lf_way_owners *ret);

/** Give back what lf_held_way_open() returned. The way may go on holding it. */
void lf_held_way_close(struct lf_held_way *way, int fd);

#endif
