/* SPDX-License-Identifier: MIT */
/*
 * planner.c - making the plans of a transaction
 */
#include "apply/planner.h"

#include "apply/coming.h"
#include "apply/own_links.h"
#include "base/diags.h"
#include "base/util.h"
#include "observe/owners.h"
#include "plan/fold.h"
#include "platform/sys.h"
#include "resolve/resolver.h"
#include "resolve/tell.h"

#include <stdlib.h>

/* What a plan was made from, but for what was looked at. */
static void forget_sources(struct lf_planner *p)
{
    lf_observed_free(p->observed);
    lf_desired_free(p->desired);
    lf_resolver_free(p->resolver);
    lf_view_free(p->view);
    p->observed = NULL;
    p->desired = NULL;
    p->resolver = NULL;
    p->view = NULL;
}

void lf_planner_finish(struct lf_planner *p)
{
    forget_sources(p);
    free(p->kept);
    lf_arena_finish(&p->arena);
    lf_ledger_free(p->older);
    lf_watch_finish(&p->watch);
    lf_trust_finish(&p->trust);
}

static bool keep_dir(struct lf_planner *p, struct lf_str dir, bool is_state)
{
    void *kept = p->kept;
    for (uint32_t i = 0; i < p->n_kept; i++)
        if (lf_str_equal(p->kept[i].dir, dir))
            return true;
    if (!lf_array_reserve(&kept, p->n_kept, &p->kept_capacity,
                          sizeof(*p->kept)))
        return false;
    p->kept = kept;
    p->kept[p->n_kept++] = (struct lf_kept_dir){
            .dir = lf_arena_str(&p->arena, dir), .is_state = is_state};
    return p->kept[p->n_kept - 1].dir.data;
}

/* The state as it is seen from the root directory, if it lies below that, and where
 * the ledger says that displaced nodes are. Stores are few. */
static bool keep_dirs(struct lf_planner *p)
{
    const struct lf_ledger *ledger = p->t->ledger;
    struct lf_str root =
            p->t->options.root ? lf_str(p->t->options.root) : LF_STR("");
    struct lf_str last = LF_STR("");
    if (!lf_str_equal(p->t->state.position, root) &&
        !keep_dir(p, p->t->state.position, true))
        return false;
    for (uint32_t f = 0; f < ledger->n_farms; f++) {
        const struct lf_recorded *farm = ledger->farms[f];
        for (uint32_t i = 0; i < farm->set.n_items; i++) {
            const struct lf_displaced *displaced =
                    farm->records[farm->set.items[i].detail].displaced;
            if (!displaced || displaced->store.len == 0 ||
                lf_str_equal(displaced->store, last))
                continue;
            last = displaced->store;
            if (!keep_dir(p, last, false))
                return false;
        }
    }
    return true;
}

bool lf_planner_init(struct lf_planner *p, struct lf_transaction *t,
                     enum lf_purpose purpose, struct lf_str farm,
                     struct lf_error *err)
{
    *p = (struct lf_planner){.t = t, .fs = t->fs};
    t->stamped = NULL;
    if (!lf_transaction_ledger(t, err))
        return false;
    if (t->options.write && purpose == LF_PURPOSE_APPLY) {
        lf_watch_init(&p->watch, t->fs, t->root_fd);
        p->fs = &p->watch.fs;
    }
    if (!lf_view_real_new(p->fs, t->root_fd, &p->view, err) ||
        !lf_resolver_new(p->view, &p->resolver, err))
        return false;
    p->request = (struct lf_plan_request){
            .purpose = purpose,
            .farm = farm,
            .ledger = t->ledger,
            .recorded = lf_ledger_find(t->ledger, farm),
            .view = p->view,
            .resolver = p->resolver,
            .fs = p->fs,
            .root_fd = t->root_fd,
            .shared_fs = t->fs,
            .threads = t->options.threads,
            .least = t->crew_least,
            .since = t->options.full ? 0 : lf_sys_realtime(),
            .audit = t->options.audit && purpose == LF_PURPOSE_APPLY,
            .interrupted = !t->options.write && lf_transaction_interrupted(t),
    };
    if (!keep_dirs(p))
        return lf_error_oom(err);
    p->request.kept = p->kept;
    p->request.n_kept = p->n_kept;
    return true;
}

