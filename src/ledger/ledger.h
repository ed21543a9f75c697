/* SPDX-License-Identifier: MIT */
/*
 * ledger.h - what each farm owns
 *
 * The ledger is one checked file of lines (docs/formats.md draws it). Read into
 * memory it is a value: a new one is built from the old one and written whole,
 * under a temporary name and then renamed, so that the file that stands is
 * always a complete one. A generation in the history of a farm is the ledger
 * file as it was then, kept by a hard link; it costs no second copy.
 */
#ifndef LF_LEDGER_LEDGER_H
#define LF_LEDGER_LEDGER_H

#include "base/buf.h"
#include "base/set.h"
#include <linkfarm/error.h>
#include <linkfarm/node.h>

enum lf_record_kind {
    LF_RECORD_LINK,
    LF_RECORD_DIR,
};

enum lf_origin {
    LF_ORIGIN_MADE,    /* we created it */
    LF_ORIGIN_CLAIMED, /* it was there and right, and is ours since */
    LF_ORIGIN_ADOPTED, /* made, after a foreign file went to its source; then
                          `displaced` is the old source, if there was one */
};

/** A foreign node that was moved aside, and how to find it again. */
struct lf_displaced {
    struct lf_str store;  /* physical directory that holds the numbered folders;
                             empty: `displaced` in the state directory */
    uint64_t transaction; /* the numbered folder */
    uint32_t number;      /* its name in that folder */
    enum lf_node_kind kind;
    uint64_t dev, ino;
};

/** What a farm owns at one place. Texts live as long as the ledger. */
struct lf_record {
    enum lf_record_kind kind;
    enum lf_origin origin;
    struct lf_str text;      /* link text */
    struct lf_str file;      /* manifest file that asked for it, and */
    uint32_t line, column;   /* where; 0 if not known */
    uint64_t generation;     /* the farm's generation that first had it */
    const struct lf_displaced *displaced; /* NULL: none */
};

/** One farm's part of the ledger. */
struct lf_recorded {
    struct lf_set set; /* item.detail -> records[] */
    struct lf_record *records;
    uint32_t n_records;
    uint32_t record_capacity;
    struct lf_str name;
    struct lf_str manifest;    /* absolute path of its file, "-" for stdin */
    struct lf_str into;        /* physical; may be empty */
    struct lf_str *profiles;   /* active at the last apply, sorted */
    uint32_t n_profiles;
    uint64_t generation;       /* 1 and up */
    int64_t time;              /* of that generation; seconds since 1970 UTC */
};

struct lf_ledger {
    struct lf_arena arena;      /* texts, displaced */
    uint64_t transaction;       /* the one that wrote it; 0: none yet */
    struct lf_recorded **farms; /* sorted by name */
    uint32_t n_farms;
};

/** An empty ledger (transaction 0, no farms). */
bool lf_ledger_new(struct lf_ledger **ret_ledger, struct lf_error *err);
void lf_ledger_free(struct lf_ledger *ledger);

/** The farm of that name, or NULL. */
struct lf_recorded *lf_ledger_find(const struct lf_ledger *ledger,
                                   struct lf_str name);

/** Add an empty farm in its sorted place; its name must be new. */
bool lf_ledger_add(struct lf_ledger *ledger, struct lf_str name,
                   struct lf_recorded **ret_farm, struct lf_error *err);

/** Take a farm out and free it. */
void lf_ledger_drop(struct lf_ledger *ledger, struct lf_str name);

/**
 * Add a record at a place (copied, its texts and displaced node too, into the
 * ledger's memory). Call lf_set_seal(&farm->set) after the last one.
 */
bool lf_recorded_add(struct lf_ledger *ledger, struct lf_recorded *farm,
                     struct lf_str dir, struct lf_str name,
                     const struct lf_record *record, struct lf_error *err);

/**
 * Append the file form of the whole ledger to `buf`. Same content, same bytes.
 * Ask lf_buf_failed() afterwards.
 */
void lf_ledger_encode(struct lf_buf *buf, const struct lf_ledger *ledger);

/**
 * Read the file form. Anything that lf_ledger_encode() would not write is
 * refused (LF_CODE_LEDGER_CORRUPT with line; LF_CODE_LEDGER_VERSION for a
 * newer version): wrong checksum, count, order, duplicate places, a path that
 * is not physical. `name` is the file's, for messages.
 */
bool lf_ledger_decode(struct lf_str text, struct lf_str name,
                      struct lf_ledger **ret_ledger, struct lf_error *err);

#endif
