/* SPDX-License-Identifier: MIT */
/*
 * look.c - what stands at one place after the other
 */
#include "observe/look.h"

#include "base/path.h"
#include <errno.h>

static bool expects_link(const struct lf_looker *o,
                         const struct lf_merged *place, int side)
{
    const struct lf_expected *expected = o->sides[side];
    return place->details[side] != LF_NOT_MET &&
           lf_pair_len(expected->text(expected->owner, place->details[side])) >
                   0;
}

/* Whether a set expects this text at the place; then `*ret_own` is one that lives as
 * long as what was seen, whose data is NULL without memory. */
static bool is_expected(const struct lf_looker *o,
                        const struct lf_merged *place, struct lf_str text,
                        struct lf_str *ret_own)
{
    bool found = false;
    for (int side = 0; side < 2; side++) {
        const struct lf_expected *expected = o->sides[side];
        if (place->details[side] == LF_NOT_MET)
            continue;
        struct lf_pair own =
                expected->text(expected->owner, place->details[side]);
        if (!lf_pair_is(own, text))
            continue;
        found = true;
        *ret_own = own.rest;
        if (own.start.len == 0)
            return true;
    }
    if (found)
        *ret_own = lf_arena_str(o->arena, text);
    return found;
}

static bool count_entry(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    (void)name;
    (void)kind;
    uint32_t *count = arg;
    return ++*count < UINT32_MAX;
}

static void list_dir(struct lf_looker *o, const char *name,
                     struct lf_sighting *look)
{
    int fd = o->fs->open_dir(o->fs, o->dir.fd, name, LF_DIR_READ);
    if (fd < 0) {
        look->error = (uint16_t)-fd;
        return;
    }
    int result = o->fs->list(o->fs, fd, count_entry, &look->entries);
    o->fs->close(o->fs, fd);
    if (result < 0)
        look->error = (uint16_t)-result;
    else
        look->listed = true;
}

/* A directory's contents matter only where it is not wanted as one. */
static bool contents_matter(const struct lf_looker *o,
                            const struct lf_merged *place)
{
    return place->details[0] == LF_NOT_MET || expects_link(o, place, 0);
}

static void see(struct lf_sighting *look, const struct lf_node *node)
{
    look->kind = (uint8_t)node->kind;
    look->closely = true;
    look->node = node;
}

static void see_text(struct lf_sighting *look, struct lf_str text)
{
    look->kind = LF_NODE_LINK;
    look->text = text.data;
    look->text_len = (uint16_t)text.len;
}

static void fail_to_see(struct lf_sighting *look, int error)
{
    *look = (struct lf_sighting){.kind = LF_NODE_UNKNOWN,
                                 .error = (uint16_t)error};
}

/* With the text of a link that was read; data NULL if none was. */
static bool look_closely(struct lf_looker *o, const struct lf_merged *place,
                         struct lf_str text, struct lf_sighting *look)
{
    const char *name = place->name.data;
    struct lf_node *node = lf_arena_alloc(o->arena, sizeof(*node));
    if (!node)
        return false;
    int result = o->fs->stat(o->fs, o->dir.fd, name, node);
    node->text = text;
    *look = (struct lf_sighting){0};
    if (result < 0 && result != -ENOENT)
        fail_to_see(look, -result);
    else if (result == 0)
        see(look, node);
    if (look->kind == LF_NODE_DIR && contents_matter(o, place))
        list_dir(o, name, look);
    return true;
}

static const struct lf_watched *known_dir(const struct lf_looker *o,
                                          struct lf_str path)
{
    return o->known ? o->known->dir(o->known->arg, o->watch, path) : NULL;
}

/* The path of a place, in a room that is used again. data is NULL without memory. */
static struct lf_str path_of(struct lf_looker *o, const struct lf_merged *place)
{
    return lf_path_in(&o->below, place->dir, place->name);
}

/* What the second set says of the place, where that is known to be true. */
static bool is_known(struct lf_looker *o, const struct lf_merged *place,
                     struct lf_sighting *look)
{
    const struct lf_expected *second = o->sides[1];
    if (!o->unchanged || place->details[1] == LF_NOT_MET)
        return false;
    struct lf_str text = second->text(second->owner, place->details[1]).rest;
    if (text.len > 0) {
        see_text(look, text);
        return true;
    }
    if (contents_matter(o, place))
        return false;
    struct lf_str path = path_of(o, place);
    const struct lf_watched *dir = path.data ? known_dir(o, path) : NULL;
    if (dir)
        see(look, &dir->node);
    return dir;
}

static void enter_dir(struct lf_looker *o)
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

/* Whether all that is known of the place says that it is a directory. */
static bool expects_dir(const struct lf_looker *o,
                        const struct lf_merged *place)
{
    return !expects_link(o, place, 0) && !expects_link(o, place, 1);
}

/* A directory that is wanted, and that was seen already. */
static bool was_seen(struct lf_looker *o, const struct lf_merged *place,
                     struct lf_sighting *look)
{
    if (!o->seen || !expects_dir(o, place) || contents_matter(o, place))
        return false;
    struct lf_str path = path_of(o, place);
    const struct lf_node *node =
            path.data ? o->seen->dir(o->seen->arg, path) : NULL;
    if (node)
        see(look, node);
    return node;
}

/* Nothing can stand where the directory is missing. That it is matters to what was
 * there once; for all else nothing is written, and memory that nobody writes to is
 * none yet. */
static void miss_dir(const struct lf_looker *o, const struct lf_merged *place,
                     struct lf_sighting *look)
{
    bool missing = o->dir_error == ENOENT || o->dir_error == ENOTDIR ||
                   o->dir_error == ELOOP;
    if (!missing)
        fail_to_see(look, o->dir_error);
    else if (place->details[1] != LF_NOT_MET)
        look->unreachable = true;
}

/* For what is as expected, one call is all: readlink(2) for a link, for a
 * directory a look. */
bool lf_looker_look(struct lf_looker *o, const struct lf_merged *place,
                    struct lf_sighting *look)
{
    if (is_known(o, place, look) || was_seen(o, place, look))
        return true;
    if (!o->entered)
        enter_dir(o);
    if (o->dir_error) {
        miss_dir(o, place, look);
        return true;
    }
    if (expects_dir(o, place)) {
        if (!look_closely(o, place, lf_str(NULL), look))
            return false;
        if (look->kind != LF_NODE_LINK)
            return true;
        *look = (struct lf_sighting){0};
    }
    char text[LF_PATH_LIMIT + 1];
    long length = o->fs->readlink(o->fs, o->dir.fd, place->name.data, text,
                                  sizeof(text));
    if (length == -ENOENT)
        return true;
    if (length < 0) {
        if (!look_closely(o, place, lf_str(NULL), look))
            return false;
        if (look->kind == LF_NODE_LINK) /* its text is not known */
            fail_to_see(look, (int)-length);
        return true;
    }
    struct lf_str read = lf_str_of(text, (size_t)length), own;
    if (is_expected(o, place, read, &own)) {
        see_text(look, own);
        return own.data;
    }
    own = lf_arena_str(o->arena, read);
    return own.data && look_closely(o, place, own, look);
}

void lf_looker_go(struct lf_looker *o, struct lf_str path)
{
    const struct lf_watched *dir = known_dir(o, path);
    lf_auto_close(&o->dir);
    o->dir.fd = -1;
    o->path = path;
    o->unchanged = dir && dir->looked;
    o->entered = false;
}

void lf_looker_finish(struct lf_looker *o)
{
    lf_auto_close(&o->dir);
    lf_buf_finish(&o->below);
}
