/* SPDX-License-Identifier: MIT */
/*
 * parse.h - one run of libyaml over a manifest's text, or over a part of it
 *
 * For syntax.c, which feeds libyaml and takes its events, nodes.c, which makes nodes of
 * them, and parts.c, which has several threads read a part each: the only users of
 * libyaml, and only of its events. Its documents accept duplicate keys, load cyclic
 * aliases and turn quadratic on anchors.
 */
#ifndef LF_MANIFEST_PARSE_H
#define LF_MANIFEST_PARSE_H

#include "manifest/syntax.h"

#include <yaml.h>

/** A list or mapping that has not ended. */
struct lf_parse_level {
    struct lf_yaml *node;
    struct lf_yaml *last; /* child, to append behind */
    bool at_value;        /* of a map: the next child is a value */
};

/** To be set: all up to `lines`; the rest is zero. */
struct lf_parse {
    const struct lf_document *document;
    struct lf_arena *arena;
    struct lf_diags *diags; /* NULL: a part, which a fault spoils */
    bool goes_on;           /* a part that another one follows */
    /* What libyaml is fed, one behind the other; they shrink as it takes them. The head
     * is not the source's. */
    struct lf_str head, text;
    size_t begins; /* characters of `head` */
    /* A place in the source, by libyaml's count of characters and by ours: where
     * `text` begins, and then up to where the last scalar was. */
    size_t characters, bytes;
    uint32_t line;  /* of the source, where libyaml counts its first */
    uint32_t lines; /* of the source, up to the end of `text` */

    struct lf_yaml *root; /* NULL: nothing that could be gone on with */
    bool failed;          /* memory ran out */
    bool spoiled;         /* a part that does not stand for itself */
    bool stop;            /* a fault after which nothing more can be read */
    bool too_long;
    uint32_t unquoted_line; /* the last for which quotes were asked; 0: none */
    size_t since; /* bytes that libyaml was given since the last event */
    uint32_t items;
    unsigned depth;
    struct lf_parse_level levels[LF_YAML_DEPTH_LIMIT];
    /* How the root ended, and of what it has, the list or mapping that ended last, and
     * whether that one is written by its indentation: a part behind goes on with it. */
    struct lf_parse_level end_of_root, end_of_last;
    bool last_is_block;
    yaml_parser_t yaml;
};

/** Parse what `parse` is to be fed. */
void lf_parse_run(struct lf_parse *parse);

/** Take in an event; false when no more is wanted. */
bool lf_parse_event(struct lf_parse *parse, const yaml_event_t *event);

/** Report keys of `map` that are there before. */
void lf_parse_check_keys(struct lf_parse *parse, const struct lf_yaml *map);

/** Where `mark` is in the source. */
struct lf_mark lf_parse_mark(const struct lf_parse *parse, yaml_mark_t mark);

/**
 * Parse a whole text in up to `count` parts (at most LF_THREADS_MOST), by as many
 * `threads` (at least 1). False if it is not one that comes in parts, or if a part has a
 * fault: then `parse` is as it was, and to be run. What is made is what lf_parse_run()
 * makes.
 */
bool lf_parse_parts(struct lf_parse *parse, unsigned count, unsigned threads);

#endif
