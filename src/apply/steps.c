/* SPDX-License-Identifier: MIT */
/*
 * steps.c - the list of steps of a transaction
 */
#include "apply/steps.h"

#include "apply/store.h"
#include "base/path.h"
#include "base/strmap.h"
#include "base/util.h"
#include "plan/plan.h"
#include "platform/near.h"

#include <stdlib.h>

/* ---- slots ---- */

static bool is_nothing(const struct lf_image *image)
{
    return image->kind == LF_NODE_NOTHING && lf_pair_len(image->text) == 0 &&
           image->dev == 0 && image->ino == 0;
}

static bool is_short_link(const struct lf_image *image)
{
    return image->kind == LF_NODE_LINK && image->text.rest.len <= UINT16_MAX &&
           image->dev == 0 && image->ino == 0;
}

/* Of the link that comes or goes. */
static struct lf_pair text_of(const struct lf_step *step)
{
    return step->after.kind == LF_NODE_LINK ? step->after.text
                                            : step->before.text;
}

static bool is_new_dir(const struct lf_step *step)
{
    const struct lf_image *after = &step->after;
    return step->op == LF_OP_MKDIR && is_nothing(&step->before) &&
           after->kind == LF_NODE_DIR && lf_pair_len(after->text) == 0 &&
           after->dev == 0 && after->ino == 0;
}

/* Whether a slot can say which spare name the step has, if it has one, and the number
 * of that. */
static bool take_spare(const struct lf_spares *spares,
                       const struct lf_step *step, struct lf_slot *slot,
                       uint32_t *ret_number)
{
    slot->is_spare = lf_spare_number(spares, step->name, ret_number);
    slot->has_spare = step->name2.len > 0;
    return !slot->has_spare ||
           (!slot->is_spare &&
            lf_spare_number(spares, step->name2, ret_number));
}

/* What is the same for all steps that are not kept whole; false if the step is to
 * be. `*ret_spare` is the number of its spare name, if it has one. */
static bool take_slot(const struct lf_spares *spares,
                      const struct lf_step *step, struct lf_slot *slot,
                      uint32_t *ret_spare)
{
    *slot = (struct lf_slot){
            .op = (uint8_t)step->op,
            .phase = (uint8_t)step->phase,
            .flags = (uint8_t)step->flags,
            .is_dir = is_new_dir(step),
    };
    if (step->dir2.len > 0 || step->flags > UINT8_MAX || step->old_mode != 0 ||
        step->count != 0 || (step->mode != 0 && !slot->is_dir))
        return false;
    bool comes = is_nothing(&step->before) && is_short_link(&step->after);
    bool goes = is_short_link(&step->before) && is_nothing(&step->after);
    slot->makes = comes || slot->is_dir;
    return (comes || goes || slot->is_dir) &&
           take_spare(spares, step, slot, ret_spare);
}

static bool is_same_view(struct lf_str a, struct lf_str b)
{
    return a.data == b.data && a.len == b.len;
}

/* Whether the action says the same as the step: the texts are its own, and the spare
 * name has its number. */
static bool is_said_by(const struct lf_steps *steps, const struct lf_step *step,
                       const struct lf_slot *slot, uint32_t spare)
{
    const struct lf_planned *row = step->row;
    if (!row || !steps->rows)
        return false;
    bool has_spare = slot->is_spare || slot->has_spare;
    if ((has_spare && spare != (uint32_t)(row - steps->rows)) ||
        (!slot->is_spare && !is_same_view(step->name, lf_planned_name(row))))
        return false;
    if (slot->is_dir)
        return step->mode == lf_planned_mode(row);
    struct lf_pair text = text_of(step), own = lf_planned_known_text(row);
    return is_same_view(text.start, own.start) &&
           is_same_view(text.rest, own.rest);
}

/* Add the text of a link, and its name, so that this is found by way of the text;
 * where it stands elsewhere, both are copied. */
