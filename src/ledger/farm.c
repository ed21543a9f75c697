/* SPDX-License-Identifier: MIT */
/*
 * farm.c - the reading side of the ledger, for everyone
 */
#include <linkfarm/farm.h>

#include "base/path.h"
#include "base/util.h"
#include "ledger/farms.h"
#include "resolve/view.h"

#include <assert.h>
#include <inttypes.h>

struct lf_farms {
    struct lf_fs system; /* for the state, unless the caller lent one */
    struct lf_state state;
    struct lf_ledger *ledger;
    struct lf_farm_info *infos;
    bool interrupted;
};

struct lf_generation {
    const struct lf_state *state;
    struct lf_ledger *owned; /* NULL: `farm` is part of the farms' ledger */
    const struct lf_recorded *farm;
    struct lf_farm_info info;
    struct lf_buf path, displaced_path; /* of the last item */
};

static struct lf_farm_info info_of(const struct lf_recorded *farm)
{
    struct lf_farm_info info = {
            .name = farm->name,
            .manifest = farm->head.manifest,
            .into = farm->head.into,
            .profiles = farm->head.profiles,
            .n_profiles = farm->head.n_profiles,
            .generation = farm->generation,
            .time = farm->time,
    };
    for (uint32_t i = 0; i < farm->n_records; i++) {
        const struct lf_record *record = &farm->records[i];
        info.links += record->kind == LF_RECORD_LINK;
        info.dirs += record->kind == LF_RECORD_DIR;
        info.displaced += record->displaced != NULL;
    }
    return info;
}

/* ---- the farms of now ---- */

static bool gather(struct lf_farms *farms, struct lf_error *err)
{
    uint32_t count = farms->ledger->n_farms;
    farms->infos = calloc((size_t)count + 1, sizeof(*farms->infos));
    if (!farms->infos)
        return lf_error_oom(err);
    for (uint32_t i = 0; i < count; i++)
        farms->infos[i] = info_of(farms->ledger->farms[i]);
    return true;
}

/* Of a system that is not there, nothing can be told. */
static bool check_root(struct lf_fs *fs, struct lf_str root,
                       struct lf_error *err)
{
    if (root.len == 0)
        return true;
    LF_AUTO_CLOSE struct lf_fd dir = {
            fs, fs->open_dir(fs, -1, root.data, LF_DIR_PATH | LF_DIR_FOLLOW)};
    return dir.fd >= 0 || lf_view_unopened(root.data, -dir.fd, err);
}

bool lf_farms_open_in(struct lf_fs *fs, struct lf_str root,
                      struct lf_str state_dir, struct lf_farms **ret_farms,
                      struct lf_error *err)
{
    struct lf_farms *farms = calloc(1, sizeof(*farms));
    if (!farms)
        return lf_error_oom(err);
    lf_fs_system(&farms->system);
    if (!fs)
        fs = &farms->system;
    if (!check_root(fs, root, err) ||
        !lf_state_open_in(fs, root, state_dir, LF_STATE_READ, &farms->state,
                          err) ||
        !lf_state_load(&farms->state, &farms->ledger, err) ||
        !gather(farms, err)) {
        lf_farms_free(farms);
        return false;
    }
    farms->interrupted = lf_state_interrupted(&farms->state);
    *ret_farms = farms;
    return true;
}

bool lf_farms_open(const char *root, const char *state_dir,
                   struct lf_farms **ret_farms, struct lf_error *err)
{
    return lf_farms_open_in(NULL, lf_str(root), lf_str(state_dir), ret_farms,
                            err);
}

void lf_farms_free(struct lf_farms *farms)
{
    if (!farms)
        return;
    lf_state_close(&farms->state);
    lf_ledger_free(farms->ledger);
    free(farms->infos);
    free(farms);
}

bool lf_farms_interrupted(const struct lf_farms *farms)
{
    return farms->interrupted;
}

bool lf_farms_known(const struct lf_farms *farms, struct lf_error *err)
{
    return lf_state_needs_ledger(&farms->state, farms->ledger, err);
}

size_t lf_farms_count(const struct lf_farms *farms)
{
    return farms->ledger->n_farms;
}

const struct lf_farm_info *lf_farms_info(const struct lf_farms *farms,
                                         size_t index)
{
    return index < farms->ledger->n_farms ? &farms->infos[index] : NULL;
}

