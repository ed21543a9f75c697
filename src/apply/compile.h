/* SPDX-License-Identifier: MIT */
/*
 * compile.h - a plan becomes steps, and the ledger that will be true then
 */
#ifndef LF_APPLY_COMPILE_H
#define LF_APPLY_COMPILE_H

#include "apply/steps.h"
#include "base/pair.h"
#include "ledger/ledger.h"
#include "plan/plan.h"

struct lf_compile_request {
    const struct lf_plan *plan;
    struct lf_fs *fs;
    int root_fd;
    int state_fd;
    struct lf_str position; /* of the state */
    uint64_t transaction;   /* its number */
    uint64_t tag;           /* unpredictable */
};

/** A foreign node that goes to the store, for the ledger. */
struct lf_stored {
    uint32_t action; /* index of the plan's action */
    struct lf_displaced displaced;
};

struct lf_compiled {
    struct lf_steps steps;
    struct lf_stored *stored; /* by action */
    uint32_t n_stored, stored_capacity;
};

/** The records that there will be, as they are told: see lf_compile_ledger(). */
struct lf_new_records {
    const struct lf_plan *plan;
    const struct lf_compiled *compiled;
    uint64_t generation;
    struct lf_pair_room text; /* of the link at hand */
};

/**
 * Make the steps. Reads the file system (which mount a node is on, whether an
 * adopted file's source exists), changes nothing. Steps stand in the order in
 * which they run: PREPARE, ACT, CLEAN. Texts are the plan's or in the steps'
 * arena. LF_CODE_STALE if what it looks at is not what the plan saw.
 */
bool lf_compile(const struct lf_compile_request *request,
                struct lf_compiled *ret_compiled, struct lf_error *err);
void lf_compiled_finish(struct lf_compiled *compiled);

/**
 * Put the farm as it will be into `ledger`, for writing it: number, generation,
 * and records that come from the plan when they are asked for, by `ret_records`,
 * which is to live as long. `time` is for people. On failure the ledger must be
 * loaded anew.
 */
bool lf_compile_ledger(const struct lf_plan *plan, struct lf_compiled *compiled,
                       int64_t time, struct lf_ledger *ledger,
                       struct lf_new_records *ret_records,
                       struct lf_error *err);

#endif