static bool add_text(struct lf_steps *steps, const struct lf_step *step,
                     const struct lf_slot *slot, uint32_t spare)
{
    if (!lf_array_reserve((void **)&steps->texts, steps->n_texts,
                          &steps->text_capacity, sizeof(*steps->texts)))
        return false;
    struct lf_str text = text_of(step).rest, name = step->name;
    struct lf_slot_text *kept = &steps->texts[steps->n_texts];
    *kept = (struct lf_slot_text){
            .text = text.data ? text.data : "",
            .spare = spare,
            .text_len = (uint16_t)text.len,
            .name_len = (uint8_t)name.len,
    };
    const char *end = kept->text + text.len;
    bool within = text.len >= name.len && end - name.len == name.data;
    kept->behind = !slot->is_spare && !within;
    if (kept->behind && end + 1 != name.data)
        kept->text = lf_arena_two(&steps->arena,
                                  lf_str_of(kept->text, text.len), name)
                             .data;
    steps->n_texts += kept->text != NULL;
    return kept->text;
}

/* Whether that can be done. */
static bool fits_text(const struct lf_step *step, const struct lf_slot *slot)
{
    return !slot->is_dir && text_of(step).start.len == 0 &&
           step->name.len <= UINT8_MAX;
}

/* The step as it was added, but for its directory. */
static struct lf_step step_of(const struct lf_slot *slot, struct lf_str name,
                              struct lf_str spare, struct lf_pair text)
{
    struct lf_step step = {
            .op = (enum lf_op)slot->op,
            .phase = (enum lf_phase)slot->phase,
            .flags = slot->flags,
            .name = slot->is_spare ? spare : name,
            .name2 = slot->has_spare ? spare : lf_str(""),
    };
    *(slot->makes ? &step.after : &step.before) = (struct lf_image){
            .kind = slot->is_dir ? LF_NODE_DIR : LF_NODE_LINK, .text = text};
    return step;
}

static struct lf_str spare_of(const struct lf_steps *steps,
                              const struct lf_slot *slot, uint32_t number,
                              struct lf_spare_room *room)
{
    return slot->is_spare || slot->has_spare
                   ? lf_spare_name(&steps->spares, number, room)
                   : lf_str("");
}

static struct lf_step step_by_row(const struct lf_steps *steps,
                                  const struct lf_slot *slot,
                                  struct lf_spare_room *room)
{
    const struct lf_planned *row = &steps->rows[slot->index];
    struct lf_step step = step_of(slot, lf_planned_name(row),
                                  spare_of(steps, slot, slot->index, room),
                                  lf_planned_known_text(row));
    step.mode = slot->is_dir ? lf_planned_mode(row) : 0;
    step.row = row;
    return step;
}

static struct lf_step step_by_text(const struct lf_steps *steps,
                                   const struct lf_slot *slot,
                                   struct lf_spare_room *room)
{
    const struct lf_slot_text *kept = &steps->texts[slot->index];
    const char *end = kept->text + kept->text_len;
    return step_of(slot,
                   lf_str_of(kept->behind ? end + 1 : end - kept->name_len,
                             kept->name_len),
                   spare_of(steps, slot, kept->spare, room),
                   lf_pair_of(lf_str_of(kept->text, kept->text_len)));
}

struct lf_step lf_steps_get(const struct lf_steps *steps, uint32_t index,
                            struct lf_spare_room *room)
{
    const struct lf_slot *slot = &steps->slots[index];
    const struct lf_steps_dir *dir = &steps->dirs[slot->dir];
    if (slot->by == LF_SLOT_BY_WHOLE) {
        struct lf_step whole = steps->wholes[slot->index];
        whole.id = dir->id;
        return whole;
    }
    struct lf_step step = slot->by == LF_SLOT_BY_ROW
                                  ? step_by_row(steps, slot, room)
                                  : step_by_text(steps, slot, room);
    step.dir = dir->path;
    step.id = dir->id;
    step.seen = dir->seen;
    return step;
}

/* ---- the list ---- */

void lf_steps_finish(struct lf_steps *steps)
{
    lf_arena_finish(&steps->arena);
    free(steps->slots);
    free(steps->dirs);
    free(steps->texts);
    free(steps->wholes);
    *steps = (struct lf_steps){0};
}

