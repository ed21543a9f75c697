/* SPDX-License-Identifier: MIT */
/*
 * emit.h - making the rows of a plan
 *
 * Private to emit.c, which decides what becomes of each place, and emit_row.c, which
 * fills the rows with what the sets say. A row and what it has in common with others
 * (`now`) are made together; all of it is copied into the plan but for what comes
 * with the texts of the desired set. False: no memory.
 */
#ifndef LF_PLAN_EMIT_H
#define LF_PLAN_EMIT_H

#include "base/strmap.h"
#include "plan/plan.h"

struct lf_emitter {
    struct lf_plan *plan;
    const struct lf_survey *survey;
    struct lf_error *err;
    uint32_t *action_of; /* directory -> the action on it, or LF_NO_ACTION */
    /* path -> the action that swaps what stands there, or takes all of it away */
    struct lf_strmap swaps;
    bool has_swaps;
    uint32_t inside;     /* the nearest of these above the directory that is */
    uint32_t inside_dir; /* worked on, once that is this one */
    uint32_t dir;        /* index of the directory worked on, */
    const struct lf_str *dir_path;     /* and the plan's copy; NULL: none yet */
    const struct lf_str *source_dir;   /* the latest; NULL: none yet */
    const struct lf_asking_file *file; /* the same */
    const struct lf_common *in;        /* the same */
};

/** Whether a place is about a directory: one that is wanted, or was recorded. */
static inline bool lf_fact_about_dir(const struct lf_fact *fact)
{
    if (fact->wish)
        return fact->wish->kind == LF_WISH_DIR;
    return fact->record && fact->record->kind == LF_RECORD_DIR;
}

/** The directory that the place is in. */
bool lf_emit_dir(struct lf_emitter *emitter, const struct lf_item *item,
                 struct lf_common *now);

/** The texts that are wanted and recorded, with the source. */
bool lf_emit_texts(struct lf_emitter *emitter, const struct lf_fact *fact,
                   struct lf_planned *planned, struct lf_common *now);

/** The name of the place with that index, once the texts are there. */
bool lf_emit_name(struct lf_emitter *emitter, uint32_t index,
                  struct lf_str name, struct lf_planned *planned);

/** What stands at the place, once the texts are there. */
bool lf_emit_node(struct lf_emitter *emitter, const struct lf_sighting *look,
                  struct lf_planned *planned, const struct lf_common *now);

/** Who asks for it. */
bool lf_emit_asker(struct lf_emitter *emitter, const struct lf_fact *fact,
                   struct lf_planned *planned, struct lf_common *now);

/** The node that the link covers; NULL: none. */
bool lf_emit_displaced(struct lf_emitter *emitter,
                       const struct lf_displaced *from,
                       struct lf_planned *planned);

#endif
