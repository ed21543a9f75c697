/* SPDX-License-Identifier: MIT */
/*
 * sample_state.h - state directories for tests, below a scratch directory
 *
 * Everything here fails the test when it does not succeed.
 */
#ifndef LF_SUPPORT_SAMPLE_STATE_H
#define LF_SUPPORT_SAMPLE_STATE_H

#include "ledger/state.h"
#include "support/scratch.h"

/** The absolute path of `name`, until the next call. */
struct lf_str below(struct scratch *scratch, const char *name);

/** Open the state directory at `path` for writing. */
struct lf_state open_state(struct lf_fs *fs, struct lf_str path);

/** Make the ledger stand that has one farm, which owns one link. */
void stand(struct lf_state *state, const char *farm, uint64_t generation,
           const char *text);

/** Make the ledger of sample_full() stand, in the state `state`. */
void stand_full(struct scratch *scratch);

/** Permission bits, and inode, of what is at `path`. */
unsigned mode_of(struct scratch *scratch, const char *path);
uint64_t inode_of(struct scratch *scratch, const char *path);

/** The file at `path` holds exactly `want`. */
void check_file(struct scratch *scratch, const char *path, const char *want);

#define IN_SCRATCH(test)                                                       \
    cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

#endif
