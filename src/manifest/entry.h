/* SPDX-License-Identifier: MIT */
/*
 * entry.h - an item of the manifest, after expansion and conditions
 *
 * A manifest may have a million of them, so an entry holds no text that stands
 * elsewhere: its paths are what the file says, behind what many paths begin with.
 */
#ifndef LF_MANIFEST_ENTRY_H
#define LF_MANIFEST_ENTRY_H

#include <linkfarm/manifest.h>

/** What entries of all kinds have: what is still asked for when the paths are known.
 *  A rule of a tree makes a further one, equal but for what it overrides. */
struct lf_entry {
    /* where it stands, or the rule; NULL: nowhere */
    const struct lf_source *source;
    uint32_t line, column;
    uint16_t width;   /* at most UINT16_MAX */
    uint16_t mode;    /* permission bits of a directory */
    uint8_t kind;     /* enum lf_entry_kind */
    uint8_t conflict; /* enum lf_conflict */
    uint8_t style;    /* enum lf_style */
    uint8_t fold : 1; /* enum lf_fold */
    uint8_t allow_dangling : 1;
    uint8_t verbatim : 1; /* the link text stands in the file */
    uint8_t has_mode : 1;
};

/** An entry of kind LF_ENTRY_LINK or LF_ENTRY_DIR. A path is the text of
 *  lf_manifest.starts at its start, a slash, and its rest. */
struct lf_single {
    struct lf_entry entry;   /* comes first */
    const char *path_rest;   /* no NUL follows */
    const char *source_rest; /* with `verbatim`, the link text */
    uint16_t path_len;       /* bytes of the rest, as the next one */
    uint16_t source_len;
    uint16_t path_start;
    uint16_t source_start;
};

static inline void lf_entry_set_mark(struct lf_entry *entry,
                                     const struct lf_mark *mark)
{
    entry->source = mark->source;
    entry->line = mark->line;
    entry->column = mark->column;
    entry->width =
            mark->width > UINT16_MAX ? UINT16_MAX : (uint16_t)mark->width;
}

static inline struct lf_mark lf_entry_mark(const struct lf_entry *entry)
{
    return (struct lf_mark){entry->source, entry->line, entry->column,
                            entry->width};
}

#endif
