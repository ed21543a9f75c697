/* SPDX-License-Identifier: MIT */
/*
 * stamps_format.h - what writing and reading stamps have in common
 *
 * Private to the files stamps*.c.
 */
#ifndef LF_APPLY_STAMPS_FORMAT_H
#define LF_APPLY_STAMPS_FORMAT_H

#include "apply/stamps.h"
#include "ledger/checked.h"
#include "manifest/inputs.h"
#include "platform/threads.h"
#include "platform/watch.h"

/** First and last line. */
extern const struct lf_checked lf_stamps_checked;

/** The first word of an input's line. */
extern const char *const lf_stamps_words[LF_INPUT_KINDS];

/** A directory of the stamps. */
struct lf_stamped {
    struct lf_watched dir; /* whose node is not known if it is `made` */
    bool made;             /* by the apply that wrote the stamps */
    bool exact_mode;       /* MADE: `dir.node.mode` counts */
};

/** Whether the ledger's file is still the one that a look showed. */
bool lf_stamps_is_ledger(struct lf_transaction *transaction,
                         const struct lf_node *then);

void lf_stamps_add_node(struct lf_buf *buf, const struct lf_node *node);
/** The node that begins with field `index`. */
bool lf_stamps_get_node(struct lf_lines *lines, unsigned index,
                        struct lf_node *ret);

void lf_stamps_add_at(struct lf_buf *buf, int64_t since);
/** A clock that was set back makes all times in the file worth nothing; and after a
 * start of the system, numbers of mounts are those of others. */
bool lf_stamps_time_holds(struct lf_lines *lines);

void lf_stamps_add_dir(struct lf_buf *buf, const struct lf_stamped *stamped);
/** Whether the present line is about a directory; then `*ret` is that one, whose
 *  path is good until the next text is read into slot 0. `*ret_ok` is false for
 *  a line that cannot be read. */
bool lf_stamps_get_dir(struct lf_lines *lines, struct lf_stamped *ret,
                       bool *ret_ok);

/** A directory of which only the identity is known, or not even that: what is the
 *  farm's in it has to be looked at. */
struct lf_unsure {
    struct lf_stamped stamped;
    struct lf_str line;    /* of the stamps, with its end */
    struct lf_str records; /* lines of the ledger */
    struct lf_node now;    /* what lf_stamps_verify() saw; its ctime is 0 where
                              a later change might not show */
};

/** All of them, in the order of the stamps. Zero-initialise. */
struct lf_unsures {
    struct lf_arena paths[LF_THREADS_MOST]; /* by who looked */
    struct lf_unsure *list;
    uint32_t n;
};

void lf_unsures_finish(struct lf_unsures *unsures);

/**
 * Look at the directories of these lines, whether they are as they were: all but
 * those that come into `unsures`. Several threads share many.
 */
bool lf_stamps_look(struct lf_transaction *transaction, struct lf_str lines,
                    struct lf_unsures *unsures);

/**
 * Look at what the farm has in the unsure directories: whether all stands as the
 * ledger says, the one whose file is `ledger`. Several threads share many.
 * `since` is when the work began.
 */
bool lf_stamps_verify(struct lf_transaction *transaction,
                      const struct lf_plan *plan, const struct lf_node *ledger,
                      struct lf_unsures *unsures, int64_t since);

/** How many threads may look at so much at once. */
unsigned lf_stamps_threads(const struct lf_transaction *transaction,
                           size_t amount, size_t least);

/** The present line, with its end. */
struct lf_str lf_stamps_line(const struct lf_lines *lines);

#endif