static bool add_dir(struct lf_steps *steps, const struct lf_step *step,
                    const struct lf_node *seen)
{
    const struct lf_steps_dir *last =
            steps->n_dirs > 0 ? &steps->dirs[steps->n_dirs - 1] : NULL;
    if (last && last->seen == seen && lf_str_equal(last->path, step->dir))
        return true;
    if (!lf_array_reserve((void **)&steps->dirs, steps->n_dirs,
                          &steps->dir_capacity, sizeof(*steps->dirs)))
        return false;
    steps->dirs[steps->n_dirs++] =
            (struct lf_steps_dir){step->dir, step->id, seen};
    return true;
}

/* The caller's room for a spare name is not there for long. */
static bool keep_name(struct lf_steps *steps, struct lf_str *name)
{
    if (!lf_is_spare(*name))
        return true;
    *name = lf_arena_str(&steps->arena, *name);
    return name->data;
}

static bool add_whole(struct lf_steps *steps, const struct lf_step *step)
{
    if (!lf_array_reserve((void **)&steps->wholes, steps->n_wholes,
                          &steps->whole_capacity, sizeof(*steps->wholes)))
        return false;
    struct lf_step *whole = &steps->wholes[steps->n_wholes];
    *whole = *step;
    if (!keep_name(steps, &whole->name) || !keep_name(steps, &whole->name2))
        return false;
    steps->n_wholes++;
    return true;
}

/* What the slot points to, and where; false without memory. */
static bool add_rest(struct lf_steps *steps, const struct lf_step *step,
                     bool fits, uint32_t spare, struct lf_slot *slot)
{
    if (fits && is_said_by(steps, step, slot, spare)) {
        slot->by = LF_SLOT_BY_ROW;
        slot->index = (uint32_t)(step->row - steps->rows);
        return true;
    }
    if (fits && fits_text(step, slot)) {
        slot->by = LF_SLOT_BY_TEXT;
        slot->index = steps->n_texts;
        return add_text(steps, step, slot, spare);
    }
    *slot = (struct lf_slot){.by = LF_SLOT_BY_WHOLE,
                             .index = steps->n_wholes,
                             .phase = (uint8_t)step->phase};
    return add_whole(steps, step);
}

bool lf_steps_add(struct lf_steps *steps, const struct lf_step *step)
{
    struct lf_slot slot;
    uint32_t spare = 0;
    bool fits = take_slot(&steps->spares, step, &slot, &spare);
    if (!lf_array_reserve((void **)&steps->slots, steps->n, &steps->capacity,
                          sizeof(*steps->slots)) ||
        !add_rest(steps, step, fits, spare, &slot) ||
        !add_dir(steps, step, slot.by == LF_SLOT_BY_WHOLE ? NULL : step->seen))
        return false;
    slot.dir = steps->n_dirs - 1;
    steps->unsorted |=
            steps->n > 0 && steps->slots[steps->n - 1].phase > slot.phase;
    steps->slots[steps->n++] = slot;
    return true;
}

bool lf_steps_stays(const struct lf_steps *steps, uint32_t index)
{
    if (index == 0)
        return false;
    uint32_t dir = steps->slots[index].dir;
    uint32_t before = steps->slots[index - 1].dir;
    return dir == before ||
           lf_str_equal(steps->dirs[dir].path, steps->dirs[before].path);
}

void lf_steps_mark(struct lf_steps *steps, uint32_t index,
                   enum lf_step_mark mark)
{
    struct lf_slot *slot = &steps->slots[index];
    if (slot->by == LF_SLOT_BY_WHOLE)
        steps->wholes[slot->index].flags |= mark;
    else
        slot->flags = (uint8_t)(slot->flags | mark);
}

bool lf_steps_sort(struct lf_steps *steps)
{
    if (!steps->unsorted)
        return true;
    struct lf_slot *slots = malloc(sizeof(*slots) * ((size_t)steps->n + 1));
    uint32_t n = 0;
    if (!slots)
        return false;
    for (unsigned phase = LF_PHASE_PREPARE; phase <= LF_PHASE_CLEAN; phase++)
        for (uint32_t i = 0; i < steps->n; i++)
            if (steps->slots[i].phase == phase)
                slots[n++] = steps->slots[i];
    free(steps->slots);
    steps->slots = slots;
    steps->capacity = steps->n + 1;
    steps->unsorted = false;
    return true;
}

