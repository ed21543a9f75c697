/* SPDX-License-Identifier: MIT */
/*
 * steps.h - the list of steps of a transaction
 *
 * There is one for each link and directory, and most say nothing that their action
 * does not: a link comes or goes, or a directory comes, at the place and with the text
 * that the action has, by way of the spare name that has its number. Of these the list
 * keeps which action it is. What the journal gave back has no actions, so of a link
 * that comes or goes a place and a text are kept; the others are kept as they are. The
 * list hands out each as a struct lf_step.
 */
#ifndef LF_APPLY_STEPS_H
#define LF_APPLY_STEPS_H

#include "apply/spare.h"
#include "apply/step.h"
#include "base/arena.h"

/** Where the rest of a step is. */
enum lf_slot_by {
    LF_SLOT_BY_ROW,   /* an action has it */
    LF_SLOT_BY_TEXT,  /* it is a text and a name in `texts` */
    LF_SLOT_BY_WHOLE, /* it is all in `wholes`, and nothing of it here */
};

/** A step as the list keeps it. */
struct lf_slot {
    uint32_t dir;   /* index of `dirs` */
    uint32_t index; /* of the action; or of `texts` or `wholes` */
    uint8_t op, phase;
    uint8_t flags;
    uint8_t by : 2;        /* enum lf_slot_by */
    uint8_t makes : 1;     /* the node stands there after the step, and not
                              before */
    uint8_t is_dir : 1;    /* it is a directory, and the step makes it */
    uint8_t is_spare : 1;  /* the name is the spare name, */
    uint8_t has_spare : 1; /* or the second name is */
};

/** Of a link that comes or goes. Most texts end in the name of the place, or have it
 *  behind their NUL. */
struct lf_slot_text {
    const char *text;
    uint32_t spare; /* number of the spare name */
    uint16_t text_len;
    uint8_t name_len;
    uint8_t behind : 1; /* the name stands behind the text */
};

struct lf_steps {
    struct lf_arena arena; /* texts that are not someone else's */
    struct lf_slot *slots;
    uint32_t n, capacity;
    struct lf_steps_dir {
        struct lf_str path;
        struct lf_dir_id id;
        const struct lf_node *seen; /* see struct lf_step; not of wholes */
    } * dirs; /* another one where it is not that of the step before */
    uint32_t n_dirs, dir_capacity;
    /* the actions, which must live as long; NULL: there are none */
    const struct lf_planned *rows;
    struct lf_slot_text *texts;
    uint32_t n_texts, text_capacity;
    struct lf_step *wholes;
    uint32_t n_wholes, whole_capacity;
    uint32_t known; /* index of the one that lf_steps_know_made() found last */
    bool unsorted;  /* some step came behind one of a later phase */
    bool no_ids; /* the journal is of version 1, which knows no directory again */
    uint64_t transaction;
    struct lf_spares spares; /* set before the first step is added */
    struct lf_str farm;
    struct lf_str into; /* which the run holds locked; may be empty */
    uint64_t root_dev, root_ino;
    struct lf_str position; /* of the state, see struct lf_state */
};

void lf_steps_finish(struct lf_steps *steps);

/** Add a step (copied; so are spare names, other texts are not). Of one whose `row`
 *  is among the rows, it is enough that this says the same. False without memory. */
bool lf_steps_add(struct lf_steps *steps, const struct lf_step *step);

/** The step with that index. Its texts are those that it was added with, or in
 *  `room`. */
struct lf_step lf_steps_get(const struct lf_steps *steps, uint32_t index,
                            struct lf_spare_room *room);

static inline enum lf_phase lf_steps_phase(const struct lf_steps *steps,
                                           uint32_t index)
{
    return (enum lf_phase)steps->slots[index].phase;
}

/** What a step does. */
static inline enum lf_op lf_steps_op(const struct lf_steps *steps,
                                     uint32_t index)
{
    const struct lf_slot *slot = &steps->slots[index];
    return slot->by == LF_SLOT_BY_WHOLE ? steps->wholes[slot->index].op
                                        : (enum lf_op)slot->op;
}

/** Its marks. */
static inline unsigned lf_steps_flags(const struct lf_steps *steps,
                                      uint32_t index)
{
    const struct lf_slot *slot = &steps->slots[index];
    return slot->by == LF_SLOT_BY_WHOLE ? steps->wholes[slot->index].flags
                                        : slot->flags;
}

/** Whether a step is known to be about a link alone. */
static inline bool lf_steps_is_of_link(const struct lf_steps *steps,
                                       uint32_t index)
{
    const struct lf_slot *slot = &steps->slots[index];
    return slot->by != LF_SLOT_BY_WHOLE && !slot->is_dir;
}

/** Whether a step is in the directory of the one before. */
bool lf_steps_stays(const struct lf_steps *steps, uint32_t index);

/** Add to its flags. Threads may do so at steps of their own. */
void lf_steps_mark(struct lf_steps *steps, uint32_t index,
                   enum lf_step_mark mark);

/** Put the phases in order; within one all stay as they stand. Most lists need
 *  nothing. False without memory. */
bool lf_steps_sort(struct lf_steps *steps);

/**
 * Look which directories the steps are in, so that they are known again. What is not
 * there is made by the steps, or else they fail. False without memory.
 */
bool lf_steps_find_dirs(struct lf_steps *steps, struct lf_fs *fs, int root_fd);

/** Of the directory that a step has made: the step that gives it its mode later
 *  is to know it. */
void lf_steps_know_made(struct lf_steps *steps, const struct lf_step *mkdir,
                        struct lf_dir_id made);

/** Know nodes by their inodes alone from now on. */
void lf_steps_forget_devices(struct lf_steps *steps);

#endif
