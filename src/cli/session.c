/* SPDX-License-Identifier: MIT */
/*
 * session.c - from what was typed to a manifest, a state and a plan
 */
#include "cli/session.h"

#include "base/escape.h"
#include "base/nearest.h"
#include "base/util.h"
#include "cli/commands.h"
#include "cli/places.h"
#include "platform/signal.h"

enum { DIAGS_LIMIT = 20 };

extern char **environ;

/* ---- opening and closing ---- */

/* Several names have commas or blanks between them. */
static bool add_profiles_of(struct lf_facts *facts, const char *names,
                            struct lf_error *err)
{
    while (*names) {
        size_t len = strcspn(names, ", \t");
        if (len > 0 && !lf_facts_add_profile(facts, lf_str_of(names, len), err))
            return false;
        names += len + strspn(names + len, ", \t");
    }
    return true;
}

/* Profiles are given, or come from the environment, or from the last apply. */
static bool profiles_given(const struct lf_options *options)
{
    return options->profiles_fixed || options->profiles.count > 0;
}

static bool add_profiles(const struct lf_options *options,
                         struct lf_facts *facts, struct lf_error *err)
{
    const char *names = getenv("LINKFARM_PROFILE");
    if (!profiles_given(options) && names)
        return add_profiles_of(facts, names, err);
    for (size_t i = 0; i < options->profiles.count; i++) {
        if (!add_profiles_of(facts, options->profiles.items[i], err))
            return false;
    }
    return true;
}

static bool add_vars(const struct lf_options *options, struct lf_facts *facts,
                     struct lf_error *err)
{
    for (size_t i = 0; i < options->vars.count; i++) {
        const char *var = options->vars.items[i];
        const char *sign = strchr(var, '=');
        if (!lf_facts_add_var(facts, lf_str_of(var, (size_t)(sign - var)),
                              lf_str(sign + 1), err))
            return false;
    }
    return true;
}

static bool gather(struct lf_session *session, struct lf_error *err)
{
    const struct lf_options *options = &session->cli->options;
    if (options->root && !lf_place_absolute(options->root, &session->root, err))
        return false;
    return lf_facts_new(&session->facts, err) &&
           lf_facts_set_environment(session->facts, environ, err) &&
           add_profiles(options, session->facts, err) &&
           add_vars(options, session->facts, err) &&
           lf_place_state(options, lf_facts_get(session->facts, "home"),
                          &session->state_dir, err);
}

int lf_session_open(struct lf_cli *cli, struct lf_session *ret_session)
{
    struct lf_error err;
    *ret_session = (struct lf_session){.cli = cli};
    if (gather(ret_session, &err))
        return 0;
    return lf_cli_fail(cli, &err);
}

void lf_session_close(struct lf_session *session)
{
    lf_plan_free(session->plan);
    lf_transaction_close(session->transaction);
    lf_diags_free(session->diags);
    lf_manifest_free(session->manifest);
    lf_farms_free(session->farms);
    lf_facts_free(session->facts);
    free(session->farm);
    free(session->home);
    free(session->root);
    free(session->state_dir);
}

/* ---- the manifest ---- */

bool lf_session_farms(struct lf_session *session, struct lf_farms **ret_farms,
                      struct lf_error *err)
{
    if (!session->farms &&
        !lf_farms_open(session->root, session->state_dir, &session->farms, err))
        return false;
    *ret_farms = session->farms;
    return true;
}

bool lf_session_show_farms(struct lf_session *session,
                           struct lf_farms **ret_farms, struct lf_error *err)
{
    if (!lf_session_farms(session, ret_farms, err) ||
        !lf_farms_known(*ret_farms, err))
        return false;
    lf_session_tell_open(session, lf_farms_interrupted(*ret_farms));
    return true;
}

/* For lf_manifest_request.profiles_for: those of the farm's last apply. */
static bool profiles_of_last_time(void *arg, struct lf_str farm,
                                  const struct lf_str **ret_profiles,
                                  size_t *ret_count, struct lf_error *err)
{
    struct lf_session *session = arg;
    if (!lf_session_read(session, err) ||
        !lf_transaction_profiles(session->transaction, farm, ret_profiles,
                                 ret_count, err))
        return false;
    session->remembered = *ret_count > 0;
    return true;
}

static void tell_profiles(struct lf_session *session,
                          const struct lf_str *profiles, size_t count)
{
    struct lf_buf names = {0};
    for (size_t i = 0; i < count; i++) {
        lf_buf_add(&names, lf_str(i ? ", " : ""));
        lf_escape_shown(&names, profiles[i]);
    }
    if (count > 0 && !lf_buf_failed(&names))
        lf_cli_note(session->cli,
                    "with the profile%s of the last apply: %s (--profile "
                    "chooses others, LINKFARM_PROFILE= none)",
                    count == 1 ? "" : "s", names.data);
    lf_buf_finish(&names);
}

