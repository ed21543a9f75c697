/* SPDX-License-Identifier: MIT */
/*
 * audit.c - what a manifest's `policy` denies of the result
 *
 * The proof asks whether the links will work; the audit, whether they are what
 * the manifest's author lets through. It looks at the disk as it will be, and
 * what it finds is a remark: `check` fails on it, applying does not.
 */
#include "base/pair.h"
#include "base/path.h"
#include "base/texts.h"
#include "manifest/model.h"
#include "plan/prove.h"

#include <stdlib.h>

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

enum {
    LINKS_PROMISED = 8, /* that any POSIX system follows: _POSIX_SYMLOOP_MAX */
    LINKS_SAFE = 20,    /* above, concurrent renames can cost a false ELOOP */
    MODE_EVERYBODY = 0002,
    MODE_STICKY = 01000,
};

/* The directory that was looked at last, and what was found. */
struct seen {
    struct lf_str dir;
    struct lf_str open; /* it, or one above it; empty: none */
};

struct audit {
    struct lf_plan *plan;
    const struct lf_manifest *manifest;
    struct lf_resolver *after;
    struct lf_error *err;
    struct lf_str *allowed; /* physical, sorted */
    uint32_t n_allowed;
    struct lf_str home; /* physical */
    const struct lf_planned *
            *modes; /* that give a directory its mode, by path */
    size_t n_modes;
    struct seen at_link, at_referent;
    bool lost; /* a path, for want of memory */
};

static bool denied(const struct audit *a, enum lf_policy_rule rule)
{
    return lf_manifest_denies(a->manifest, rule);
}

static struct lf_str path_of(struct audit *a, const struct lf_planned *planned)
{
    struct lf_str path = lf_plan_path(a->plan, planned);
    a->lost |= !path.data;
    return path;
}

static bool remark(struct audit *a, const struct lf_planned *planned,
                   enum lf_code code, enum lf_severity severity,
                   struct lf_str message, const char *help)
{
    struct lf_finding finding = {
            .code = code,
            .severity = severity,
            .path = path_of(a, planned),
            .at = lf_plan_at(a->plan, lf_planned_at(planned)),
            .mark = lf_planned_mark(planned),
            .message = message,
            .help = lf_str(help),
    };
    if (a->lost || !message.data || !finding.at.data)
        return lf_error_oom(a->err);
    return lf_plan_trace(a->plan, a->after, finding.path, &finding.trace,
                         a->err) &&
           lf_plan_remark_on(a->plan, &finding, a->err);
}

/* ---- where links lead ---- */

static bool judge_dangling(struct audit *a, const struct lf_planned *planned)
{
    /* without leave to dangle it is a finding of the proof already */
    if (planned->direct || lf_planned_resolves_to(planned).len > 0 ||
        !planned->allow_dangling || !denied(a, LF_POLICY_DANGLING))
        return true;
    return remark(a, planned, LF_CODE_POLICY_DANGLING, LF_SEVERITY_ERROR,
                  lf_plan_text(a->plan,
                               "%.*s leads nowhere, which the policy denies",
                               SHOW(path_of(a, planned))),
                  "make its source, or take `dangling` out of `deny`");
}

static bool is_allowed(const struct audit *a, struct lf_str path)
{
    while (path.len > 1 && !lf_texts_have(a->allowed, a->n_allowed, path))
        path = lf_path_dir(path);
    return path.len > 1 || lf_texts_have(a->allowed, a->n_allowed, path);
}

/* Where the link leads, or would lead if all on its way were there. */
static bool judge_escape(struct audit *a, const struct lf_planned *planned)
{
    struct lf_resolve_request request = {.flags = LF_RESOLVE_MISSING_TAIL};
    struct lf_resolution *found;
    if (!denied(a, LF_POLICY_ESCAPE))
        return true;
    request.path = path_of(a, planned);
    if (a->lost)
        return lf_error_oom(a->err);
    if (!lf_resolve(a->after, &request, &found, a->err))
        return false;
    bool ok = is_allowed(a, found->path) ||
              remark(a, planned, LF_CODE_POLICY_ESCAPE, LF_SEVERITY_ERROR,
                     lf_plan_text(a->plan,
                                  "%.*s leads to %.*s, outside of what the "
                                  "policy allows",
                                  SHOW(path_of(a, planned)), SHOW(found->path)),
                     "name a directory above it under `allow_under`, or "
                     "keep the source below `from`");
    lf_resolution_free(found);
    return ok;
}

