/* SPDX-License-Identifier: MIT */
/* test_steps.c - steps.h */
#include "apply/spare.h"
#include "apply/steps.h"
#include "plan/plan.h"
#include "support/alloc_fail.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#define NAME_300                                                               \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
    "nn"                                                                       \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
    "nn"                                                                       \
    "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn" \
    "nn"

/* LF_STR() for what is initialized before the program runs */
#define STR(literal)                                                           \
    {                                                                          \
        literal, sizeof(literal) - 1                                           \
    }
#define LINK_TO(target)                                                        \
    {                                                                          \
        .kind = LF_NODE_LINK, .text = {.rest = STR(target) }                   \
    }
/* The same in two parts. */
#define LINK_IN(dir, name)                                                     \
    {                                                                          \
        .kind = LF_NODE_LINK, .text = { STR(dir), STR(name) }                  \
    }

/* Whether each is kept short, without an action: what comes or goes is a link, and no
 * more is known of it than its text, in one part. */
static const struct {
    bool is_short;
    struct lf_step step;
} rows[] = {
        {true,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .dir = STR("/d"),
          .name = STR("a"),
          .after = LINK_TO("../s/a")}                         },
        {true,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_PREPARE,
          .dir = STR("/d"),
          .name = STR("b"),
          .name2 = STR(".lf-00000000000000a1-0~"),
          .after = LINK_TO("")}                               },
        {true,
         {.op = LF_OP_TAKE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("c"),
          .name2 = STR(".lf-00000000000000a1-1~"),
          .before = LINK_TO("/s/c")}                          },
        {true,
         {.op = LF_OP_DROP,
          .phase = LF_PHASE_CLEAN,
          .flags = LF_MARK_UNSEEN,
          .dir = STR("/e"),
          .name = STR("d"),
          .before = LINK_TO("/s/d")}                          },
        {false,
         {.op = LF_OP_EXCHANGE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("e"),
          .name2 = STR(".lf-00000000000000a1-2~"),
          .before = LINK_TO("old"),
          .after = LINK_TO("new")}                            },
        {false,
         {.op = LF_OP_DROP,
          .phase = LF_PHASE_CLEAN,
          .dir = STR("/e"),
          .name = STR("f"),
          .before = {.kind = LF_NODE_LINK,
                     .text = {.rest = STR("t")},
                     .dev = 1}}                               },
        {false,
         {.op = LF_OP_DROP,
          .phase = LF_PHASE_CLEAN,
          .dir = STR("/e"),
          .name = STR("f"),
          .before = {.kind = LF_NODE_LINK,
                     .text = {.rest = STR("t")},
                     .ino = 1}}                               },
        {false,
         {.op = LF_OP_TAKE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("g"),
          .name2 = STR(".lf-00000000000000a1-3~"),
          .before = {.kind = LF_NODE_DIR, .dev = 2, .ino = 3}}},
        {false,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("h"),
          .before = {.text = {.rest = STR("of nothing")}},
          .after = LINK_TO("t")}                              },
        {false,
         {.op = LF_OP_MOVE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .dir2 = STR("store"),
          .name = STR("i"),
          .name2 = STR("1"),
          .before = LINK_TO("t")}                             },
        {false,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("i1"),
          .after = LINK_IN("../s/", "i1")}                    },
        {false,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR(".i2"),
          .after = LINK_IN("../s/", "i2")}                    },
        {false,
         {.op = LF_OP_DROP,
          .phase = LF_PHASE_CLEAN,
          .dir = STR("/e"),
          .name = STR("i3"),
          .before = LINK_IN("../t/", "i3")}                   },
        {false,
         {.op = LF_OP_EXCHANGE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("i4"),
          .name2 = STR(".lf-00000000000000a1-9~"),
          .before = LINK_IN("../t/", "i4"),
          .after = LINK_IN("../s/", "i4")}                    },
        {false,
         {.op = LF_OP_MKDIR,
          .phase = LF_PHASE_PREPARE,
          .flags = LF_MARK_EXACT_MODE,
          .dir = STR("/e"),
          .name = STR("j"),
          .mode = 0755,
          .after = {.kind = LF_NODE_DIR}}                     },
        {false,
         {.op = LF_OP_CHMOD,
          .phase = LF_PHASE_ACT,
          .dir = STR("/e"),
          .name = STR("k"),
          .mode = 0755,
          .old_mode = 0700,
          .before = {.kind = LF_NODE_DIR, .dev = 2, .ino = 4}}},
        {false,
         {.op = LF_OP_COUNT,
          .phase = LF_PHASE_ACT,
          .dir = STR("/"),
          .name = STR("l"),
          .count = 7}                                         },
        {false,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .dir = STR("/"),
          .name = STR(NAME_300),
          .after = LINK_TO("t")}                              },
        {false,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .dir = STR("/"),
          .name = STR("m"),
          .name2 = STR(NAME_300),
          .after = LINK_TO("t")}                              },
        {false,
         {.op = LF_OP_MKDIR,
          .phase = LF_PHASE_PREPARE,
          .dir = STR("/e"),
          .name = STR(".lf-00000000000000a1-4~"),
          .mode = 0777,
          .after = {.kind = LF_NODE_DIR}}                     },
        {false,
         {.op = LF_OP_MKDIR,
          .phase = LF_PHASE_PREPARE,
          .dir = STR("/e"),
          .name = STR("j"),
          .mode = 0777,
          .after = {.kind = LF_NODE_DIR, .ino = 1}}           },
        {true,
         {.op = LF_OP_DROP,
          .phase = LF_PHASE_CLEAN,
          .dir = STR("/"),
          .name = STR(".lf-00000000000000a1-4294967295~"),
          .before = LINK_TO("t")}                             },
 /* spare names of others, or that only look like one, are none */
        {true,
         {.op = LF_OP_DROP,
          .phase = LF_PHASE_CLEAN,
          .dir = STR("/"),
          .name = STR(".lf-00000000000000a1-01~"),
          .before = LINK_TO("t")}                             },
        {false,
         {.op = LF_OP_TAKE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/"),
          .name = STR("o"),
          .name2 = STR(".lf-00000000000000a2-1~"),
          .before = LINK_TO("t")}                             },
        {false,
         {.op = LF_OP_TAKE,
          .phase = LF_PHASE_ACT,
          .dir = STR("/"),
          .name = STR(".lf-00000000000000a1-5~"),
          .name2 = STR(".lf-00000000000000a1-6~"),
          .before = LINK_TO("t")}                             },
        {false,
         {.op = LF_OP_LINK,
          .phase = LF_PHASE_ACT,
          .flags = 1 << 8,
          .dir = STR("/"),
          .name = STR("n"),
          .after = LINK_TO("t")}                              },
};

