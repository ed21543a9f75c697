/* SPDX-License-Identifier: MIT */
/*
 * world.h - a home, a state directory, and a scenario to carry out in them
 */
#ifndef LF_CRASH_WORLD_H
#define LF_CRASH_WORLD_H

#include "apply/transaction.h"
#include "scenarios.h"
#include "support/fault_fs.h"
#include "support/scratch.h"

struct world {
    const struct scenario *scenario;
    struct scratch *scratch;
    char *home, *state, *file; /* `file` is the manifest, in the home */
    char *x, *y, *dot;         /* in the home, of ACT_ADOPT */
    char *said;                /* where a program's output goes */
    const char *timeout;       /* --lock-timeout=N for programs, or NULL */
    struct lf_transaction_options options; /* but `write`; may be changed */
};

/** The one of that name in the table. */
const struct scenario *world_scenario(const char *name);

/** From now on, make them in memory where that can be, unless $TMPDIR says a
 *  place: the same calls, ten times as fast. */
void world_in_memory(void);

/** Make it, up to the instant before the scenario's own action. One that a test
 *  that failed did not end is removed when the program ends. */
void world_begin(struct world *world, const struct scenario *scenario);
void world_end(struct world *world);

/** world_begin(), which calls `on_state` when the path of the state directory
 *  is known, and nothing is there yet. */
void world_begin_with(struct world *world, const struct scenario *scenario,
                      void (*on_state)(const char *state, void *arg),
                      void *arg);

/** Write the manifest of the scenario's action. */
void world_write_manifest(const struct world *world);

/** The command of the scenario's action, at most 9 words and NULL; how many. */
int world_command(const struct world *world, char *argv[10]);

/** Open a transaction over `fs`; to write, it recovers what is interrupted. */
bool world_open(const struct world *world, struct lf_fs *fs, bool write,
                struct lf_transaction **ret, struct lf_error *err);

/** Open and close for writing, and so recover. */
bool world_recover(const struct world *world, struct lf_fs *fs,
                   struct lf_error *err);

/** Carry out the scenario's action in an open transaction. */
bool world_carry_out(const struct world *world, struct lf_transaction *t,
                     struct lf_error *err);

/** The same from opening to closing. */
bool world_act(const struct world *world, struct lf_fs *fs,
               struct lf_error *err);

/**
 * The system's operations, but a sync does nothing: a process that stops loses
 * nothing that it wrote, so that thousands of runs need not wait for a disk.
 */
void world_fs(struct lf_fs *ret);

/** fault_fs_init() over world_fs(); with `halves` of struct fault_fs. */
void world_faults(struct fault_fs *ret, bool halves);

/** Every node that the user made has this time of modification. */
#define WORLD_TIME 1000000000

#endif