/* As it is spelled, or physically. */
static bool is_in_home(const struct audit *a, struct lf_str text)
{
    struct lf_str spelled = a->manifest->home;
    return (spelled.len > 0 && lf_path_within(text, spelled)) ||
           (a->home.len > 0 && lf_path_within(text, a->home));
}

static bool judge_home(struct audit *a, const struct lf_planned *planned)
{
    struct lf_pair_room room;
    if (!denied(a, LF_POLICY_ABSOLUTE_INTO_HOME) ||
        !lf_pair_begins(lf_planned_text(planned), '/'))
        return true;
    struct lf_str text = lf_pair_join(lf_planned_text(planned), &room);
    if (!is_in_home(a, text))
        return true;
    return remark(a, planned, LF_CODE_POLICY_HOME, LF_SEVERITY_ERROR,
                  lf_plan_text(a->plan,
                               "the text of %.*s is absolute and leads into "
                               "the home directory: %.*s",
                               SHOW(path_of(a, planned)), SHOW(text)),
                  planned->in->source_dir
                          ? "write `style: relative`, so that it holds when "
                            "the home is moved or mounted elsewhere"
                          : "name the source by `from`, so that the text is "
                            "relative and holds when the home is moved");
}

static bool judge_chain(struct audit *a, const struct lf_planned *planned)
{
    unsigned links = planned->links;
    bool fatal = denied(a, LF_POLICY_LONG_CHAIN);
    if (links <= LINKS_PROMISED)
        return true;
    return remark(a, planned, LF_CODE_LONG_CHAIN,
                  fatal ? LF_SEVERITY_ERROR : LF_SEVERITY_WARNING,
                  links > LINKS_SAFE
                          ? lf_plan_text(a->plan,
                                         "%.*s leads through %u links: above "
                                         "%d, Linux may refuse it now and then "
                                         "while others rename",
                                         SHOW(path_of(a, planned)), links,
                                         LINKS_SAFE)
                          : lf_plan_text(a->plan,
                                         "%.*s leads through %u links: POSIX "
                                         "promises only %d",
                                         SHOW(path_of(a, planned)), links,
                                         LINKS_PROMISED),
                  "let the entry lead to the end of the chain");
}

/* ---- who can write there ---- */

static int compare_path(const void *path, const void *item)
{
    const struct lf_planned *const *planned = item;
    return lf_path_compare(*(const struct lf_str *)path,
                           lf_planned_dir_path(*planned));
}

static int compare_paths(const void *a, const void *b)
{
    const struct lf_planned *const *first = a;
    struct lf_str path = lf_planned_dir_path(*first);
    return compare_path(&path, b);
}

/* The mode that the directory will have; 0 for one that cannot be seen. */
static bool mode_of(struct audit *a, struct lf_str dir, uint32_t *ret_mode)
{
    const struct lf_planned *const *given =
            bsearch(&dir, a->modes, a->n_modes, sizeof(struct lf_planned *),
                    compare_path);
    struct lf_resolve_request request = {.path = dir,
                                         .flags = LF_RESOLVE_NOFOLLOW};
    struct lf_resolution *found;
    if (given) {
        *ret_mode = (*given)->mode;
        return true;
    }
    if (!lf_resolve(a->after, &request, &found, a->err))
        return false;
    *ret_mode = found->outcome == LF_OUTCOME_OK ? found->node.mode : 0;
    lf_resolution_free(found);
    return true;
}

/*
 * A directory that everybody can write, `dir` or one above it. The sticky bit
 * keeps others from renaming what is there, and so it is enough above; but in
 * `dir` itself the name can be taken by anybody while it is free.
 */
