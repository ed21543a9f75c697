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
    return image->kind == LF_NODE_NOTHING && image->text.len == 0 &&
           image->dev == 0 && image->ino == 0;
}

static bool is_short_link(const struct lf_image *image)
{
    return image->kind == LF_NODE_LINK && image->text.len <= UINT16_MAX &&
           image->dev == 0 && image->ino == 0;
}

static bool fits(const struct lf_step *step)
{
    bool comes = is_nothing(&step->before) && is_short_link(&step->after);
    bool goes = is_short_link(&step->before) && is_nothing(&step->after);
    return (comes || goes) && step->name.len <= UINT8_MAX &&
           step->name2.len <= UINT8_MAX && step->dir2.len == 0 &&
           step->flags <= UINT8_MAX && step->mode == 0 && step->old_mode == 0 &&
           step->count == 0;
}

static struct lf_slot slot_of(const struct lf_step *step)
{
    bool makes = step->after.kind == LF_NODE_LINK;
    struct lf_str text = makes ? step->after.text : step->before.text;
    return (struct lf_slot){
            .name = step->name.data,
            .name2 = step->name2.data,
            .text = text.data,
            .whole = LF_NOT_WHOLE,
            .text_len = (uint16_t)text.len,
            .name_len = (uint8_t)step->name.len,
            .name2_len = (uint8_t)step->name2.len,
            .op = (uint8_t)step->op,
            .phase = (uint8_t)step->phase,
            .flags = (uint8_t)step->flags,
            .makes = makes,
    };
}

struct lf_step lf_steps_get(const struct lf_steps *steps, uint32_t index)
{
    const struct lf_slot *slot = &steps->slots[index];
    if (slot->whole != LF_NOT_WHOLE)
        return steps->wholes[slot->whole];
    struct lf_image link = {.kind = LF_NODE_LINK,
                            .text = lf_str_of(slot->text, slot->text_len)};
    struct lf_step step = {
            .op = (enum lf_op)slot->op,
            .phase = (enum lf_phase)slot->phase,
            .flags = slot->flags,
            .dir = steps->dirs[slot->dir].path,
            .name = lf_str_of(slot->name, slot->name_len),
            .name2 = lf_str_of(slot->name2, slot->name2_len),
            .seen = steps->dirs[slot->dir].seen,
    };
    *(slot->makes ? &step.after : &step.before) = link;
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

static bool add_dir(struct lf_steps *steps, struct lf_str dir,
                    const struct lf_node *seen)
{
    const struct lf_steps_dir *last =
            steps->n_dirs > 0 ? &steps->dirs[steps->n_dirs - 1] : NULL;
    if (last && last->seen == seen && lf_str_equal(last->path, dir))
        return true;
    if (!lf_array_reserve((void **)&steps->dirs, steps->n_dirs,
                          &steps->dir_capacity, sizeof(*steps->dirs)))
        return false;
    steps->dirs[steps->n_dirs++] = (struct lf_steps_dir){dir, seen};
    return true;
}

static bool add_whole(struct lf_steps *steps, const struct lf_step *step)
{
    if (!lf_array_reserve((void **)&steps->wholes, steps->n_wholes,
                          &steps->whole_capacity, sizeof(*steps->wholes)))
        return false;
    steps->wholes[steps->n_wholes++] = *step;
    return true;
}

bool lf_steps_add(struct lf_steps *steps, const struct lf_step *step)
{
    if (!lf_array_reserve((void **)&steps->slots, steps->n, &steps->capacity,
                          sizeof(*steps->slots)) ||
        !add_dir(steps, step->dir, fits(step) ? step->seen : NULL))
        return false;
    struct lf_slot slot;
    if (fits(step)) {
        slot = slot_of(step);
    } else {
        if (!add_whole(steps, step))
            return false;
        slot = (struct lf_slot){.whole = steps->n_wholes - 1,
                                .phase = (uint8_t)step->phase};
    }
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
    if (slot->whole != LF_NOT_WHOLE)
        steps->wholes[slot->whole].flags |= mark;
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
