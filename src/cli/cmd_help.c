/* SPDX-License-Identifier: MIT */
/*
 * cmd_help.c - linkfarm help: the commands, or one command and its options
 */
#include "cli/commands.h"

enum { COMMAND_COLUMN = 24, OPTION_COLUMN = 30 };

static void add_heading(struct lf_buf *buf, bool color, const char *text)
{
    lf_paint_add(buf, color, LF_PAINT_BOLD, lf_str(text));
    lf_buf_add_char(buf, '\n');
}

/* "  LEFT      right", on two lines where LEFT is too wide. */
static void add_row(struct lf_buf *buf, struct lf_str left, size_t column,
                    const char *right)
{
    size_t width = left.len + 2;
    lf_buf_add(buf, LF_STR("  "));
    lf_buf_add(buf, left);
    if (width + 2 > column) {
        lf_buf_add_char(buf, '\n');
        width = 0;
    }
    lf_pad(buf, width, column);
    lf_buf_add(buf, lf_str(right));
    lf_buf_add_char(buf, '\n');
}

/* "-o, --output=FILE" */
static void add_option(struct lf_buf *buf, const struct lf_option *option)
{
    struct lf_buf left = {0};
    if (option->letter)
        lf_buf_add_format(&left, "-%c, ", option->letter);
    else
        lf_buf_add(&left, LF_STR("    "));
    lf_buf_add_format(&left, "--%s", option->name);
    if (option->argument && option->take == LF_TAKE_FORM_PORCELAIN)
        lf_buf_add_format(&left, "[=%s]", option->argument);
    else if (option->argument)
        lf_buf_add_format(&left, "=%s", option->argument);
    if (lf_buf_failed(&left))
        buf->failed = true;
    add_row(buf, lf_buf_str(&left), OPTION_COLUMN, option->help);
    lf_buf_finish(&left);
}

static void add_options(struct lf_buf *buf, lf_option_set options)
{
    for (size_t i = 0; i < LF_OPTIONS; i++) {
        if (options & LF_OPT_BIT(i))
            add_option(buf, &lf_options_table[i]);
    }
}

static void add_overview(struct lf_buf *buf, bool color)
{
    lf_buf_add(buf, LF_STR("linkfarm makes the symbolic links that a manifest "
                           "asks for: all of them or none,\n"
                           "and puts everything back on request.\n\n"));
    add_heading(buf, color, "Usage");
    lf_buf_add(buf, LF_STR("  linkfarm COMMAND [OPTIONS] [MANIFEST]\n\n"
                           "  The manifest is what you name, else "
                           "$LINKFARM_MANIFEST, else ./linkfarm.yaml,\n"
                           "  else ~/.config/linkfarm/linkfarm.yaml; - is "
                           "standard input.\n\n"));
    add_heading(buf, color, "Commands");
    for (size_t i = 0; lf_command_at(i); i++) {
        const struct lf_command *command = lf_command_at(i);
        struct lf_buf left = {0};
        lf_buf_add_format(&left, "%s%s%s", command->name,
                          *command->operands ? " " : "", command->operands);
        add_row(buf, lf_buf_str(&left), COMMAND_COLUMN, command->summary);
        lf_buf_finish(&left);
    }
    lf_buf_add(buf, LF_STR("\n'linkfarm help COMMAND' explains a command and "
                           "its options; linkfarm(1) has it all,\n"
                           "linkfarm.yaml(5) the manifest.\n"));
}

static void add_command(struct lf_buf *buf, bool color,
                        const struct lf_command *command)
{
    lf_buf_add_format(buf, "linkfarm %s: %s\n\n", command->name,
                      command->summary);
    add_heading(buf, color, "Usage");
    lf_buf_add_format(buf, "  linkfarm %s [OPTIONS]%s%s\n\n", command->name,
                      *command->operands ? " " : "", command->operands);
    if (*command->details) {
        lf_buf_add(buf, lf_str(command->details));
        lf_buf_add(buf, LF_STR("\n"));
    }
    add_heading(buf, color, "Options");
    add_options(buf, command->options);
}

static int unknown(struct lf_cli *cli, const char *name)
{
    struct lf_error err;
    const char *near = lf_command_nearest(name);
    lf_error_set(&err, LF_CODE_UNKNOWN_COMMAND, 0, "unknown command '%s'",
                 name);
    if (near)
        lf_error_help(&err, "did you mean '%s'?", near);
    else
        lf_error_help(&err, "'linkfarm help' lists the commands");
    return lf_cli_fail(cli, &err);
}

/* `help COMMAND`, `COMMAND --help`, `help` and `--help`. */
int lf_cmd_help(struct lf_cli *cli)
{
    const struct lf_options *options = &cli->options;
    const struct lf_command *about = options->command;
    struct lf_buf buf = {0};
    if (about && about->run == lf_cmd_help && options->operands.count > 0) {
        about = lf_command_find(options->operands.items[0]);
        if (!about)
            return unknown(cli, options->operands.items[0]);
    } else if (about && about->run == lf_cmd_help && !options->help) {
        about = NULL;
    }
    if (about)
        add_command(&buf, cli->out.color, about);
    else
        add_overview(&buf, cli->out.color);
    lf_stream_put(&cli->out, &buf);
    lf_buf_finish(&buf);
    return LF_EXIT_DONE;
}