static void check_image(const struct lf_image *got, const struct lf_image *want)
{
    assert_int_equal(got->kind, want->kind);
    assert_str_same(got->text.start, want->text.start);
    assert_str_same(got->text.rest, want->text.rest);
    assert_int_equal(got->dev, want->dev);
    assert_int_equal(got->ino, want->ino);
}

static void check_step(const struct lf_step *got, const struct lf_step *want)
{
    assert_int_equal(got->op, want->op);
    assert_int_equal(got->phase, want->phase);
    assert_int_equal(got->flags, want->flags);
    assert_str_same(got->dir, want->dir);
    assert_str_same(got->name, want->name);
    assert_str_same(got->dir2, want->dir2);
    assert_str_same(got->name2, want->name2);
    check_image(&got->before, &want->before);
    check_image(&got->after, &want->after);
    assert_int_equal(got->mode, want->mode);
    assert_int_equal(got->old_mode, want->old_mode);
    assert_int_equal(got->count, want->count);
}

static struct lf_steps no_steps(void)
{
    struct lf_steps steps = {0};
    lf_spares_init(&steps.spares, 0xa1);
    return steps;
}

/* Spare names stay until two more have been asked for. */
static struct lf_step get(const struct lf_steps *steps, uint32_t index)
{
    static struct lf_spare_room rooms[2];
    static unsigned turn;
    return lf_steps_get(steps, index, &rooms[turn++ % 2]);
}

