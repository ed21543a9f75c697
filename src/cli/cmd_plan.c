/* SPDX-License-Identifier: MIT */
/*
 * cmd_plan.c - linkfarm plan: what apply would do
 */
#include "cli/commands.h"
#include "cli/flow.h"
#include "cli/saved_plan.h"

static const struct lf_flow flow = {.type = NULL, .done = "Applied"};

static int save(struct lf_session *session)
{
    struct lf_error err;
    const char *file = session->cli->options.output;
    if (!lf_saved_plan_write(session, file, &err))
        return lf_cli_fail(session->cli, &err);
    return 0;
}

static int run(struct lf_session *session)
{
    const struct lf_options *options = &session->cli->options;
    const char *operand =
            options->operands.count ? options->operands.items[0] : NULL;
    if (!options->output && lf_session_unchanged(session, operand))
        return lf_flow_show(session, &flow);
    /* a saved plan may be carried out from another directory */
    int status = lf_session_load(session, operand, options->output);
    if (status == 0)
        status = lf_session_begin(session, false);
    if (status == 0)
        status = lf_session_plan(session);
    if (status != 0)
        return status;
    status = lf_flow_show(session, &flow);
    int saved = options->output ? save(session) : 0;
    return saved ? saved : status;
}

int lf_cmd_plan(struct lf_cli *cli)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session);
    lf_session_close(&session);
    return status;
}
