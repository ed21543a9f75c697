/* SPDX-License-Identifier: MIT */
/*
 * observe.c - what stands at the places that matter
 *
 * Which places there are is found out first, by one walk along both sets. The looks
 * are shared, by stretches of directories, and fill in what was seen.
 */
#include "observe/look.h"

#include "base/util.h"
#include "platform/sys.h"
#include <stdatomic.h>

enum {
    STRETCH = 256,       /* places, and more up to the end of a directory */
    SHARED_LEAST = 2048, /* places that are worth another thread */
    GIVEN_BACK = 4096,   /* places whose memory is worth a call */
};

static uint32_t places_at_most(const struct lf_observe_request *request)
{
    uint32_t count = 0;
    for (int side = 0; side < 2; side++)
        if (request->sides[side].set)
            count += request->sides[side].set->n_items;
    return count;
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
            .dir = {fs,                 -1                },
    };
}

/* ---- which places there are ---- */

static bool add_place(struct lf_observed *observed,
                      const struct lf_merged *place)
{
    if (observed->second)
        observed->second[observed->set.n_items] = place->details[1];
    return lf_set_append(&observed->set, place->dir, place->name,
                         place->details[0]);
}

static bool has_second(const struct lf_observe_request *request)
{
    return request->sides[1].set && request->sides[1].set->n_items > 0;
}

/* Of one set alone, its places are all. */
static bool list_places(const struct lf_observe_request *request,
                        struct lf_observed *observed)
{
    struct lf_merge merge = {
            .sides = {&request->sides[0], &request->sides[1]}
    };
    struct lf_merged place;
    if (request->given && !has_second(request)) {
        lf_set_move(request->given, &observed->set);
        return true;
    }
    while (lf_merge_next(&merge, &place))
        if (!add_place(observed, &place))
            return false;
    return lf_set_seal(&observed->set); /* it may be empty */
}

/* Room for as many as there can be. */
static bool make_room(const struct lf_observe_request *request,
                      struct lf_observed *observed)
{
    size_t most = places_at_most(request);
    observed->looks = calloc(most + 1, sizeof(*observed->looks));
    if (has_second(request))
        observed->second = malloc((most + 1) * sizeof(*observed->second));
    return observed->looks && (observed->second || !has_second(request));
}

/* ---- what stands there ---- */

struct share {
    const struct lf_observe_request *request;
    struct lf_observed *observed;
    atomic_uint_least32_t next; /* directory that nobody has taken */
    atomic_bool failed;
    struct lf_watch watches[LF_THREADS_MOST];
};

/* The next directories, about a stretch of places; false: there are none. */
static bool take_stretch(struct share *share, uint32_t *ret_first,
                         uint32_t *ret_end)
{
    const struct lf_set *set = &share->observed->set;
    uint_least32_t first = atomic_load(&share->next);
    for (;;) {
        uint32_t end = first, places = 0;
        while (end < set->n_dirs && places < STRETCH)
            places += set->dirs[end++].count;
        if (end == first || atomic_load(&share->failed))
            return false;
        if (atomic_compare_exchange_weak(&share->next, &first, end)) {
            *ret_first = (uint32_t)first;
            *ret_end = end;
            return true;
        }
    }
}

static bool look_in_dir(const struct share *share, struct lf_looker *looker,
                        const struct lf_dir *dir)
{
    struct lf_observed *observed = share->observed;
    bool ok = true;
    lf_looker_go(looker, dir->path);
    for (uint32_t i = dir->first; ok && i < dir->first + dir->count; i++) {
        const struct lf_merged place = {
                .dir = dir->path,
                .name = lf_item_name(&observed->set.items[i]),
                .details = {lf_observed_met(observed, 0, i),
                            lf_observed_met(observed, 1, i)},
        };
        ok = lf_looker_look(looker, &place, &observed->looks[i]);
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
    uint32_t next = 0, end = 0;
    while (take_stretch(share, &next, &end))
        for (; next < end; next++)
            if (!look_in_dir(share, &looker, &share->observed->set.dirs[next]))
                atomic_store(&share->failed, true);
    lf_looker_finish(&looker);
}

/* All names asked for are places. */
static void watch_places(const struct lf_watch *watch, struct lf_watch *parts,
                         unsigned count)
{
    lf_watch_split(watch, parts, count);
    for (unsigned i = 0; watch && i < count; i++)
        parts[i].of_places = true;
}

static bool look_at_all(const struct lf_observe_request *request,
                        struct lf_observed *observed, unsigned threads)
{
    struct share *share = calloc(1, sizeof(*share));
    if (!share)
        return false;
    share->request = request;
    share->observed = observed;
    atomic_init(&share->next, 0);
    atomic_init(&share->failed, false);
    watch_places(request->watch, share->watches, threads);
    lf_threads_run(threads, look_at_share, share);
    bool ok = !atomic_load(&share->failed);
    lf_watch_unsplit(request->watch, share->watches, threads, ok);
    free(share);
    return ok;
}

/* ---- the whole ---- */

static unsigned threads_for(const struct lf_observe_request *request)
{
    uint32_t least = request->least ? request->least : SHARED_LEAST;
    return request->threads > 1 && places_at_most(request) >= least
                   ? request->threads
                   : 1;
}

bool lf_observe(const struct lf_observe_request *request,
                struct lf_observed **ret_observed, struct lf_error *err)
{
    struct lf_observed *observed = calloc(1, sizeof(*observed));
    if (!observed)
        return lf_error_oom(err);
    bool ok = make_room(request, observed) && list_places(request, observed) &&
              look_at_all(request, observed, threads_for(request));
    if (!ok) {
        lf_observed_free(observed);
        return lf_error_oom(err);
    }
    *ret_observed = observed;
    return true;
}

void lf_observed_release(struct lf_observed *observed, uint32_t place)
{
    uint32_t next = place + 1;
    if (next % GIVEN_BACK != 0)
        return;
    uint32_t from = next - GIVEN_BACK;
    struct lf_item *items = observed->set.items;
    lf_sys_give_back(&items[from], GIVEN_BACK * sizeof(*items));
    lf_sys_give_back(&observed->looks[from],
                     GIVEN_BACK * sizeof(*observed->looks));
    if (observed->second)
        lf_sys_give_back(&observed->second[from],
                         GIVEN_BACK * sizeof(*observed->second));
}

void lf_observed_forget(struct lf_observed *observed)
{
    for (unsigned i = 0; i < LF_THREADS_MOST; i++)
        lf_arena_finish(&observed->arenas[i]);
    free(observed->second);
    free(observed->looks);
    observed->second = NULL;
    observed->looks = NULL;
    lf_set_forget_items(&observed->set);
}

void lf_observed_free(struct lf_observed *observed)
{
    if (!observed)
        return;
    lf_observed_forget(observed);
    lf_set_finish(&observed->set);
    free(observed);
}