static struct lf_steps all_rows(void)
{
    struct lf_steps steps = no_steps();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(lf_steps_add(&steps, &rows[i].step));
    assert_int_equal(steps.n, ARRAY_LEN(rows));
    return steps;
}

static void test_a_step_comes_out_as_it_went_in(void **state)
{
    (void)state;
    struct lf_steps steps = all_rows();
    for (uint32_t i = 0; i < steps.n; i++) {
        struct lf_step step = get(&steps, i);
        check_step(&step, &rows[i].step);
        assert_int_equal(lf_steps_phase(&steps, i), step.phase);
        assert_int_equal(lf_steps_op(&steps, i), step.op);
        assert_int_equal(lf_steps_flags(&steps, i), step.flags);
        if (lf_steps_is_of_link(&steps, i))
            assert_true(step.before.kind != LF_NODE_DIR &&
                        step.after.kind != LF_NODE_DIR);
    }
    lf_steps_finish(&steps);
}

static void test_most_steps_are_kept_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct lf_steps steps = no_steps();
        assert_true(lf_steps_add(&steps, &rows[i].step));
        if (steps.n_wholes != !rows[i].is_short)
            fail_msg("row %zu", i);
        lf_steps_finish(&steps);
    }
    assert_true(sizeof(struct lf_slot) <= 12);
}

/* ---- what an action says ---- */

static const struct lf_str links_dir = STR("/d"), root_dir = STR("/");

/* Rows of a plan: a link, one with another name than its source, one without a part
 * in common, and a directory. */
static const struct lf_common links_in = {.dir = &links_dir,
                                          .start = STR("../s/")};
static const struct lf_common dirs_in = {.dir = &root_dir, .start = STR("")};
static const struct lf_planned actions[] = {
        {.in = &links_in, .text = "a",   .text_len = 1, .name_len = 1},
        {              .in = &links_in,
         .text = "b\0.b",
         .text_len = 1,
         .name_len = 2,
         .behind = 1},
        {                                                               .in = &dirs_in, .text = "/s/c", .text_len = 4, .name_len = 1             },
        { .in = &dirs_in,
         .text = "/d",
         .mode = 0750,
         .name_len = 1,
         .is_dir = 1},
};

/* What can differ from what the action says. */
enum difference {
    NO_DIFFERENCE,
    OTHER_NAME,
    OTHER_TEXT,
    OTHER_SPARE,
    OTHER_MODE,
    NO_ROW,
    DIFFERENCES,
};

static struct lf_step step_of_action(enum lf_op op, uint32_t index,
                                     struct lf_spare_room *room,
                                     enum difference difference)
{
    struct lf_spares spares;
    lf_spares_init(&spares, 0xa1);
    const struct lf_planned *row = &actions[index];
    struct lf_str spare =
            lf_spare_name(&spares, index + (difference == OTHER_SPARE), room);
    struct lf_pair text = lf_planned_known_text(row);
    struct lf_step step = {
            .op = op,
            .dir = *row->in->dir,
            .name = lf_planned_name(row),
            .row = difference == NO_ROW ? NULL : row,
    };
    if (difference == OTHER_NAME)
        step.name = lf_str("other");
    if (difference == OTHER_TEXT)
        text.rest = lf_str("other");
    if (op == LF_OP_MKDIR) {
        step.mode = 0750 + (difference == OTHER_MODE);
        step.after = (struct lf_image){.kind = LF_NODE_DIR};
    } else if (op == LF_OP_LINK) {
        step.name2 = spare;
        step.after = (struct lf_image){.kind = LF_NODE_LINK, .text = text};
    } else {
        step.name = spare;
        step.before = (struct lf_image){.kind = LF_NODE_LINK, .text = text};
    }
    return step;
}

/* Whether the step is one that has such a thing. */
static bool concerns(enum lf_op op, enum difference difference)
{
    switch (difference) {
    case OTHER_NAME:
        return op != LF_OP_DROP;
    case OTHER_TEXT:
    case OTHER_SPARE:
        return op != LF_OP_MKDIR;
    case OTHER_MODE:
        return op == LF_OP_MKDIR;
    case NO_ROW:
        return true;
    case NO_DIFFERENCE:
    case DIFFERENCES:
        break;
    }
    return false;
}

