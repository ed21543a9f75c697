/* SPDX-License-Identifier: MIT */
/*
 * reasons.h - what the manifests say of a place, for `why`
 */
#ifndef LF_CLI_REASONS_H
#define LF_CLI_REASONS_H

#include "cli/json.h"
#include "cli/session.h"
#include <linkfarm/resolve.h>

/** A place, and what was gathered of it. Free with lf_reasons_finish(). */
struct lf_reasons {
    struct lf_str path;  /* physical; borrowed */
    struct lf_buf text;  /* lines, indented */
    struct lf_json json; /* an array */
};

/**
 * Read the manifest of each farm in the ledger, with the profiles of its last
 * apply, and the one that commands would use here, and gather their reasons for
 * each of `count` places, whose paths are set. A manifest that cannot be read
 * or has faults is said so on standard error, and passed over. False: `err` is
 * set.
 */
bool lf_reasons_gather(struct lf_session *session, struct lf_resolver *resolver,
                       struct lf_reasons *places, size_t count,
                       struct lf_error *err);
void lf_reasons_finish(struct lf_reasons *place);

#endif
