/* SPDX-License-Identifier: MIT */
/*
 * stamps.h - that nothing has to be done, remembered
 *
 * When a plan changes nothing, or what it changed was done, what it was made
 * from is written down: where the manifest's meaning came from, the ledger's
 * file, and every directory that was looked at, as it was. The next run compares
 * these, which takes one look for each directory, and is done if they are the
 * same. Where a directory matters for the farm's places alone and may have
 * changed (the apply itself has changed it, for one), these are looked at.
 *
 * The file is a cache, one for each manifest, and may be lost or damaged at any
 * time: then the next run plans as ever. docs/formats.md draws it.
 */
#ifndef LF_APPLY_STAMPS_H
#define LF_APPLY_STAMPS_H

#include "apply/transaction.h"
#include "platform/watch.h"

/**
 * Put into `text` (empty) the stamps of a plan, all but the ledger's line. It
 * stays empty where there are none: the next plan would have something to do or
 * to say, or not all that it depends on is known. A failure shows in `text` alone.
 */
void lf_stamps_encode(const struct lf_manifest *manifest,
                      const struct lf_plan *plan, struct lf_watch *watch,
                      struct lf_buf *text);

/** The file of the stamps of the manifest at an absolute path. */
struct lf_stamps_name {
    char text[32];
};
struct lf_stamps_name lf_stamps_name(struct lf_str manifest);

/** The ledger's file as it is now; false if it cannot be looked at. */
bool lf_stamps_ledger(struct lf_transaction *transaction, struct lf_node *ret);

/**
 * Write the transaction's stamps, if it has any, with the ledger's file that they
 * hold with, in two steps as lf_state_put_begin() has them; `file` -1 does
 * nothing. That they are not written costs the next run its time, and nothing else.
 */
int lf_stamps_put_begin(struct lf_transaction *transaction,
                        struct lf_str manifest);
void lf_stamps_put_end(struct lf_transaction *transaction,
                       struct lf_str manifest, const struct lf_node *ledger,
                       int file);

/** Forget stamps, if there are any by that name: those of a farm that was removed, or
 *  comes from another manifest now, tell nothing, and nobody would write over them.
 *  One that cannot go does no harm. */
void lf_stamps_drop(struct lf_transaction *transaction,
                    struct lf_stamps_name name);

/**
 * Whether the stamps `text` of the manifest at that path still hold; then
 * `*ret_plan` is a plan that changes nothing, as lf_transaction_plan_unchanged()
 * says. If links had to be read for that, the transaction has new stamps.
 */
bool lf_stamps_hold(struct lf_transaction *transaction,
                    const struct lf_manifest_request *request,
                    struct lf_str manifest, struct lf_str text,
                    struct lf_plan **ret_plan);

/** The name of the farm, if what the manifest's meaning came from is as it was,
 *  whatever has become of the rest; else NULL. The caller frees it. */
char *lf_stamps_farm(struct lf_transaction *transaction,
                     const struct lf_manifest_request *request,
                     struct lf_str manifest, struct lf_str text);

/* ---- where they do not all hold ---- */

/** A directory of the stamps. */
struct lf_trusted {
    struct lf_watched dir;
    uint32_t above; /* index of the nearest one above it; LF_TRUST_NONE: none */
    uint8_t verdict; /* private */
};

#define LF_TRUST_NONE UINT32_MAX

/**
 * The directories of stamps that were written with the ledger that stands, to
 * be asked for one by one. In one that is as it was when it was looked at, all
 * links of the farm that the ledger has stand as it says.
 */
struct lf_trust {
    struct lf_arena arena;
    struct lf_trusted *dirs; /* sorted by lf_path_compare() */
    uint32_t n_dirs, capacity;
};

/**
 * Read the stamps of the manifest at that path, once the ledger was loaded.
 * What is damaged, of another ledger, farm or time, or cannot be read, leaves
 * nothing to trust, and so does a lack of memory.
 */
void lf_trust_read(struct lf_trust *trust, struct lf_transaction *transaction,
                   struct lf_str manifest, struct lf_str farm);
/** A zeroed one is allowed. */
void lf_trust_finish(struct lf_trust *trust);

/**
 * Look at the directories, each once: at all, or at those that `only`, a sealed set,
 * has places in or below. The others are not trusted. Several threads share many.
 */
void lf_trust_look(struct lf_trust *trust, struct lf_transaction *transaction,
                   const struct lf_set *only);

/** The index of the directory at a physical path, whatever it is now; LF_TRUST_NONE:
 *  there is none. */
uint32_t lf_trust_find(const struct lf_trust *trust, struct lf_str path);

/**
 * The directory at a physical path, if it and all above it were found as they were;
 * else NULL. Of one that is not `looked`, only its node is known. Borrowed. Several
 * threads may ask at once.
 */
const struct lf_watched *lf_trust_dir(const struct lf_trust *trust,
                                      struct lf_str path);
/** The same of the one with that index, or none. */
const struct lf_watched *lf_trust_at(const struct lf_trust *trust,
                                     uint32_t index);

#endif
