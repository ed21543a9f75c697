/* SPDX-License-Identifier: MIT */
/*
 * observe.h - what stands at the places that matter
 *
 * Looks at the union of several sets, directory by directory, and at nothing
 * else. A link whose text is what one of the sets expects costs one call; only
 * what differs is looked at more closely.
 */
#ifndef LF_OBSERVE_OBSERVE_H
#define LF_OBSERVE_OBSERVE_H

#include "base/set.h"
#include "platform/fs.h"
#include "platform/threads.h"
#include "platform/watch.h"
#include <linkfarm/error.h>
#include <linkfarm/node.h>

/** A set to look at, and what its owner knows of each place. */
struct lf_expected {
    const struct lf_set *set; /* sealed; NULL is an empty set */
    /* the link text expected at an item; empty for a directory. The second set's
     * texts are in one part */
    struct lf_pair (*text)(const void *owner, uint32_t detail);
    const void *owner;
};

/**
 * What is known without a look: of a directory that is as it was when all links
 * of the second set stood in it, the directory as it was; else NULL. Not
 * `looked`: only the node of that directory is known.
 */
struct lf_known {
    /* asked by several threads at once, each with the watch that takes in what is
     * known, or NULL */
    const struct lf_watched *(*dir)(void *arg, struct lf_watch *watch,
                                    struct lf_str path);
    void *arg;
};

/** What was seen a moment ago, on the way to somewhere: the directory at a physical
 *  path, or NULL. Several threads may ask at once. */
struct lf_seen {
    const struct lf_node *(*dir)(void *arg, struct lf_str path);
    void *arg;
};

/** What was seen at one place. All zero: nothing stands there. */
struct lf_sighting {
    union {
        const char *text;           /* of a link that is as expected */
        const struct lf_node *node; /* if `closely`: all that is known */
    };
    uint32_t entries; /* of a directory: how many names are in it */
    uint16_t text_len;
    uint16_t error;   /* errno, if the look itself failed; then kind UNKNOWN */
    uint8_t kind;     /* enum lf_node_kind */
    bool closely : 1; /* more than kind and text are known */
    bool unreachable : 1; /* of what the second set says: a directory above it
                             is missing, or is none */
    bool listed : 1;      /* `entries` is set */
};

/** What is known of the node: of a link that is as expected, its text alone. */
static inline struct lf_node lf_sighting_node(const struct lf_sighting *look)
{
    if (look->closely)
        return *look->node;
    struct lf_node node = {.kind = (enum lf_node_kind)look->kind};
    if (node.kind == LF_NODE_LINK)
        node.text = lf_str_of(look->text, look->text_len);
    return node;
}

/** The text of a link. */
static inline struct lf_str lf_sighting_text(const struct lf_sighting *look)
{
    return look->closely ? look->node->text
                         : lf_str_of(look->text, look->text_len);
}

/* Where a set has nothing at a place. */
#define LF_NOT_MET UINT32_MAX

struct lf_observed {
    /* with what the first set has at each place as the item's detail: an index into
     * its owner's array, or LF_NOT_MET */
    struct lf_set set;
    uint32_t *second; /* the same of the second set; NULL: it has nothing */
    /* nodes, and texts that were not expected, by who looked */
    struct lf_arena arenas[LF_THREADS_MOST];
    struct lf_sighting *looks; /* one for each item */
};

struct lf_observe_request {
    struct lf_fs *fs;
    int root_fd;
    struct lf_expected sides[2]; /* the first says what is wished for */
    /* the first side's set, of which the places may be taken over, as lf_set_move()
     * does; NULL: they stay */
    struct lf_set *given;
    const struct lf_known *known; /* as the second expects it; NULL: nothing */
    const struct lf_seen *seen;   /* NULL: nothing */
    /* whose operations `fs` is; NULL if it is none's. It gets what was looked at
     * as places. Without it `fs` is used by several threads at once if there are
     * more than one; with it, what the watch is in front of */
    struct lf_watch *watch;
    unsigned threads; /* at most LF_THREADS_MOST; 0 and 1: the calling one */
    uint32_t least;   /* places that are worth more than one; 0: the default */
};

/**
 * Look at every place of both sets, but for what is known. Directories are
 * listed (counted) where the first does not expect a directory, because only
 * then their contents matter: they are to be removed or replaced. Places that
 * cannot be looked at are data (`error`), not a failure; so it fails only
 * without memory. The caller frees `*ret_observed` with lf_observed_free(); it
 * borrows the directories' paths and the names of both sets (so what lf_set_forget()
 * leaves is enough), the texts that they expect, and what is known and was seen.
 */
bool lf_observe(const struct lf_observe_request *request,
                struct lf_observed **ret_observed, struct lf_error *err);
void lf_observed_free(struct lf_observed *observed);

/** What a set has at a place: an index into its owner's array, or LF_NOT_MET. */
static inline uint32_t lf_observed_met(const struct lf_observed *observed,
                                       int side, uint32_t place)
{
    if (side == 0)
        return observed->set.items[place].detail;
    return observed->second ? observed->second[place] : LF_NOT_MET;
}

/** Say, of one place after the other, that it is not asked about any more: its memory
 *  goes with that of those before it. */
void lf_observed_release(struct lf_observed *observed, uint32_t place);

/** Free what was seen, and where; which directories there are stays known. */
void lf_observed_forget(struct lf_observed *observed);

#endif