/* ---- generations ---- */

/* Put `number` in its place in `*numbers`, if it is not there yet. */
static bool insert(uint64_t **numbers, size_t *count, uint64_t number)
{
    size_t at = *count;
    while (at > 0 && (*numbers)[at - 1] > number)
        at--;
    if (at > 0 && (*numbers)[at - 1] == number)
        return true;
    uint64_t *grown = realloc(*numbers, (*count + 1) * sizeof(**numbers));
    if (!grown)
        return false;
    memmove(&grown[at + 1], &grown[at], (*count - at) * sizeof(*grown));
    grown[at] = number;
    *numbers = grown;
    ++*count;
    return true;
}

bool lf_farms_generations(struct lf_farms *farms, struct lf_str name,
                          uint64_t **ret_numbers, size_t *ret_count,
                          struct lf_error *err)
{
    const struct lf_recorded *farm = lf_ledger_find(farms->ledger, name);
    LF_AUTO_FREE uint64_t *numbers = NULL;
    size_t count;
    if (!lf_state_generations(&farms->state, name, &numbers, &count, err))
        return false;
    if (farm && !insert(&numbers, &count, farm->generation))
        return lf_error_oom(err);
    if (count == 0) {
        if (lf_farms_known(farms, err))
            lf_ledger_no_farm(farms->ledger, name, err);
        return false;
    }
    *ret_numbers = numbers;
    *ret_count = count;
    numbers = NULL;
    return true;
}

static bool removed(struct lf_str name, uint64_t last, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_NO_GENERATION, 0,
                 "farm '%.*s' owns nothing now: it was removed", (int)name.len,
                 name.data);
    lf_error_help(err, "its last generation is %" PRIu64, last);
    return false;
}

/* A generation that is not in the ledger that was read. Which ones are kept is asked
 * only where it is not among them: a history opens each of its generations. */
static bool open_kept(struct lf_farms *farms, struct lf_str name,
                      uint64_t number, struct lf_ledger **ret_ledger,
                      struct lf_error *err)
{
    LF_AUTO_FREE uint64_t *numbers = NULL;
    size_t count = 0;
    struct lf_error other;
    if (number > 0 &&
        lf_state_generation(&farms->state, name, number, ret_ledger, err))
        return true;
    if (number > 0 && err->code != LF_CODE_NO_GENERATION)
        return false;
    if (!lf_farms_generations(farms, name, &numbers, &count, &other)) {
        *err = other;
        return false;
    }
    if (number > 0 || count == 0)
        return false;
    /* where the ledger is lost, it may own what it owned then */
    return lf_farms_known(farms, err) && removed(name, numbers[count - 1], err);
}

bool lf_generation_open(struct lf_farms *farms, struct lf_str name,
                        uint64_t number, struct lf_generation **ret_generation,
                        struct lf_error *err)
{
    const struct lf_recorded *farm = lf_ledger_find(farms->ledger, name);
    struct lf_ledger *owned = NULL;
    if (farm && number == 0)
        number = farm->generation;
    if (!farm || number != farm->generation) {
        if (!open_kept(farms, name, number, &owned, err))
            return false;
        farm = lf_ledger_find(owned, name);
    }
    struct lf_generation *generation = calloc(1, sizeof(*generation));
    if (!generation) {
        lf_ledger_free(owned);
        return lf_error_oom(err);
    }
    generation->state = &farms->state;
    generation->owned = owned;
    generation->farm = farm;
    generation->info = info_of(farm);
    *ret_generation = generation;
    return true;
}

void lf_generation_free(struct lf_generation *generation)
{
    if (!generation)
        return;
    lf_ledger_free(generation->owned);
    lf_buf_finish(&generation->path);
    lf_buf_finish(&generation->displaced_path);
    free(generation);
}

const struct lf_farm_info *
lf_generation_info(const struct lf_generation *generation)
{
    return &generation->info;
}

size_t lf_generation_count(const struct lf_generation *generation)
{
    return generation->farm->set.n_items;
}

