/* SPDX-License-Identifier: MIT */
/*
 * ledger.c - the ledger as a value: farms, and records at places
 */
#include "ledger/ledger.h"

#include "base/escape.h"
#include "base/farm_name.h"
#include "base/path.h"
#include "base/util.h"
#include "ledger/record.h"

#include <inttypes.h>

bool lf_ledger_new(struct lf_ledger **ret_ledger, struct lf_error *err)
{
    struct lf_ledger *ledger = calloc(1, sizeof(*ledger));
    if (!ledger)
        return lf_error_oom(err);
    *ret_ledger = ledger;
    return true;
}

static void free_farm(struct lf_recorded *farm)
{
    lf_set_finish(&farm->set);
    free(farm->records);
    free(farm);
}

void lf_ledger_free(struct lf_ledger *ledger)
{
    if (!ledger)
        return;
    for (uint32_t i = 0; i < ledger->n_farms; i++)
        free_farm(ledger->farms[i]);
    free(ledger->farms);
    lf_set_finish(&ledger->files);
    lf_arena_finish(&ledger->arena);
    free(ledger);
}

/* ---- farms ---- */

/* The index of the first farm whose name does not come before `name`. */
static uint32_t lower_bound(const struct lf_ledger *ledger, struct lf_str name)
{
    uint32_t low = 0, high = ledger->n_farms;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (lf_str_compare(ledger->farms[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool stands_at(const struct lf_ledger *ledger, uint32_t index,
                      struct lf_str name)
{
    return index < ledger->n_farms &&
           lf_str_equal(ledger->farms[index]->name, name);
}

struct lf_recorded *lf_ledger_find(const struct lf_ledger *ledger,
                                   struct lf_str name)
{
    uint32_t index = lower_bound(ledger, name);
    return stands_at(ledger, index, name) ? ledger->farms[index] : NULL;
}

void lf_ledger_no_farm(const struct lf_ledger *ledger, struct lf_str name,
                       struct lf_error *err)
{
    enum { NAMED_MOST = 8 }; /* more are a list of their own */
    struct lf_buf shown = {0}, known = {0};
    lf_escape_shown(&shown, name);
    for (uint32_t i = 0; i < ledger->n_farms && i < NAMED_MOST; i++) {
        lf_buf_add(&known, i ? LF_STR(", ") : LF_STR(""));
        lf_buf_add(&known, ledger->farms[i]->name);
    }
    lf_error_set(err, LF_CODE_NO_FARM, 0, "there is no farm named '%s'",
                 lf_buf_str(&shown).data);
    if (ledger->n_farms == 0)
        lf_error_help(err, "there are no farms yet");
    else if (ledger->n_farms <= NAMED_MOST)
        lf_error_help(err, "the farms are: %s", lf_buf_str(&known).data);
    else
        lf_error_help(err,
                      "there are %" PRIu32 " farms: 'linkfarm list' shows "
                      "them",
                      ledger->n_farms);
    lf_buf_finish(&shown);
    lf_buf_finish(&known);
}

static struct lf_recorded *new_farm(struct lf_ledger *ledger,
                                    struct lf_str name)
{
    void *farms = ledger->farms;
    if (!lf_array_reserve(&farms, ledger->n_farms, &ledger->farm_capacity,
                          sizeof(struct lf_recorded *)))
        return NULL;
    ledger->farms = farms;
    struct lf_recorded *farm = calloc(1, sizeof(*farm));
    if (!farm)
        return NULL;
    farm->name = lf_arena_str(&ledger->arena, name);
    if (farm->name.data)
        return farm;
    free(farm);
    return NULL;
}

bool lf_ledger_add(struct lf_ledger *ledger, struct lf_str name,
                   struct lf_recorded **ret_farm, struct lf_error *err)
{
    uint32_t index = lower_bound(ledger, name);
    if (!lf_farm_name_valid(name) || stands_at(ledger, index, name)) {
        lf_error_set(err, LF_CODE_INTERNAL, 0,
                     "a farm of this name cannot be added to the ledger");
        return false;
    }
    struct lf_recorded *farm = new_farm(ledger, name);
    if (!farm)
        return lf_error_oom(err);
    memmove(&ledger->farms[index + 1], &ledger->farms[index],
            (ledger->n_farms - index) * sizeof(*ledger->farms));
    ledger->farms[index] = farm;
    ledger->n_farms++;
    *ret_farm = farm;
    return true;
}

void lf_ledger_drop(struct lf_ledger *ledger, struct lf_str name)
{
    uint32_t index = lower_bound(ledger, name);
    if (!stands_at(ledger, index, name))
        return;
    free_farm(ledger->farms[index]);
    ledger->n_farms--;
    memmove(&ledger->farms[index], &ledger->farms[index + 1],
            (ledger->n_farms - index) * sizeof(*ledger->farms));
}

static bool sorted_once(const struct lf_str *texts, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (lf_str_compare(texts[i - 1], texts[i]) >= 0)
            return false;
    }
    return true;
}

static bool all_physical(const struct lf_str *paths, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!lf_ledger_physical(paths[i]))
            return false;
    return true;
}

bool lf_recorded_describe(struct lf_ledger *ledger, struct lf_recorded *farm,
                          const struct lf_recorded_head *head,
                          struct lf_error *err)
{
    if ((head->into.len && !lf_ledger_physical(head->into)) ||
        !sorted_once(head->profiles, head->n_profiles) ||
        !sorted_once(head->traverse, head->n_traverse) ||
        !all_physical(head->traverse, head->n_traverse)) {
        lf_error_set(err, LF_CODE_INTERNAL, 0,
                     "`into` or `traverse` is not physical, or profiles or "
                     "`traverse` are not sorted");
        return false;
    }
    struct lf_arena *arena = &ledger->arena;
    struct lf_recorded_head copy = *head;
    copy.manifest = lf_arena_str(arena, head->manifest);
    copy.into = lf_arena_str(arena, head->into);
    copy.profiles = lf_arena_texts(arena, head->profiles, head->n_profiles);
    copy.traverse = lf_arena_texts(arena, head->traverse, head->n_traverse);
    if (!copy.manifest.data || !copy.into.data || !copy.profiles ||
        !copy.traverse)
        return lf_error_oom(err);
    farm->head = copy;
    return true;
}

/* ---- records ---- */

static bool is_name(struct lf_str name)
{
    return name.len > 0 && name.len <= LF_NAME_LIMIT &&
           !memchr(name.data, '/', name.len) &&
           !memchr(name.data, '\0', name.len) &&
           !lf_str_equal(name, LF_STR(".")) &&
           !lf_str_equal(name, LF_STR(".."));
}

bool lf_ledger_physical(struct lf_str path)
{
    if (path.len == 0 || path.data[0] != '/')
        return false;
    const char *at = path.data + 1, *end = path.data + path.len;
    if (at == end)
        return true;
    for (;;) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        if (!is_name(lf_str_of(at, (size_t)((slash ? slash : end) - at))))
            return false;
        if (!slash)
            return true;
        at = slash + 1;
        if (at == end)
            return false;
    }
}

static const char *displaced_fault(const struct lf_displaced *displaced)
{
    if (displaced->store.len && !lf_ledger_physical(displaced->store))
        return "the store is not a physical path";
    if (displaced->kind == LF_NODE_NOTHING ||
        displaced->kind == LF_NODE_UNKNOWN)
        return "a displaced node is of no kind";
    return NULL;
}

const char *lf_record_fault(struct lf_str name, const struct lf_record *record)
{
    struct lf_str text = record->text;
    if (!is_name(name))
        return "a name is not one component";
    if (record->kind == LF_RECORD_DIR && text.len)
        return "a directory has a link text";
    if (record->kind == LF_RECORD_LINK && record->has_mode)
        return "a link has a mode";
    if (record->kind == LF_RECORD_LINK &&
        (text.len == 0 || text.len > LF_PATH_LIMIT ||
         memchr(text.data, '\0', text.len)))
        return "a link text is empty, too long, or holds a NUL";
    return record->displaced ? displaced_fault(record->displaced) : NULL;
}

bool lf_record_refuse(const char *fault, struct lf_error *err)
{
    lf_error_set(err, LF_CODE_INTERNAL, 0,
                 "a record cannot be added to the ledger: %s", fault);
    return false;
}

bool lf_ledger_intern(struct lf_ledger *ledger, struct lf_str *file)
{
    uint32_t index;
    if (file->len == 0) {
        *file = LF_STR("");
        return true;
    }
    if (!lf_set_dir(&ledger->files, *file, &index))
        return false;
    *file = ledger->files.dirs[index].path;
    return true;
}

static bool copy_displaced(struct lf_arena *arena,
                           const struct lf_displaced **displaced)
{
    if (!*displaced)
        return true;
    struct lf_displaced *copy = lf_arena_alloc(arena, sizeof(*copy));
    if (!copy)
        return false;
    *copy = **displaced;
    copy->store = lf_arena_str(arena, copy->store);
    *displaced = copy;
    return copy->store.data;
}

bool lf_recorded_put(struct lf_ledger *ledger, struct lf_recorded *farm,
                     uint32_t dir, struct lf_str name,
                     const struct lf_record *record)
{
    struct lf_record copy = *record;
    copy.text = lf_arena_str(&ledger->arena, copy.text);
    void *records = farm->records;
    if (!copy.text.data || !lf_ledger_intern(ledger, &copy.file) ||
        !copy_displaced(&ledger->arena, &copy.displaced) ||
        !lf_array_reserve(&records, farm->n_records, &farm->record_capacity,
                          sizeof(copy)))
        return false;
    farm->records = records;
    if (!lf_set_add(&farm->set, dir, name, farm->n_records))
        return false;
    farm->records[farm->n_records++] = copy;
    return true;
}

bool lf_recorded_add(struct lf_ledger *ledger, struct lf_recorded *farm,
                     struct lf_str dir, struct lf_str name,
                     const struct lf_record *record, struct lf_error *err)
{
    const char *fault = lf_record_fault(name, record);
    uint32_t index = 0;
    if (!fault && !lf_set_dir(&farm->set, dir, &index))
        return lf_error_oom(err);
    /* one with records was asked before; sealing drops a wrong one, because
     * it stays without */
    if (!fault && farm->set.dirs[index].count == 0 && !lf_ledger_physical(dir))
        fault = "a directory is not a physical path";
    if (fault) {
        return lf_record_refuse(fault, err);
    }
    return lf_recorded_put(ledger, farm, index, name, record) ||
           lf_error_oom(err);
}

bool lf_recorded_seal(struct lf_recorded *farm, struct lf_error *err)
{
    if (!lf_set_seal(&farm->set))
        return lf_error_oom(err);
    const struct lf_item *items = farm->set.items;
    for (uint32_t i = 1; i < farm->set.n_items; i++) {
        if (lf_item_dir(&items[i - 1]) == lf_item_dir(&items[i]) &&
            lf_str_equal(lf_item_name(&items[i - 1]),
                         lf_item_name(&items[i]))) {
            lf_error_set(err, LF_CODE_INTERNAL, 0,
                         "farm '%s' has two records for one place",
                         farm->name.data);
            return false;
        }
    }
    return true;
}

void lf_displaced_add_path(struct lf_buf *buf, struct lf_str state,
                           const struct lf_displaced *displaced)
{
    if (displaced->store.len)
        lf_buf_add(buf, displaced->store);
    else
        lf_path_add(buf, state, LF_STR(LF_STATE_STORE));
    lf_buf_add_format(buf, "/%" PRIu64 "/%" PRIu32, displaced->transaction,
                      displaced->number);
}
