/* SPDX-License-Identifier: MIT */
/*
 * cmd_completion.c - linkfarm completion: scripts for the shells
 *
 * Made from the tables of commands and options, so that they know what this
 * program knows.
 */
#include "cli/commands.h"

/* Commands whose operand is no manifest. */
static bool takes_manifest(const struct lf_command *command)
{
    return strstr(command->operands, "MANIFEST") != NULL;
}

/* The values that an option takes are named, as "auto|always|never". */
static bool has_values(const struct lf_option *option)
{
    return option->argument && strchr(option->argument, '|');
}

/* With blanks between them. */
static void add_values(struct lf_buf *buf, const struct lf_option *option)
{
    for (const char *at = option->argument; *at; at++)
        lf_buf_add_char(buf, *at == '|' ? ' ' : *at);
}

/* ---- bash ---- */

static void add_bash_words(struct lf_buf *buf, lf_option_set options)
{
    for (size_t i = 0; i < LF_OPTIONS; i++) {
        const struct lf_option *option = &lf_options_table[i];
        if (!(options & LF_OPT_BIT(i)))
            continue;
        lf_buf_add_format(buf, " --%s%s", option->name,
                          option->argument &&
                                          option->take != LF_TAKE_FORM_PORCELAIN
                                  ? "="
                                  : "");
    }
}

/* "--color=al" are three words to bash, and two may stand for it as well. */
static void add_bash_values(struct lf_buf *buf)
{
    lf_buf_add(buf, LF_STR("    [[ $cur == = ]] && { option=$before cur=; }\n"
                           "    [[ $before == = ]] && "
                           "option=${COMP_WORDS[COMP_CWORD - 2]}\n"
                           "    case $option in\n"));
    for (size_t i = 0; i < LF_OPTIONS; i++) {
        if (!has_values(&lf_options_table[i]))
            continue;
        lf_buf_add_format(buf, "    --%s) words='", lf_options_table[i].name);
        add_values(buf, &lf_options_table[i]);
        lf_buf_add(buf, LF_STR("' command=- ;;\n"));
    }
    lf_buf_add(buf, LF_STR("    esac\n"));
}

static void add_bash_command(struct lf_buf *buf,
                             const struct lf_command *command)
{
    lf_buf_add_format(buf,
                      "    %s) words='%s'\n        [[ $cur == -* ]] && "
                      "words='",
                      command->name, command->words ? command->words : "");
    add_bash_words(buf, command->options);
    lf_buf_add(buf, LF_STR("' ;;\n"));
}

static void add_bash(struct lf_buf *buf)
{
    lf_buf_add(buf, LF_STR("_linkfarm() {\n"
                           "    local cur=${COMP_WORDS[COMP_CWORD]} command= "
                           "word words=\n"
                           "    local before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                           "    local option=$before\n"
                           "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\""
                           "; do\n"
                           "        [[ $word == -* ]] || { command=$word; "
                           "break; }\n"
                           "    done\n"));
    add_bash_values(buf);
    lf_buf_add(buf, LF_STR("    case $command in\n    '') words='"));
    for (size_t i = 0; lf_command_at(i); i++)
        lf_buf_add_format(buf, "%s%s", i ? " " : "", lf_command_at(i)->name);
    lf_buf_add(buf, LF_STR("' ;;\n"));
    for (size_t i = 0; lf_command_at(i); i++)
        add_bash_command(buf, lf_command_at(i));
    lf_buf_add(buf, LF_STR("    esac\n"
                           "    compopt -o default -o nospace\n"
                           "    mapfile -t COMPREPLY < <(compgen -W \"$words\""
                           " -- \"$cur\")\n"
                           "    if [[ ${#COMPREPLY[@]} -eq 1 && "
                           "${COMPREPLY[0]} != *= ]]; then\n"
                           "        COMPREPLY[0]+=' '\n"
                           "    fi\n"
                           "}\n"
                           "complete -F _linkfarm linkfarm\n"));
}

/* ---- zsh ---- */

/* Within '...', where [ ] and : mean something to _arguments. */
static void add_zsh_text(struct lf_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            lf_buf_add(buf, LF_STR("'\\''"));
        else if (strchr("[]:", *text))
            lf_buf_add_format(buf, "\\%c", *text);
        else
            lf_buf_add_char(buf, *text);
    }
}

static void add_zsh_action(struct lf_buf *buf, const struct lf_option *option)
{
    if (has_values(option)) {
        lf_buf_add(buf, LF_STR(":("));
        add_values(buf, option);
        lf_buf_add_char(buf, ')');
    } else if (strcmp(option->argument, "DIR") == 0) {
        lf_buf_add(buf, LF_STR(":_files -/"));
    } else if (strcmp(option->argument, "FILE") == 0) {
        lf_buf_add(buf, LF_STR(":_files"));
    } else {
        lf_buf_add(buf, LF_STR(": "));
    }
}

