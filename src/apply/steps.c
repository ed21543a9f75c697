/* SPDX-License-Identifier: MIT */
/*
 * steps.c - the list of steps of a transaction
 */
#include "apply/steps.h"

#include "base/util.h"
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

/* What a slot can say of the names, in `slot`; false if it is not enough. */
static bool take_names(const struct lf_spares *spares,
                       const struct lf_step *step, struct lf_slot *slot)
{
    slot->name_len = (uint8_t)step->name.len;
    slot->is_spare = lf_spare_number(spares, step->name, &slot->index);
    slot->has_spare = step->name2.len > 0;
    if (slot->has_spare)
        return !slot->is_spare && step->name.len <= UINT8_MAX &&
               lf_spare_number(spares, step->name2, &slot->index);
    return step->name.len <= UINT8_MAX;
}

static bool take_new_dir(const struct lf_spares *spares,
                         const struct lf_step *step, struct lf_slot *slot)
{
    slot->makes = slot->is_dir = true;
    if (!take_names(spares, step, slot) || slot->is_spare || slot->has_spare)
        return false;
    slot->text = step->name.data;
    slot->index = step->mode;
    return true;
}

/* The step as a slot; false if it does not fit into one. */
static bool take_slot(const struct lf_spares *spares,
                      const struct lf_step *step, struct lf_slot *slot)
{
    if (step->dir2.len > 0 || step->flags > UINT8_MAX || step->old_mode != 0 ||
        step->count != 0)
        return false;
    *slot = (struct lf_slot){
            .op = (uint8_t)step->op,
            .phase = (uint8_t)step->phase,
            .flags = (uint8_t)step->flags,
    };
    if (is_new_dir(step))
        return take_new_dir(spares, step, slot);
    bool comes = is_nothing(&step->before) && is_short_link(&step->after);
    bool goes = is_short_link(&step->before) && is_nothing(&step->after);
    if ((!comes && !goes) || step->mode != 0)
        return false;
    struct lf_str text = text_of(step).rest;
    slot->text = text.data ? text.data : "";
    slot->text_len = (uint16_t)text.len;
    slot->makes = comes;
    return take_names(spares, step, slot);
}

/* See that the name is found by way of the text; where it stands elsewhere, both are
 * copied. */
static bool join_name(struct lf_steps *steps, struct lf_str name,
                      struct lf_slot *slot)
{
    if (slot->is_dir || slot->is_spare)
        return true;
    const char *end = slot->text + slot->text_len;
    if (slot->text_len >= name.len && end - name.len == name.data)
        return true;
    slot->behind = true;
    if (end + 1 == name.data)
        return true;
    slot->text = lf_arena_two(&steps->arena,
                              lf_str_of(slot->text, slot->text_len), name)
                         .data;
    return slot->text;
}

static struct lf_str name_of(const struct lf_slot *slot)
{
    if (slot->is_dir)
        return lf_str_of(slot->text, slot->name_len);
    const char *end = slot->text + slot->text_len;
    return lf_str_of(slot->behind ? end + 1 : end - slot->name_len,
                     slot->name_len);
}

/* What stands there before or after it. */
static struct lf_image image_of(const struct lf_steps *steps,
                                const struct lf_slot *slot)
{
    struct lf_image image = {.kind = LF_NODE_DIR};
    if (slot->is_dir)
        return image;
    image.kind = LF_NODE_LINK;
    image.text.start = steps->dirs[slot->dir].start;
    image.text.rest = lf_str_of(slot->text, slot->text_len);
    return image;
}

struct lf_step lf_steps_get(const struct lf_steps *steps, uint32_t index,
                            struct lf_spare_room *room)
{
    const struct lf_slot *slot = &steps->slots[index];
    if (slot->whole)
        return steps->wholes[slot->index];
    struct lf_str spare = {0};
    if (slot->is_spare || slot->has_spare)
        spare = lf_spare_name(&steps->spares, slot->index, room);
    struct lf_step step = {
            .op = (enum lf_op)slot->op,
            .phase = (enum lf_phase)slot->phase,
            .flags = slot->flags,
            .dir = steps->dirs[slot->dir].path,
            .name = slot->is_spare ? spare : name_of(slot),
            .name2 = slot->has_spare ? spare : lf_str(""),
            .mode = slot->is_dir ? slot->index : 0,
            .seen = steps->dirs[slot->dir].seen,
    };
    *(slot->makes ? &step.after : &step.before) = image_of(steps, slot);
    return step;
}

/* ---- the list ---- */

void lf_steps_finish(struct lf_steps *steps)
{
    lf_arena_finish(&steps->arena);
    free(steps->slots);
    free(steps->dirs);
    free(steps->wholes);
    *steps = (struct lf_steps){0};
}

static bool add_dir(struct lf_steps *steps, const struct lf_steps_dir *dir)
{
    const struct lf_steps_dir *last =
            steps->n_dirs > 0 ? &steps->dirs[steps->n_dirs - 1] : NULL;
    if (last && last->seen == dir->seen &&
        lf_str_equal(last->path, dir->path) &&
        lf_str_equal(last->start, dir->start))
        return true;
    if (!lf_array_reserve((void **)&steps->dirs, steps->n_dirs,
                          &steps->dir_capacity, sizeof(*steps->dirs)))
        return false;
    steps->dirs[steps->n_dirs++] = *dir;
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

bool lf_steps_add(struct lf_steps *steps, const struct lf_step *step)
{
    struct lf_slot slot;
    struct lf_steps_dir dir = {.path = step->dir};
    bool fits = take_slot(&steps->spares, step, &slot);
    if (fits) {
        dir.seen = step->seen;
        dir.start = slot.is_dir ? LF_STR("") : text_of(step).start;
    }
    if (!lf_array_reserve((void **)&steps->slots, steps->n, &steps->capacity,
                          sizeof(*steps->slots)) ||
        !add_dir(steps, &dir) ||
        !(fits ? join_name(steps, step->name, &slot) : add_whole(steps, step)))
        return false;
    if (!fits)
        slot = (struct lf_slot){.whole = true,
                                .index = steps->n_wholes - 1,
                                .phase = (uint8_t)step->phase};
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
    if (slot->whole)
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

void lf_steps_forget_devices(struct lf_steps *steps)
{
    /* those in a slot have none */
    for (uint32_t i = 0; i < steps->n_wholes; i++)
        steps->wholes[i].before.dev = steps->wholes[i].after.dev = 0;
}
