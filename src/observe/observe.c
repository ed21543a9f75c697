/* SPDX-License-Identifier: MIT */
/*
 * observe.c - what stands at the places that matter
 */
#include "observe/observe.h"

#include "base/path.h"
#include "base/util.h"
#include <errno.h>

/* One run over both sets in step; the places come out in order, each once. */
struct merge {
    const struct lf_expected *sides[2];
    uint32_t next[2];
};

struct place {
    struct lf_str dir, name;
    const struct lf_item *items[2]; /* NULL where a side does not have it */
};

static const struct lf_item *peek(const struct merge *merge, int side)
{
    const struct lf_set *set = merge->sides[side]->set;
    return set && merge->next[side] < set->n_items
                   ? &set->items[merge->next[side]]
                   : NULL;
}

static struct lf_str dir_of(const struct merge *merge, int side,
                            const struct lf_item *item)
{
    return merge->sides[side]->set->dirs[item->dir].path;
}

static bool merge_next(struct merge *merge, struct place *ret)
{
    const struct lf_item *a = peek(merge, 0);
    const struct lf_item *b = peek(merge, 1);
    if (!a && !b)
        return false;
    int order = !a ? 1 : !b ? -1 : 0;
    if (a && b)
        order = lf_place_compare(dir_of(merge, 0, a), a->name,
                                 dir_of(merge, 1, b), b->name);
    *ret = (struct place){0};
    if (order <= 0) {
        ret->items[0] = a;
        merge->next[0]++;
    }
    if (order >= 0) {
        ret->items[1] = b;
        merge->next[1]++;
    }
    int side = order <= 0 ? 0 : 1;
    ret->dir = dir_of(merge, side, ret->items[side]);
    ret->name = ret->items[side]->name;
    return true;
}

static bool expects(const struct merge *merge, const struct place *place,
                    struct lf_str text)
{
    for (int side = 0; side < 2; side++) {
        const struct lf_expected *expected = merge->sides[side];
        if (place->items[side] &&
            lf_str_equal(
                    expected->text(expected->owner, place->items[side]->detail),
                    text))
            return true;
    }
    return false;
}

struct observer {
    struct lf_fs *fs;
    int root_fd;
    struct lf_observed *observed;
    struct merge merge;
    const struct lf_known *known; /* may be NULL */
    struct lf_str path;           /* of the directory being looked at */
    bool unchanged;               /* its links stand as the second set says */
    bool entered;                 /* opening it was tried */
    struct lf_fd dir;
    int dir_error;         /* errno of opening it, 0 if open */
    struct lf_str missing; /* the directory that was found missing last */
    uint32_t dir_index;
    struct lf_buf below; /* the path of a directory in it */
};

static bool count_entry(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    (void)name;
    (void)kind;
    uint32_t *count = arg;
    return ++*count < UINT32_MAX;
}

static void list_dir(struct observer *o, const char *name,
                     struct lf_sighting *look)
{
    int fd = o->fs->open_dir(o->fs, o->dir.fd, name, LF_DIR_READ);
    if (fd < 0) {
        look->error = -fd;
        return;
    }
    int result = o->fs->list(o->fs, fd, count_entry, &look->entries);
    o->fs->close(o->fs, fd);
    if (result < 0)
        look->error = -result;
    else
        look->listed = true;
}

/* A directory's contents matter only where it is not wanted as one. */
static bool contents_matter(const struct observer *o, const struct place *place)
{
    const struct lf_expected *first = o->merge.sides[0];
    return !place->items[0] ||
           first->text(first->owner, place->items[0]->detail).len > 0;
}

static void look_closely(struct observer *o, const struct place *place,
                         struct lf_sighting *look)
{
    const char *name = place->name.data;
    struct lf_str text = look->node.text;
    int result = o->fs->stat(o->fs, o->dir.fd, name, &look->node);
    look->node.text = text;
    if (result == -ENOENT) {
        look->node = (struct lf_node){.kind = LF_NODE_NOTHING};
        return;
    }
    if (result < 0) {
        look->node.kind = LF_NODE_UNKNOWN;
        look->error = -result;
        return;
    }
    if (look->node.kind == LF_NODE_DIR && contents_matter(o, place))
        list_dir(o, name, look);
}

static const struct lf_watched *known_dir(const struct observer *o,
                                          struct lf_str path)
{
    return o->known ? o->known->dir(o->known->arg, path) : NULL;
}

/* What the second set says of the place, where that is known to be true. */
static bool is_known(struct observer *o, const struct place *place,
                     struct lf_sighting *look)
{
    const struct lf_expected *second = o->merge.sides[1];
    if (!o->unchanged || !place->items[1])
        return false;
    struct lf_str text = second->text(second->owner, place->items[1]->detail);
    if (text.len > 0) {
        look->node = (struct lf_node){.kind = LF_NODE_LINK, .text = text};
        return true;
    }
    if (contents_matter(o, place))
        return false;
    lf_buf_clear(&o->below);
    lf_path_add(&o->below, place->dir, place->name);
    const struct lf_watched *dir =
            lf_buf_failed(&o->below) ? NULL
                                     : known_dir(o, lf_buf_str(&o->below));
    if (dir)
        look->node = dir->node;
    return dir;
}

