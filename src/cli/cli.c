/* SPDX-License-Identifier: MIT */
/*
 * cli.c - the program from its first line to its exit status
 */
#include "cli/cli.h"

#include "cli/commands.h"
#include "platform/signal.h"
#include "platform/sys.h"
#include "platform/term.h"

#include <errno.h>

/* The environment of a setuid program is another user's, and says where the
 * state, the manifest and the home are. */
static bool refuse_setuid(struct lf_error *err)
{
    if (!lf_sys_setuid())
        return true;
    lf_error_set(err, LF_CODE_SETUID, 0,
                 "linkfarm does not run setuid, setgid or with capabilities of "
                 "its file");
    lf_error_help(err, "take them off the program, and use sudo(8) where "
                       "other rights are needed");
    return false;
}

static bool prepare(struct lf_error *err)
{
    int error = lf_term_guard();
    if (error == 0)
        error = lf_signals_catch();
    if (error == 0)
        return refuse_setuid(err);
    lf_error_set(err, LF_CODE_SYSTEM, -error,
                 "the program cannot be set up: %s", strerror(-error));
    return false;
}

static void choose_colors(struct lf_cli *cli)
{
    enum lf_color color = cli->options.color;
    cli->out.color = lf_color_wanted(color, stdout);
    cli->err.color = lf_color_wanted(color, stderr);
}

static int no_command(struct lf_cli *cli)
{
    struct lf_error err;
    lf_error_set(&err, LF_CODE_UNKNOWN_COMMAND, 0, "no command was given");
    lf_error_help(&err, "'linkfarm help' lists the commands");
    return lf_cli_fail(cli, &err);
}

static int run(struct lf_cli *cli)
{
    const struct lf_options *options = &cli->options;
    bool counts = !options->quiet && !options->no_progress &&
                  options->form == LF_FORM_TEXT && lf_escapes_work(stderr);
    lf_progress_start(&cli->progress, counts ? stderr : NULL);
    if (options->version)
        return lf_cmd_version(cli);
    if (options->help)
        return lf_cmd_help(cli);
    return options->command ? options->command->run(cli) : no_command(cli);
}

/* A reader that has gone has seen what it wanted to see. */
static int finish(struct lf_cli *cli, int status)
{
    struct lf_error err;
    int error = lf_stream_flush(&cli->out);
    bool done = status == 0 || status == LF_EXIT_PENDING;
    if (error == 0 || error == EPIPE)
        return status;
    if (error == ENOMEM && done) { /* a message, too, would need some */
        lf_stream_write(&cli->err,
                        LF_STR("linkfarm: the command was carried out, but "
                               "memory ran out for its output\n"));
        lf_stream_flush(&cli->err);
        return LF_EXIT_FAILED;
    }
    lf_error_set(&err, LF_CODE_OUTPUT, error,
                 "standard output cannot be written: %s", strerror(error));
    if (done)
        lf_error_help(&err, "the command itself was carried out; only its "
                            "output is not complete");
    int failed = lf_cli_fail(cli, &err);
    return done ? failed : status;
}

int lf_cli_main(int argc, char **argv)
{
    struct lf_cli cli = {.out = {.file = stdout}, .err = {.file = stderr}};
    struct lf_error err;
    int status;
    bool ready =
            prepare(&err) && lf_options_parse(argc, argv, &cli.options, &err);
    choose_colors(&cli);
    if (cli.out.color && lf_term_is(stdout))
        lf_signals_paint(fileno(stdout));
    status = ready ? run(&cli) : lf_cli_fail(&cli, &err);
    status = finish(&cli, status);
    lf_options_finish(&cli.options);
    return status;
}