static void test_what_an_action_says_is_not_kept(void **state)
{
    (void)state;
    static const enum lf_op ops[] = {LF_OP_LINK, LF_OP_DROP};
    for (uint32_t i = 0; i < ARRAY_LEN(actions); i++)
        for (size_t k = 0; k < ARRAY_LEN(ops); k++)
            for (enum difference d = NO_DIFFERENCE; d < DIFFERENCES; d++) {
                enum lf_op op = actions[i].is_dir ? LF_OP_MKDIR : ops[k];
                struct lf_spare_room room;
                struct lf_steps steps = no_steps();
                steps.rows = actions;
                struct lf_step step = step_of_action(op, i, &room, d);
                assert_true(lf_steps_add(&steps, &step));
                struct lf_step got = get(&steps, 0);
                check_step(&got, &step);
                if ((steps.slots[0].by == LF_SLOT_BY_ROW) == concerns(op, d))
                    fail_msg("action %u, op %d, difference %d", i, op, d);
                lf_steps_finish(&steps);
            }
}

/* They need not be there any more when the step comes out. */
static void test_spare_names_are_kept(void **state)
{
    (void)state;
    struct lf_steps steps = no_steps();
    struct lf_spare_room room;
    struct lf_str first = lf_str(".lf-00000000000000a1-7~");
    struct lf_step short_one = rows[2].step, whole = rows[4].step;
    short_one.name2 = whole.name2 = lf_spare_name(&steps.spares, 7, &room);
    assert_str_same(whole.name2, first);
    assert_true(lf_steps_add(&steps, &short_one));
    assert_true(lf_steps_add(&steps, &whole));
    (void)lf_spare_name(&steps.spares, 8, &room);
    assert_int_equal(steps.n_wholes, 1);
    assert_str_same(get(&steps, 0).name2, first);
    assert_str_same(get(&steps, 1).name2, first);
    lf_steps_finish(&steps);
}

static void try_without_memory(const struct lf_step *step, size_t n)
{
    struct lf_steps steps = no_steps();
    alloc_fail_at(n);
    bool added = lf_steps_add(&steps, step);
    assert_true(added != alloc_fail_stop());
    assert_int_equal(steps.n, added);
    if (added) {
        struct lf_step got = get(&steps, 0);
        check_step(&got, step);
    }
    lf_steps_finish(&steps);
}

/* A step is there as it was given, or it is not added. */
static void test_without_memory_nothing_is_added(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t n = 0;
        for (; !alloc_fail_done(n); n++)
            try_without_memory(&rows[i].step, n);
        assert_true(n > 2);
    }
}

/* Only where it is not part of the text's memory. */
static void test_names_are_copied_with_texts_they_do_not_belong_to(void **state)
{
    (void)state;
    static const char both[] = "../s/name\0.name";
    static const struct {
        const char *text, *name;
        bool copied;
    } names[] = {
            {both, both + 5,  false},
            {both, both + 10, false},
            {both, "name",    true },
            {both, "x",       true },
            {"n",  "name",    true },
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct lf_steps steps = no_steps();
        struct lf_step step = rows[0].step;
        /* not by chance behind the text */
        char *apart = strdup(names[i].name);
        assert_non_null(apart);
        step.name = lf_str(names[i].copied ? apart : names[i].name);
        step.after.text = lf_pair_of(lf_str(names[i].text));
        assert_true(lf_steps_add(&steps, &step));
        assert_int_equal(steps.n_wholes, 0);
        struct lf_step got = get(&steps, 0);
        check_step(&got, &step);
        assert_int_equal(got.after.text.rest.data != names[i].text,
                         names[i].copied);
        assert_int_equal(lf_arena_size(&steps.arena) > 0, names[i].copied);
        lf_steps_finish(&steps);
        free(apart);
    }
}

