/* SPDX-License-Identifier: MIT */
/*
 * garbage.c - old generations, and what only they keep
 *
 * What is needed is asked of the ledger and of every generation that stays, and
 * what could go of every generation that goes: a node is garbage when the
 * second names it and the first do not. No directory is searched for it, so
 * what no ledger names is never touched.
 */
#include "apply/garbage.h"

#include "base/path.h"
#include "base/texts.h"
#include "base/util.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct finder {
    struct lf_transaction *t;
    uint64_t keep;
    struct lf_garbage *garbage;
    struct lf_refs needed, unneeded;
    struct lf_error *err;
};

static struct lf_arena *arena_of(struct finder *f)
{
    return &f->garbage->arena;
}

/* ---- generations ---- */

static bool add_generation(struct finder *f, struct lf_old_generation old)
{
    struct lf_garbage *garbage = f->garbage;
    void *list = garbage->generations;
    if (!lf_array_reserve(&list, garbage->n_generations,
                          &garbage->generation_capacity, sizeof(old)))
        return lf_error_oom(f->err);
    garbage->generations = list;
    garbage->generations[garbage->n_generations++] = old;
    return true;
}

bool lf_garbage_is_damage(const struct lf_error *err)
{
    return err->code == LF_CODE_LEDGER_CORRUPT ||
           err->code == LF_CODE_LEDGER_VERSION;
}

/* Whether it was there when the folder was listed: another gc has come to its end, and
 * this one only looks. For who holds the lock nothing goes by itself. */
static bool is_gone(const struct finder *f)
{
    return !f->t->options.write && (f->err->code == LF_CODE_NO_GENERATION ||
                                    (f->err->code == LF_CODE_STATE_UNREADABLE &&
                                     f->err->os_errno == ENOENT));
}

/* One that goes. A damaged one stays: what it kept is not known. */
static bool drop_generation(struct finder *f, struct lf_str name,
                            uint64_t number)
{
    struct lf_ledger *ledger;
    struct lf_old_generation old = {.farm = name, .number = number};
    if (!lf_state_generation(&f->t->state, name, number, &ledger, f->err)) {
        old.damaged = lf_garbage_is_damage(f->err);
        return old.damaged ? add_generation(f, old) : is_gone(f);
    }
    const struct lf_recorded *farm = lf_ledger_find(ledger, name);
    old.time = farm->time;
    for (uint32_t i = 0; i < farm->n_records; i++)
        old.links += farm->records[i].kind == LF_RECORD_LINK;
    bool done = lf_refs_add(&f->unneeded, arena_of(f), farm, f->err) &&
                add_generation(f, old);
    lf_ledger_free(ledger);
    return done;
}

static bool keep_generation(struct finder *f, struct lf_str name,
                            uint64_t number)
{
    struct lf_ledger *ledger;
    if (!lf_state_generation(&f->t->state, name, number, &ledger, f->err)) {
        if (lf_garbage_is_damage(f->err))
            lf_error_help(f->err,
                          "gc drops nothing while it is not known what this "
                          "generation needs: put back an intact copy of it, or "
                          "move it away; with fewer to --keep, gc does without "
                          "it");
        return is_gone(f);
    }
    bool done = lf_refs_add(&f->needed, arena_of(f),
                            lf_ledger_find(ledger, name), f->err);
    lf_ledger_free(ledger);
    return done;
}

static bool leave_ledger(struct finder *f, const struct lf_recorded *farm)
{
    struct lf_garbage *garbage = f->garbage;
    void *farms = garbage->farms;
    if (!lf_array_reserve(&farms, garbage->n_farms, &garbage->farm_capacity,
                          sizeof(*garbage->farms)))
        return lf_error_oom(f->err);
    garbage->farms = farms;
    garbage->farms[garbage->n_farms] = lf_arena_str(arena_of(f), farm->name);
    return garbage->farms[garbage->n_farms++].data || lf_error_oom(f->err);
}

/* The kept generation with which a farm ends that the ledger does not have: it owns
 * nothing. An apply that is interrupted keeps the present one, and it stays when the
 * farm is forgotten. 0: none. */
static bool find_end(struct finder *f, struct lf_str name, uint64_t last,
                     uint64_t *ret)
{
    struct lf_ledger *ledger;
    *ret = 0;
    if (!lf_state_generation(&f->t->state, name, last, &ledger, f->err))
        return lf_garbage_is_damage(f->err) || is_gone(f);
    if (lf_ledger_find(ledger, name)->n_records == 0)
        *ret = last;
    lf_ledger_free(ledger);
    return true;
}

