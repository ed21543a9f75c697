/* SPDX-License-Identifier: MIT */
/*
 * session_begin.c - the transaction of a session, what guards it, and how it is
 * shown
 */
#include "cli/session.h"

#include "cli/commands.h"
#include "cli/places.h"
#include "cli/progress.h"
#include "platform/signal.h"
#include "platform/threads.h"

#include <errno.h>

static bool was_cancelled(void *arg)
{
    (void)arg;
    return lf_signals_caught() != 0;
}

static void tell_recovery(struct lf_session *session)
{
    const struct lf_report *report;
    enum lf_recovery recovery =
            lf_transaction_recovery(session->transaction, &report);
    if (recovery == LF_RECOVERY_NONE)
        return;
    lf_cli_note(session->cli, recovery == LF_RECOVERY_UNDONE
                                      ? "an interrupted transaction was undone"
                                      : "a transaction that was interrupted "
                                        "after its commit was finished");
    lf_cli_report(session->cli, report);
}

static int stopped(struct lf_session *session)
{
    struct lf_error err;
    lf_error_set(&err, LF_CODE_CANCELLED, 0, "stopped");
    lf_error_help(&err, "what was asked for was not begun");
    return lf_session_fail(session, &err);
}

/* A process that only recovers wants nothing else; others apply after it. */
static enum lf_confine confine_of(const struct lf_options *options)
{
    if (options->no_sandbox)
        return LF_CONFINE_NOTHING;
    return options->command->run == lf_cmd_recover ? LF_CONFINE_RECOVERY
                                                   : LF_CONFINE_APPLY;
}

void lf_session_tell_confined(struct lf_session *session)
{
    struct lf_cli *cli = session->cli;
    const struct lf_confinement *is =
            lf_transaction_confinement(session->transaction);
    if (!is->asked || cli->options.verbose == 0)
        return;
    if (is->in_force)
        lf_cli_note(cli,
                    "confined by Landlock %u: besides the state only %zu "
                    "director%s, and what is below, could change",
                    is->abi, is->places, is->places == 1 ? "y" : "ies");
    else if (is->abi == 1)
        lf_cli_note(cli, "not confined: Landlock 1 lets nothing be moved "
                         "between directories");
    else if (is->os_errno == ENOSYS || is->os_errno == EOPNOTSUPP)
        lf_cli_note(cli, "not confined: this kernel has no Landlock");
    else
        lf_cli_note(cli, "not confined: Landlock cannot be used: %s",
                    strerror(is->os_errno));
}

static void tell_keeping(struct lf_session *session)
{
    enum lf_keeping keeping;
    struct lf_error err;
    if (!lf_transaction_keeping(session->transaction, &keeping, &err))
        lf_cli_fail(session->cli, &err);
    else if (keeping != LF_KEEPING_DURABLE)
        lf_cli_note(session->cli, "the state is %s", lf_word_keeping(keeping));
}

unsigned lf_session_threads(const struct lf_session *session)
{
    const struct lf_options *options = &session->cli->options;
    unsigned processors = lf_threads_processors();
    uint64_t wanted = options->threads ? options->threads : processors;
    return wanted < LF_THREADS_MOST ? (unsigned)wanted : LF_THREADS_MOST;
}

static bool open_to(bool write, struct lf_session *session,
                    struct lf_error *err)
{
    const struct lf_transaction_options options = {
            .root = session->root,
            .state_dir = session->state_dir,
            .command = session->cli->options.command->name,
            .write = write,
            .confine = confine_of(&session->cli->options),
            .full = session->cli->options.full,
            .audit = session->audit,
            .rehearse = session->rehearse || session->cli->options.dry_run,
            .threads = lf_session_threads(session),
            .lock_timeout_ms = session->cli->options.lock_timeout_ms,
            .cancelled = was_cancelled,
            .progress = lf_progress_show,
            .progress_arg = &session->cli->progress,
    };
    return lf_transaction_open(&options, &session->transaction, err);
}

bool lf_session_read(struct lf_session *session, struct lf_error *err)
{
    return session->transaction || open_to(false, session, err);
}

static bool start_to_write(struct lf_session *session, struct lf_error *err)
{
    /* opening may recover, which is not to be broken off */
    lf_signals_defer();
    return session->transaction
                   ? lf_transaction_upgrade(session->transaction, err)
                   : open_to(true, session, err);
}

int lf_session_begin(struct lf_session *session, bool write)
{
    struct lf_error err;
    if (write ? !start_to_write(session, &err)
              : !lf_session_read(session, &err))
        return lf_session_fail(session, &err);
    /* what was read before the lock may be of yesterday */
    lf_farms_free(session->farms);
    session->farms = NULL;
    if (write) {
        tell_recovery(session);
        lf_session_tell_confined(session);
        if (session->cli->options.verbose > 0)
            tell_keeping(session);
        if (lf_signals_resume())
            return stopped(session);
    } else
        lf_session_tell_open(session,
                             lf_transaction_interrupted(session->transaction));
    return 0;
}

void lf_session_tell_open(struct lf_session *session, bool open)
{
    if (open && !session->warned)
        lf_cli_warn(session->cli,
                    "a transaction is open or was interrupted; what follows "
                    "may be out of date (the next apply, or 'linkfarm "
                    "recover', puts it right)");
    session->warned |= open;
}

bool lf_session_home(struct lf_session *session, struct lf_error *err)
{
    return session->home ||
           lf_place_home(session->root, lf_facts_get(session->facts, "home"),
                         &session->home, err);
}

struct lf_look lf_session_look(struct lf_session *session)
{
    struct lf_error err;
    /* without memory for it, it is shown in full: no reason to fail */
    (void)lf_session_home(session, &err);
    return (struct lf_look){
            .color = session->cli->out.color,
            .verbose = session->cli->options.verbose > 0,
            .home = lf_str(session->home),
            .options = &session->cli->options,
            .gone = "left the manifest",
    };
}
