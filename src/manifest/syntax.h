/* SPDX-License-Identifier: MIT */
/*
 * syntax.h - the text of a manifest as a tree of nodes
 *
 * Every scalar is a string; what it means is for the schema to say. What YAML
 * has and linkfarm refuses (duplicate keys, anchors, aliases, merge keys, tags,
 * directives, a second document) is found here. A node that a fault was
 * reported for is marked `bad`, so that no later stage complains again.
 */
#ifndef LF_MANIFEST_SYNTAX_H
#define LF_MANIFEST_SYNTAX_H

#include "base/arena.h"
#include <linkfarm/error.h>

enum {
    LF_YAML_DEPTH_LIMIT = 64,        /* levels of nesting */
    LF_YAML_ITEM_LIMIT = 3000000,    /* nodes in one file */
    LF_YAML_SCALAR_LIMIT = 16 << 20, /* bytes between two events */
};

enum lf_yaml_kind {
    LF_YAML_SCALAR,
    LF_YAML_LIST,
    LF_YAML_MAP,
};

enum lf_yaml_style {
    LF_YAML_PLAIN,
    LF_YAML_QUOTED, /* single or double */
    LF_YAML_BLOCK,  /* literal or folded */
};

/**
 * A list's children are its items. A map's are keys and values in turn: a key's
 * `next` is its value, the value's `next` the next key.
 */
struct lf_yaml {
    /* of a scalar; never holds a NUL unless `bad`. Where the file has it as it is, it
     * is the file's, and no NUL follows */
    struct lf_str text;
    struct lf_yaml *child, *next;
    uint32_t line, column; /* from 1; in code points */
    uint32_t width;        /* columns, if it ends on the same line; else 0 */
    uint32_t count;        /* items, or pairs of a map */
    uint8_t kind;          /* enum lf_yaml_kind */
    uint8_t style;         /* enum lf_yaml_style */
    bool bad;
};

/** One file. The text of `source` must live as long as the marks into it. */
struct lf_document {
    struct lf_source source;
    struct lf_yaml *root; /* NULL if the text is not one well-formed document */
    bool may_be_empty;    /* that there is none is no fault */
    /* That may share the work; 0 and 1: the calling one. With more, lines have to end
     * as lf_bytes_check() wants. */
    unsigned threads;
};

/**
 * Parse `document->source` into `document->root`: nodes, and their texts as far as
 * they are not the source's own, in `arena`. Faults go to `diags`. Fails only
 * without memory.
 */
bool lf_yaml_parse(struct lf_document *document, struct lf_arena *arena,
                   struct lf_diags *diags, struct lf_error *err);

/** How many bytes of a node's text a message shows: the source line shows it
 *  whole. */
static inline int lf_yaml_shown(const struct lf_yaml *node)
{
    return node->text.len > 200 ? 200 : (int)node->text.len;
}

/** Where a node stands. */
struct lf_mark lf_yaml_mark(const struct lf_document *document,
                            const struct lf_yaml *node);

/**
 * Where `len` bytes at `offset` of a scalar's text stand. Exact where the text
 * stands in the file as it is, on one line; else the whole scalar. Reads the
 * file from its start: for faults that will be shown.
 */
struct lf_mark lf_yaml_mark_within(const struct lf_document *document,
                                   const struct lf_yaml *node, size_t offset,
                                   size_t len);

#endif
