/* SPDX-License-Identifier: MIT */
/*
 * watch.c - which directories a piece of work looked at, and how they were
 */
#include "platform/watch.h"

#include "base/digest.h"
#include "base/path.h"
#include "base/util.h"
#include "platform/sys.h"

#include <errno.h>

static struct lf_watch *watch_of(struct lf_fs *fs)
{
    return (struct lf_watch *)fs;
}

/* ---- directories ---- */

enum { SECOND_NS = 1000000000 };

/* Where there is no room for more, as in the small inodes of ext4, only whole seconds
 * are kept: such a stamp stands for all of its second. */
bool lf_watch_tells(int64_t ctime, int64_t since)
{
    int64_t blur = ctime % SECOND_NS == 0 ? SECOND_NS : 0;
    return ctime <= since - LF_WATCH_MARGIN_NS - blur;
}

bool lf_clock_is_kept(struct lf_kept_clock *last, struct lf_fs *fs, int fd,
                      uint64_t dev)
{
    if (last->known && last->dev == dev)
        return true;
    if (!fs->keeps_clock || fs->keeps_clock(fs, fd) <= 0)
        return false;
    *last = (struct lf_kept_clock){.dev = dev, .known = true};
    return true;
}

/* What the informer saw of a directory, which is the earlier look; or `node`. */
static const struct lf_node *seen_before(const struct lf_watch *watch,
                                         struct lf_str path,
                                         const struct lf_node *node)
{
    const struct lf_watch *informer = watch->informer;
    uint32_t dir;
    return informer && !informer->blind &&
                           lf_set_has_dir(&informer->names, path, &dir) &&
                           informer->dirs[dir].node.kind != LF_NODE_UNKNOWN
                   ? &informer->dirs[dir].node
                   : node;
}

static bool add(struct lf_watch *watch, struct lf_str path,
                const struct lf_node *node, uint32_t *ret_dir)
{
    uint32_t known = watch->names.n_dirs;
    void *dirs = watch->dirs;
    if (!lf_set_dir(&watch->names, path, ret_dir) ||
        !lf_array_reserve(&dirs, watch->n_dirs, &watch->dir_capacity,
                          sizeof(*watch->dirs)))
        return false;
    watch->dirs = dirs;
    if (*ret_dir == known)
        watch->dirs[watch->n_dirs++] =
                (struct lf_watched){.path = watch->names.dirs[known].path,
                                    .node = *seen_before(watch, path, node)};
    return true;
}

/* A directory that was reached, and not yet looked into. */
static const struct lf_node unseen = {.kind = LF_NODE_UNKNOWN};

static struct lf_watch_fd *find_open(struct lf_watch *watch, int fd)
{
    for (uint32_t i = watch->n_open; i-- > 0;)
        if (watch->open[i].fd == fd)
            return &watch->open[i];
    return NULL;
}

/* Which of the directories `at` is. The root comes first. */
static bool index_at(struct lf_watch *watch, int at, uint32_t *ret_dir)
{
    const struct lf_watch_fd *open = find_open(watch, at);
    if (open) {
        *ret_dir = open->dir;
        return true;
    }
    *ret_dir = 0;
    return at == watch->root_fd &&
           (watch->n_dirs > 0 || add(watch, LF_STR("/"), &unseen, ret_dir));
}

/* That directory, seen before it is looked into. The first look at it is the one
 * that counts. */
static struct lf_watched *dir_at(struct lf_watch *watch, int at)
{
    uint32_t index;
    if (!index_at(watch, at, &index))
        return NULL;
    struct lf_watched *dir = &watch->dirs[index];
    bool seen = dir->node.kind != LF_NODE_UNKNOWN ||
                watch->under->stat(watch->under, at, "", &dir->node) == 0;
    return seen && lf_clock_is_kept(&watch->clock, watch->under, at,
                                    dir->node.dev)
                   ? dir
                   : NULL;
}

static bool sees(const struct lf_watch *watch)
{
    return !watch->blind && !watch->paused;
}

/* All names in `at` were looked at. */
static void look_at_all(struct lf_watch *watch, int at)
{
    struct lf_watched *dir = dir_at(watch, at);
    if (dir)
        dir->looked = dir->whole = true;
    else
        watch->blind = true;
}

static bool ask(struct lf_watch *watch, uint32_t dir, const char *name)
{
    void *asked = watch->asked;
    struct lf_str copy = lf_arena_str(&watch->names.arena, lf_str(name));
    if (!copy.data ||
        !lf_array_reserve(&asked, watch->n_asked, &watch->asked_capacity,
                          sizeof(*watch->asked)))
        return false;
    watch->asked = asked;
    watch->asked[watch->n_asked++] = (struct lf_watch_name){dir, copy};
    return true;
}