static void tell_manifest_profiles(struct lf_session *session)
{
    size_t count = lf_manifest_profiles(session->manifest);
    LF_AUTO_FREE struct lf_str *profiles = calloc(count + 1, sizeof(*profiles));
    for (size_t i = 0; profiles && i < count; i++)
        profiles[i] = lf_manifest_profile(session->manifest, i);
    if (profiles)
        tell_profiles(session, profiles, count);
}

/* Each is said once: planning adds to what loading found. */
static int tell_diags(struct lf_session *session)
{
    int status = lf_cli_diags(session->cli, session->diags, session->said);
    session->said = lf_diags_count(session->diags);
    return status;
}

static int no_manifest(struct lf_cli *cli)
{
    struct lf_error err;
    lf_error_set(&err, LF_CODE_NO_MANIFEST, 0, "no manifest found");
    lf_error_help(&err,
                  "name one: linkfarm %s MANIFEST\n"
                  "or make ./linkfarm.yaml: linkfarm init",
                  cli->options.command->name);
    return lf_cli_fail(cli, &err);
}

static struct lf_manifest_request request_of(struct lf_session *session,
                                             const char *file)
{
    bool given = profiles_given(&session->cli->options) ||
                 getenv("LINKFARM_PROFILE");
    return (struct lf_manifest_request){
            .file = file,
            .facts = session->facts,
            .root = session->root,
            .profiles_for = given ? NULL : profiles_of_last_time,
            .profiles_arg = session,
            .threads = lf_session_threads(session),
    };
}

static bool read_manifest(struct lf_session *session, const char *file,
                          struct lf_error *err)
{
    struct lf_manifest_request request = request_of(session, file);
    session->diags = lf_diags_new(DIAGS_LIMIT);
    if (!session->diags)
        return lf_error_oom(err);
    return lf_manifest_load(&request, session->diags, &session->manifest, err);
}

/* It was not named where the mistake would be looked for. */
static void help_to_variable(const char *operand, struct lf_error *err)
{
    if (!operand && lf_place_variable() &&
        err->code == LF_CODE_MANIFEST_MISSING)
        lf_error_help(err, "LINKFARM_MANIFEST names it");
}

/* The manifest to use; NULL where there is none. The caller frees it. */
static bool find_manifest(struct lf_session *session, const char *operand,
                          bool absolute, char **ret_file, struct lf_error *err)
{
    LF_AUTO_FREE char *file = NULL;
    LF_AUTO_FREE char *cwd = NULL;
    if (!lf_place_manifest(operand, lf_facts_get(session->facts, "home"), &file,
                           err))
        return false;
    bool input = file && strcmp(file, "-") == 0;
    /* what standard input says begins where we are */
    if (input && !lf_place_absolute(".", &cwd, err))
        return false;
    if (file && absolute && !input)
        return lf_place_settled(file, ret_file, err);
    *ret_file = file;
    file = NULL;
    return true;
}

static int load(struct lf_session *session, const char *operand, bool absolute)
{
    struct lf_error err;
    LF_AUTO_FREE char *file = NULL;
    if (!find_manifest(session, operand, absolute, &file, &err))
        return lf_cli_fail(session->cli, &err);
    if (!file)
        return no_manifest(session->cli);
    if (!read_manifest(session, file, &err)) {
        help_to_variable(operand, &err);
        return lf_cli_fail(session->cli, &err);
    }
    int status = tell_diags(session);
    if (status == 0 && session->remembered)
        tell_manifest_profiles(session);
    return status;
}

static bool plan_unchanged(struct lf_session *session, const char *operand)
{
    struct lf_error err;
    LF_AUTO_FREE char *file = NULL;
    if (!find_manifest(session, operand, false, &file, &err) || !file)
        return false;
    struct lf_manifest_request request = request_of(session, file);
    if (!lf_session_read(session, &err) ||
        !lf_transaction_plan_unchanged(session->transaction, &request,
                                       &session->plan, &err) ||
        !session->plan)
        return false;
    if (request.profiles_for) {
        size_t count;
        const struct lf_str *profiles = lf_plan_profiles(session->plan, &count);
        tell_profiles(session, profiles, count);
    }
    return true;
}

bool lf_session_unchanged(struct lf_session *session, const char *operand)
{
    const struct lf_options *options = &session->cli->options;
    /* whoever wants to see everything has to look at everything */
    return !options->full && options->verbose == 0 &&
           plan_unchanged(session, operand);
}

/* ---- the farm ---- */

static bool keep_farm(struct lf_session *session, struct lf_str name,
                      struct lf_error *err)
{
    session->farm = malloc(name.len + 1);
    if (!session->farm)
        return lf_error_oom(err);
    memcpy(session->farm, name.data, name.len);
    session->farm[name.len] = '\0';
    return true;
}