static bool find_open(struct audit *a, struct seen *seen, struct lf_str dir)
{
    if (seen->dir.data && lf_str_equal(seen->dir, dir))
        return true;
    seen->dir = dir;
    seen->open = (struct lf_str){0};
    for (struct lf_str at = dir; at.len > 0; at = lf_path_dir(at)) {
        uint32_t mode;
        if (!mode_of(a, at, &mode))
            return false;
        if ((mode & MODE_EVERYBODY) &&
            (at.len == dir.len || !(mode & MODE_STICKY))) {
            seen->open = at;
            return true;
        }
        if (at.len == 1)
            break;
    }
    return true;
}

static bool judge_parents(struct audit *a, const struct lf_planned *planned)
{
    if (!denied(a, LF_POLICY_WORLD_WRITABLE_PARENT))
        return true;
    struct lf_str end = lf_planned_resolves_to(planned);
    struct lf_str end_dir = LF_STR(""); /* the root is in no directory */
    if (planned->direct && planned->source_name_len > 0)
        end_dir = *planned->in->source_dir;
    else if (end.len > 1)
        end_dir = lf_path_dir(end);
    if (!find_open(a, &a->at_link, *planned->in->dir))
        return false;
    if (a->at_link.open.len == 0 && end_dir.len > 0 &&
        !find_open(a, &a->at_referent, end_dir))
        return false;
    struct lf_str open = a->at_link.open;
    if (open.len == 0 && end_dir.len > 0)
        open = a->at_referent.open;
    if (open.len == 0)
        return true;
    return remark(a, planned, LF_CODE_POLICY_WRITABLE, LF_SEVERITY_ERROR,
                  lf_plan_text(a->plan,
                               "everybody can write %.*s, and so change where "
                               "%.*s leads",
                               SHOW(open), SHOW(path_of(a, planned))),
                  "take the right away: chmod o-w");
}

/* ---- the whole ---- */

static bool prepare_modes(struct audit *a)
{
    const struct lf_plan *plan = a->plan;
    a->modes = calloc(plan->n_planned + 1u, sizeof(*a->modes));
    if (!a->modes)
        return lf_error_oom(a->err);
    for (uint32_t i = 0; i < plan->n_planned; i++) {
        const struct lf_planned *planned = &plan->planned[i];
        if (planned->kind == LF_ACTION_CHMOD ||
            (planned->kind == LF_ACTION_MKDIR && planned->exact_mode))
            a->modes[a->n_modes++] = planned;
    }
    qsort(a->modes, a->n_modes, sizeof(*a->modes), compare_paths);
    return true;
}

/* A directory that cannot be resolved holds nothing. */
static bool allow(struct audit *a, struct lf_str dir)
{
    int error;
    if (!lf_resolve_dir(a->after, dir, &a->allowed[a->n_allowed], &error,
                        a->err))
        return false;
    a->n_allowed += error == 0;
    return true;
}

static bool prepare(struct audit *a)
{
    const struct lf_manifest *manifest = a->manifest;
    int error;
    a->allowed = calloc(manifest->n_allowed + 1u, sizeof(*a->allowed));
    if (!a->allowed)
        return lf_error_oom(a->err);
    if (!allow(a, manifest->dir))
        return false;
    for (uint32_t i = 0; i < manifest->n_allowed; i++) {
        if (!allow(a, manifest->allowed[i]))
            return false;
    }
    a->n_allowed = lf_texts_sort(a->allowed, a->n_allowed);
    return (manifest->home.len == 0 ||
            lf_resolve_dir(a->after, manifest->home, &a->home, &error,
                           a->err)) &&
           prepare_modes(a);
}

static bool judge_all(struct audit *a)
{
    for (uint32_t i = 0; i < a->plan->n_planned; i++) {
        const struct lf_planned *planned = &a->plan->planned[i];
        if (lf_planned_leaves_link(planned) &&
            !(judge_dangling(a, planned) && judge_escape(a, planned) &&
              judge_home(a, planned) && judge_chain(a, planned) &&
              judge_parents(a, planned)))
            return false;
    }
    return true;
}

bool lf_plan_audit(struct lf_plan *plan, const struct lf_manifest *manifest,
                   struct lf_resolver *after, struct lf_error *err)
{
    struct audit a = {
            .plan = plan, .manifest = manifest, .after = after, .err = err};
    bool ok = prepare(&a) && judge_all(&a);
    free(a.allowed);
    free(a.modes);
    return ok;
}
