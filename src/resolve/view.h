/* SPDX-License-Identifier: MIT */
/*
 * view.h - what a view must answer, and the tree of what it answered
 *
 * A view answers for one name in one directory and never follows anything.
 * What it has answered is kept in a *tree* of places: directories, and the
 * links on the way to them, each hanging below the directory it was found in.
 * So the physical parent of a directory is the place above it (also at the
 * root of a mount), and a physical path is read off the tree.
 *
 * Directories are named to a view by their places. What the view itself wants
 * to know of one again it keeps in `handle`.
 */
#ifndef LF_RESOLVE_VIEW_H
#define LF_RESOLVE_VIEW_H

#include "base/arena.h"
#include "base/buf.h"
#include "platform/fs.h"
#include "resolve/table.h"
#include <linkfarm/resolve.h>

/** What a view says of one name. */
struct lf_look {
    struct lf_node node; /* kind NOTHING if the name is free; `text` of a link
                            is borrowed until the next look at this view */
    const struct lf_node *kept; /* the same for as long as the view lives, or
                                   NULL: saves the tree a copy */
    void *handle;               /* of a directory: the view's own */
    bool magic;                 /* a link of /proc whose text leads nowhere */
};

/** A place in the tree. Never moves, is never freed before its tree, but for what
 *  lf_tree_forget() says. */
struct lf_place {
    struct lf_table_link link;
    struct lf_place *parent; /* the root's is itself */
    const char *name;        /* "" for the root */
    const struct lf_node *node;
    void *handle;  /* lf_look.handle */
    void *over;    /* what an overlay hangs on its base's place */
    uint64_t seen; /* generation of the view it is known to hold in */
    uint16_t name_len;
    bool magic;
    bool dead;       /* the view has changed here; only results still point */
    bool searchable; /* names may be looked up in it */
    bool has_kept;   /* some name in it was kept */
};

struct lf_view_ops {
    /* look() tells of a directory what stat(2) does, and no more: others may have
     * looked in its stead */
    bool plain;
    /* look() costs little: what it tells of directories others keep */
    bool derived;
    /* The root directory. */
    int (*root)(struct lf_view *view, struct lf_look *ret);
    /* One name in `dir`: 0, with kind NOTHING for a free name, or a negative
     * errno. `name` is one component, neither `.` nor `..`, without NUL. */
    int (*look)(struct lf_view *view, struct lf_place *dir, struct lf_str name,
                struct lf_look *ret);
    /* Whether names may be looked up in `dir`: 0, -EACCES or another errno.
     * Where look() finds that out by itself, only `dots` (for `.` or `..`)
     * needs an answer. Sets `dir->searchable` when it is known for good. */
    int (*search)(struct lf_view *view, struct lf_place *dir, bool dots);
    /* The generation in which this name of `dir` changed last; 0: never. NULL
     * for views that do not change. */
    uint64_t (*changed)(struct lf_view *view, const struct lf_place *dir,
                        struct lf_str name);
    /* Places known to the view are about to be freed. May be NULL. */
    void (*forget)(struct lf_view *view);
    void (*free)(struct lf_view *view);
};

/** The head of every view. */
struct lf_view {
    const struct lf_view_ops *ops;
    uint64_t lookups;    /* calls of look() */
    uint64_t generation; /* rises with every change */
};

/** Places of one view that were looked at. */
struct lf_tree {
    struct lf_view *view;
    struct lf_arena arena;
    struct lf_place *root; /* that is here, for as long as the tree is: */
    struct lf_place top;
    struct lf_node top_node;
    struct lf_table places; /* by directory and name */
    struct lf_look look;    /* the latest, if it was not kept */
    /* links that are as if they were not there: see lf_resolver_hide() */
    bool (*hides)(void *arg, struct lf_str dir, struct lf_str name,
                  const struct lf_node *link);
    void *hides_arg;
    struct lf_buf room; /* for the path of a directory */
};

/** What is found at a name: a place of the tree if it is kept there. */
struct lf_found {
    struct lf_place *place;     /* NULL if not kept */
    const struct lf_node *node; /* borrowed until the next look */
    bool magic;
};

/** Look at the view's root. Negative errno on failure. */
int lf_tree_init(struct lf_tree *tree, struct lf_view *view);
/** Free the places; `*tree` may also be all zero. */
void lf_tree_finish(struct lf_tree *tree);
/** Free all places but the root, of a view that does not know them. */
void lf_tree_forget(struct lf_tree *tree);