/* A name in `at` was looked at. */
static void look_in(struct lf_watch *watch, int at, const char *name)
{
    struct lf_watched *dir = dir_at(watch, at);
    if (!dir || (!dir->whole && !watch->of_places &&
                 !ask(watch, (uint32_t)(dir - watch->dirs), name))) {
        watch->blind = true;
        return;
    }
    dir->looked = true;
}

static bool note_open(struct lf_watch *watch, int at, const char *path, int fd)
{
    struct lf_buf whole = {0};
    struct lf_watch_fd open = {.fd = fd};
    void *all = watch->open;
    uint32_t above;
    if (!index_at(watch, at, &above))
        return false;
    if (path[0])
        lf_path_add(&whole, watch->dirs[above].path, lf_str(path));
    else
        lf_buf_add(&whole, watch->dirs[above].path);
    bool ok = !lf_buf_failed(&whole) &&
              add(watch, lf_buf_str(&whole), &unseen, &open.dir) &&
              lf_array_reserve(&all, watch->n_open, &watch->open_capacity,
                               sizeof(open));
    lf_buf_finish(&whole);
    if (ok) {
        watch->open = all;
        watch->open[watch->n_open++] = open;
    }
    return ok;
}

/* ---- operations ---- */

/* One that cannot be opened is an answer that no directory's times vouch for. A
 * missing one that a farm's places are in is a place itself, or above one. */
static int watch_open_dir(struct lf_fs *fs, int at, const char *path,
                          unsigned how)
{
    struct lf_watch *watch = watch_of(fs);
    int fd = watch->under->open_dir(watch->under, at, path, how);
    bool is_known = fd == -ENOENT && watch->of_places;
    if (sees(watch) && !is_known &&
        (fd < 0 || how & LF_DIR_FOLLOW || !note_open(watch, at, path, fd)))
        watch->blind = true;
    return fd;
}

static int watch_close(struct lf_fs *fs, int fd)
{
    struct lf_watch *watch = watch_of(fs);
    struct lf_watch_fd *open = find_open(watch, fd);
    if (open)
        *open = watch->open[--watch->n_open];
    return watch->under->close(watch->under, fd);
}

/* A directory that a look finds is kept itself, so that the one it is in may
 * change in all else. */
static void found(struct lf_watch *watch, int at, const char *name,
                  const struct lf_node *node)
{
    if (!node || node->kind != LF_NODE_DIR) {
        look_in(watch, at, name);
        return;
    }
    struct lf_str path = {0};
    uint32_t dir;
    const struct lf_watched *above = dir_at(watch, at);
    if (above)
        path = lf_path_in(&watch->room, above->path, lf_str(name));
    if (!path.data || !add(watch, path, node, &dir))
        watch->blind = true;
    else if (watch->dirs[dir].node.kind == LF_NODE_UNKNOWN)
        watch->dirs[dir].node = *node;
}

/* The directory `at` itself, by a look that can serve as the one before others. */
static int stat_self(struct lf_watch *watch, int at, const char *name,
                     struct lf_node *ret)
{
    uint32_t dir;
    int result = watch->under->stat(watch->under, at, name, ret);
    if (!sees(watch))
        return result;
    if (!index_at(watch, at, &dir))
        watch->blind = true;
    else if (result == 0 && watch->dirs[dir].node.kind == LF_NODE_UNKNOWN)
        watch->dirs[dir].node = *ret;
    return result;
}

/* What is known of a directory at a name; NULL: nothing, also without memory. */
static const struct lf_node *recall(struct lf_watch *watch, int at,
                                    const char *name)
{
    uint32_t dir;
    if (!watch->recall || !index_at(watch, at, &dir))
        return NULL;
    struct lf_str path =
            lf_path_in(&watch->room, watch->dirs[dir].path, lf_str(name));
    return path.data ? watch->recall(watch->recall_arg, path) : NULL;
}

static int watch_stat(struct lf_fs *fs, int at, const char *name,
                      struct lf_node *ret)
{
    struct lf_watch *watch = watch_of(fs);
    if (!name[0] || lf_str_equal(lf_str(name), LF_STR(".")))
        return stat_self(watch, at, name, ret);
    /* the directory as it was before the look into it */
    if (sees(watch) && !dir_at(watch, at))
        watch->blind = true;
    const struct lf_node *known = recall(watch, at, name);
    int result = 0;
    if (known)
        *ret = *known;
    else
        result = watch->under->stat(watch->under, at, name, ret);
    if (sees(watch))
        found(watch, at, name, result < 0 ? NULL : ret);
    return result;
}

