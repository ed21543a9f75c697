/* SPDX-License-Identifier: MIT */
/*
 * watch.h - which directories a piece of work looked at, and how they were
 *
 * A table of operations in front of another one. It passes looks on and keeps,
 * for each directory that was reached, the node as it was before anything in
 * it was looked at. Whoever finds all of these nodes unchanged later on would
 * see what the work saw, without looking at a single name.
 *
 * That holds because every change of what a name stands for changes the ctime
 * of its directory, which no user can set. A change within the resolution of
 * the clock can hide, though: a directory counts only when its last change was
 * some time before the look (as with git's index), and only on file systems
 * that are known to keep their clocks so.
 *
 * A directory that was only passed on the way to another one is known by its
 * identity and rights: what else changes in it does not matter. One in which
 * nothing was looked at but places of a farm matters as far as these do, even
 * when its times have changed.
 */
#ifndef LF_PLATFORM_WATCH_H
#define LF_PLATFORM_WATCH_H

#include "base/buf.h"
#include "base/set.h"
#include "platform/fs.h"
#include "platform/near.h"

/** How much older than a look a change must be to be told from a later one:
 *  some ticks of the coarsest clock that kernels stamp with (10 ms). */
#define LF_WATCH_MARGIN_NS INT64_C(100000000)

/** Whether a directory that had last changed at `ctime`, as a look at `since` or
 *  later showed it, would show another ctime after any change that came later still. */
bool lf_watch_tells(int64_t ctime, int64_t since);

struct lf_watched {
    struct lf_str path; /* physical, below the root that was watched */
    struct lf_node node;
    bool looked; /* names in it were looked at: its times count */
    bool whole;  /* and not only names that are places of the farm */
    uint64_t
            names; /* all that are in it, by lf_watch_digest(); 0: not listed */
};

/** What a name and what stands there add to the sum for a directory. Nobody has a
 *  reason to forge it: see base/digest.h. */
uint64_t lf_watch_name(struct lf_str name, enum lf_node_kind kind);

/** The digest that such a sum is for all names of a directory: never 0. */
static inline uint64_t lf_watch_digest(uint64_t sum)
{
    return sum > 0 ? sum : 1;
}

/** What a watched directory is to what it was. */
enum lf_watched_state {
    LF_WATCHED_SAME,
    LF_WATCHED_TOUCHED, /* the same one, but names in it may have changed */
    LF_WATCHED_OTHER,
};

/** Which names are places of the farm. */
struct lf_watch_places {
    bool (*is)(const void *arg, struct lf_str dir, struct lf_str name);
    const void *arg;
};

/** A name that was looked at, and is no directory. */
struct lf_watch_name {
    uint32_t dir;
    struct lf_str name;
};

/** A descriptor that is open, and which of the directories it is. */
struct lf_watch_fd {
    int fd;
    uint32_t dir;
};

/** The file system that was found to keep its clock last. Zero-initialise. */
struct lf_kept_clock {
    uint64_t dev;
    bool known;
};

/** Whether the directory `fd`, on device `dev`, is on a file system that is known to
 *  keep its clock; asked once for a run on one device. */
bool lf_clock_is_kept(struct lf_kept_clock *last, struct lf_fs *fs, int fd,
                      uint64_t dev);

/** The directory at a physical path, as a look at it would show it now; NULL: that is
 *  not known. */
typedef const struct lf_node *lf_recall_fn(const void *arg, struct lf_str path);

/** Private, but for `fs`, which is what the work is given. */
struct lf_watch {
    struct lf_fs fs; /* only operations that look */
    struct lf_fs *under;
    struct lf_set names; /* physical paths: interned directories */
    struct lf_watched *dirs;
    uint32_t n_dirs, dir_capacity;
    struct lf_watch_fd *open;
    uint32_t n_open, open_capacity;
    struct lf_watch_name *asked; /* in directories that are not `whole` */
    uint32_t n_asked, asked_capacity;
    int64_t since; /* when it began; nanoseconds since 1970 UTC */
    struct lf_kept_clock clock;
    const struct lf_watch *informer; /* see lf_watch_inform(); or NULL */
    struct lf_buf room;              /* for the path at hand */
    lf_recall_fn *recall;            /* see lf_watch_recall(); or NULL */
    const void *recall_arg;
    int root_fd;
    bool blind;     /* something was looked at that cannot be watched */
    bool of_places; /* all names that are looked at are places of the farm;
                       to be set before the work begins */
    bool paused;    /* what is looked at now does not matter later */
};

/** Watch work below `root_fd` through `under`; both are borrowed. */
void lf_watch_init(struct lf_watch *watch, struct lf_fs *under, int root_fd);
void lf_watch_finish(struct lf_watch *watch);

/**
 * Take in a directory of earlier work that was found to hold, so that nobody has
 * to look into it again.
 */
void lf_watch_keep(struct lf_watch *watch, const struct lf_watched *dir);

/** Answer from now on looks at what is known of a directory, and watch it all the
 *  same. */
void lf_watch_recall(struct lf_watch *watch, lf_recall_fn *recall,
                     const void *arg);

/**
 * Watches for `count` pieces of work that are done at the same time, in front of
 * what `watch` is in front of; and their end: what they watched is taken in, if
 * the work was done. `watch` may be NULL: then nothing happens.
 */
void lf_watch_split(const struct lf_watch *watch, struct lf_watch *parts,
                    unsigned count);
void lf_watch_unsplit(struct lf_watch *watch, struct lf_watch *parts,
                      unsigned count, bool done);

/**
 * Spare these pieces the first look at directories that `watch` has seen
 * before. It must not be used until they are taken in.
 */
void lf_watch_inform(const struct lf_watch *watch, struct lf_watch *parts,
                     unsigned count);

/**
 * Take in what another watch, of the same operations and root, has watched
 * meanwhile. Where they saw different things, nothing is worth remembering.
 */
void lf_watch_join(struct lf_watch *watch, const struct lf_watch *other);

/**
 * What was watched, with every directory above, sorted by lf_path_compare():
 * a directory after those above it. Returns how many there are; 0 when it is
 * worth nothing, because something could not be watched, was changed too
 * recently, or memory ran out. In one that is not `whole` a recent change does
 * no harm: its ctime is 0 then, which is never found again. `*ret_dirs` is
 * borrowed from the watch.
 */
uint32_t lf_watch_result(struct lf_watch *watch,
                         const struct lf_watch_places *places,
                         struct lf_watched **ret_dirs);

/** What a directory that was watched is now, by what a look at it showed. */
enum lf_watched_state lf_watched_compare(const struct lf_watched *watched,
                                         const struct lf_node *now);

/**
 * The same with the look. Those above it must be found unchanged, too, because
 * links in its path are followed.
 */
enum lf_watched_state lf_watched_look(const struct lf_near *near,
                                      const struct lf_watched *watched);

#endif