/**
 * What stands at `name` in `dir`, by the cache or by a look. Directories are
 * always kept; anything else, a free name too, only if `keep`. A failure is
 * not. Negative errno; -ENOMEM also for our own memory.
 */
int lf_tree_get(struct lf_tree *tree, struct lf_place *dir, struct lf_str name,
                bool keep, struct lf_found *ret);

/** The directory kept at the physical `path`, while the view has not changed since; or
 *  NULL. Looks at nothing and changes nothing: several threads may ask at once. */
struct lf_place *lf_tree_seen(const struct lf_tree *tree, struct lf_str path);

/**
 * Keep what others have seen: directory `node` at `name` in `dir`. What is kept
 * already stays. False: no memory.
 */
bool lf_tree_put(struct lf_tree *tree, struct lf_place *dir, struct lf_str name,
                 const struct lf_node *node);

/** Whether names may be looked up in `dir`: 0, -EACCES or another errno.
 *  `dots`: for `.` or `..`, of which no look will tell. */
int lf_tree_search(struct lf_tree *tree, struct lf_place *dir, bool dots);

/** Whether a kept place still says what the view says. */
bool lf_tree_holds(struct lf_tree *tree, struct lf_place *place);

/** Bytes of the physical path of `place`. */
size_t lf_place_path_len(const struct lf_place *place);
/** Write the path, without NUL, to exactly so many bytes at `at`. */
void lf_place_path_write(const struct lf_place *place, char *at, size_t len);
/** Append the path. */
void lf_place_path_add(struct lf_buf *buf, const struct lf_place *place);

/** Whether two looks found nodes of one mount (of one device, where mount ids
 *  are not known). */
bool lf_same_mount(const struct lf_node *a, const struct lf_node *b);

/**
 * The real file system seen from the directory `root_fd`, through `fs`. Both
 * are borrowed and must live longer than the view. Holds a few descriptors
 * of its own, whatever it is asked.
 */
bool lf_view_real_new(struct lf_fs *fs, int root_fd, struct lf_view **ret_view,
                      struct lf_error *err);

/** The error of a root directory that cannot be opened: LF_CODE_ROOT, for `error` (an
 *  errno) of open(2). Returns false. */
bool lf_view_unopened(const char *root, int error, struct lf_error *err);

/** Links of one directory, sorted by name, each name once. */
struct lf_link_run {
    const struct lf_link_run_ops *ops;
    const void *arg;
    uint32_t count;
};

/** What is asked of the link with that index. Where the text is empty there is none,
 *  and nothing happens at that name. */
struct lf_link_run_ops {
    struct lf_str (*name)(const void *arg, uint32_t index);
    struct lf_pair (*text)(const void *arg, uint32_t index);
};

static inline struct lf_str lf_link_run_name(const struct lf_link_run *run,
                                             uint32_t index)
{
    return run->ops->name(run->arg, index);
}

static inline struct lf_pair lf_link_run_text(const struct lf_link_run *run,
                                              uint32_t index)
{
    return run->ops->text(run->arg, index);
}

/**
 * lf_view_put_link() for each of `run` in the directory `dir`. What the run tells
 * is not copied, but asked for when it is looked at, and so must live as long as
 * the overlay, with `ops` and `arg`.
 */
bool lf_view_put_links(struct lf_view *overlay, struct lf_str dir,
                       const struct lf_link_run *run, struct lf_error *err);

/* What a described tree can hold beyond lf_view_memory_add(); paths as there. */

/** Another name `path` for the node (a link itself) at `old`. */
bool lf_view_memory_hard(struct lf_view *view, struct lf_str old,
                         struct lf_str path, struct lf_error *err);
/** Permission bits of what stands at `path`. */
bool lf_view_memory_mode(struct lf_view *view, struct lf_str path,
                         uint32_t mode, struct lf_error *err);
/** Another, empty file system at the directory `path`. */
bool lf_view_memory_mount(struct lf_view *view, struct lf_str path,
                          struct lf_error *err);
/** The directory `source` mounted again at the directory `path`. */
bool lf_view_memory_bind(struct lf_view *view, struct lf_str source,
                         struct lf_str path, struct lf_error *err);
/** Who looks: 0, as at first, may search everything. Everything described is
 *  root's. Only before the first resolver. */
void lf_view_memory_user(struct lf_view *view, uint32_t uid);

#endif
