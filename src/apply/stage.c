/* SPDX-License-Identifier: MIT */
/*
 * stage.c - what the state directory holds before the first step
 */
#include "apply/stage.h"

#include "apply/journal.h"
#include "platform/sys.h"
#include "platform/threads.h"

#include <stdatomic.h>

enum part {
    LEDGER,
    JOURNAL,
    PARTS,
};

struct staging {
    struct lf_transaction *t;
    const struct lf_plan *plan;
    struct lf_compiled *compiled; /* the journal's part reads its steps, */
                                  /* the ledger's the rest */
    int files[PARTS];
    struct lf_error errors[PARTS];
    bool ok[PARTS]; /* a part that was not begun is not, without an error */
    atomic_uint next;
    atomic_bool failed;
};

static bool put(struct staging *s, enum part part, const char *name,
                struct lf_buf *text)
{
    struct lf_error *err = &s->errors[part];
    bool ok = lf_buf_failed(text)
                      ? lf_error_oom(err)
                      : lf_state_stage(&s->t->state, name, lf_buf_str(text),
                                       &s->files[part], err);
    lf_buf_finish(text);
    return ok;
}

static bool stage_ledger(struct staging *s)
{
    struct lf_buf text = {0};
    struct lf_new_records records;
    struct lf_error *err = &s->errors[LEDGER];
    bool ok = lf_compile_ledger(s->plan, s->compiled, lf_sys_time(),
                                s->t->ledger, &records, err) &&
              lf_ledger_encode(&text, s->t->ledger, err);
    lf_ledger_free(s->t->ledger);
    s->t->ledger = NULL;
    if (!ok) {
        lf_buf_finish(&text);
        return false;
    }
    return put(s, LEDGER, LF_LEDGER_FILE, &text);
}

static bool stage_journal(struct staging *s)
{
    struct lf_buf text = {0};
    if (s->compiled->steps.n == 0)
        return true;
    lf_journal_encode(&text, &s->compiled->steps);
    return put(s, JOURNAL, LF_JOURNAL_FILE, &text);
}

static void stage_next(void *arg, unsigned index)
{
    struct staging *s = arg;
    unsigned part;
    (void)index;
    while (!atomic_load(&s->failed) &&
           (part = atomic_fetch_add(&s->next, 1)) < PARTS) {
        s->ok[part] = part == LEDGER ? stage_ledger(s) : stage_journal(s);
        if (!s->ok[part])
            atomic_store(&s->failed, true);
    }
}

/* Of two failures the ledger's is told, which by one thread comes first. */
bool lf_stage(struct lf_transaction *t, const struct lf_plan *plan,
              struct lf_compiled *compiled, bool shared, struct lf_staged *ret,
              struct lf_error *err)
{
    struct staging s = {
            .t = t, .plan = plan, .compiled = compiled, .files = {-1, -1}
    };
    atomic_init(&s.next, 0);
    atomic_init(&s.failed, false);
    lf_threads_run(shared ? PARTS : 1, stage_next, &s);
    *ret = (struct lf_staged){s.files[LEDGER], s.files[JOURNAL]};
    if (s.ok[LEDGER] && s.ok[JOURNAL])
        return true;
    *err = s.errors[s.errors[LEDGER].code ? LEDGER : JOURNAL];
    lf_staged_discard(t, ret);
    return false;
}

void lf_staged_discard(struct lf_transaction *t, struct lf_staged *staged)
{
    if (staged->ledger >= 0)
        lf_state_discard(&t->state, LF_LEDGER_FILE, staged->ledger);
    if (staged->journal >= 0)
        lf_state_discard(&t->state, LF_JOURNAL_FILE, staged->journal);
    *staged = (struct lf_staged){-1, -1};
}