static void enter_dir(struct observer *o)
{
    bool missing = o->missing.data && lf_path_within(o->path, o->missing);
    int fd = missing ? -ENOENT
                     : o->fs->open_dir(o->fs, o->root_fd, o->path.data + 1,
                                       LF_DIR_PATH);
    if (fd == -ENOENT && !missing)
        o->missing = o->path;
    o->entered = true;
    o->dir_error = fd < 0 ? -fd : 0;
    o->dir.fd = fd < 0 ? -1 : fd;
}

/* readlink(2) first: for a link that is as expected it is the only call. */
static bool look_at(struct observer *o, const struct place *place,
                    struct lf_sighting *look, struct lf_error *err)
{
    if (is_known(o, place, look))
        return true;
    if (!o->entered)
        enter_dir(o);
    if (o->dir_error) {
        look->unreachable = o->dir_error == ENOENT || o->dir_error == ENOTDIR ||
                            o->dir_error == ELOOP;
        if (!look->unreachable) {
            look->node.kind = LF_NODE_UNKNOWN;
            look->error = o->dir_error;
        }
        return true;
    }
    char text[LF_PATH_LIMIT + 1];
    long length = o->fs->readlink(o->fs, o->dir.fd, place->name.data, text,
                                  sizeof(text));
    if (length == -ENOENT)
        return true;
    if (length < 0) {
        look_closely(o, place, look);
        if (look->node.kind == LF_NODE_LINK) {
            look->node.kind = LF_NODE_UNKNOWN; /* its text is not known */
            look->error = (int)-length;
        }
        return true;
    }
    look->node.kind = LF_NODE_LINK;
    look->node.text = lf_arena_str(&o->observed->set.arena,
                                   lf_str_of(text, (size_t)length));
    if (!look->node.text.data)
        return lf_error_oom(err);
    if (!expects(&o->merge, place, look->node.text))
        look_closely(o, place, look);
    return true;
}

static bool next_dir(struct observer *o, struct lf_str path)
{
    const struct lf_watched *dir = known_dir(o, path);
    lf_auto_close(&o->dir);
    o->dir.fd = -1;
    o->path = path;
    o->unchanged = dir && dir->looked;
    o->entered = false;
    return lf_set_dir(&o->observed->set, path, &o->dir_index);
}

static uint32_t places_at_most(const struct merge *merge)
{
    uint32_t count = 0;
    for (int side = 0; side < 2; side++)
        if (merge->sides[side]->set)
            count += merge->sides[side]->set->n_items;
    return count;
}

static bool observe_all(struct observer *o, struct lf_error *err)
{
    struct lf_observed *observed = o->observed;
    struct place place;
    while (merge_next(&o->merge, &place)) {
        if ((!o->path.data || !lf_str_equal(o->path, place.dir)) &&
            !next_dir(o, place.dir))
            return lf_error_oom(err);
        uint32_t detail = observed->n_looks;
        if (!lf_set_borrow(&observed->set, o->dir_index, place.name, detail))
            return lf_error_oom(err);
        if (!look_at(o, &place, &observed->looks[detail], err))
            return false;
        observed->n_looks++;
    }
    return lf_set_seal(&observed->set) || lf_error_oom(err);
}

bool lf_observe(struct lf_fs *fs, int root_fd, const struct lf_expected *first,
                const struct lf_expected *second, const struct lf_known *known,
                struct lf_observed **ret_observed, struct lf_error *err)
{
    struct lf_observed *observed = calloc(1, sizeof(*observed));
    if (!observed)
        return lf_error_oom(err);
    struct observer o = {
            .fs = fs,
            .root_fd = root_fd,
            .observed = observed,
            .merge = {.sides = {first, second}},
            .known = known,
            .dir = { fs,                      -1},
    };
    uint32_t most = places_at_most(&o.merge);
    observed->looks = calloc(most ? most : 1, sizeof(*observed->looks));
    bool ok = observed->looks ? observe_all(&o, err) : lf_error_oom(err);
    lf_auto_close(&o.dir);
    lf_buf_finish(&o.below);
    if (!ok) {
        lf_observed_free(observed);
        return false;
    }
    *ret_observed = observed;
    return true;
}

void lf_observed_forget(struct lf_observed *observed)
{
    free(observed->looks);
    observed->looks = NULL;
    observed->n_looks = 0;
}

void lf_observed_free(struct lf_observed *observed)
{
    if (!observed)
        return;
    lf_observed_forget(observed);
    lf_set_finish(&observed->set);
    free(observed);
}
