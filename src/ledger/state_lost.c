/* SPDX-License-Identifier: MIT */
/*
 * state_lost.c - a state whose ledger is not there any more
 *
 * What the links that stand took the place of is known from the ledger alone. Without
 * it they can be recorded anew, but what has to know more is refused.
 */
#include "ledger/state_io.h"

#include "base/escape.h"
#include "base/util.h"

static bool note_any(void *arg, struct lf_str name, enum lf_node_kind kind)
{
    (void)name;
    (void)kind;
    *(bool *)arg = true;
    return false;
}

static bool was_used(const struct lf_state *state)
{
    static const char *const folders[] = {"farms", "displaced"};
    struct lf_fs *fs = state->fs;
    bool used = false;
    for (size_t i = 0; !used && i < LF_COUNT(folders); i++) {
        LF_AUTO_CLOSE struct lf_fd dir = {
                fs, lf_state_open_folder(state, folders[i], LF_DIR_READ)};
        if (dir.fd >= 0)
            (void)fs->list(fs, dir.fd, note_any, &used);
    }
    return used;
}

bool lf_state_lost_ledger(const struct lf_state *state,
                          const struct lf_ledger *ledger)
{
    return ledger->transaction == 0 && was_used(state) &&
           !lf_state_interrupted(state);
}

bool lf_state_needs_ledger(const struct lf_state *state,
                           const struct lf_ledger *ledger, struct lf_error *err)
{
    struct lf_buf shown = {0};
    if (!lf_state_lost_ledger(state, ledger))
        return true;
    lf_escape_shown(&shown, state->path);
    lf_error_set(err, LF_CODE_LEDGER_CORRUPT, 0,
                 "there is no ledger in %s, though there was one",
                 lf_buf_str(&shown).data);
    lf_error_help(err, "put it back, or copy the newest file in 'farms' there, "
                       "if there is one, to its place");
    lf_buf_finish(&shown);
    return false;
}
