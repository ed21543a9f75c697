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
    struct lf_compiled *compiled; /* the journal's part reads its steps,
                                     the ledger's all else */
    int files[PARTS];
    struct lf_error errors[PARTS];
    bool ok[PARTS]; /* a part that was not begun is not, without an error */
    atomic_uint next;
    atomic_bool failed;
};

/* A file that is written while it is made. */
struct target {
    struct lf_state *state;
    const char *name;
    int file;
    struct lf_error *err;
};

static bool put(void *arg, struct lf_str text)
{
    const struct target *to = arg;
    return lf_state_stage_more(to->state, to->name, to->file, text, to->err);
}

static bool encode_ledger(struct staging *s, struct lf_buf *buf,
                          struct lf_spill *spill, struct lf_error *err)
{
    struct lf_new_records records;
    bool ok = lf_compile_ledger(s->plan, s->compiled, lf_sys_time(),
                                s->t->ledger, &records, err) &&
              lf_ledger_encode(buf, spill, s->t->ledger, err);
    lf_ledger_free(s->t->ledger);
    s->t->ledger = NULL;
    return ok;
}

static bool encode_journal(struct staging *s, struct lf_buf *buf,
                           struct lf_spill *spill, struct lf_error *err)
{
    if (lf_journal_encode(buf, spill, &s->compiled->steps))
        return true;
    return lf_buf_failed(buf) ? lf_error_oom(err) : false;
}

static bool stage_part(struct staging *s, enum part part)
{
    static const struct {
        const char *name;
        bool (*encode)(struct staging *s, struct lf_buf *buf,
                       struct lf_spill *spill, struct lf_error *err);
    } parts[PARTS] = {
            [LEDGER] = {LF_LEDGER_FILE,  encode_ledger },
            [JOURNAL] = {LF_JOURNAL_FILE, encode_journal},
    };
    struct lf_buf buf = {0};
    struct target to = {&s->t->state, parts[part].name, -1, &s->errors[part]};
    struct lf_spill spill = {.put = put, .arg = &to};
    if (!lf_state_stage(to.state, to.name, &to.file, to.err))
        return false;
    bool ok = parts[part].encode(s, &buf, &spill, to.err);
    lf_buf_finish(&buf);
    if (ok)
        s->files[part] = to.file;
    else
        lf_state_discard(to.state, to.name, to.file);
    return ok;
}

static void stage_next(void *arg, unsigned index)
{
    struct staging *s = arg;
    unsigned part;
    (void)index;
    while (!atomic_load(&s->failed) &&
           (part = atomic_fetch_add(&s->next, 1)) < PARTS) {
        bool none = part == JOURNAL && s->compiled->steps.n == 0;
        s->ok[part] = none || stage_part(s, (enum part)part);
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
