/* SPDX-License-Identifier: MIT */
/*
 * store.h - where displaced nodes are kept, while a plan is compiled
 *
 * A displaced node is only ever renamed, so the store is on its own mount: in
 * the state directory if that is there, else in `.linkfarm-displaced` in the
 * farm's `into`, else in the node's own directory. As root it is in the nearest
 * directory from there up where nobody else can put another in its place.
 */
#ifndef LF_APPLY_STORE_H
#define LF_APPLY_STORE_H

#include "apply/compile.h"
#include "apply/store_way.h"
#include "base/path.h"

/** Whether a directory of steps is a store or a folder of one: in the state
 *  directory, there is nothing else. */
static inline bool lf_store_is(struct lf_str dir)
{
    return (dir.len > 0 && dir.data[0] != '/') ||
           lf_str_equal(lf_path_name(dir), LF_STR(LF_STORE_NAME)) ||
           lf_str_equal(lf_path_name(lf_path_dir(dir)), LF_STR(LF_STORE_NAME));
}

/** Whether it is a folder of one. */
static inline bool lf_store_is_folder(struct lf_str dir)
{
    struct lf_str above = lf_path_dir(dir);
    return above.len > 0 && lf_store_is(dir) &&
           !lf_str_equal(lf_path_name(dir), LF_STR(LF_STORE_NAME));
}

struct lf_store_place;

struct lf_store {
    const struct lf_compile_request *request;
    struct lf_compiled *out;
    struct lf_store_place *places; /* stores met so far */
    uint32_t n_places, place_capacity;
    uint32_t n_put;                    /* nodes put, for their names */
    struct lf_str chosen_from, chosen; /* which store, last time */
};

void lf_store_init(struct lf_store *store,
                   const struct lf_compile_request *request,
                   struct lf_compiled *out);
void lf_store_finish(struct lf_store *store);

/** What stands at a place now. LF_CODE_STALE if its directory is gone. */
bool lf_store_look(struct lf_store *store, struct lf_str dir,
                   struct lf_str name, struct lf_image *ret,
                   struct lf_error *err);

/**
 * Add the steps that make the store and, after the commit, move the node at
 * `dir`/`name` into it; note it as stored by the plan's action `index`.
 * LF_CODE_STORE_UNSAFE: as root, where no store would be root's alone.
 */
bool lf_store_put(struct lf_store *store, uint32_t index, struct lf_str dir,
                  struct lf_str name, const struct lf_image *node,
                  struct lf_error *err);

/** Which store serves the directory `dir`: its path, or empty for the state's.
 *  LF_CODE_STORE_UNSAFE. */
bool lf_store_choose(struct lf_store *store, struct lf_str dir,
                     struct lf_str *ret, struct lf_error *err);

/** Whether what is in `dir` can be kept in the store `where`, which may be missing.
 *  LF_CODE_STORE_UNSAFE. */
bool lf_store_judge(struct lf_store *store, struct lf_str where,
                    struct lf_str dir, struct lf_error *err);

/** Whether a stored node, which a link in `dir` covers, is where nobody else can have
 *  put another: LF_CODE_STORE_UNSAFE. One that is not there is not exchanged. */
bool lf_store_trusts(struct lf_store *store, const struct lf_displaced *from,
                     struct lf_str dir, struct lf_error *err);

/** What a stored node, which a link in `dir` covers, is known by: of a link its
 *  text too. LF_CODE_STORE_LOST if it is not there,
 *  LF_CODE_STORE_UNSAFE. */
bool lf_store_node(struct lf_store *store, const struct lf_displaced *from,
                   struct lf_str dir, struct lf_image *ret,
                   struct lf_error *err);

/** Add the step that moves a stored node to `dir`/`name`. LF_CODE_STORE_LOST,
 *  LF_CODE_STORE_UNSAFE. */
bool lf_store_take(struct lf_store *store, const struct lf_displaced *from,
                   struct lf_str dir, struct lf_str name, enum lf_phase phase,
                   struct lf_error *err);

/** Add the steps that remove the folders of the store that became empty. */
bool lf_store_tidy(struct lf_store *store, struct lf_error *err);

#endif
