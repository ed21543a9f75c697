/* SPDX-License-Identifier: MIT */
/*
 * cmd_plan.c - linkfarm plan: what apply would do
 */
#include "cli/commands.h"
#include "cli/flow.h"
#include "cli/output_file.h"
#include "cli/saved_plan.h"

static const struct lf_flow flow = {.type = NULL, .done = "Applied"};

static int save(struct lf_session *session)
{
    struct lf_error err;
    if (!lf_saved_plan_write(session, &err))
        return lf_cli_fail(session->cli, &err);
    return 0;
}

/* On standard output a saved plan is alone. */
static int show(struct lf_session *session)
{
    if (!lf_output_is_stdout(&session->cli->options))
        return lf_flow_show(session, &flow);
    lf_flow_findings(session->cli, session->plan);
    return lf_flow_status(session);
}

static int run(struct lf_session *session)
{
    const struct lf_options *options = &session->cli->options;
    const char *operand = lf_operand(options);
    struct lf_error err;
    session->rehearse = true;
    if (!lf_output_allowed(options, &err))
        return lf_cli_fail(session->cli, &err);
    if (!options->output && lf_session_unchanged(session, operand))
        return lf_flow_show(session, &flow);
    /* a saved plan may be carried out from another directory */
    int status = lf_session_make_plan(session, operand, options->output, false);
    if (status != 0)
        return status;
    status = show(session);
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