static bool only_farm(struct lf_session *session, struct lf_error *err)
{
    struct lf_farms *farms;
    if (!lf_session_farms(session, &farms, err) || !lf_farms_known(farms, err))
        return false;
    size_t count = lf_farms_count(farms);
    if (count == 1)
        return keep_farm(session, lf_farms_info(farms, 0)->name, err);
    if (count == 0) {
        lf_error_set(err, LF_CODE_NO_MANIFEST, 0,
                     "no manifest found, and no farm has been applied yet");
        lf_error_help(err, "the state is in %s", session->state_dir);
        return false;
    }
    lf_error_set(err, LF_CODE_WHICH_FARM, 0,
                 "no manifest found, and there are %zu farms: which one?",
                 count);
    lf_error_help(err, "give --name=FARM; 'linkfarm list' shows them");
    return false;
}

/* What is asked of lf_nearest(): the names of the farms. */
static const char *farm_name(const void *arg, size_t index)
{
    const struct lf_farm_info *info = lf_farms_info(arg, index);
    return info ? info->name.data : NULL;
}

int lf_session_fail(struct lf_session *session, struct lf_error *err)
{
    struct lf_error other;
    struct lf_farms *farms;
    if (err->code == LF_CODE_NO_FARM && session->farm &&
        lf_session_farms(session, &farms, &other)) {
        const char *near = lf_nearest(lf_str(session->farm), farm_name, farms);
        if (near)
            lf_error_help(err, "did you mean '%s'?", near);
    }
    int status = lf_cli_fail(session->cli, err);
    int signal = lf_signals_caught();
    return err->code == LF_CODE_CANCELLED && signal ? LF_EXIT_SIGNAL + signal
                                                    : status;
}

/* The name, where the manifest is known to be the one of the last apply: a large
 * one takes a while to read. NULL where it is not, and without memory. */
static char *known_farm(struct lf_session *session, const char *file)
{
    struct lf_error ignored;
    char *farm = NULL;
    struct lf_manifest_request request = request_of(session, file);
    if (!session->cli->options.full && lf_session_read(session, &ignored))
        (void)lf_transaction_farm_of(session->transaction, &request, &farm,
                                     &ignored);
    return farm;
}

/* `remove vim` is typed where `list` has shown a farm of that name. */
static int fail_to_read(struct lf_session *session, const char *operand,
                        struct lf_error *err)
{
    struct lf_error other;
    struct lf_farms *farms;
    if (err->code == LF_CODE_MANIFEST_MISSING && operand &&
        lf_session_farms(session, &farms, &other)) {
        for (size_t i = 0; i < lf_farms_count(farms); i++) {
            if (lf_str_equal(lf_farms_info(farms, i)->name, lf_str(operand)))
                lf_error_help(err, "for the farm of that name: --name=%s",
                              operand);
        }
    }
    help_to_variable(operand, err);
    return lf_cli_fail(session->cli, err);
}

int lf_session_farm(struct lf_session *session, const char *operand,
                    bool only_name)
{
    struct lf_error err;
    LF_AUTO_FREE char *file = NULL;
    const char *name = session->cli->options.name;
    if (name && operand) {
        lf_error_set(&err, LF_CODE_OPTION_CONFLICT, 0,
                     "the farm is named twice: --name=%s and %s", name,
                     operand);
        return lf_cli_fail(session->cli, &err);
    }
    if (name)
        return keep_farm(session, lf_str(name), &err)
                       ? 0
                       : lf_cli_fail(session->cli, &err);
    if (!find_manifest(session, operand, false, &file, &err))
        return lf_cli_fail(session->cli, &err);
    if (!file)
        return only_farm(session, &err) ? 0 : lf_cli_fail(session->cli, &err);
    session->farm = only_name ? known_farm(session, file) : NULL;
    if (session->farm)
        return 0;
    if (!read_manifest(session, file, &err))
        return fail_to_read(session, operand, &err);
    int status = tell_diags(session);
    if (status != 0) {
        lf_cli_note(session->cli, "--name=FARM works without the manifest");
        return status;
    }
    if (!only_name && session->remembered)
        tell_manifest_profiles(session);
    return keep_farm(session, lf_manifest_name(session->manifest), &err)
                   ? 0
                   : lf_cli_fail(session->cli, &err);
}

/* ---- the plan ---- */

int lf_session_plan(struct lf_session *session)
{
    struct lf_error err;
    if (!lf_transaction_plan(session->transaction, session->manifest,
                             session->diags, &session->plan, &err))
        return lf_cli_fail(session->cli, &err);
    int status = tell_diags(session);
    return session->plan ? 0 : status ? status : LF_EXIT_MANIFEST;
}

int lf_session_make_plan(struct lf_session *session, const char *operand,
                         bool absolute, bool write)
{
    int status = load(session, operand, absolute);
    if (status == 0)
        status = lf_session_begin(session, write);
    return status ? status : lf_session_plan(session);
}
