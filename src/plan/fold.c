/* SPDX-License-Identifier: MIT */
/*
 * fold.c - which directories become one link, seen from the disk
 *
 * A directory that stands may only give way to a link if nothing is lost with
 * it: all that is in it must be ours and as we left it. Directories of other
 * farms stay, and so do those that were here before us.
 */
#include "plan/fold.h"

#include "base/path.h"
#include "base/util.h"

#include <errno.h>
#include <string.h>

struct name {
    struct lf_str text;
    enum lf_node_kind kind;
};

struct folding {
    const struct lf_fold_request *request;
    struct lf_error *err;
    struct lf_arena names; /* of the directory that is being read */
    struct name *children;
    uint32_t n_children, child_capacity;
    bool no_memory;
    uint32_t *pending; /* recorded directories that are to be read */
    uint32_t n_pending, pending_capacity;
};

/* ---- what the farm has below a directory ---- */

static bool note_name(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct folding *f = arg;
    struct name child = {lf_arena_str(&f->names, name), kind};
    void *children = f->children;
    if (!child.text.data ||
        !lf_array_reserve(&children, f->n_children, &f->child_capacity,
                          sizeof(child))) {
        f->no_memory = true;
        return false;
    }
    f->children = children;
    f->children[f->n_children++] = child;
    return true;
}

static bool push(struct folding *f, uint32_t dir)
{
    void *pending = f->pending;
    if (!lf_array_reserve(&pending, f->n_pending, &f->pending_capacity,
                          sizeof(dir)))
        return lf_error_oom(f->err);
    f->pending = pending;
    f->pending[f->n_pending++] = dir;
    return true;
}

/* What cannot be seen may be anything. */
static bool unseen(struct folding *f, struct lf_str path, int error,
                   bool *ret_ok)
{
    lf_error_set(f->err, LF_CODE_SYSTEM, -error, "cannot look at %.*s: %s",
                 (int)path.len, path.data, strerror(-error));
    if (error == -EACCES)
        lf_error_help(f->err, "give yourself the rights to it, then run the "
                              "command again");
    *ret_ok = false;
    return false;
}

static bool is_our_link(struct folding *f, int fd, struct lf_str path,
                        struct lf_str name, const struct lf_record *record,
                        bool *ret_ok)
{
    char text[LF_PATH_LIMIT + 1];
    *ret_ok = true;
    long len = f->request->fs->readlink(f->request->fs, fd, name.data, text,
                                        sizeof(text));
    if (len < 0 && len != -EINVAL && len != -ENOENT)
        return unseen(f, path, (int)len, ret_ok);
    /* what it covers would have to be put back */
    return len >= 0 && !record->displaced &&
           lf_str_equal(lf_str_of(text, (size_t)len), record->text);
}

static bool note_any(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    bool *empty = arg;
    (void)name;
    (void)kind;
    *empty = false;
    return false;
}

static bool is_empty(struct folding *f, struct lf_str path, bool *ret_ok)
{
    struct lf_fs *fs = f->request->fs;
    bool empty = true;
    int fd = fs->open_dir(fs, f->request->root_fd, path.data + 1, LF_DIR_READ);
    *ret_ok = true;
    if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
        return false;
    if (fd < 0)
        return unseen(f, path, fd, ret_ok);
    int result = fs->list(fs, fd, note_any, &empty);
    fs->close(fs, fd);
    return result < 0 ? unseen(f, path, result, ret_ok) : empty;
}

/* Whether what is in a recorded directory may be ours: if something is recorded
 * there, it is put on the stack, else there must be nothing. */
static bool may_be_ours(struct folding *f, struct lf_str path, bool *ret_ok)
{
    const struct lf_set *set = &f->request->recorded->set;
    uint32_t first, end;
    lf_set_below(set, path, &first, &end);
    if (first == end || !lf_str_equal(set->dirs[first].path, path))
        return is_empty(f, path, ret_ok);
    *ret_ok = push(f, first);
    return *ret_ok;
}

/* Whether one name of the directory at `path` is ours, as far as what is in it
 * has been looked at. */
static bool is_ours(struct folding *f, int fd, struct lf_str path,
                    const struct name *child, bool *ret_ok)
{
    const struct lf_recorded *recorded = f->request->recorded;
    const struct lf_item *item = lf_set_find(&recorded->set, path, child->text);
    struct lf_node node = {.kind = child->kind};
    *ret_ok = true;
    if (!item)
        return false;
    const struct lf_record *record = &recorded->records[item->detail];
    if (record->kind == LF_RECORD_LINK)
        return is_our_link(f, fd, path, child->text, record, ret_ok);
    int result = node.kind == LF_NODE_UNKNOWN
                         ? f->request->fs->stat(f->request->fs, fd,
                                                child->text.data, &node)
                         : 0;
    if (result < 0 && result != -ENOENT)
        return unseen(f, path, result, ret_ok);
    if (node.kind != LF_NODE_DIR)
        return false;
    struct lf_str below = lf_path_join(&f->names, path, child->text);
    if (below.data)
        return may_be_ours(f, below, ret_ok);
    *ret_ok = lf_error_oom(f->err);
    return false;
}

/* Whether all in one recorded directory is ours. */
static bool dir_is_ours(struct folding *f, struct lf_str path, bool *ret_ok)
{
    struct lf_fs *fs = f->request->fs;
    *ret_ok = true;
    lf_arena_finish(&f->names);
    f->n_children = 0;
    int fd = fs->open_dir(fs, f->request->root_fd, path.data + 1, LF_DIR_READ);
    if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
        return false;
    if (fd < 0)
        return unseen(f, path, fd, ret_ok);
    int result = fs->list(fs, fd, note_name, f);
    bool ours = result == 0;
    if (f->no_memory)
        *ret_ok = lf_error_oom(f->err);
    else if (!ours)
        unseen(f, path, result, ret_ok);
    for (uint32_t i = 0; ours && *ret_ok && i < f->n_children; i++)
        ours = is_ours(f, fd, path, &f->children[i], ret_ok);
    fs->close(fs, fd);
    return ours;
}

