/* SPDX-License-Identifier: MIT */
/*
 * flow.h - showing a plan and carrying it out
 *
 * The one way that apply, remove and rollback share, in each of the three
 * forms of output. A dry run is the same way, left before the end.
 */
#ifndef LF_CLI_FLOW_H
#define LF_CLI_FLOW_H

#include "cli/session.h"

/** The words of one command for what it does. */
struct lf_flow {
    const char *type; /* of its JSON object: "remove"; NULL: lines, as `plan` */
    const char *done; /* "Applied", before what was done */
    const char *gone; /* why ours is removed; NULL: it left the manifest */
};

/**
 * Show the session's plan. Returns 3 if it has a conflict or breaks a rule, 2
 * if it changes something and `--exit-code` was given, else 0.
 */
int lf_flow_show(struct lf_session *session, const struct lf_flow *flow);

/** The same status, with nothing shown. */
int lf_flow_status(const struct lf_session *session);

/** Show the session's plan and carry it out. Returns the exit status. */
int lf_flow_apply(struct lf_session *session, const struct lf_flow *flow);

/** Say the rules that a plan breaks, on standard error. */
void lf_flow_findings(struct lf_cli *cli, const struct lf_plan *plan);

/** Say what was remarked on the plan; warnings not with `-q`. */
void lf_flow_remarks(struct lf_cli *cli, const struct lf_plan *plan);

#endif
