/* SPDX-License-Identifier: MIT */
/*
 * overlay.h - a view plus changes that have not been made
 *
 * A directory is its base's, or planned, or both: entries say what has become
 * of single names in it, and for every other name the base is asked. A renamed
 * directory takes its base along, so what is below it comes with it.
 *
 * view_overlay.c looks, overlay_change.c plans, overlay_dir.c is the directory.
 */
#ifndef LF_RESOLVE_OVERLAY_H
#define LF_RESOLVE_OVERLAY_H

#include "resolve/resolver.h"

/*
 * A directory as the overlay shows it. Its entries are linked in the order in
 * which they came. Plans change, and are then asked about, name after name in
 * order: then a new name is one behind the last, the name asked for is the one
 * behind the one before, and no entry is ever hashed. Else they all are, once.
 */
struct lf_over_dir {
    struct lf_place *base;       /* NULL: planned, with nothing but entries */
    struct lf_over_dir *next;    /* that a place has, in no order */
    struct lf_over_entry *last;  /* NULL: there are no entries */
    struct lf_over_entry *guess; /* for the next name to be asked for */
    struct lf_over_entry *loose; /* the first that is not in the table; all
                                    behind it are not either */
    /* Links that were put all at once. An entry of the same name, which one
     * becomes when it is looked at, counts more. */
    struct lf_link_run run;
    uint64_t run_generation; /* the view's, before they were put */
    uint32_t run_guess;      /* index of the next to be asked for */
    bool unsorted;           /* some name does not sort behind the one before */
};

/* What stands at a name instead of what the base says. */
struct lf_over_entry {
    struct lf_table_link link;
    struct lf_over_dir *dir;
    struct lf_over_entry
            *next; /* of the directory; in the order in which they came */
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
    struct lf_tree *base; /* the next one, or a resolver's */
    struct lf_tree own;
    struct lf_over_dir *hung; /* the first that a place of the base has */
    struct lf_resolver *self; /* for the paths of changes */
    struct lf_arena arena;
    struct lf_table entries; /* with room for all of them */
    size_t n_entries;
};

static inline struct lf_overlay *lf_overlay_of(struct lf_view *view)
{
    return (struct lf_overlay *)view;
}

/** Whether a view is one: it came from a caller, to whom all views look alike. */
bool lf_overlay_is(const struct lf_view *view);

/* The handle of a directory is what the overlay keeps of it; of one of the base, in
 * most of which nothing happens, its place, with the lowest bit set, which is clear in
 * a pointer to either. */

static inline void *lf_over_handle(struct lf_place *base)
{
    return (char *)base + 1;
}

/** The place in the base that a handle stands for, or NULL. */
static inline struct lf_place *lf_over_place(void *handle)
{
    return (uintptr_t)handle & 1 ? (struct lf_place *)((char *)handle - 1)
                                 : NULL;
}

/** What is kept of a directory; NULL: nothing has happened in it. */
static inline struct lf_over_dir *lf_over_kept(void *handle)
{
    struct lf_place *base = lf_over_place(handle);
    return base ? base->over : handle;
}

/** The same, which then something will. NULL without memory. */
struct lf_over_dir *lf_over_keep(struct lf_overlay *overlay, void *handle);

/**
 * As lf_view_overlay_new() over the view of `base`, but what that has looked at
 * is not looked at again. `base` must live longer, and be under no other
 * overlay; of its view nothing may have changed.
 */
bool lf_view_overlay_on(struct lf_resolver *base, struct lf_view **ret_view,
                        struct lf_error *err);

/** A text of a run, in one part: as it is, or in the overlay's memory. data NULL:
 *  there is none. */
struct lf_str lf_over_text(struct lf_overlay *overlay, struct lf_pair text);

/** Set `*ret` to what has become of `name` in `dir`, or NULL. False: no memory. */
bool lf_over_find(struct lf_overlay *overlay, struct lf_over_dir *dir,
                  struct lf_str name, struct lf_over_entry **ret);

/** The generation in which that happened; 0: nothing has. */
uint64_t lf_over_changed(struct lf_overlay *overlay, struct lf_over_dir *dir,
                         struct lf_str name);

/** A new entry for `name`, borrowed, which has none: for the caller to fill in.
 *  NULL without memory. */
struct lf_over_entry *lf_over_add(struct lf_overlay *overlay,
                                  struct lf_over_dir *dir, struct lf_str name);

#endif