bool lf_generation_item(struct lf_generation *generation, size_t index,
                        struct lf_farm_item *ret_item, struct lf_error *err)
{
    const struct lf_set *set = &generation->farm->set;
    assert(index < set->n_items && set->items);
    const struct lf_item *item = &set->items[index];
    const struct lf_record *record = &generation->farm->records[item->detail];
    lf_buf_clear(&generation->path);
    lf_buf_clear(&generation->displaced_path);
    lf_path_add(&generation->path, set->dirs[lf_item_dir(item)].path,
                lf_item_name(item));
    if (record->displaced)
        lf_state_add_displaced(generation->state, &generation->displaced_path,
                               record->displaced);
    if (lf_buf_failed(&generation->path) ||
        lf_buf_failed(&generation->displaced_path))
        return lf_error_oom(err);
    *ret_item = (struct lf_farm_item){
            .kind = (enum lf_record_kind)record->kind,
            .origin = (enum lf_origin)record->origin,
            .path = lf_buf_str(&generation->path),
            .text = record->text,
            .file = record->file,
            .line = record->line,
            .column = record->column,
            .generation = record->generation,
            .displaced = record->displaced ? record->displaced->kind
                                           : LF_NODE_NOTHING,
            .displaced_path = lf_buf_str(&generation->displaced_path),
    };
    return true;
}

/* ---- comparing ---- */

static bool differ(const struct lf_recorded *a, const struct lf_item *item_a,
                   const struct lf_recorded *b, const struct lf_item *item_b)
{
    const struct lf_record *x = &a->records[item_a->detail];
    const struct lf_record *y = &b->records[item_b->detail];
    return x->kind != y->kind || x->has_mode != y->has_mode ||
           x->mode != y->mode || !lf_str_equal(x->text, y->text);
}

/* Told of each difference, with the place in the later generation, or of one
 * that was removed in the earlier. False ends the walk. */
typedef bool difference_fn(void *arg, enum lf_farm_change change, size_t index);

static bool walk(const struct lf_recorded *a, const struct lf_recorded *b,
                 difference_fn *fn, void *arg)
{
    uint32_t i = 0, j = 0;
    bool going = true;
    while (going && (i < a->set.n_items || j < b->set.n_items)) {
        const struct lf_item *x = i < a->set.n_items ? &a->set.items[i] : NULL;
        const struct lf_item *y = j < b->set.n_items ? &b->set.items[j] : NULL;
        int order = !x   ? 1
                    : !y ? -1
                         : lf_place_compare(a->set.dirs[lf_item_dir(x)].path,
                                            lf_item_name(x),
                                            b->set.dirs[lf_item_dir(y)].path,
                                            lf_item_name(y));
        if (order < 0)
            going = fn(arg, LF_FARM_REMOVED, i);
        else if (order > 0)
            going = fn(arg, LF_FARM_ADDED, j);
        else if (differ(a, x, b, y))
            going = fn(arg, LF_FARM_CHANGED, j);
        i += order <= 0;
        j += order >= 0;
    }
    return going;
}

static bool count_change(void *arg, enum lf_farm_change change, size_t index)
{
    struct lf_farm_changes *changes = arg;
    (void)index;
    changes->added += change == LF_FARM_ADDED;
    changes->removed += change == LF_FARM_REMOVED;
    changes->changed += change == LF_FARM_CHANGED;
    return true;
}

static const struct lf_recorded none;

struct lf_farm_changes
lf_generation_compare(const struct lf_generation *earlier,
                      const struct lf_generation *later)
{
    struct lf_farm_changes changes = {0};
    walk(earlier ? earlier->farm : &none, later->farm, count_change, &changes);
    return changes;
}

struct teller {
    struct lf_generation *earlier, *later;
    lf_farm_change_fn *fn;
    void *arg;
    struct lf_error *err;
};

static bool tell_change(void *arg, enum lf_farm_change change, size_t index)
{
    const struct teller *teller = arg;
    struct lf_generation *generation =
            change == LF_FARM_REMOVED ? teller->earlier : teller->later;
    struct lf_farm_item item;
    assert(generation); /* what was removed had been in an earlier one */
    if (!lf_generation_item(generation, index, &item, teller->err))
        return false;
    teller->fn(teller->arg, change, &item);
    return true;
}

bool lf_generation_changes(struct lf_generation *earlier,
                           struct lf_generation *later, lf_farm_change_fn *fn,
                           void *arg, struct lf_error *err)
{
    struct teller teller = {earlier, later, fn, arg, err};
    return walk(earlier ? earlier->farm : &none, later->farm, tell_change,
                &teller);
}
