/* SPDX-License-Identifier: MIT */
/*
 * plan.h - what must change so that a farm matches its manifest
 *
 * A plan is a value: it was made by reading three sets and a view, and holds
 * everything that the transaction needs. Every action carries `expect`, the
 * node that the planner saw; the transaction looks again before it acts, so a
 * stale plan fails and never overwrites. Plans are made by a transaction
 * (transaction.h), which knows the state and the file system.
 */
#ifndef LINKFARM_PLAN_H
#define LINKFARM_PLAN_H

#include <linkfarm/error.h>
#include <linkfarm/node.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lf_action_kind {
    LF_ACTION_CREATE,   /* a link where nothing stands */
    LF_ACTION_KEEP,     /* ours and right: nothing to do */
    LF_ACTION_CLAIM,    /* right but not ours yet: record it */
    LF_ACTION_RELINK,   /* ours with another text: exchange it */
    LF_ACTION_REPLACE,  /* ours of the other kind: a directory for a link, or a
                           link for a directory */
    LF_ACTION_BACKUP,   /* move the foreign node to the store, then link */
    LF_ACTION_ADOPT,    /* move the foreign node to the source, then link */
    LF_ACTION_SKIP,     /* foreign, and the manifest says to leave it */
    LF_ACTION_PRUNE,    /* ours and no longer desired: remove it */
    LF_ACTION_RESTORE,  /* prune, then put back what had been moved aside */
    LF_ACTION_FORGET,   /* recorded, but not ours any more: leave it alone */
    LF_ACTION_CONFLICT, /* foreign, in the way: nothing of the plan is applied */
    LF_ACTION_MKDIR,    /* make a directory */
    LF_ACTION_RMDIR,    /* remove a directory of ours that will be empty */
    LF_ACTION_CHMOD,    /* give a directory of ours its mode back */
    LF_ACTION_DRIFT,    /* a foreign directory whose mode is not the desired */
};
#define LF_ACTION_KINDS ((size_t)LF_ACTION_DRIFT + 1)

/** "create", "keep", ... as in output. Static. */
LF_PUBLIC const char *lf_action_kind_name(enum lf_action_kind kind);

#define LF_NO_ACTION UINT32_MAX

/** A place in a manifest; it is shown as "linkfarm.yaml:14:3". */
struct lf_at {
    struct lf_str name;    /* of the file, as given; empty where not known */
    uint32_t line, column; /* from 1; the column in characters */
};

/** A decided change. All texts belong to the plan. */
struct lf_action {
    enum lf_action_kind kind;
    bool is_dir;         /* about a directory, not a link */
    unsigned row;        /* of the decision table in docs/decisions.md */
    struct lf_str dir;   /* physical directory of the link path, and */
    struct lf_str name;  /* the name in it */
    struct lf_pair text; /* link text to write; empty for none */
    uint32_t mode;       /* of a directory: permission bits, */
    bool exact_mode;     /* named by the manifest; else less the umask(2) */
    /* what must still stand there; a link whose text is empty has `text`, or where
     * that is empty `old_text` */
    struct lf_node expect;
    struct lf_pair old_text;  /* RELINK, PRUNE: the recorded text */
    struct lf_str source_dir; /* physical directory of the source, and */
    struct lf_str
            source_name;  /* its name; both empty with `to` and directories */
    struct lf_at at;      /* who asks for it */
    struct lf_str reason; /* why it is so: one sentence; may be empty */
    struct lf_str help;   /* the cure, may be several lines; may be empty */
    uint32_t inside;      /* index of the REPLACE, BACKUP or RMDIR of a whole
                             directory that this is part of, or LF_NO_ACTION */
    /* proof, for links that stand after apply */
    bool direct;               /* it leads to its source; if not, */
    struct lf_str resolves_to; /* to what, physical; empty when dangling is
                                  allowed */
    unsigned links; /* links followed to get there, itself included */
};

/** A rule that the result would break; or, of a remark, what to know of it. */
struct lf_finding {
    enum lf_code code;
    enum lf_severity severity;
    struct lf_str path;    /* the link path */
    struct lf_str at;      /* "linkfarm.yaml:14:3"; empty where not known */
    struct lf_mark mark;   /* the same, when the manifest is loaded */
    struct lf_str message; /* one sentence */
    struct lf_str help;    /* the cure; may be empty */
    struct lf_str trace;   /* how the path leads there, lines; may be empty */
};

struct lf_plan;

/** NULL is allowed. */
LF_PUBLIC void lf_plan_free(struct lf_plan *plan);

/** The farm's name. Borrowed. */
LF_PUBLIC struct lf_str lf_plan_farm(const struct lf_plan *plan);
/** Absolute path of the manifest it was made from, "-" for standard input; of a
 *  plan without one, the manifest that is recorded. Borrowed. */
LF_PUBLIC struct lf_str lf_plan_manifest(const struct lf_plan *plan);
/** The manifest that the farm came from last, where it comes from another one now; else
 *  empty. Borrowed. */
LF_PUBLIC struct lf_str lf_plan_moved_from(const struct lf_plan *plan);
/** The profiles that were active for it, sorted. Borrowed. */
LF_PUBLIC const struct lf_str *lf_plan_profiles(const struct lf_plan *plan,
                                                size_t *ret_count);
/** The generation that applying would make; that of now if it changes nothing. */
LF_PUBLIC uint64_t lf_plan_generation(const struct lf_plan *plan);
/** The actions by place (a directory before what lies below it). */
LF_PUBLIC size_t lf_plan_count(const struct lf_plan *plan);
/** Set `*ret` to one of them; false, and nothing set, if `index` is past the
 *  last. */
LF_PUBLIC bool lf_plan_action(const struct lf_plan *plan, size_t index,
                              struct lf_action *ret);
/** How many actions are of that kind, about links (or about directories). */
LF_PUBLIC size_t lf_plan_count_of(const struct lf_plan *plan,
                                  enum lf_action_kind kind, bool is_dir);
/** Rules that the result would break; none in a plan that may be applied. One of
 *  them is borrowed, NULL if `index` is past the last. */
LF_PUBLIC size_t lf_plan_findings(const struct lf_plan *plan);
LF_PUBLIC const struct lf_finding *lf_plan_finding(const struct lf_plan *plan,
                                                   size_t index);
/**
 * What the manifest's `policy` denies of the result (errors), and links that
 * lead through many links (warnings). Only in a plan of a transaction that was
 * opened to audit; no hindrance to applying. One of them is borrowed, NULL if
 * `index` is past the last.
 */
LF_PUBLIC size_t lf_plan_remarks(const struct lf_plan *plan);
LF_PUBLIC const struct lf_finding *lf_plan_remark(const struct lf_plan *plan,
                                                  size_t index);
/** Whether applying changes anything, on disk or in the ledger. */
LF_PUBLIC bool lf_plan_changes(const struct lf_plan *plan);
/** Whether it may be applied: no conflict and no finding. */
LF_PUBLIC bool lf_plan_ok(const struct lf_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
