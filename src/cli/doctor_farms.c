/* SPDX-License-Identifier: MIT */
/*
 * doctor_farms.c - what doctor finds about each farm
 */
#include "cli/doctor.h"

#include <linkfarm/resolve.h>

/* A farm that is looked at. */
struct patient {
    struct lf_doctor *doctor;
    const struct lf_farm_info *info;
    struct lf_view *view;
    struct lf_resolver *resolver;
    struct lf_buf subject, text; /* "farm 'NAME'", and room for a message */
    struct lf_buf help;
    size_t faults;
};

static void tell(struct patient *p, enum lf_verdict verdict)
{
    p->faults += verdict != LF_VERDICT_OK;
    p->doctor->failed |= lf_buf_failed(&p->subject) ||
                         lf_buf_failed(&p->text) || lf_buf_failed(&p->help);
    lf_doctor_tell(p->doctor, verdict, lf_buf_str(&p->subject),
                   lf_buf_str(&p->text), lf_buf_str(&p->help));
    lf_buf_clear(&p->text);
    lf_buf_clear(&p->help);
}

static void add_quoted(struct lf_buf *buf, struct lf_str text)
{
    lf_buf_add_char(buf, '\'');
    lf_buf_add(buf, text);
    lf_buf_add_char(buf, '\'');
}

static void add_command(struct patient *p, const char *command,
                        struct lf_str operand)
{
    lf_doctor_add_command(p->doctor, &p->help, command, operand);
}

/* ---- the manifest ---- */

static bool recorded_profiles(void *arg, struct lf_str farm,
                              const struct lf_str **ret_profiles,
                              size_t *ret_count, struct lf_error *err)
{
    const struct patient *p = arg;
    (void)farm;
    (void)err;
    *ret_profiles = p->info->profiles;
    *ret_count = p->info->n_profiles;
    return true;
}

static void tell_unreadable(struct patient *p, const struct lf_error *err)
{
    lf_buf_add(&p->text, LF_STR("its manifest is out of reach: "));
    lf_buf_add(&p->text, lf_str(err->message));
    if (err->code == LF_CODE_MANIFEST_MISSING) {
        lf_buf_add(&p->help, LF_STR("put it back, or apply it where it is now, "
                                    "or take the farm away: "));
        add_command(p, "remove --name=", p->info->name);
    } else {
        lf_buf_add(&p->help, lf_str(err->help));
    }
    tell(p, LF_VERDICT_WARN);
}

static void tell_faults(struct patient *p, const struct lf_diags *diags)
{
    size_t errors = lf_diags_errors(diags);
    lf_buf_add(&p->text, LF_STR("its manifest has "));
    lf_word_count(&p->text, errors, "error", "errors");
    lf_buf_add(&p->help, LF_STR("they are shown by: "));
    add_command(p, "check ", p->info->manifest);
    tell(p, LF_VERDICT_FAIL);
}

static void tell_renamed(struct patient *p, struct lf_str name)
{
    lf_buf_add(&p->text, LF_STR("its manifest is now of the farm "));
    add_quoted(&p->text, name);
    lf_buf_add(&p->help, LF_STR("take the old name's links away: "));
    add_command(p, "remove --name=", p->info->name);
    tell(p, LF_VERDICT_WARN);
}

/* `name`: of the farm that its manifest has; NULL where that is out of reach, for
 * `err`. What was taken away by the cure of these needs no manifest any more. */
static void tell_lost(struct patient *p, const struct lf_str *name,
                      const struct lf_error *err)
{
    if (p->info->links + p->info->dirs == 0)
        return;
    if (name)
        tell_renamed(p, *name);
    else
        tell_unreadable(p, err);
}

static bool look_at_manifest(struct patient *p, struct lf_error *err)
{
    const struct lf_session *session = p->doctor->session;
    struct lf_manifest *manifest = NULL;
    struct lf_manifest_request request = {
            .file = p->info->manifest.data,
            .facts = session->facts,
            .root = session->root,
            .profiles_for = recorded_profiles,
            .profiles_arg = p,
    };
    if (p->info->manifest.len == 0 ||
        lf_str_equal(p->info->manifest, LF_STR("-")))
        return true;
    struct lf_diags *diags = lf_diags_new(1);
    if (!diags)
        return lf_error_oom(err);
    bool done = lf_manifest_load(&request, diags, &manifest, err);
    if (!done && err->code != LF_CODE_NO_MEMORY) {
        tell_lost(p, NULL, err);
        done = true;
    } else if (done && lf_diags_errors(diags) > 0) {
        tell_faults(p, diags);
    } else if (done) {
        struct lf_str name = lf_manifest_name(manifest);
        if (!lf_str_equal(name, p->info->name))
            tell_lost(p, &name, err);
    }
    lf_diags_free(diags);
    lf_manifest_free(manifest);
    return done;
}