/* Whether nothing but what the farm made stands in the directory. */
static bool tree_is_ours(struct folding *f, struct lf_str path, bool *ret_ok)
{
    const struct lf_recorded *recorded = f->request->recorded;
    *ret_ok = true;
    if (!recorded)
        return false;
    const struct lf_item *item =
            lf_set_find(&recorded->set, lf_path_dir(path), lf_path_name(path));
    if (!item || recorded->records[item->detail].kind != LF_RECORD_DIR)
        return false;
    f->n_pending = 0;
    if (!may_be_ours(f, path, ret_ok))
        return false;
    while (f->n_pending) {
        const struct lf_dir *dir =
                &recorded->set.dirs[f->pending[--f->n_pending]];
        if (!dir_is_ours(f, dir->path, ret_ok))
            return false;
    }
    return true;
}

/* ---- candidates ---- */

static bool others_are_there(const struct folding *f, struct lf_str path)
{
    const struct lf_ledger *ledger = f->request->ledger;
    for (uint32_t i = 0; ledger && i < ledger->n_farms; i++) {
        const struct lf_recorded *farm = ledger->farms[i];
        uint32_t first, end;
        if (lf_str_equal(farm->name, f->request->farm))
            continue;
        lf_set_below(&farm->set, path, &first, &end);
        if (first < end ||
            lf_set_find(&farm->set, lf_path_dir(path), lf_path_name(path)))
            return true;
    }
    return false;
}

/* What stands there now: a link is looked at by the table like any other. */
static bool gives_way(struct folding *f, struct lf_str path, bool *ret_ok)
{
    struct lf_fs *fs = f->request->fs;
    struct lf_node node;
    *ret_ok = true;
    if (others_are_there(f, path))
        return false;
    lf_arena_finish(&f->names);
    struct lf_str dir = lf_arena_str(&f->names, lf_path_dir(path));
    if (!dir.data) {
        *ret_ok = lf_error_oom(f->err);
        return false;
    }
    int fd = fs->open_dir(fs, f->request->root_fd, dir.data + 1, LF_DIR_PATH);
    /* no directory there: one of ours will be, or it is a conflict */
    if (fd == -ENOENT || fd == -ELOOP || fd == -ENOTDIR)
        return true;
    if (fd < 0)
        return unseen(f, dir, fd, ret_ok);
    int result = fs->stat(fs, fd, lf_path_name(path).data, &node);
    fs->close(fs, fd);
    if (result < 0)
        return result == -ENOENT || unseen(f, path, result, ret_ok);
    return node.kind != LF_NODE_DIR || tree_is_ours(f, path, ret_ok);
}

/* ---- the desired set ---- */

static bool make_link(struct lf_desired *desired,
                      const struct lf_fold_candidate *fold)
{
    const struct lf_item *item = lf_set_find(
            &desired->set, lf_path_dir(fold->dir), lf_path_name(fold->dir));
    struct lf_wish *wish = lf_desired_wish(desired, item->detail);
    *wish = (struct lf_wish){.kind = LF_WISH_LINK, .entry = fold->entry};
    lf_wish_set_text(wish, fold->text);
    return lf_desired_set_source(desired, wish, LF_STR(""), fold->source_dir,
                                 fold->source_name);
}

/* Take out what lies below the first `n` candidates, none within another. */
static void drop_below(struct lf_desired *desired, uint32_t n)
{
    struct lf_set *set = &desired->set;
    uint32_t next = 0, kept = 0, dirs = 0;
    for (uint32_t i = 0; i < set->n_dirs; i++) {
        struct lf_dir dir = set->dirs[i];
        while (next < n &&
               lf_path_compare(desired->folds[next].dir, dir.path) < 0 &&
               !lf_path_within(dir.path, desired->folds[next].dir))
            next++;
        if (next < n && lf_path_within(dir.path, desired->folds[next].dir))
            continue;
        memmove(&set->items[kept], &set->items[dir.first],
                dir.count * sizeof(*set->items));
        set->dirs[dirs] = (struct lf_dir){dir.path, kept, dir.count};
        for (uint32_t j = 0; j < dir.count; j++)
            lf_item_set_dir(&set->items[kept++], dirs);
        dirs++;
    }
    set->n_dirs = dirs;
    set->n_items = kept;
}

bool lf_plan_fold(const struct lf_fold_request *request,
                  struct lf_desired *desired, struct lf_error *err)
{
    struct folding f = {.request = request, .err = err};
    uint32_t chosen = 0;
    bool ok = true;
    for (uint32_t i = 0; ok && i < desired->n_folds; i++) {
        const struct lf_fold_candidate *fold = &desired->folds[i];
        if (chosen && lf_path_within(fold->dir, desired->folds[chosen - 1].dir))
            continue;
        if (gives_way(&f, fold->dir, &ok))
            desired->folds[chosen++] = *fold;
    }
    for (uint32_t i = 0; ok && i < chosen; i++)
        ok = make_link(desired, &desired->folds[i]) || lf_error_oom(err);
    if (ok && chosen)
        drop_below(desired, chosen);
    desired->n_folds = chosen;
    lf_arena_finish(&f.names);
    free(f.children);
    free(f.pending);
    return ok;
}