static void add_zsh_option(struct lf_buf *buf, const struct lf_option *option)
{
    const char *sign = !option->argument                        ? ""
                       : option->take == LF_TAKE_FORM_PORCELAIN ? "=-"
                                                                : "=";
    if (option->letter)
        lf_buf_add_format(buf, " \\\n        {-%c%s,--%s%s}'[", option->letter,
                          option->argument ? "+" : "", option->name, sign);
    else
        lf_buf_add_format(buf, " \\\n        '--%s%s[", option->name, sign);
    add_zsh_text(buf, option->help);
    lf_buf_add_char(buf, ']');
    if (option->argument) {
        lf_buf_add_format(buf, "%s", *sign && sign[1] ? "::" : ":");
        add_zsh_text(buf, option->argument);
        add_zsh_action(buf, option);
    }
    lf_buf_add_char(buf, '\'');
}

static void add_zsh(struct lf_buf *buf)
{
    lf_buf_add(buf, LF_STR("#compdef linkfarm\n"
                           "_linkfarm() {\n"
                           "    local -a commands\n"
                           "    commands=(\n"));
    for (size_t i = 0; lf_command_at(i); i++) {
        lf_buf_add_format(buf, "        '%s:", lf_command_at(i)->name);
        add_zsh_text(buf, lf_command_at(i)->summary);
        lf_buf_add(buf, LF_STR("'\n"));
    }
    lf_buf_add(buf, LF_STR("    )\n"
                           "    if (( CURRENT == 2 )); then\n"
                           "        _describe command commands\n"
                           "        return\n"
                           "    fi\n"
                           "    local command=$words[2]\n"
                           "    shift words\n"
                           "    (( CURRENT-- ))\n"
                           "    case $command in\n"));
    for (size_t i = 0; lf_command_at(i); i++) {
        const struct lf_command *command = lf_command_at(i);
        lf_buf_add_format(buf, "    %s) _arguments", command->name);
        for (size_t j = 0; j < LF_OPTIONS; j++) {
            if (command->options & LF_OPT_BIT(j))
                add_zsh_option(buf, &lf_options_table[j]);
        }
        if (command->words)
            lf_buf_add_format(buf, " '1:word:(%s)'", command->words);
        lf_buf_add_format(buf, " '*:%s:_files' ;;\n",
                          takes_manifest(command) ? "manifest" : "word");
    }
    lf_buf_add(buf, LF_STR("    esac\n"
                           "}\n"
                           "compdef _linkfarm linkfarm\n"));
}

/* ---- fish ---- */

static void add_fish_text(struct lf_buf *buf, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            lf_buf_add_char(buf, '\\');
        lf_buf_add_char(buf, *text);
    }
}

static void add_fish_option(struct lf_buf *buf, const char *command,
                            const struct lf_option *option)
{
    lf_buf_add_format(buf,
                      "complete -c linkfarm -n "
                      "'__fish_seen_subcommand_from %s' -l %s",
                      command, option->name);
    if (option->letter)
        lf_buf_add_format(buf, " -s %c", option->letter);
    if (option->argument && option->take != LF_TAKE_FORM_PORCELAIN)
        lf_buf_add(buf, LF_STR(" -r"));
    if (has_values(option)) {
        lf_buf_add(buf, LF_STR(" -f -a '"));
        add_values(buf, option);
        lf_buf_add_char(buf, '\'');
    }
    lf_buf_add(buf, LF_STR(" -d '"));
    add_fish_text(buf, option->help);
    lf_buf_add(buf, LF_STR("'\n"));
}

static void add_fish(struct lf_buf *buf)
{
    for (size_t i = 0; lf_command_at(i); i++) {
        const struct lf_command *command = lf_command_at(i);
        lf_buf_add_format(buf,
                          "complete -c linkfarm -f -n __fish_use_subcommand "
                          "-a %s -d '",
                          command->name);
        add_fish_text(buf, command->summary);
        lf_buf_add(buf, LF_STR("'\n"));
        if (command->words)
            lf_buf_add_format(buf,
                              "complete -c linkfarm -n "
                              "'__fish_seen_subcommand_from %s' -a '%s'\n",
                              command->name, command->words);
        for (size_t j = 0; j < LF_OPTIONS; j++) {
            if (command->options & LF_OPT_BIT(j))
                add_fish_option(buf, command->name, &lf_options_table[j]);
        }
    }
}

/* ---- the command ---- */

static int unknown(struct lf_cli *cli, const char *shell)
{
    struct lf_error err;
    lf_error_set(&err, LF_CODE_OPERANDS, 0,
                 "there is no completion for the shell '%s'", shell);
    lf_error_help(&err, "the shells are bash, zsh and fish");
    return lf_cli_fail(cli, &err);
}

int lf_cmd_completion(struct lf_cli *cli)
{
    const char *shell = cli->options.operands.items[0];
    struct lf_buf buf = {0};
    if (strcmp(shell, "bash") == 0)
        add_bash(&buf);
    else if (strcmp(shell, "zsh") == 0)
        add_zsh(&buf);
    else if (strcmp(shell, "fish") == 0)
        add_fish(&buf);
    else
        return unknown(cli, shell);
    lf_stream_put(&cli->out, &buf);
    lf_buf_finish(&buf);
    return LF_EXIT_DONE;
}
