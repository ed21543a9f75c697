/* SPDX-License-Identifier: MIT */
/*
 * session.h - from what was typed to a manifest, a state and a plan
 *
 * What most commands have in common. Calling sequence: lf_session_open(), then
 * either lf_session_make_plan() for a manifest, or lf_session_farm() for a farm's
 * name and lf_session_begin() for a transaction; lf_session_close() at the
 * end, whatever happened. Functions that return an `int` return the exit
 * status, having said what went wrong; 0 is success.
 */
#ifndef LF_CLI_SESSION_H
#define LF_CLI_SESSION_H

#include "cli/cli.h"
#include "cli/words.h"
#include <linkfarm/farm.h>
#include <linkfarm/manifest.h>
#include <linkfarm/transaction.h>

struct lf_session {
    struct lf_cli *cli;
    char *state_dir; /* absolute */
    char *root;      /* absolute; NULL without --root */
    char *home;      /* physical, for showing paths; may be NULL */
    char *farm;      /* the name that lf_session_farm() found */
    struct lf_facts *facts;
    struct lf_farms *farms; /* NULL until somebody asked for them */
    struct lf_diags *diags;
    size_t said; /* of these */
    struct lf_manifest *manifest;
    bool remembered; /* profiles come from the ledger */
    bool audit;      /* the policy is looked at too */
    bool rehearse;   /* what would keep a plan from being carried out, too */
    bool warned;     /* that a transaction is open */
    struct lf_transaction *transaction;
    struct lf_plan *plan;
};

/** Find out the state directory, the root and the facts. */
int lf_session_open(struct lf_cli *cli, struct lf_session *ret_session);
void lf_session_close(struct lf_session *session);

/** How many threads may work: as asked for, or as there are processors. */
unsigned lf_session_threads(const struct lf_session *session);

/** With `-v`: whether what writes was confined. */
void lf_session_tell_confined(struct lf_session *session);

/** The ledger, opened once. */
bool lf_session_farms(struct lf_session *session, struct lf_farms **ret_farms,
                      struct lf_error *err);

/**
 * Which farm is meant, in `session->farm`: by `--name`, else by the manifest
 * `operand` or the one to be found, else the only one there is. With `only_name`
 * a manifest that is the one of the last apply is not loaded, and nobody asks what it
 * means.
 */
int lf_session_farm(struct lf_session *session, const char *operand,
                    bool only_name);

/** lf_cli_fail(), and for an unknown farm the names of those that there are.
 *  What a signal stopped has a status of its own. */
int lf_session_fail(struct lf_session *session, struct lf_error *err);

/** The same for who shows it beside the disk: a transaction that is open is told, and
 *  one that is lost is not shown. */
bool lf_session_show_farms(struct lf_session *session,
                           struct lf_farms **ret_farms, struct lf_error *err);

/** Once, if a transaction is open, say that what follows may be out of date. */
void lf_session_tell_open(struct lf_session *session, bool open);

/** Open the transaction for reading, if none is open. Says nothing. */
bool lf_session_read(struct lf_session *session, struct lf_error *err);

/**
 * Open the transaction, or let one for reading write; says what had to be recovered,
 * and with `-v` whether the state outlives a power cut. A reader is told that a
 * transaction is open.
 */
int lf_session_begin(struct lf_session *session, bool write);

/**
 * Whether the manifest of lf_session_make_plan() is known to need nothing, without
 * reading it: then `session->plan` is a plan that changes nothing, of a transaction
 * that is open for reading. Says nothing if not: the long way will.
 */
bool lf_session_unchanged(struct lf_session *session, const char *operand);

/** Plan what the manifest that was loaded says. Faults found on the way have been
 *  said. */
int lf_session_plan(struct lf_session *session);

/**
 * Load the manifest `operand`, or with NULL the one to be found (places.h), open the
 * transaction (lf_session_begin()), and plan. With `absolute`, places in the manifest
 * are named by its absolute path.
 */
int lf_session_make_plan(struct lf_session *session, const char *operand,
                         bool absolute, bool write);

/** Find the physical home, `session->home`; NULL where it leads nowhere. Fails
 *  only without memory. */
bool lf_session_home(struct lf_session *session, struct lf_error *err);

/** How to show this session's plan on standard output. */
struct lf_look lf_session_look(struct lf_session *session);

#endif
