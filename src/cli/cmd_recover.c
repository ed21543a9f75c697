/* SPDX-License-Identifier: MIT */
/*
 * cmd_recover.c - linkfarm recover: finish or undo an interrupted transaction
 */
#include "cli/commands.h"
#include "cli/render_json.h"

static const char *const outcomes[] = {
        [LF_RECOVERY_NONE] = "none",
        [LF_RECOVERY_UNDONE] = "undone",
        [LF_RECOVERY_FINISHED] = "finished",
};

/* A reader only says what there is to do. */
static int look(struct lf_session *session)
{
    struct lf_cli *cli = session->cli;
    bool open = lf_transaction_interrupted(session->transaction);
    if (cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("recover");
        lf_json_string(&object, "recovery", open ? "needed" : "none");
        lf_json_put(&object, "notes", lf_json_array());
        lf_json_write(&cli->out, object);
    } else if (!cli->options.quiet && !open) {
        lf_stream_print(&cli->out, "Nothing to recover.\n");
    }
    return LF_EXIT_DONE;
}

static int tell(struct lf_session *session)
{
    const struct lf_report *report;
    struct lf_cli *cli = session->cli;
    enum lf_recovery recovery =
            lf_transaction_recovery(session->transaction, &report);
    if (cli->options.form == LF_FORM_JSON) {
        struct lf_json object = lf_json_new("recover");
        lf_json_string(&object, "recovery", outcomes[recovery]);
        lf_json_put(&object, "notes",
                    report ? lf_json_notes(report) : lf_json_array());
        lf_json_write(&cli->out, object);
    } else if (!cli->options.quiet && recovery == LF_RECOVERY_NONE) {
        lf_stream_print(&cli->out, "Nothing to recover.\n");
    }
    return LF_EXIT_DONE;
}

int lf_cmd_recover(struct lf_cli *cli)
{
    struct lf_session session;
    bool dry = cli->options.dry_run;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = lf_session_begin(&session, !dry);
    if (status == 0)
        status = dry ? look(&session) : tell(&session);
    lf_session_close(&session);
    return status;
}