static struct lf_pair wished_text(const void *owner, uint32_t detail)
{
    const struct lf_desired *desired = owner;
    return lf_desired_text(desired, lf_desired_wish(desired, detail));
}

static struct lf_pair recorded_text(const void *owner, uint32_t detail)
{
    const struct lf_recorded *recorded = owner;
    return lf_pair_of(recorded->records[detail].text);
}

/* What is known need not be looked at to be remembered. */
static const struct lf_watched *keep(const struct lf_watched *dir,
                                     struct lf_watch *watch)
{
    if (dir && watch)
        lf_watch_keep(watch, dir);
    return dir;
}

/* For struct lf_known. */
static const struct lf_watched *known_dir(void *arg, struct lf_watch *watch,
                                          struct lf_str path)
{
    const struct lf_planner *p = arg;
    return keep(lf_trust_dir(&p->trust, path), watch);
}

/* For struct lf_listed. */
static const struct lf_node *tell_names(void *arg, struct lf_watch *watch,
                                        struct lf_str path, lf_list_fn *fn,
                                        void *fn_arg)
{
    const struct lf_planner *p = arg;
    uint32_t index = lf_trust_find(&p->trust, path);
    const struct lf_watched *dir = lf_trust_at(&p->trust, index);
    if (!dir || !lf_names_tell(&p->names, index, fn, fn_arg))
        return NULL;
    keep(dir, watch);
    return &dir->node;
}

/* For struct lf_seen. */
static const struct lf_node *seen_dir(void *arg, struct lf_str path)
{
    const struct lf_resolver *resolver = arg;
    const struct lf_place *place = lf_tree_seen(&resolver->tree, path);
    return place ? place->node : NULL;
}

/* For the request's: also what the stamps vouch for. */
static const struct lf_node *seen_or_known_dir(void *arg, struct lf_str path)
{
    struct lf_planner *p = arg;
    const struct lf_node *seen = seen_dir(p->resolver, path);
    const struct lf_watched *known =
            seen ? NULL : lf_trust_dir(&p->trust, path);
    return known ? &known->node : seen;
}

/* Memory that the rows can use. */
static void release_place(void *arg, uint32_t place)
{
    struct lf_planner *p = arg;
    uint32_t wish = lf_observed_met(p->observed, 0, place);
    if (wish != LF_NOT_MET)
        lf_desired_release(p->desired, wish);
    lf_observed_release(p->observed, place);
}

/* Memory that the proof can use. */
static void forget_wishes(void *arg)
{
    struct lf_planner *p = arg;
    lf_observed_forget(p->observed);
    if (p->desired)
        lf_desired_forget(p->desired);
}

static void stop_watching(void *arg)
{
    struct lf_planner *p = arg;
    p->watch.paused = true;
}

/* Where a ledger was lost, or put back from before, there may be later ones: what is
 * made now comes after them. */
static bool number_plan(struct lf_planner *p, struct lf_plan *plan,
                        struct lf_error *err)
{
    return lf_plan_generation(plan) == plan->generation ||
           lf_state_last_generation(&p->t->state, plan->farm, &plan->last, err);
}

/* Who carries a plan out has opened the state directory for that: what stands in the
 * way of it is said to who rehearses it, too. */
static bool check_state(const struct lf_planner *p, const struct lf_plan *plan,
                        struct lf_error *err)
{
    const struct lf_transaction *t = p->t;
    return t->options.write || !t->options.rehearse ||
           plan->purpose == LF_PURPOSE_STATUS || !lf_plan_changes(plan) ||
           lf_transaction_may_write(t, err);
}

