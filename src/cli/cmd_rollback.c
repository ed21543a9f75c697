/* SPDX-License-Identifier: MIT */
/*
 * cmd_rollback.c - linkfarm rollback: bring an older generation back
 */
#include "cli/commands.h"
#include "cli/flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct lf_flow flow = {.type = "rollback",
                                    .done = "Rolled back",
                                    .gone = "not in that generation"};

/* The operands are a number, a manifest, or both, in either order: a manifest
 * whose name is a number can be written ./7. */
struct operands {
    const char *manifest;
    bool numbered;
    uint64_t number;
};

static bool is_number(const char *word)
{
    return word[0] && word[strspn(word, "0123456789")] == '\0';
}

static bool take_number(struct operands *operands, const char *word,
                        struct lf_error *err)
{
    errno = 0;
    operands->numbered = true;
    operands->number = strtoull(word, NULL, 10);
    if (errno != ERANGE)
        return true;
    lf_error_set(err, LF_CODE_NO_GENERATION, 0, "no farm has a generation %s",
                 word);
    lf_error_help(err, "those that there are: linkfarm history");
    return false;
}

static bool sort_operands(const struct lf_texts *words,
                          struct operands *ret_operands, struct lf_error *err)
{
    struct operands operands = {0};
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        bool numeric = is_number(word);
        if (numeric ? operands.numbered : operands.manifest != NULL) {
            lf_error_set(err, LF_CODE_OPERANDS, 0,
                         numeric ? "two generations: %s too"
                                 : "two manifests: %s too",
                         word);
            lf_error_help(err, "usage: linkfarm rollback [N] [MANIFEST]");
            return false;
        }
        if (!numeric)
            operands.manifest = word;
        else if (!take_number(&operands, word, err))
            return false;
    }
    *ret_operands = operands;
    return true;
}

/* The one before the present one, kept or not; 0, the state before the first, for the
 * first. A farm that was removed goes back to its last that is kept. */
static bool previous(struct lf_session *session, uint64_t *ret_number,
                     struct lf_error *err)
{
    struct lf_farms *farms;
    uint64_t *numbers;
    size_t count;
    struct lf_str name = lf_str(session->farm);
    if (!lf_session_farms(session, &farms, err) ||
        !lf_farms_generations(farms, name, &numbers, &count, err))
        return false;
    *ret_number = count > 0 ? numbers[count - 1] : 0;
    for (size_t i = 0; i < lf_farms_count(farms); i++) {
        const struct lf_farm_info *info = lf_farms_info(farms, i);
        if (lf_str_equal(info->name, name))
            *ret_number = info->generation - 1;
    }
    free(numbers);
    return true;
}

static int run(struct lf_session *session, const struct operands *operands)
{
    struct lf_error err;
    uint64_t number = operands->number;
    const struct lf_options *options = &session->cli->options;
    int status = lf_session_farm(session, operands->manifest, true);
    if (status == 0)
        status = lf_session_begin(session, !options->dry_run);
    if (status != 0)
        return status;
    if (!operands->numbered && !previous(session, &number, &err))
        return lf_session_fail(session, &err);
    if (!lf_transaction_plan_rollback(session->transaction,
                                      lf_str(session->farm), number,
                                      &session->plan, &err))
        return lf_session_fail(session, &err);
    return options->dry_run ? lf_flow_show(session, &flow)
                            : lf_flow_apply(session, &flow);
}

int lf_cmd_rollback(struct lf_cli *cli)
{
    struct lf_error err;
    struct operands operands;
    struct lf_session session;
    if (!sort_operands(&cli->options.operands, &operands, &err))
        return lf_cli_fail(cli, &err);
    int status = lf_session_open(cli, &session);
    if (status == 0)
        status = run(&session, &operands);
    lf_session_close(&session);
    return status;
}
