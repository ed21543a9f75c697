/* SPDX-License-Identifier: MIT */
/*
 * compiler.h - what the parts of compiling share
 */
#ifndef LF_APPLY_COMPILER_H
#define LF_APPLY_COMPILER_H

#include "apply/compile.h"
#include "apply/store.h"
#include "base/buf.h"

struct lf_compiler {
    const struct lf_compile_request *request;
    const struct lf_plan *plan;
    struct lf_compiled *out;
    struct lf_store store;
    uint32_t *
            acting; /* indices of the actions that change the tree; NULL: all do */
    uint32_t n_acting;
    bool *whole;       /* by action: an RMDIR that takes its directory out as a
                          whole; NULL: none does */
    uint32_t n_spares; /* names given out that no action has */
    const struct lf_str
            *last_dir; /* of the action before, and its other spelling */
    struct lf_str swapped;
    struct lf_error *err;
};

/** Add a step, copied. False, with the error set, without memory. */
bool lf_compiler_add(struct lf_compiler *c, struct lf_step step);

/** A spare name that no action has, in `room`. */
struct lf_str lf_compiler_new_spare(struct lf_compiler *c,
                                    struct lf_spare_room *room);

/** The spare name of an action, the same each time. */
struct lf_str lf_compiler_spare(const struct lf_compiler *c, uint32_t index,
                                struct lf_spare_room *room);

/** Whether an action takes its directory out as a whole, under its spare name. */
bool lf_compiler_is_whole(const struct lf_compiler *c, uint32_t index);

/** As lf_action.inside; but what is in a directory that is to be removed, and
 *  cannot be taken out as a whole, goes one by one. */
uint32_t lf_compiler_inside(const struct lf_compiler *c,
                            const struct lf_planned *planned);

/**
 * The directory of an action, as it is spelled while what is above is swapped
 * out: the part up to the swapped directory gives way to its spare name.
 */
bool lf_compiler_dir(struct lf_compiler *c, const struct lf_planned *planned,
                     struct lf_str *ret);

/** Of what must still stand at the place of an action. */
struct lf_image lf_compiler_image(const struct lf_planned *planned);

/** A directory as it was seen, for struct lf_step; NULL where that does not tell
 *  whether it has changed since: it is not known, or had just been changed. */
const struct lf_node *lf_compiler_seen(const struct lf_compiler *c,
                                       const struct lf_node *dir);

/** The step that looks how many names are in a directory that goes. */
bool lf_compiler_count(struct lf_compiler *c, uint32_t index);

/* ---- one action, pass by pass; take and clean backward ---- */

bool lf_compile_whole(struct lf_compiler *c, uint32_t index);
bool lf_compile_prepare(struct lf_compiler *c, uint32_t index);
bool lf_compile_act(struct lf_compiler *c, uint32_t index);
bool lf_compile_take(struct lf_compiler *c, uint32_t index);
bool lf_compile_taken(struct lf_compiler *c, uint32_t index);
bool lf_compile_clean(struct lf_compiler *c, uint32_t index);
/** Modes that wait until all that is in a directory is done; backward too. */
bool lf_compile_modes(struct lf_compiler *c, uint32_t index);

#endif