bool lf_planner_plan(struct lf_planner *p, struct lf_plan **ret_plan,
                     struct lf_error *err)
{
    const struct lf_recorded *recorded = p->request.recorded;
    struct lf_known known = {.dir = known_dir, .arg = p};
    struct lf_seen seen = {.dir = seen_dir, .arg = p->resolver};
    const struct lf_observe_request request = {
            .fs = p->fs,
            .root_fd = p->t->root_fd,
            .sides = {{.set = p->desired ? &p->desired->set : NULL,
                       .text = wished_text,
                       .owner = p->desired},
                      {.set = recorded ? &recorded->set : NULL,
                       .text = recorded_text,
                       .owner = recorded}},
            .given = p->desired ? &p->desired->set : NULL,
            .known = p->trust.n_dirs ? &known : NULL,
            .seen = &seen,
            .watch = p->fs == p->t->fs ? NULL : &p->watch,
            .threads = p->t->options.threads,
            .least = p->t->crew_least,
    };
    if (!lf_observe(&request, &p->observed, err))
        return false;
    /* observing has met them: memory that the rows can use */
    if (p->desired)
        lf_desired_forget_places(p->desired);
    p->request.desired = p->desired;
    p->request.observed = p->observed;
    p->seen = (struct lf_seen){seen_or_known_dir, p};
    p->request.seen = &p->seen;
    p->request.emitted = release_place;
    p->request.decided = forget_wishes;
    p->request.proved = stop_watching;
    p->request.stage_arg = p;
    if (!lf_plan_make(&p->request, ret_plan, err))
        return false;
    (*ret_plan)->maker = lf_transaction_maker(p->t);
    if (p->desired)
        lf_plan_take(*ret_plan, &p->desired->set.arena);
    if (number_plan(p, *ret_plan, err) &&
        lf_planner_check_stores(p, *ret_plan, err) &&
        check_state(p, *ret_plan, err))
        return true;
    lf_plan_free(*ret_plan);
    *ret_plan = NULL;
    return false;
}

/* For struct lf_watch. */
static const struct lf_node *known_node(const void *arg, struct lf_str path)
{
    const struct lf_watched *dir = lf_trust_dir(arg, path);
    return dir ? &dir->node : NULL;
}

/* For struct lf_expand_request, and what is adopted: root is not led by others. Who
 * may change the name of a directory leads by the links in it, too. */
bool lf_planner_follows(struct lf_follow *follow)
{
    const struct lf_place *dir = follow->dir;
    while (!lf_way_root(dir->node).shared && dir->parent != dir)
        dir = dir->parent;
    follow->above = dir->node;
    follow->further = dir != follow->dir;
    return lf_way_follows(follow->above, follow->link, follow->end);
}

static void trust_stamps(struct lf_planner *p, struct lf_str manifest)
{
    if (!p->t->options.full && manifest.len > 0 && manifest.data[0] == '/')
        lf_trust_read(&p->trust, p->t, manifest, p->request.farm);
}

/* Look, once it is known whose stamps count: at what is recorded, or, where sources
 * are to be expanded, at all. */
static void look_at_trusted(struct lf_planner *p, bool all)
{
    if (p->trust.n_dirs == 0)
        return;
    lf_trust_look(&p->trust, p->t, all ? NULL : &p->request.recorded->set);
    if (p->fs != p->t->fs)
        lf_watch_recall(&p->watch, known_node, &p->trust);
}

/* The stamps of the manifest, or of the one that the farm came from last: whatever
 * has been renamed or made anew, its links are known. */
static void trust_stamps_of_farm(struct lf_planner *p, struct lf_str manifest)
{
    struct lf_str last = p->request.recorded->head.manifest;
    trust_stamps(p, manifest);
    if (p->trust.n_dirs > 0 || lf_str_equal(manifest, last))
        return;
    lf_trust_finish(&p->trust);
    trust_stamps(p, last);
}

static bool resolve_into(struct lf_planner *p, struct lf_str into,
                         struct lf_error *err)
{
    struct lf_str dir = lf_str("");
    int error = 0;
    if (into.len && !lf_resolve_dir(p->resolver, into, &dir, &error, err))
        return false;
    p->request.into = lf_arena_str(&p->arena, dir);
    return p->request.into.data || lf_error_oom(err);
}

static bool begin_into(struct lf_planner *p, const struct lf_manifest *manifest,
                       struct lf_error *err)
{
    return resolve_into(p, lf_manifest_into(manifest), err) &&
           lf_transaction_lock(p->t, p->request.into, err);
}

