/* SPDX-License-Identifier: MIT */
/*
 * fuzz_journal.c - what the decoder accepts is what the encoder writes
 *
 * As with the ledger, the input is tried as it is and with a right last line.
 */
#include "apply/journal.h"
#include "fuzz.h"
#include "ledger/checked.h"

static bool is_name(struct lf_str text)
{
    return text.len > 0 && text.len <= 255 &&
           !memchr(text.data, '/', text.len) &&
           !memchr(text.data, '\0', text.len) &&
           !lf_str_equal(text, LF_STR(".")) &&
           !lf_str_equal(text, LF_STR(".."));
}

/* A name with a slash or dots would lead out of its directory. */
static void check_step(const struct lf_step *step)
{
    must((unsigned)step->op < LF_OPS);
    must((unsigned)step->phase <= LF_PHASE_CLEAN);
    must(is_name(step->name));
    must(step->name2.len == 0 || is_name(step->name2));
    must(lf_step_verb(step)[0]);
}

static void try_text(struct lf_str text)
{
    struct lf_error err = {0};
    struct lf_steps steps = {0};
    struct lf_buf again = {0};
    if (!lf_journal_decode(text, &steps, &err)) {
        fuzz_refused(&err);
        must(steps.n == 0 && !steps.slots);
        return;
    }
    for (uint32_t i = 0; i < steps.n; i++) {
        struct lf_spare_room room;
        struct lf_step step = lf_steps_get(&steps, i, &room);
        check_step(&step);
    }
    must(lf_journal_encode(&again, NULL, &steps));
    must(lf_str_equal(lf_buf_str(&again), text));
    lf_buf_finish(&again);
    lf_steps_finish(&steps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lf_str text = lf_str_of((const char *)data, size);
    struct lf_buf sealed = {0};
    try_text(text);
    lf_buf_add(&sealed, text);
    must(lf_checked_end(&sealed, NULL));
    struct lf_str copy = fuzz_copy(lf_buf_str(&sealed));
    try_text(copy);
    lf_free_const(copy.data);
    lf_buf_finish(&sealed);
    return 0;
}
