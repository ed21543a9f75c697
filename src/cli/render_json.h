/* SPDX-License-Identifier: MIT */
/*
 * render_json.h - plans for programs (docs/output-1.schema.json has every object)
 */
#ifndef LF_CLI_RENDER_JSON_H
#define LF_CLI_RENDER_JSON_H

#include "cli/json.h"
#include "cli/session.h"
#include <linkfarm/farm.h>
#include <linkfarm/plan.h>
#include <linkfarm/transaction.h>

/** What was asked, in a form that can be asked again: see saved_plan.h. */
struct lf_json lf_json_version(const struct lf_session *session);

/** "error", "warning" or "note". Static. */
const char *lf_json_severity(enum lf_severity severity);

/** The place under the key `at`, if it is known. */
void lf_json_at(struct lf_json *object, const struct lf_at *at);

/** An `action` or a `conflict`. */
struct lf_json lf_json_action(const struct lf_plan *plan,
                              const struct lf_action *action);
struct lf_json lf_json_finding(const struct lf_finding *finding);
struct lf_json lf_json_summary(const struct lf_plan *plan);
struct lf_json lf_json_applied(const struct lf_plan *plan,
                               const struct lf_report *report);
struct lf_json lf_json_notes(const struct lf_report *report);

/** What a farm has recorded of a place. */
struct lf_json lf_json_item(const struct lf_farm_item *item);

/**
 * Hand each line of a plan, with its line feed, to `line`, which returns false
 * to end it: actions, conflicts, findings, the summary. What stays as it is
 * only with `all`. Returns whether all were handed over; false also when
 * memory runs out.
 */
bool lf_json_each_line(const struct lf_plan *plan, bool all,
                       bool (*line)(void *arg, struct lf_str text), void *arg);

/** Write these lines to a stream. */
void lf_json_write_plan(struct lf_stream *out, const struct lf_plan *plan,
                        bool all);

#endif
