/* SPDX-License-Identifier: MIT */
/*
 * cmd_remove.c - linkfarm remove: take away all that a farm owns
 */
#include "cli/commands.h"
#include "cli/flow.h"

static const struct lf_flow flow = {
        .type = "remove", .done = "Removed", .gone = ""};

static int run(struct lf_session *session)
{
    struct lf_error err;
    const struct lf_options *options = &session->cli->options;
    int status = lf_session_farm(session, lf_operand(options), true);
    if (status == 0)
        status = lf_session_begin(session, !options->dry_run);
    if (status != 0)
        return status;
    if (!lf_transaction_plan_remove(session->transaction, lf_str(session->farm),
                                    &session->plan, &err))
        return lf_session_fail(session, &err);
    return options->dry_run ? lf_flow_show(session, &flow)
                            : lf_flow_apply(session, &flow);
}

int lf_cmd_remove(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