/* The state changes with each apply: what links to it would never be done. One that is
 * not there yet has nothing in it. */
static bool find_left_out(struct lf_planner *p, struct lf_error *err)
{
    struct lf_str dir = LF_STR("");
    int error = 0;
    bool is_known = p->n_kept > 0 && p->kept[0].is_state;
    if (is_known &&
        !lf_resolve_dir(p->resolver, p->kept[0].dir, &dir, &error, err))
        return false;
    p->left_out = error ? LF_STR("") : lf_arena_str(&p->arena, dir);
    return p->left_out.data || lf_error_oom(err);
}

static bool expand_once(struct lf_planner *p, const struct lf_set *coming,
                        struct lf_diags *diags, struct lf_error *err)
{
    struct lf_diags_held before = lf_diags_held(diags);
    const struct lf_listed listed = {tell_names, p};
    struct lf_expand_request request = {
            .manifest = p->request.manifest,
            .fs = p->fs,
            .root_fd = p->t->root_fd,
            .resolver = p->resolver,
            .watch = p->fs == p->t->fs ? NULL : &p->watch,
            .listed = p->names.dirs ? &listed : NULL,
            .coming = coming->n_items > 0 ? coming : NULL,
            .left_out = p->left_out,
            .may_follow = lf_sys_uid() == 0 ? lf_planner_follows : NULL,
            .threads = p->t->options.threads,
            .least = p->t->crew_least,
    };
    struct lf_fold_request fold = {
            .fs = p->fs,
            .root_fd = p->t->root_fd,
            .farm = p->request.farm,
            .ledger = p->t->ledger,
            .recorded = p->request.recorded,
    };
    return lf_desired_make(&request, diags, &p->desired, err) &&
           (lf_diags_worse(diags, before) ||
            lf_plan_fold(&fold, p->desired, err));
}

/* Until the links that were followed are none of those that are wanted, and the
 * files that will be sources were listed with the others. */
static bool expand_all(struct lf_planner *p, struct lf_own_links *own,
                       struct lf_set *coming, struct lf_diags *diags,
                       struct lf_error *err)
{
    struct lf_diags_held before = lf_diags_held(diags);
    for (;;) {
        bool taken = false, found = false;
        if (!expand_once(p, coming, diags, err) ||
            (!lf_diags_worse(diags, before) &&
             (!lf_own_links_take(own, p->desired, &taken, err) ||
              !lf_coming_find(coming, p->desired, p->resolver, &found, err))))
            return false;
        if (!taken && !found)
            return true;
        lf_desired_free(p->desired);
        p->desired = NULL;
        lf_diags_back(diags, before);
        lf_own_links_hide(own, p->resolver);
        if (!begin_into(p, p->request.manifest, err))
            return false;
    }
}

static bool expand(struct lf_planner *p, const struct lf_manifest *manifest,
                   struct lf_diags *diags, struct lf_error *err)
{
    struct lf_own_links own = {.recorded = p->request.recorded};
    struct lf_set coming = {0};
    lf_own_links_hide(&own, p->resolver);
    bool ok = begin_into(p, manifest, err) && find_left_out(p, err);
    p->request.manifest = manifest;
    if (ok && p->request.recorded)
        trust_stamps_of_farm(p, lf_manifest_file(manifest));
    if (ok)
        look_at_trusted(p, true);
    lf_names_init(&p->names, &p->trust, p->request.recorded);
    ok = ok && expand_all(p, &own, &coming, diags, err);
    lf_names_finish(&p->names);
    /* what comes asks for other directories, and for what stands there */
    lf_resolver_hide(p->resolver, NULL, NULL);
    lf_own_links_finish(&own);
    lf_set_finish(&coming);
    return ok;
}

/* One with errors has no name, and would be taken for a farm that wants nothing. */
static bool has_no_errors(const struct lf_manifest *manifest,
                          struct lf_error *err)
{
    if (lf_manifest_name(manifest).len > 0)
        return true;
    lf_error_set(err, LF_CODE_INTERNAL, 0,
                 "the manifest has errors, and cannot be planned");
    return false;
}

