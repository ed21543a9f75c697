/* SPDX-License-Identifier: MIT */
/*
 * look.c - what stands at one place after the other
 */
#include "observe/look.h"

#include "base/path.h"
#include <errno.h>

static bool expects(const struct lf_looker *o, const struct lf_merged *place,
                    struct lf_str text)
{
    for (int side = 0; side < 2; side++) {
        const struct lf_expected *expected = o->sides[side];
        if (place->items[side] &&
            lf_str_equal(
                    expected->text(expected->owner, place->items[side]->detail),
                    text))
            return true;
    }
    return false;
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
static bool contents_matter(const struct lf_looker *o,
                            const struct lf_merged *place)
{
    const struct lf_expected *first = o->sides[0];
    return !place->items[0] ||
           first->text(first->owner, place->items[0]->detail).len > 0;
}

static void look_closely(struct lf_looker *o, const struct lf_merged *place,
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

static const struct lf_watched *known_dir(const struct lf_looker *o,
                                          struct lf_str path)
{
    return o->known ? o->known->dir(o->known->arg, path) : NULL;
}

/* What the second set says of the place, where that is known to be true. */
static bool is_known(struct lf_looker *o, const struct lf_merged *place,
                     struct lf_sighting *look)
{
    const struct lf_expected *second = o->sides[1];
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

/* readlink(2) first: for a link that is as expected it is the only call. */
bool lf_looker_look(struct lf_looker *o, const struct lf_merged *place,
                    struct lf_sighting *look)
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
    look->node.text = lf_arena_str(o->texts, lf_str_of(text, (size_t)length));
    if (!look->node.text.data)
        return false;
    if (!expects(o, place, look->node.text))
        look_closely(o, place, look);
    return true;
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