static void test_numbers_of_spare_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_one;
        uint32_t number;
    } names[] = {
            {".lf-fedcba9876543210-0~",                    true,  0         },
            {".lf-fedcba9876543210-9~",                    true,  9         },
            {".lf-fedcba9876543210-10~",                   true,  10        },
            {".lf-fedcba9876543210-4294967295~",           true,  UINT32_MAX},
            {".lf-fedcba9876543210-4294967296~",           false, 0         },
            {".lf-fedcba9876543210-9999999999~",           false, 0         },
            {".lf-fedcba9876543210-18446744073709551616~", false, 0         },
            {".lf-fedcba9876543210-00~",                   false, 0         },
            {".lf-fedcba9876543210-01~",                   false, 0         },
            {".lf-fedcba9876543210-~",                     false, 0         },
            {".lf-fedcba9876543210-",                      false, 0         },
            {".lf-fedcba9876543210-1",                     false, 0         },
            {".lf-fedcba9876543210-1x~",                   false, 0         },
            {".lf-fedcba9876543210--1~",                   false, 0         },
            {".lf-fedcba9876543210-1~~",                   false, 0         },
            {".lf-fedcba9876543211-1~",                    false, 0         },
            {".lf-FEDCBA9876543210-1~",                    false, 0         },
            {".lf-",                                       false, 0         },
            {"",                                           false, 0         },
            {"a name that is as long as a spare one",      false, 0         },
    };
    struct lf_spares spares;
    lf_spares_init(&spares, 0xfedcba9876543210);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct lf_str name = lf_str(names[i].name);
        struct lf_spare_room room;
        uint32_t number = 0;
        bool is_one = lf_spare_number(&spares, name, &number);
        if (is_one != names[i].is_one)
            fail_msg("%s", names[i].name);
        if (!is_one)
            continue;
        assert_int_equal(number, names[i].number);
        assert_str_same(lf_spare_name(&spares, number, &room), name);
        assert_true(lf_is_spare(name));
    }
    assert_false(lf_is_spare(lf_str(".lf")));
}

static void test_a_text_of_any_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {UINT16_MAX - 1, UINT16_MAX, UINT16_MAX + 1,
                                     2 * UINT16_MAX + 1};
    char *text = calloc(1, 2 * UINT16_MAX + 2);
    assert_non_null(text);
    memset(text, 't', 2 * UINT16_MAX + 1);
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct lf_steps steps = no_steps();
        struct lf_step step = rows[0].step;
        step.after.text = lf_pair_of(lf_str_of(text, lengths[i]));
        assert_true(lf_steps_add(&steps, &step));
        struct lf_step got = get(&steps, 0);
        check_step(&got, &step);
        assert_int_equal(steps.n_wholes, lengths[i] > UINT16_MAX);
        lf_steps_finish(&steps);
    }
    free(text);
}

static void test_flags_are_added(void **state)
{
    (void)state;
    struct lf_steps steps = all_rows();
    for (uint32_t i = 0; i < steps.n; i += 2)
        lf_steps_mark(&steps, i, LF_MARK_NOT_RUN);
    lf_steps_mark(&steps, 0, LF_MARK_AGAIN);
    for (uint32_t i = 0; i < steps.n; i++) {
        struct lf_step want = rows[i].step;
        struct lf_step got = get(&steps, i);
        want.flags |= i % 2 ? 0 : LF_MARK_NOT_RUN;
        want.flags |= i ? 0 : LF_MARK_AGAIN;
        check_step(&got, &want);
    }
    lf_steps_finish(&steps);
}

static void test_whether_it_stays_in_a_directory(void **state)
{
    (void)state;
    /* equal, and not the same string */
    char other[] = "/d";
    struct lf_steps steps = no_steps();
    struct lf_step step = rows[0].step;
    assert_true(lf_steps_add(&steps, &step));
    step.dir = lf_str(other);
    assert_true(lf_steps_add(&steps, &step));
    step.dir = lf_str("/e");
    assert_true(lf_steps_add(&steps, &step));
    assert_true(lf_steps_add(&steps, &step));
    step.dir = lf_str("/d");
    assert_true(lf_steps_add(&steps, &step));
    static const bool stays[] = {false, true, false, true, false};
    for (uint32_t i = 0; i < ARRAY_LEN(stays); i++)
        assert_int_equal(lf_steps_stays(&steps, i), stays[i]);
    assert_int_equal(steps.n_dirs, 3);
    lf_steps_finish(&steps);
}