/* EINVAL tells that it is no link, and so may be a directory. */
static long watch_readlink(struct lf_fs *fs, int at, const char *name,
                           char *buf, size_t size)
{
    struct lf_watch *watch = watch_of(fs);
    struct lf_node node;
    if (sees(watch) && !dir_at(watch, at))
        watch->blind = true;
    long result = watch->under->readlink(watch->under, at, name, buf, size);
    if (!sees(watch))
        return result;
    bool is_node = result == -EINVAL &&
                   watch->under->stat(watch->under, at, name, &node) == 0;
    found(watch, at, name, is_node ? &node : NULL);
    return result;
}

uint64_t lf_watch_name(struct lf_str name, enum lf_node_kind kind)
{
    return lf_digest((uint64_t)kind, name);
}

/* Names that pass on the way to who lists them. */
struct passing {
    lf_list_fn *fn;
    void *arg;
    uint64_t sum;
    bool all; /* so far, and of each it was told what it is */
};

static bool pass_name(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct passing *passing = arg;
    bool more = passing->fn(passing->arg, name, kind);
    passing->sum += lf_watch_name(name, kind);
    passing->all = passing->all && more && kind != LF_NODE_UNKNOWN;
    return more;
}

static int watch_list(struct lf_fs *fs, int fd, lf_list_fn *fn, void *arg)
{
    struct lf_watch *watch = watch_of(fs);
    if (!sees(watch))
        return watch->under->list(watch->under, fd, fn, arg);
    look_at_all(watch, fd);
    struct passing passing = {.fn = fn, .arg = arg, .all = true};
    int result = watch->under->list(watch->under, fd, pass_name, &passing);
    struct lf_watched *dir = result == 0 && passing.all && !watch->blind
                                     ? dir_at(watch, fd)
                                     : NULL;
    if (dir)
        dir->names = lf_watch_digest(passing.sum);
    return result;
}

static int watch_on_proc(struct lf_fs *fs, int fd)
{
    struct lf_watch *watch = watch_of(fs);
    return watch->under->on_proc(watch->under, fd);
}

/* Rights matter only where something is to be done, and next time nothing is. */
static int watch_may_change(struct lf_fs *fs, int fd)
{
    struct lf_watch *watch = watch_of(fs);
    return watch->under->may_change(watch->under, fd);
}

static int watch_may_take(struct lf_fs *fs, int at, const char *name)
{
    struct lf_watch *watch = watch_of(fs);
    return watch->under->may_take(watch->under, at, name);
}

void lf_watch_init(struct lf_watch *watch, struct lf_fs *under, int root_fd)
{
    *watch = (struct lf_watch){
            .fs = {.open_dir = watch_open_dir,
                   .close = watch_close,
                   .stat = watch_stat,
                   .readlink = watch_readlink,
                   .list = watch_list,
                   .on_proc = under->on_proc ? watch_on_proc : NULL,
                   .may_change = under->may_change ? watch_may_change : NULL,
                   .may_take = under->may_take ? watch_may_take : NULL},
            .under = under,
            .root_fd = root_fd,
            .since = lf_sys_realtime(),
    };
}

void lf_watch_finish(struct lf_watch *watch)
{
    lf_set_finish(&watch->names);
    lf_buf_finish(&watch->room);
    free(watch->dirs);
    free(watch->open);
    free(watch->asked);
}

void lf_watch_keep(struct lf_watch *watch, const struct lf_watched *dir)
{
    uint32_t index;
    /* the root is to be the first */
    if (watch->blind || !index_at(watch, watch->root_fd, &index) ||
        !add(watch, dir->path, &dir->node, &index)) {
        watch->blind = true;
        return;
    }
    struct lf_watched *kept = &watch->dirs[index];
    if (kept->node.kind == LF_NODE_UNKNOWN)
        kept->node = dir->node;
    kept->looked |= dir->looked;
    kept->whole |= dir->whole;
    if (kept->names == 0)
        kept->names = dir->names;
}

void lf_watch_recall(struct lf_watch *watch, lf_recall_fn *recall_fn,
                     const void *arg)
{
    watch->recall = recall_fn;
    watch->recall_arg = arg;
}

/* Of a directory that was only passed, the times do not matter. */
static bool is_as_seen(const struct lf_watched *a, const struct lf_watched *b)
{
    if (a->node.kind == LF_NODE_UNKNOWN || b->node.kind == LF_NODE_UNKNOWN)
        return true;
    bool same_times =
            a->node.mtime == b->node.mtime && a->node.ctime == b->node.ctime;
    return lf_node_same(&a->node, &b->node) && a->node.mount == b->node.mount &&
           a->node.mode == b->node.mode && a->node.uid == b->node.uid &&
           a->node.gid == b->node.gid &&
           (same_times || !(a->looked || b->looked));
}

void lf_watch_join(struct lf_watch *watch, const struct lf_watch *other)
{
    watch->blind |= other->blind;
    for (uint32_t i = 0; !watch->blind && i < other->n_dirs; i++) {
        const struct lf_watched *dir = &other->dirs[i];
        uint32_t index;
        lf_watch_keep(watch, dir);
        if (!watch->blind && (!lf_set_dir(&watch->names, dir->path, &index) ||
                              !is_as_seen(&watch->dirs[index], dir)))
            watch->blind = true;
    }
}