/* The numbers but `present`, which is taken from them; whether it was there. */
static bool take_present(uint64_t *numbers, size_t *count, uint64_t present)
{
    size_t left = 0;
    for (size_t i = 0; i < *count; i++)
        if (numbers[i] != present)
            numbers[left++] = numbers[i];
    bool kept = left < *count;
    *count = left;
    return kept;
}

static bool divide(struct finder *f, struct lf_str name, uint64_t *numbers,
                   size_t count)
{
    const struct lf_recorded *farm = lf_ledger_find(f->t->ledger, name);
    uint64_t present = farm ? farm->generation : 0;
    if (!farm && count > 0 && !find_end(f, name, numbers[count - 1], &present))
        return false;
    bool kept = take_present(numbers, &count, present);
    uint64_t may_stay = f->keep - (present > 0); /* behind the present one */
    for (size_t i = 0; i < count; i++) {
        bool stays = count - i <= may_stay;
        if (!(stays ? keep_generation(f, name, numbers[i])
                    : drop_generation(f, name, numbers[i])))
            return false;
    }
    if (count > 0 && may_stay > 0)
        return true;
    /* what has no history and owns nothing is forgotten, its copy too */
    return (farm && farm->n_records > 0) || !present ||
           ((!kept || drop_generation(f, name, present)) &&
            (!farm || leave_ledger(f, farm)));
}

