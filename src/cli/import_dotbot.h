/* SPDX-License-Identifier: MIT */
/*
 * import_dotbot.h - what dotbot makes of a path, of a value, and in the end
 */
#ifndef LF_CLI_IMPORT_DOTBOT_H
#define LF_CLI_IMPORT_DOTBOT_H

#include "base/strmap.h"
#include "cli/import.h"
#include "manifest/syntax.h"

/**
 * Append `text` as dotbot expands it: `~/` by `home`, `$NAME` and `${NAME}` by
 * the environment. False where that is not known.
 */
bool lf_dotbot_expand(struct lf_buf *buf, struct lf_str text,
                      struct lf_str home);

/** Append `pattern`, which is one of Python's, as one of a manifest: there a backslash
 *  means nothing, nor does a `^` in brackets, and a bracket need not be closed. */
void lf_dotbot_pattern(struct lf_buf *buf, struct lf_str pattern);

/* What a scalar is in YAML 1.1: null, an integer, and whether dotbot takes it
 * for true. */
bool lf_dotbot_null(const struct lf_yaml *node);
bool lf_dotbot_number(const struct lf_yaml *node, uint32_t *ret);
bool lf_dotbot_true(const struct lf_yaml *node);

/** What `link` says of an entry, or `defaults` of all. */
struct lf_dotbot_settings {
    const struct lf_yaml *path;
    bool relative, force, relink, backup, ignore_missing, glob;
    /* keys that no manifest can say; NULL: not there, or as if not */
    const struct lf_yaml *condition, *type, *exclude, *prefix;
};
/** What a mapping says, over what there is. */
void lf_dotbot_take(const struct lf_yaml *map,
                    struct lf_dotbot_settings *settings);

/** Where the link stands, and leads to its source by another text than the entry would
 *  have: let it say that text. */
bool lf_dotbot_stands(struct lf_import *import, struct lf_import_link *link,
                      struct lf_error *err);

/** A link that the configuration asks for. */
struct lf_dotbot_wanted {
    struct lf_import_link link;
    bool made;    /* there is a source, or need be none */
    bool relinks; /* another link is put aside for it */
};

/** Those that stand in the end, in the order of their first mention. Zero-initialise. */
struct lf_dotbot_links {
    struct lf_dotbot_wanted *items;
    uint32_t count, capacity;
    struct lf_strmap places;
};
void lf_dotbot_links_finish(struct lf_dotbot_links *links);

enum lf_dotbot_outcome {
    LF_DOTBOT_TAKEN, /* it stands in the end, or one like it */
    LF_DOTBOT_LEFT,  /* an earlier one does */
    LF_DOTBOT_NO_MEMORY,
};
enum lf_dotbot_outcome lf_dotbot_want(struct lf_dotbot_links *links,
                                      const struct lf_dotbot_wanted *wanted);

#endif
