/* SPDX-License-Identifier: MIT */
/*
 * observe.c - what stands at the places that matter
 *
 * One thread goes through both sets once, and looks at each place as it comes.
 * Several share stretches of a large list of places: which places there are is
 * found out first, by one, and the looks fill in what they saw.
 */
#include "observe/look.h"

#include "base/util.h"
#include <stdatomic.h>

enum {
    STRETCH = 256,       /* places, and more up to the end of a directory */
    SHARED_LEAST = 2048, /* places that are worth another thread */
};

static bool is_other_dir(struct lf_str path, const struct lf_merged *place)
{
    return !path.data || !lf_str_equal(path, place->dir);
}

static uint32_t places_at_most(const struct lf_observe_request *request)
{
    uint32_t count = 0;
    for (int side = 0; side < 2; side++)
        if (request->sides[side].set)
            count += request->sides[side].set->n_items;
    return count;
}

static struct lf_merge merge_of(const struct lf_observe_request *request)
{
    return (struct lf_merge){
            .sides = {&request->sides[0], &request->sides[1]}
    };
}

/* `watch` is the thread's own, in front of the request's operations, or NULL. */
static struct lf_looker looker_of(const struct lf_observe_request *request,
                                  struct lf_observed *observed,
                                  struct lf_watch *watch, unsigned thread)
{
    struct lf_fs *fs = watch ? &watch->fs : request->fs;
    return (struct lf_looker){
            .fs = fs,
            .root_fd = request->root_fd,
            .sides = {&request->sides[0], &request->sides[1]},
            .known = request->known,
            .seen = request->seen,
            .arena = &observed->arenas[thread],
            .watch = watch,
            .thread = thread,
            .dir = {fs,                 -1                },
    };
}

/* ---- by one thread ---- */

static bool look_at_all(const struct lf_observe_request *request,
                        struct lf_watch *watch, struct lf_observed *observed)
{
    struct lf_merge merge = merge_of(request);
    struct lf_looker looker = looker_of(request, observed, watch, 0);
    struct lf_str path = {0};
    struct lf_merged place;
    uint32_t dir = 0;
    bool ok = true;
    while (ok && lf_merge_next(&merge, &place)) {
        if (is_other_dir(path, &place)) {
            path = place.dir;
            ok = lf_set_dir(&observed->set, path, &dir);
            lf_looker_go(&looker, path);
        }
        uint32_t detail = observed->n_looks++;
        ok = ok && lf_set_borrow(&observed->set, dir, place.name, detail) &&
             lf_looker_look(&looker, &place, &observed->looks[detail]);
    }
    lf_looker_finish(&looker);
    return ok;
}

/* All names asked for are places. */
static void watch_places(const struct lf_watch *watch, struct lf_watch *parts,
                         unsigned count)
{
    lf_watch_split(watch, parts, count);
    for (unsigned i = 0; watch && i < count; i++)
        parts[i].of_places = true;
}

static bool observe_alone(const struct lf_observe_request *request,
                          struct lf_observed *observed)
{
    struct lf_watch watch;
    watch_places(request->watch, &watch, 1);
    bool ok = look_at_all(request, request->watch ? &watch : NULL, observed);
    lf_watch_unsplit(request->watch, &watch, 1, ok);
    return ok;
}

/* ---- by several ---- */

/* Where a stretch of places begins in the sets, and which places those are. */
struct stretch {
    uint32_t next[2];
    uint32_t first;
};

struct share {
    const struct lf_observe_request *request;
    struct lf_observed *observed;
    struct stretch *stretches; /* and one behind the last, for its end */
    uint32_t n_stretches, capacity;
    atomic_uint_least32_t next; /* stretch that nobody has taken */
    atomic_bool failed;
    struct lf_watch watches[LF_THREADS_MOST];
};

static bool add_stretch(struct share *share, const struct lf_merge *merge,
                        uint32_t first)
{
    void *all = share->stretches;
    if (!lf_array_reserve(&all, share->n_stretches, &share->capacity,
                          sizeof(*share->stretches)))
        return false;
    share->stretches = all;
    share->stretches[share->n_stretches++] = (struct stretch){
            .next = {merge->next[0], merge->next[1]},
              .first = first
    };
    return true;
}