bool lf_transaction_plan(struct lf_transaction *t,
                         const struct lf_manifest *manifest,
                         struct lf_diags *diags, struct lf_plan **ret_plan,
                         struct lf_error *err)
{
    struct lf_planner p;
    struct lf_diags_held before = lf_diags_held(diags);
    *ret_plan = NULL;
    if (!has_no_errors(manifest, err))
        return false;
    bool ok = lf_planner_init(&p, t, LF_PURPOSE_APPLY,
                              lf_manifest_name(manifest), err) &&
              expand(&p, manifest, diags, err);
    if (ok && !lf_diags_worse(diags, before))
        ok = lf_planner_plan(&p, ret_plan, err);
    if (ok && *ret_plan && p.fs != t->fs && lf_diags_count(diags) == 0) {
        lf_buf_clear(&t->stamps);
        forget_sources(&p);
        lf_stamps_encode(manifest, *ret_plan, &p.watch, &t->stamps);
        if (lf_stamps_ledger(t, &t->stamped_ledger) ||
            lf_plan_changes(*ret_plan))
            t->stamped = *ret_plan;
    }
    lf_planner_finish(&p);
    return ok;
}

static bool no_farm(struct lf_transaction *t, struct lf_str farm,
                    struct lf_error *err)
{
    if (lf_state_needs_ledger(&t->state, t->ledger, err))
        lf_ledger_no_farm(t->ledger, farm, err);
    return false;
}

/* Plans that need no manifest; `prepare` sets what is desired. The stamps of the
 * manifest that the farm came from vouch for its links all the same. */
static bool plan_known(struct lf_transaction *t, enum lf_purpose purpose,
                       struct lf_str farm, uint64_t generation,
                       bool (*prepare)(struct lf_planner *, uint64_t,
                                       struct lf_error *),
                       struct lf_plan **ret_plan, struct lf_error *err)
{
    struct lf_planner p;
    bool ok = lf_planner_init(&p, t, purpose, farm, err) &&
              (p.request.recorded || no_farm(t, farm, err)) &&
              lf_transaction_lock(t, p.request.recorded->head.into, err) &&
              (!prepare || prepare(&p, generation, err));
    if (ok && purpose != LF_PURPOSE_STATUS) {
        trust_stamps(&p, p.request.recorded->head.manifest);
        look_at_trusted(&p, false);
    }
    ok = ok && lf_planner_plan(&p, ret_plan, err);
    lf_planner_finish(&p);
    return ok;
}

bool lf_transaction_plan_remove(struct lf_transaction *t, struct lf_str farm,
                                struct lf_plan **ret_plan, struct lf_error *err)
{
    return plan_known(t, LF_PURPOSE_REMOVE, farm, 0, NULL, ret_plan, err);
}

static bool want_generation(struct lf_planner *p, uint64_t generation,
                            struct lf_error *err)
{
    if (generation == 0)
        return true;
    if (generation == p->request.recorded->generation)
        p->request.goal = p->request.recorded;
    else if (!lf_state_generation(&p->t->state, p->request.farm, generation,
                                  &p->older, err))
        return false;
    else
        p->request.goal = lf_ledger_find(p->older, p->request.farm);
    if (p->request.goal)
        return lf_desired_of_recorded(p->request.goal, true, &p->desired, err);
    lf_ledger_no_farm(p->older, p->request.farm, err);
    return false;
}

bool lf_transaction_plan_rollback(struct lf_transaction *t, struct lf_str farm,
                                  uint64_t generation,
                                  struct lf_plan **ret_plan,
                                  struct lf_error *err)
{
    return plan_known(t, LF_PURPOSE_ROLLBACK, farm, generation, want_generation,
                      ret_plan, err);
}

static bool want_recorded(struct lf_planner *p, uint64_t generation,
                          struct lf_error *err)
{
    (void)generation;
    return lf_desired_of_recorded(p->request.recorded, false, &p->desired, err);
}

bool lf_transaction_plan_recorded(struct lf_transaction *t, struct lf_str farm,
                                  struct lf_plan **ret_plan,
                                  struct lf_error *err)
{
    return plan_known(t, LF_PURPOSE_STATUS, farm, 0, want_recorded, ret_plan,
                      err);
}