/* ---- the disk ---- */

static bool look_at_drift(struct patient *p, struct lf_error *err)
{
    struct lf_plan *plan;
    struct lf_action action;
    size_t drifted = 0;
    if (!lf_transaction_plan_recorded(p->doctor->session->transaction,
                                      p->info->name, &plan, err))
        return false;
    for (size_t i = 0; lf_plan_action(plan, i, &action); i++)
        drifted += action.kind != LF_ACTION_KEEP;
    lf_plan_free(plan);
    if (drifted == 0)
        return true;
    lf_word_count(&p->text, drifted, "place is", "places are");
    lf_buf_add(&p->text, LF_STR(" not as applied"));
    lf_buf_add(&p->help, LF_STR("shown by: "));
    add_command(p, "status --name=", p->info->name);
    tell(p, LF_VERDICT_WARN);
    return true;
}

/* Whether a link that stands leads nowhere. */
static bool dangles(struct patient *p, struct lf_str path, bool *ret,
                    struct lf_error *err)
{
    struct lf_resolve_request request = {.path = path};
    struct lf_resolution *walk;
    if (!lf_resolve(p->resolver, &request, &walk, err))
        return false;
    /* one that is gone has drifted, and was told of */
    *ret = walk->error != 0 && walk->links > 0;
    lf_resolution_free(walk);
    return true;
}

static bool look_at_links(struct patient *p, struct lf_farms *farms,
                          struct lf_error *err)
{
    struct lf_generation *generation;
    size_t dangling = 0;
    bool done = true;
    if (!lf_generation_open(farms, p->info->name, 0, &generation, err))
        return false;
    for (size_t i = 0; done && i < lf_generation_count(generation); i++) {
        struct lf_farm_item item;
        bool found = false;
        done = lf_generation_item(generation, i, &item, err) &&
               (item.kind != LF_RECORD_LINK ||
                dangles(p, item.path, &found, err));
        if (!found)
            continue;
        if (dangling++ == 0) {
            lf_buf_add(&p->help, LF_STR("see why: "));
            add_command(p, "resolve ", item.path);
        }
    }
    lf_generation_free(generation);
    if (done && dangling > 0) {
        lf_word_count(&p->text, dangling, "link leads", "links lead");
        lf_buf_add(&p->text, LF_STR(" nowhere"));
        tell(p, LF_VERDICT_WARN);
    }
    return done;
}

/* ---- a farm ---- */

static bool look(struct patient *p, struct lf_farms *farms,
                 struct lf_error *err)
{
    const char *root = p->doctor->session->root;
    lf_buf_add(&p->subject, LF_STR("farm "));
    add_quoted(&p->subject, p->info->name);
    if (!lf_view_open(root ? root : "/", &p->view, err) ||
        !lf_resolver_new(p->view, &p->resolver, err) ||
        !look_at_manifest(p, err) || !look_at_drift(p, err) ||
        !look_at_links(p, farms, err))
        return false;
    if (p->faults > 0)
        return true;
    lf_word_count(&p->text, p->info->links, "link", "links");
    lf_buf_add_format(&p->text, ", generation %llu",
                      (unsigned long long)p->info->generation);
    tell(p, LF_VERDICT_OK);
    return true;
}

bool lf_doctor_farms(struct lf_doctor *doctor, struct lf_farms *farms,
                     struct lf_error *err)
{
    bool done = true;
    for (size_t i = 0; done && i < lf_farms_count(farms); i++) {
        struct patient p = {.doctor = doctor, .info = lf_farms_info(farms, i)};
        done = look(&p, farms, err);
        lf_resolver_free(p.resolver);
        lf_view_free(p.view);
        lf_buf_finish(&p.subject);
        lf_buf_finish(&p.text);
        lf_buf_finish(&p.help);
    }
    return done;
}