/* Those of which an earlier drop has not seen the end. */
static bool take_retired(struct finder *f, struct lf_str name)
{
    LF_AUTO_FREE uint64_t *numbers = NULL;
    size_t count;
    if (!lf_state_retired(&f->t->state, name, &numbers, &count, f->err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct lf_ledger *ledger;
        if (!lf_state_retired_ledger(&f->t->state, name, numbers[i], &ledger,
                                     f->err)) {
            if (is_gone(f))
                continue;
            if (!lf_garbage_is_damage(f->err))
                return false;
            f->garbage->interrupted = true;
            continue;
        }
        f->garbage->interrupted = true;
        bool done = lf_refs_add(&f->unneeded, arena_of(f),
                                lf_ledger_find(ledger, name), f->err);
        lf_ledger_free(ledger);
        if (!done)
            return false;
    }
    return true;
}

static bool look_at_farm(struct finder *f, struct lf_str name)
{
    LF_AUTO_FREE uint64_t *numbers = NULL;
    size_t count;
    return take_retired(f, name) &&
           lf_state_generations(&f->t->state, name, &numbers, &count, f->err) &&
           divide(f, name, numbers, count);
}

/* ---- the farms ---- */

static bool add_name(struct finder *f, struct lf_str name)
{
    struct lf_garbage *garbage = f->garbage;
    void *names = garbage->names;
    if (!lf_array_reserve(&names, garbage->n_names, &garbage->name_capacity,
                          sizeof(*garbage->names)))
        return lf_error_oom(f->err);
    garbage->names = names;
    garbage->names[garbage->n_names] = lf_arena_str(arena_of(f), name);
    return garbage->names[garbage->n_names++].data || lf_error_oom(f->err);
}

static bool add_folder(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    struct finder *f = arg;
    (void)kind;
    if (lf_ledger_find(f->t->ledger, name))
        return true;
    f->garbage->failed = !add_name(f, name);
    return !f->garbage->failed;
}

static bool find_names(struct finder *f)
{
    const struct lf_ledger *ledger = f->t->ledger;
    for (uint32_t i = 0; i < ledger->n_farms; i++)
        if (!add_name(f, ledger->farms[i]->name) ||
            !lf_refs_add(&f->needed, arena_of(f), ledger->farms[i], f->err))
            return false;
    if (!lf_state_folders(&f->t->state, add_folder, f, f->err) ||
        f->garbage->failed)
        return false;
    f->garbage->n_names = lf_texts_sort(f->garbage->names, f->garbage->n_names);
    return true;
}

/* ---- the nodes ---- */

static bool path_of(struct finder *f, const struct lf_displaced *displaced,
                    struct lf_str *ret)
{
    struct lf_buf path = {0};
    lf_state_add_displaced(&f->t->state, &path, displaced);
    *ret = lf_buf_failed(&path) ? lf_str(NULL)
                                : lf_arena_str(arena_of(f), lf_buf_str(&path));
    lf_buf_finish(&path);
    return ret->data || lf_error_oom(f->err);
}

/* Show the node, if it still is what was moved aside. */
static bool show_node(struct finder *f, const struct lf_ref *ref)
{
    struct lf_garbage *garbage = f->garbage;
    struct lf_garbage_node shown = {.place = ref->place};
    struct lf_node node;
    enum lf_swept swept;
    if (!lf_sweep_look(f->t, &ref->displaced, &swept, &node, f->err))
        return false;
    if (swept != LF_SWEPT_STANDS)
        return true;
    shown.kind = node.kind;
    shown.size = node.kind == LF_NODE_FILE ? node.size : 0;
    void *nodes = garbage->nodes;
    if (!path_of(f, &ref->displaced, &shown.path))
        return false;
    if (!lf_array_reserve(&nodes, garbage->n_nodes, &garbage->node_capacity,
                          sizeof(shown)))
        return lf_error_oom(f->err);
    garbage->nodes = nodes;
    garbage->nodes[garbage->n_nodes++] = shown;
    return true;
}

static bool take_nodes(struct finder *f)
{
    struct lf_garbage *garbage = f->garbage;
    lf_refs_sort(&f->needed);
    lf_refs_sort(&f->unneeded);
    garbage->displaced =
            calloc((size_t)f->unneeded.count + 1, sizeof(*garbage->displaced));
    if (!garbage->displaced)
        return lf_error_oom(f->err);
    for (uint32_t i = 0; i < f->unneeded.count; i++) {
        const struct lf_ref *ref = &f->unneeded.items[i];
        if ((i > 0 && lf_refs_compare(ref - 1, ref) == 0) ||
            lf_refs_has(&f->needed, ref))
            continue;
        garbage->displaced[garbage->n_displaced++] = ref->displaced;
        if (!show_node(f, ref))
            return false;
    }
    return true;
}

/* ---- finding ---- */

static bool find(struct finder *f)
{
    if (!lf_transaction_ledger(f->t, f->err) || !find_names(f) ||
        !lf_state_needs_ledger(&f->t->state, f->t->ledger, f->err))
        return false;
    f->garbage->maker = lf_transaction_maker(f->t);
    f->garbage->base = f->t->ledger->transaction;
    f->garbage->drops = f->t->drops;
    for (uint32_t i = 0; i < f->garbage->n_names; i++)
        if (!look_at_farm(f, f->garbage->names[i]))
            return false;
    return take_nodes(f);
}

bool lf_garbage_find(struct lf_transaction *t, uint64_t keep,
                     struct lf_garbage **ret_garbage, struct lf_error *err)
{
    struct lf_garbage *garbage = calloc(1, sizeof(*garbage));
    if (!garbage)
        return lf_error_oom(err);
    struct finder f = {
            .t = t, .keep = keep ? keep : 1, .garbage = garbage, .err = err};
    bool done = find(&f);
    free(f.needed.items);
    free(f.unneeded.items);
    if (done)
        *ret_garbage = garbage;
    else
        lf_garbage_free(garbage);
    return done;
}

void lf_garbage_free(struct lf_garbage *garbage)
{
    if (!garbage)
        return;
    lf_arena_finish(&garbage->arena);
    free(garbage->generations);
    free(garbage->nodes);
    free(garbage->displaced);
    free(garbage->farms);
    free(garbage->names);
    free(garbage);
}

size_t lf_garbage_generations(const struct lf_garbage *garbage)
{
    return garbage->n_generations;
}

const struct lf_old_generation *
lf_garbage_generation(const struct lf_garbage *garbage, size_t index)
{
    return &garbage->generations[index];
}

size_t lf_garbage_nodes(const struct lf_garbage *garbage)
{
    return garbage->n_nodes;
}

const struct lf_garbage_node *lf_garbage_node(const struct lf_garbage *garbage,
                                              size_t index)
{
    return &garbage->nodes[index];
}

size_t lf_garbage_farms(const struct lf_garbage *garbage)
{
    return garbage->n_farms;
}

struct lf_str lf_garbage_farm(const struct lf_garbage *garbage, size_t index)
{
    return garbage->farms[index];
}

bool lf_garbage_interrupted(const struct lf_garbage *garbage)
{
    return garbage->interrupted;
}