/* By phase; and within one as they stood, whether they are short or not. */
static void test_sorting_puts_phases_in_order(void **state)
{
    (void)state;
    struct lf_steps steps = all_rows();
    assert_true(steps.unsorted);
    assert_true(lf_steps_sort(&steps));
    assert_false(steps.unsorted);
    uint32_t n = 0;
    for (unsigned phase = LF_PHASE_PREPARE; phase <= LF_PHASE_CLEAN; phase++) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
            if (rows[i].step.phase != phase)
                continue;
            struct lf_step got = get(&steps, n++);
            check_step(&got, &rows[i].step);
        }
    }
    assert_int_equal(n, steps.n);
    /* neighbours now that were none: a directory counts by its name */
    for (uint32_t i = 1; i < steps.n; i++) {
        struct lf_step one = get(&steps, i - 1);
        struct lf_step two = get(&steps, i);
        assert_int_equal(lf_steps_stays(&steps, i),
                         lf_str_equal(one.dir, two.dir));
    }
    assert_true(lf_steps_add(&steps, &rows[0].step));
    assert_true(steps.unsorted);
    lf_steps_finish(&steps);
}

static void test_devices_are_forgotten(void **state)
{
    (void)state;
    struct lf_steps steps = all_rows();
    lf_steps_forget_devices(&steps);
    for (uint32_t i = 0; i < steps.n; i++) {
        struct lf_step want = rows[i].step;
        struct lf_step got = get(&steps, i);
        want.before.dev = want.after.dev = 0;
        check_step(&got, &want);
    }
    lf_steps_finish(&steps);
}

/* Modes wait from the last directory to the first; any of them is found, once. */
static void test_a_mode_knows_the_directory_that_was_made(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d"};
    static const unsigned made[] = {0, 1, 3, 2};
    struct lf_steps steps = no_steps();
    struct lf_step mode = {.op = LF_OP_CHMOD,
                           .phase = LF_PHASE_ACT,
                           .dir = LF_STR("/d"),
                           .before = {.kind = LF_NODE_DIR},
                           .mode = 0500,
                           .old_mode = 0700};
    for (size_t i = ARRAY_LEN(names); i-- > 0;) {
        mode.name = lf_str(names[i]);
        assert_true(lf_steps_add(&steps, &mode));
    }
    for (size_t i = 0; i < ARRAY_LEN(made); i++) {
        struct lf_step mkdir = {.op = LF_OP_MKDIR,
                                .dir = LF_STR("/d"),
                                .name = lf_str(names[made[i]])};
        lf_steps_know_made(&steps, &mkdir, (struct lf_dir_id){7, made[i] + 1});
        /* another one that has no mode to wait for */
        mkdir.dir = LF_STR("/e");
        lf_steps_know_made(&steps, &mkdir, (struct lf_dir_id){8, 99});
    }
    for (uint32_t i = 0; i < steps.n; i++) {
        struct lf_step got = get(&steps, i);
        assert_int_equal(got.before.dev, 7);
        assert_int_equal(got.before.ino, steps.n - i);
    }
    lf_steps_finish(&steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_step_comes_out_as_it_went_in),
            cmocka_unit_test(test_most_steps_are_kept_short),
            cmocka_unit_test(test_what_an_action_says_is_not_kept),
            cmocka_unit_test(test_spare_names_are_kept),
            cmocka_unit_test(test_without_memory_nothing_is_added),
            cmocka_unit_test(
                    test_names_are_copied_with_texts_they_do_not_belong_to),
            cmocka_unit_test(test_numbers_of_spare_names),
            cmocka_unit_test(test_a_text_of_any_length),
            cmocka_unit_test(test_flags_are_added),
            cmocka_unit_test(test_whether_it_stays_in_a_directory),
            cmocka_unit_test(test_sorting_puts_phases_in_order),
            cmocka_unit_test(test_devices_are_forgotten),
            cmocka_unit_test(test_a_mode_knows_the_directory_that_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
