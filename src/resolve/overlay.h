/* SPDX-License-Identifier: MIT */
/*
 * overlay.h - a view plus changes that have not been made
 *
 * A directory is its base's, or planned, or both: entries say what has become
 * of single names in it, and for every other name the base is asked. A renamed
 * directory takes its base along, so what is below it comes with it.
 *
 * view_overlay.c looks, overlay_change.c plans.
 */
#ifndef LF_RESOLVE_OVERLAY_H
#define LF_RESOLVE_OVERLAY_H

#include "resolve/resolver.h"

/* A directory as the overlay shows it. */
struct lf_over_dir {
    struct lf_place *base; /* NULL: planned, with nothing in it but entries */
    bool changed;          /* there are entries */
};

/* What stands at a name instead of what the base says. */
struct lf_over_entry {
    struct lf_table_link link;
    struct lf_over_dir *dir;
    const char *name;
    union {
        const char *text;          /* of a planned link */
        struct lf_over_dir *holds; /* of a directory */
    };
    const struct lf_node *moved; /* a node of the base, now here; or NULL */
    uint64_t changed; /* generation; for a planned node it stands in for an
                         inode, too */
    uint16_t name_len, text_len;
    uint8_t kind; /* enum lf_node_kind; NOTHING: removed */
};

struct lf_overlay {
    struct lf_view view;
    struct lf_tree base;
    struct lf_resolver *self; /* for the paths of changes */
    struct lf_arena arena;
    struct lf_table entries;
};

static inline struct lf_overlay *lf_overlay_of(struct lf_view *view)
{
    return (struct lf_overlay *)view;
}

/** What has become of `name` in `dir`, or NULL. */
struct lf_over_entry *lf_over_find(const struct lf_overlay *overlay,
                                   const struct lf_over_dir *dir,
                                   struct lf_str name);

#endif
