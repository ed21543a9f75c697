/* SPDX-License-Identifier: MIT */
/*
 * commands.h - every command there is
 */
#ifndef LF_CLI_COMMANDS_H
#define LF_CLI_COMMANDS_H

#include "cli/cli.h"

struct lf_command {
    const char *name;
    const char *operands; /* "[MANIFEST]", as help shows them */
    const char *words;    /* that may be operands, for completion; or NULL */
    unsigned min, max;    /* how many */
    lf_option_set options;
    /* Does it; returns the exit status. What went wrong has been said. */
    int (*run)(struct lf_cli *cli);
    const char *summary; /* one line */
    const char *details; /* paragraphs for `help COMMAND`; lines of 78 */
};

/** The `index`th command, in the order of help; NULL past the last. */
const struct lf_command *lf_command_at(size_t index);

/** The command of that name, or NULL. */
const struct lf_command *lf_command_find(const char *name);

/** The name of the command that `word` may have been meant for, or NULL. */
const char *lf_command_nearest(const char *word);

int lf_cmd_adopt(struct lf_cli *cli);
int lf_cmd_apply(struct lf_cli *cli);
int lf_cmd_check(struct lf_cli *cli);
int lf_cmd_completion(struct lf_cli *cli);
int lf_cmd_doctor(struct lf_cli *cli);
int lf_cmd_gc(struct lf_cli *cli);
int lf_cmd_graph(struct lf_cli *cli);
int lf_cmd_help(struct lf_cli *cli);
int lf_cmd_history(struct lf_cli *cli);
int lf_cmd_import(struct lf_cli *cli);
int lf_cmd_init(struct lf_cli *cli);
int lf_cmd_list(struct lf_cli *cli);
int lf_cmd_plan(struct lf_cli *cli);
int lf_cmd_recover(struct lf_cli *cli);
int lf_cmd_remove(struct lf_cli *cli);
int lf_cmd_report(struct lf_cli *cli);
int lf_cmd_resolve(struct lf_cli *cli);
int lf_cmd_rollback(struct lf_cli *cli);
int lf_cmd_schema(struct lf_cli *cli);
int lf_cmd_status(struct lf_cli *cli);
int lf_cmd_unmanaged(struct lf_cli *cli);
int lf_cmd_version(struct lf_cli *cli);
int lf_cmd_why(struct lf_cli *cli);

#endif