/* ---- which directories they are ---- */

/* Those that were looked at; a large farm names each once in a phase. */
struct found_dirs {
    struct lf_strmap places; /* to indices of `ids` */
    struct lf_dir_id *ids;
    uint32_t capacity;
    struct lf_near near; /* where the looks begin */
};

/* What cannot be looked at, the step itself will say; nor can what lies below it. A
 * link on the way, which is none of a physical path, leads to another one than the
 * step finds. */
static struct lf_dir_id look_at(const struct found_dirs *found,
                                struct lf_str dir)
{
    struct lf_node node;
    const char *rest;
    uint32_t above;
    if (lf_strmap_find(&found->places, lf_path_dir(dir), &above) &&
        found->ids[above].ino == 0)
        return (struct lf_dir_id){0};
    int at = lf_near_at(&found->near, dir, &rest);
    int result = found->near.fs->stat_path(found->near.fs, at, rest, &node);
    return result == 0 && node.kind == LF_NODE_DIR
                   ? (struct lf_dir_id){node.dev, node.ino}
                   : (struct lf_dir_id){0};
}

static bool find_dir(struct found_dirs *found, struct lf_str dir,
                     struct lf_dir_id *ret)
{
    uint32_t index, count = found->places.count;
    /* the state directory is where the journal is; a store that was tidied away
     * is made anew */
    if (dir.len == 0 || lf_store_is(dir))
        return true;
    if (!lf_array_reserve((void **)&found->ids, count, &found->capacity,
                          sizeof(*found->ids)) ||
        !lf_strmap_add(&found->places, dir, count, &index))
        return false;
    if (index == count)
        found->ids[index] = look_at(found, dir);
    *ret = found->ids[index];
    return true;
}

static struct lf_str dir_at(const struct lf_steps *steps, uint32_t index)
{
    struct lf_str dir =
            index < steps->n_dirs ? steps->dirs[index].path : LF_STR("");
    return dir.len > 0 && dir.data[0] == '/' ? dir : LF_STR("");
}

bool lf_steps_find_dirs(struct lf_steps *steps, struct lf_fs *fs, int root_fd)
{
    struct found_dirs found = {0};
    bool ok = true;
    lf_near_begin(&found.near, fs, root_fd, dir_at(steps, steps->n_dirs / 2),
                  dir_at(steps, steps->n_dirs - 1));
    for (uint32_t i = 0; ok && i < steps->n_dirs; i++)
        ok = find_dir(&found, steps->dirs[i].path, &steps->dirs[i].id);
    for (uint32_t i = 0; ok && i < steps->n_wholes; i++)
        ok = find_dir(&found, steps->wholes[i].dir2, &steps->wholes[i].id2);
    lf_near_end(&found.near);
    lf_strmap_finish(&found.places);
    free(found.ids);
    return ok;
}

static bool waits_for(const struct lf_step *step, const struct lf_step *mkdir)
{
    return step->op == LF_OP_CHMOD && step->before.ino == 0 &&
           lf_str_equal(step->name, mkdir->name) &&
           lf_str_equal(step->dir, mkdir->dir);
}

/* Modes were added from the last directory to the first, and these are made from the
 * first to the last: so the next one is looked for from the one before. */
void lf_steps_know_made(struct lf_steps *steps, const struct lf_step *mkdir,
                        struct lf_dir_id made)
{
    for (uint32_t n = 0; n < steps->n_wholes; n++) {
        steps->known = (steps->known ? steps->known : steps->n_wholes) - 1;
        struct lf_step *step = &steps->wholes[steps->known];
        if (waits_for(step, mkdir)) {
            step->before.dev = made.dev;
            step->before.ino = made.ino;
            return;
        }
    }
}

void lf_steps_forget_devices(struct lf_steps *steps)
{
    /* those in a slot have none */
    for (uint32_t i = 0; i < steps->n_wholes; i++)
        steps->wholes[i].before.dev = steps->wholes[i].after.dev = 0;
}
