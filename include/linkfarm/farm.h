/* SPDX-License-Identifier: MIT */
/*
 * farm.h - what the farms own, and what they owned before
 *
 * Read-only: takes no lock, makes nothing, looks at no link. What is read is
 * the ledger, a promise about the disk that `status` compares with it.
 *
 * Calling sequence: lf_farms_open(), then ask for the farms of now by index,
 * or for the generations of a farm by its name. A farm that was removed stays
 * in the ledger, and owns nothing, until gc drops the last of its history.
 */
#ifndef LINKFARM_FARM_H
#define LINKFARM_FARM_H

#include <linkfarm/error.h>
#include <linkfarm/node.h>

#ifdef __cplusplus
extern "C" {
#endif

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

/** A farm at one generation. */
struct lf_farm_info {
    struct lf_str name;
    struct lf_str manifest; /* absolute path of its file, "-" for stdin */
    struct lf_str into;     /* physical; may be empty */
    const struct lf_str *profiles; /* active at that apply, sorted */
    size_t n_profiles;
    uint64_t generation; /* 1 and up */
    int64_t time;        /* of that generation; seconds since 1970 UTC */
    size_t links, dirs;  /* that it owns */
    size_t displaced;    /* foreign nodes that stand in the store for it */
};

/** What a farm owns at one place. */
struct lf_farm_item {
    enum lf_record_kind kind;
    enum lf_origin origin;
    struct lf_str path;           /* link path, physical */
    struct lf_str text;           /* link text; of a directory empty */
    struct lf_str file;           /* manifest file that asked for it, and */
    uint32_t line, column;        /* where; 0 if not known */
    uint64_t generation;          /* the farm's generation that first had it */
    enum lf_node_kind displaced;  /* kind of the foreign node that was moved
                                     aside for it; LF_NODE_NOTHING if none */
    struct lf_str displaced_path; /* where that node is kept, absolute, in the
                                     process's terms, unlike `path` */
};

/** The ledger as it stood when it was opened. */
struct lf_farms;

/**
 * Read the ledger in the state directory `state_dir` (an absolute path; one
 * that does not exist holds no farms), of the system whose root directory is
 * `root` (absolute; NULL: the one that we run on), out of which no link leads: see
 * struct lf_transaction_options. The caller frees `*ret_farms` with
 * lf_farms_free(). Errors: LF_CODE_ROOT, LF_CODE_STATE_UNSAFE,
 * LF_CODE_STATE_UNREADABLE, LF_CODE_LEDGER_CORRUPT, LF_CODE_LEDGER_VERSION.
 */
LF_PUBLIC bool lf_farms_open(const char *root, const char *state_dir,
                             struct lf_farms **ret_farms, struct lf_error *err);
/** Free the generations of it first. NULL is allowed. */
LF_PUBLIC void lf_farms_free(struct lf_farms *farms);

/**
 * Whether a transaction was open, or had been interrupted: then the disk may
 * be ahead of the ledger, and a command that writes will put that right.
 */
LF_PUBLIC bool lf_farms_interrupted(const struct lf_farms *farms);

/** Whether these are the farms that there are: LF_CODE_LEDGER_CORRUPT where the ledger
 *  is lost, as lf_transaction_lost_ledger() has it. */
LF_PUBLIC bool lf_farms_known(const struct lf_farms *farms,
                              struct lf_error *err);

/** How many farms the ledger has, those that own nothing any more among them; they
 *  stand in the order of their names. */
LF_PUBLIC size_t lf_farms_count(const struct lf_farms *farms);

/** The `index`th farm, NULL past the end. Borrowed. */
LF_PUBLIC const struct lf_farm_info *lf_farms_info(const struct lf_farms *farms,
                                                   size_t index);

/**
 * The numbers of all generations of farm `name` that can be opened, ascending,
 * the present one (lf_farm_info.generation) among them. The caller frees
 * `*ret_numbers` with free(3). LF_CODE_NO_FARM if there is none, and no farm of
 * that name; LF_CODE_STATE_UNREADABLE.
 */
LF_PUBLIC bool lf_farms_generations(struct lf_farms *farms, struct lf_str name,
                                    uint64_t **ret_numbers, size_t *ret_count,
                                    struct lf_error *err);

/** A farm at one generation, with all that it owned. */
struct lf_generation;

/**
 * Open generation `number` of farm `name`; 0 is the present one. It borrows
 * `farms`; the caller frees it with lf_generation_free(). LF_CODE_NO_FARM;
 * LF_CODE_NO_GENERATION, with the numbers of the older ones that are kept; of the
 * present one LF_CODE_LEDGER_CORRUPT, as lf_farms_known() has it.
 */
LF_PUBLIC bool lf_generation_open(struct lf_farms *farms, struct lf_str name,
                                  uint64_t number,
                                  struct lf_generation **ret_generation,
                                  struct lf_error *err);
/** NULL is allowed. */
LF_PUBLIC void lf_generation_free(struct lf_generation *generation);

/** Borrowed. */
LF_PUBLIC const struct lf_farm_info *
lf_generation_info(const struct lf_generation *generation);

/** How many places it owned: links and directories. */
LF_PUBLIC size_t lf_generation_count(const struct lf_generation *generation);

/**
 * The `index`th place, a directory before what lies below it. `index` is below
 * the count. The paths in `*ret_item` are valid until the next call for this
 * generation, the other texts until it is freed. Fails only without memory.
 */
LF_PUBLIC bool lf_generation_item(struct lf_generation *generation,
                                  size_t index, struct lf_farm_item *ret_item,
                                  struct lf_error *err);

/** How two generations differ, in places. */
struct lf_farm_changes {
    size_t added;   /* owned by the later one alone */
    size_t removed; /* owned by the earlier one alone */
    size_t changed; /* by both, with another kind, link text or mode */
};

/** Compare two generations; `earlier` may be NULL, for none. */
LF_PUBLIC struct lf_farm_changes
lf_generation_compare(const struct lf_generation *earlier,
                      const struct lf_generation *later);

enum lf_farm_change {
    LF_FARM_ADDED,
    LF_FARM_REMOVED,
    LF_FARM_CHANGED,
};

/** Told of a change; `item` is as it was before for one that was removed, else
 *  as it is in the later generation, and lives for the call. */
typedef void lf_farm_change_fn(void *arg, enum lf_farm_change change,
                               const struct lf_farm_item *item);

/** Call `fn` for each place in which they differ, in the order of places;
 *  `earlier` may be NULL, for none. Fails only without memory. */
LF_PUBLIC bool lf_generation_changes(struct lf_generation *earlier,
                                     struct lf_generation *later,
                                     lf_farm_change_fn *fn, void *arg,
                                     struct lf_error *err);

#ifdef __cplusplus
}
#endif

#endif
