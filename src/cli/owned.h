/* SPDX-License-Identifier: MIT */
/*
 * owned.h - what all farms own, to be looked up
 */
#ifndef LF_CLI_OWNED_H
#define LF_CLI_OWNED_H

#include "cli/listing.h"
#include "cli/session.h"

/** Append what the farms have recorded, and sort; texts are in `arena`. The
 *  caller frees `owned->items`. */
bool lf_owned_load(struct lf_session *session, struct lf_arena *arena,
                   struct lf_listing *owned, struct lf_error *err);

/** Whether it is recorded, and as it was made: what was changed by hand is not
 *  ours. */
bool lf_owned_has(const struct lf_listing *owned, const struct lf_listed *item);

/** Whether anything is recorded below `path`. */
bool lf_owned_below(const struct lf_listing *owned, struct lf_str path);

#endif