/* Which places there are, and where stretches of them begin. */
static bool list_places(struct share *share)
{
    struct lf_observed *observed = share->observed;
    struct lf_merge merge = merge_of(share->request), before = merge;
    struct lf_str path = {0};
    struct lf_merged place;
    uint32_t dir = 0, first = 0;
    bool ok = add_stretch(share, &merge, 0);
    while (ok && lf_merge_next(&merge, &place)) {
        uint32_t detail = observed->n_looks++;
        if (is_other_dir(path, &place)) {
            path = place.dir;
            ok = lf_set_dir(&observed->set, path, &dir);
            if (ok && detail - first >= STRETCH) {
                ok = add_stretch(share, &before, detail);
                first = detail;
            }
        }
        ok = ok && lf_set_borrow(&observed->set, dir, place.name, detail);
        before = merge;
    }
    return ok && add_stretch(share, &merge, observed->n_looks);
}

static bool look_at_stretch(const struct share *share, struct lf_looker *looker,
                            const struct stretch *stretch)
{
    struct lf_merge merge = merge_of(share->request);
    struct lf_str path = {0};
    struct lf_merged place;
    bool ok = true;
    for (int side = 0; side < 2; side++)
        merge.next[side] = stretch->next[side];
    for (uint32_t i = stretch->first; ok && i < stretch[1].first; i++) {
        ok = lf_merge_next(&merge, &place);
        if (ok && is_other_dir(path, &place)) {
            path = place.dir;
            lf_looker_go(looker, path);
        }
        ok = ok && lf_looker_look(looker, &place, &share->observed->looks[i]);
    }
    return ok;
}

/* Each thread has a watch of its own, in front of the same operations. */
static void look_at_share(void *arg, unsigned index)
{
    struct share *share = arg;
    const struct lf_observe_request *request = share->request;
    struct lf_watch *watch = request->watch ? &share->watches[index] : NULL;
    struct lf_looker looker = looker_of(request, share->observed, watch, index);
    uint32_t last = share->n_stretches - 1;
    for (;;) {
        uint32_t taken = atomic_fetch_add(&share->next, 1);
        if (taken >= last || atomic_load(&share->failed))
            break;
        if (!look_at_stretch(share, &looker, &share->stretches[taken]))
            atomic_store(&share->failed, true);
    }
    lf_looker_finish(&looker);
}

static bool observe_shared(const struct lf_observe_request *request,
                           struct lf_observed *observed)
{
    struct share *share = calloc(1, sizeof(*share));
    if (!share)
        return false;
    share->request = request;
    share->observed = observed;
    atomic_init(&share->next, 0);
    atomic_init(&share->failed, false);
    bool ok = list_places(share);
    watch_places(request->watch, share->watches, request->threads);
    if (ok) {
        lf_threads_run(request->threads, look_at_share, share);
        ok = !atomic_load(&share->failed);
    }
    lf_watch_unsplit(request->watch, share->watches, request->threads, ok);
    free(share->stretches);
    free(share);
    return ok;
}

/* ---- the whole ---- */

static bool is_worth_sharing(const struct lf_observe_request *request)
{
    uint32_t least = request->least ? request->least : SHARED_LEAST;
    return request->threads > 1 && places_at_most(request) >= least;
}

bool lf_observe(const struct lf_observe_request *request,
                struct lf_observed **ret_observed, struct lf_error *err)
{
    struct lf_observed *observed = calloc(1, sizeof(*observed));
    if (!observed)
        return lf_error_oom(err);
    uint32_t most = places_at_most(request);
    observed->looks = calloc(most ? most : 1, sizeof(*observed->looks));
    bool ok = observed->looks &&
              (is_worth_sharing(request) ? observe_shared
                                         : observe_alone)(request, observed) &&
              lf_set_seal(&observed->set);
    if (!ok) {
        lf_observed_free(observed);
        return lf_error_oom(err);
    }
    *ret_observed = observed;
    return true;
}

void lf_observed_forget(struct lf_observed *observed)
{
    for (unsigned i = 0; i < LF_THREADS_MOST; i++)
        lf_arena_finish(&observed->arenas[i]);
    free(observed->looks);
    observed->looks = NULL;
    observed->n_looks = 0;
}

void lf_observed_free(struct lf_observed *observed)
{
    if (!observed)
        return;
    lf_observed_forget(observed);
    lf_set_finish(&observed->set);
    free(observed);
}