void lf_watch_split(const struct lf_watch *watch, struct lf_watch *parts,
                    unsigned count)
{
    for (unsigned i = 0; watch && i < count; i++)
        lf_watch_init(&parts[i], watch->under, watch->root_fd);
}

void lf_watch_inform(const struct lf_watch *watch, struct lf_watch *parts,
                     unsigned count)
{
    for (unsigned i = 0; watch && i < count; i++)
        parts[i].informer = watch;
}

void lf_watch_unsplit(struct lf_watch *watch, struct lf_watch *parts,
                      unsigned count, bool done)
{
    for (unsigned i = 0; watch && i < count; i++) {
        if (done)
            lf_watch_join(watch, &parts[i]);
        lf_watch_finish(&parts[i]);
    }
}

/* ---- the result ---- */

/* Look at a directory that was only passed, on the way to another. */
static bool pass(struct lf_watch *watch, uint32_t index)
{
    struct lf_watched *dir = &watch->dirs[index];
    LF_AUTO_CLOSE struct lf_fd fd = {watch->under, -1};
    struct lf_buf path = {0};
    lf_buf_add(&path, dir->path);
    if (!lf_buf_failed(&path))
        fd.fd = watch->under->open_dir(watch->under, watch->root_fd,
                                       path.data + 1, LF_DIR_PATH);
    lf_buf_finish(&path);
    return fd.fd >= 0 &&
           watch->under->stat(watch->under, fd.fd, "", &dir->node) == 0;
}

/* What is added is met again by the loop, up to the root. */
static bool pass_all(struct lf_watch *watch)
{
    for (uint32_t i = 0; i < watch->n_dirs; i++) {
        uint32_t above;
        if (!add(watch, lf_path_dir(watch->dirs[i].path), &unseen, &above) ||
            (watch->dirs[i].node.kind == LF_NODE_UNKNOWN && !pass(watch, i)))
            return false;
    }
    return true;
}

/* Where something else than a place was looked at, all of the directory counts:
 * which of its names it was is not kept. */
static void count_whole(struct lf_watch *watch,
                        const struct lf_watch_places *places)
{
    for (uint32_t i = 0; i < watch->n_asked; i++) {
        const struct lf_watch_name *asked = &watch->asked[i];
        struct lf_watched *dir = &watch->dirs[asked->dir];
        if (!dir->whole && !places->is(places->arg, dir->path, asked->name))
            dir->whole = true;
    }
}

static bool settle(struct lf_watch *watch)
{
    for (uint32_t i = 0; i < watch->n_dirs; i++) {
        struct lf_watched *dir = &watch->dirs[i];
        if (!dir->looked || lf_watch_tells(dir->node.ctime, watch->since))
            continue;
        if (dir->whole)
            return false;
        dir->node.ctime = 0;
    }
    return true;
}

static int compare_dirs(const void *a, const void *b)
{
    return lf_path_compare(((const struct lf_watched *)a)->path,
                           ((const struct lf_watched *)b)->path);
}

uint32_t lf_watch_result(struct lf_watch *watch,
                         const struct lf_watch_places *places,
                         struct lf_watched **ret_dirs)
{
    *ret_dirs = watch->dirs;
    if (watch->blind || watch->n_dirs == 0)
        return 0;
    count_whole(watch, places);
    if (!settle(watch) || !pass_all(watch))
        return 0;
    *ret_dirs = watch->dirs;
    qsort(watch->dirs, watch->n_dirs, sizeof(*watch->dirs), compare_dirs);
    /* indices are void now: no more watching */
    watch->blind = true;
    return watch->n_dirs;
}

enum lf_watched_state lf_watched_compare(const struct lf_watched *watched,
                                         const struct lf_node *now)
{
    const struct lf_node *then = &watched->node;
    if (now->kind != LF_NODE_DIR || now->dev != then->dev ||
        now->ino != then->ino || now->mount != then->mount ||
        now->mode != then->mode || now->uid != then->uid ||
        now->gid != then->gid)
        return LF_WATCHED_OTHER;
    return !watched->looked || (now->mtime == then->mtime &&
                                now->ctime == then->ctime)
                   ? LF_WATCHED_SAME
                   : LF_WATCHED_TOUCHED;
}

enum lf_watched_state lf_watched_look(const struct lf_near *near,
                                      const struct lf_watched *watched)
{
    struct lf_node now;
    const char *rest;
    int at = lf_near_at(near, watched->path, &rest);
    if (near->fs->stat_path(near->fs, at, rest, &now) < 0)
        return LF_WATCHED_OTHER;
    return lf_watched_compare(watched, &now);
}
