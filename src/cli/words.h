/* SPDX-License-Identifier: MIT */
/*
 * words.h - what an action looks like: its symbol, its colour, its words
 *
 * Shared by the text for people and by --porcelain.
 */
#ifndef LF_CLI_WORDS_H
#define LF_CLI_WORDS_H

#include "cli/options.h"
#include "cli/output.h"
#include <linkfarm/plan.h>
#include <linkfarm/transaction.h>

/** How to show paths and actions to a person. */
struct lf_look {
    bool color;
    bool verbose;
    struct lf_str home;               /* physical; shown as ~; empty: never */
    const struct lf_options *options; /* for the commands in cures */
    const char *gone; /* why ours is removed: "left the manifest" */
};

/** The sign of a plan's line: one of "+~>-<=!?. ". */
char lf_word_symbol(const struct lf_action *action);
enum lf_paint lf_word_paint(const struct lf_action *action);

/** As lf_word_path(), of `name` in `dir`. */
void lf_word_place(struct lf_buf *buf, const struct lf_look *look,
                   struct lf_str dir, struct lf_str name, bool is_dir);

/** Append `path` as shown: control bytes escaped, home as `~`. A directory's
 *  has a slash at its end. */
void lf_word_path(struct lf_buf *buf, const struct lf_look *look,
                  struct lf_str path, bool is_dir);

/** Append a link text, as it is shown. */
void lf_word_text(struct lf_buf *buf, struct lf_pair text);

/** Append "linkfarm.yaml:14:3", or nothing where the place is not known. */
void lf_word_at(struct lf_buf *buf, const struct lf_at *at);

/** Append what an action does or why it is there; may append nothing. */
void lf_word_note(struct lf_buf *buf, const struct lf_look *look,
                  const struct lf_action *action);

/** Append "file of 214 bytes", "link to 'x'", "directory", ... */
void lf_word_node(struct lf_buf *buf, const struct lf_node *node);

/** How long the state keeps: "on a tmpfs: ...". Static. */
const char *lf_word_keeping(enum lf_keeping keeping);

/** Append "1 link", "3 links". */
void lf_word_count(struct lf_buf *buf, uint64_t count, const char *one,
                   const char *many);

#endif
