/* SPDX-License-Identifier: MIT */
/*
 * cmd_apply.c - linkfarm apply: make the disk what the manifest says
 */
#include "cli/commands.h"
#include "cli/flow.h"
#include "cli/saved_plan.h"

static const struct lf_flow flow = {.type = NULL, .done = "Applied"};

/* `saved` is NULL without one. */
static int run(struct lf_session *session, const char *operand,
               const struct lf_saved_plan *saved)
{
    struct lf_error err;
    if (!saved && lf_session_unchanged(session, operand))
        return session->cli->options.dry_run ? lf_flow_show(session, &flow)
                                             : lf_flow_apply(session, &flow);
    int status = lf_session_make_plan(session, operand, saved,
                                      !session->cli->options.dry_run);
    if (status != 0)
        return status;
    if (saved && !lf_saved_plan_check(saved, session->plan, &err))
        return lf_cli_fail(session->cli, &err);
    return session->cli->options.dry_run ? lf_flow_show(session, &flow)
                                         : lf_flow_apply(session, &flow);
}

static int run_session(struct lf_cli *cli, const char *operand,
                       const struct lf_saved_plan *saved)
{
    struct lf_session session;
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session, operand, saved);
    lf_session_close(&session);
    return status;
}

/* As if what the plan was made with had been typed again. */
static int apply_saved(struct lf_cli *cli)
{
    struct lf_error err;
    struct lf_saved_plan saved;
    struct lf_options *options = &cli->options;
    if (options->operands.count > 0) {
        lf_error_set(&err, LF_CODE_OPTION_CONFLICT, 0,
                     "option --plan and a manifest exclude each other");
        lf_error_help(&err, "a saved plan names the manifest that it was made "
                            "from");
        return lf_cli_fail(cli, &err);
    }
    if (!lf_saved_plan_read(options->plan, &saved, &err))
        return lf_cli_fail(cli, &err);
    options->root = saved.root;
    options->state_dir = saved.state_dir;
    options->profiles = saved.profiles;
    options->vars = saved.vars;
    options->profiles_fixed = true;
    int status = run_session(cli, saved.manifest, &saved);
    options->profiles = options->vars = (struct lf_texts){0};
    options->root = options->state_dir = NULL;
    lf_saved_plan_finish(&saved);
    return status;
}

int lf_cmd_apply(struct lf_cli *cli)
{
    return cli->options.plan
                   ? apply_saved(cli)
                   : run_session(cli, lf_operand(&cli->options), NULL);
}
