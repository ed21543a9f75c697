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

static bool explains_commands(const struct lf_command *command)
{
    return command->run == lf_cmd_help;
}

static bool has_words(const struct lf_command *command)
{
    return command->words || explains_commands(command);
}

/* What its first operand may be, with blanks between: of `help`, the others. */
static void add_words(struct lf_buf *buf, const struct lf_command *command)
{
    if (command->words)
        lf_buf_add(buf, lf_str(command->words));
    if (!explains_commands(command))
        return;
    const char *blank = "";
    for (size_t i = 0; lf_command_at(i); i++) {
        if (lf_command_at(i) == command)
            continue;
        lf_buf_add_format(buf, "%s%s", blank, lf_command_at(i)->name);
        blank = " ";
    }
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
    lf_buf_add_format(buf, "    %s) ", command->name);
    if (has_words(command)) {
        lf_buf_add(buf, LF_STR("[[ $operand ]] || words='"));
        add_words(buf, command);
        lf_buf_add(buf, LF_STR("'\n        "));
    }
    lf_buf_add(buf, LF_STR("[[ $cur == -* ]] && words='"));
    add_bash_words(buf, command->options);
    lf_buf_add(buf, LF_STR("' ;;\n"));
}

/* After which words a directory is due: "stow" of "stow DIR...|dotbot FILE". */
static void add_bash_dirs(struct lf_buf *buf, const struct lf_command *command)
{
    const char *at = command->operands;
    while (*at) {
        size_t len = strcspn(at, "|");
        size_t first = strcspn(at, " |");
        if (strncmp(at, "DIR", len) == 0)
            lf_buf_add_format(buf, "    '%s '*", command->name);
        else if (first < len && strncmp(at + first, " DIR", 4) == 0)
            lf_buf_add_format(buf, "    '%s %.*s'", command->name, (int)first,
                              at);
        else
            first = 0;
        if (first > 0)
            lf_buf_add(buf, LF_STR(") files=dirnames ;;\n"));
        at += len + (at[len] == '|');
    }
}

/* Which word is the command, and which its first operand: "$skip" at the end says
 * that an argument of an option is being typed. */
static void add_bash_loop(struct lf_buf *buf)
{
    lf_buf_add(buf, LF_STR("    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\""
                           "; do\n"
                           "        case $word in\n"
                           "        =) skip=1; continue ;;\n"
                           "        esac\n"
                           "        [[ $skip ]] && { skip=; continue; }\n"
                           "        case $word in\n"
                           "        "));
    const char *bar = "";
    for (size_t i = 0; i < LF_OPTIONS; i++) {
        const struct lf_option *option = &lf_options_table[i];
        if (!option->argument || option->take == LF_TAKE_FORM_PORCELAIN)
            continue;
        lf_buf_add_format(buf, "%s--%s", bar, option->name);
        if (option->letter)
            lf_buf_add_format(buf, "|-%c", option->letter);
        bar = "|";
    }
    lf_buf_add(buf,
               LF_STR(") skip=1 ;;\n"
                      "        -*) ;;\n"
                      "        *) [[ $command ]] && : \"${operand:=$word}\"\n"
                      "           : \"${command:=$word}\" ;;\n"
                      "        esac\n"
                      "    done\n"));
}

static void add_bash(struct lf_buf *buf)
{
    lf_buf_add(buf, LF_STR("_linkfarm() {\n"
                           "    local cur=${COMP_WORDS[COMP_CWORD]} command= "
                           "word words=\n"
                           "    local operand= skip= files=default\n"
                           "    local before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                           "    local option=$before\n"));
    add_bash_loop(buf);
    add_bash_values(buf);
    lf_buf_add(buf, LF_STR("    [[ $skip ]] && command=-\n"
                           "    case \"$command $operand\" in\n"));
    for (size_t i = 0; lf_command_at(i); i++)
        add_bash_dirs(buf, lf_command_at(i));
    lf_buf_add(buf, LF_STR("    esac\n"
                           "    case $command in\n    '') words='"));
    for (size_t i = 0; lf_command_at(i); i++)
        lf_buf_add_format(buf, "%s%s", i ? " " : "", lf_command_at(i)->name);
    lf_buf_add(buf, LF_STR("' ;;\n"));
    for (size_t i = 0; lf_command_at(i); i++)
        add_bash_command(buf, lf_command_at(i));
    lf_buf_add(buf, LF_STR("    esac\n"
                           "    compopt -o $files\n"
                           "    mapfile -t COMPREPLY < <(compgen -W \"$words\""
                           " -- \"$cur\")\n"
                           "    [[ ${COMPREPLY[0]-} != *= ]] || compopt -o "
                           "nospace\n"
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
    /* options may stand before the command */
    lf_buf_add(
            buf,
            LF_STR("    )\n"
                   "    local command= at=1\n"
                   "    while [[ -z $command ]] && (( ++at < CURRENT )); do\n"
                   "        [[ -n ${commands[(r)${(b)words[at]}:*]} ]] &&\n"
                   "            command=$words[at]\n"
                   "    done\n"
                   "    if [[ -z $command ]]; then\n"
                   "        _describe command commands\n"
                   "        return\n"
                   "    fi\n"
                   "    shift $(( at - 1 )) words\n"
                   "    (( CURRENT -= at - 1 ))\n"
                   "    case $command in\n"));
    for (size_t i = 0; lf_command_at(i); i++) {
        const struct lf_command *command = lf_command_at(i);
        lf_buf_add_format(buf, "    %s) _arguments", command->name);
        for (size_t j = 0; j < LF_OPTIONS; j++) {
            if (command->options & LF_OPT_BIT(j))
                add_zsh_option(buf, &lf_options_table[j]);
        }
        if (has_words(command)) {
            lf_buf_add(buf, LF_STR(" '1:word:("));
            add_words(buf, command);
            lf_buf_add(buf, LF_STR(")'"));
        }
        if (!explains_commands(command))
            lf_buf_add_format(buf, " '*:%s:_files'",
                              takes_manifest(command) ? "manifest" : "word");
        lf_buf_add(buf, LF_STR(" ;;\n"));
    }
    /* from $fpath, the file is run in the place of the function at the first use */
    lf_buf_add(buf, LF_STR("    esac\n"
                           "}\n"
                           "if [[ $funcstack[1] == _linkfarm ]]; then\n"
                           "    _linkfarm \"$@\"\n"
                           "else\n"
                           "    compdef _linkfarm linkfarm\n"
                           "fi\n"));
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

/* For the first operand: none of them stands there yet. */
static void add_fish_words(struct lf_buf *buf, const struct lf_command *command)
{
    lf_buf_add_format(buf,
                      "complete -c linkfarm -f -n "
                      "'__fish_seen_subcommand_from %s; and not "
                      "__fish_seen_subcommand_from ",
                      command->name);
    add_words(buf, command);
    lf_buf_add(buf, LF_STR("' -a '"));
    add_words(buf, command);
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
        if (has_words(command))
            add_fish_words(buf, command);
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
