/* SPDX-License-Identifier: MIT */
/*
 * explain.h - what a YAML parser's complaint means to the person who typed
 *
 * Knows the parser's sentences only as text, so that it can be read, and
 * tested, without it.
 */
#ifndef LF_MANIFEST_EXPLAIN_H
#define LF_MANIFEST_EXPLAIN_H

#include <linkfarm/error.h>

/** A complaint of libyaml; the texts may be NULL. */
struct lf_yaml_problem {
    const char *problem, *context;
    struct lf_mark at;    /* where it noticed */
    struct lf_mark began; /* where what it was reading began; line 0: unknown */
};

/** Add the diagnostic that says it in words of our own, with the cure. */
void lf_yaml_explain(const struct lf_yaml_problem *problem,
                     struct lf_diags *diags);

/**
 * The text without quotes that begins at `mark`, with the words that follow in it: for
 * help that shows how to quote it. Borrows the source; may be empty.
 */
struct lf_str lf_yaml_text_at(struct lf_mark mark);

enum { LF_QUOTED_SHOWN = 60 }; /* bytes of a text */

struct lf_quoted {
    char text[2 * (size_t)LF_QUOTED_SHOWN + sizeof("'...'")];
};

/**
 * `text`, which has no control characters, as it is written in quotes and still is the
 * same; of a long one the beginning, and dots.
 */
struct lf_quoted lf_yaml_quoted(struct lf_str text);

#endif
