/* SPDX-License-Identifier: MIT */
/*
 * describe.c - why an action is what it is, and what a user can do about it
 */
#include "plan/plan.h"
#include "plan/prove.h"
#include <errno.h>
#include <inttypes.h>

#define SHOW(str) (int)(str).len, (str).data ? (str).data : ""

/* What a user is told of an action. */
struct words {
    struct lf_str reason, help;
};

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* "file of 807 bytes", "directory with 3 entries", "link to 'x'" */
static struct lf_str describe_node(struct lf_plan *plan,
                                   const struct lf_sighting *look)
{
    struct lf_node node = lf_sighting_node(look);
    switch (node.kind) {
    case LF_NODE_FILE:
        return lf_plan_text(plan, "file of %" PRIu64 " byte%s", node.size,
                            plural(node.size));
    case LF_NODE_DIR:
        if (look->listed && look->entries == 0)
            return lf_plan_text(plan, "empty directory");
        if (look->listed)
            return lf_plan_text(plan, "directory with %u entr%s", look->entries,
                                look->entries == 1 ? "y" : "ies");
        return lf_plan_text(plan, "directory");
    case LF_NODE_LINK:
        return lf_plan_text(plan, "link to '%.*s'", SHOW(node.text));
    case LF_NODE_OTHER:
        return lf_plan_text(plan, "special file");
    case LF_NODE_NOTHING:
    case LF_NODE_UNKNOWN:
        break;
    }
    return lf_plan_text(plan, "nothing");
}

static struct lf_str where_displaced(struct lf_plan *plan,
                                     const struct lf_displaced *displaced)
{
    if (displaced->store.len == 0)
        return lf_plan_text(plan,
                            "displaced/%" PRIu64 "/%u in the state"
                            " directory",
                            displaced->transaction, displaced->number);
    return lf_plan_text(plan, "%.*s/%" PRIu64 "/%u", SHOW(displaced->store),
                        displaced->transaction, displaced->number);
}

/* With `at`, the place that wants it as well. */
static struct lf_str owner_text(struct lf_plan *plan,
                                const struct lf_fact *fact, struct lf_str at)
{
    const char *what = fact->other_below ? "something in this directory"
                       : fact->other->kind == LF_RECORD_LINK
                               ? "the link here"
                               : "the directory here";
    const char *wanted = at.len ? ", wanted at " : "";
    if (fact->other->line == 0)
        return lf_plan_text(plan, "farm '%.*s' owns %s%s%.*s",
                            SHOW(fact->owner->name), what, wanted, SHOW(at));
    return lf_plan_text(plan, "farm '%.*s' owns %s (%.*s:%u:%u)%s%.*s",
                        SHOW(fact->owner->name), what, SHOW(fact->other->file),
                        fact->other->line, fact->other->column, wanted,
                        SHOW(at));
}

/* Of a place that another farm has. */
static struct lf_str owner_help(struct lf_plan *plan,
                                const struct lf_fact *fact)
{
    const struct lf_recorded *owner = fact->owner;
    /* the manifest got another name: there are no two to choose from */
    if (plan->purpose == LF_PURPOSE_APPLY &&
        !lf_str_equal(plan->head.manifest, LF_STR("-")) &&
        lf_str_equal(plan->head.manifest, owner->head.manifest))
        return lf_plan_text(plan,
                            "this manifest was of that farm: take the old "
                            "name's links away first: linkfarm remove "
                            "--name=%.*s",
                            SHOW(owner->name));
    if (plan->purpose == LF_PURPOSE_APPLY && fact->wish->kind == LF_WISH_DIR &&
        fact->other->kind == LF_RECORD_LINK)
        return lf_plan_text(
                plan, "a link of that farm's stands where a directory has "
                      "to be: where its tree is folded, let it say fold: "
                      "never,\n"
                      "else take it out of one of the two manifests; and "
                      "apply that farm first");
    return lf_plan_text(plan,
                        "one path can have one owner: take it out of %s and "
                        "apply that one first,\n"
                        "or take that farm away as a whole: linkfarm remove "
                        "--name=%.*s",
                        plan->purpose == LF_PURPOSE_ROLLBACK
                                ? "that farm's manifest"
                                : "one of the two manifests",
                        SHOW(owner->name));
}

static struct lf_str conflict_help(struct lf_plan *plan,
                                   const struct lf_fact *fact,
                                   const struct lf_planned *planned)
{
    /* a generation is what it is, whatever its manifest says by now */
    if (plan->purpose == LF_PURPOSE_ROLLBACK)
        return lf_str("move it away and run again");
    struct lf_str at = lf_plan_at(plan, lf_planned_at(planned));
    if (!at.data)
        return at;
    const char *place = at.len ? "   at " : "";
    if (fact->wish->kind == LF_WISH_DIR)
        return lf_plan_text(plan,
                            "move it away, or change the link paths "
                            "below it%s%.*s",
                            place, SHOW(at));
    if (fact->look->kind != LF_NODE_FILE || fact->wish->source == 0)
        return lf_plan_text(plan,
                            "move it aside:  conflict: backup%s%.*s\n"
                            "leave it alone: conflict: skip",
                            place, SHOW(at));
    return lf_plan_text(plan,
                        "keep it as the source: conflict: adopt%s%.*s\n"
                        "move it aside:         conflict: backup\n"
                        "leave it alone:        conflict: skip",
                        place, SHOW(at));
}

static struct lf_str foreign_reason(struct lf_plan *plan,
                                    const struct lf_fact *fact)
{
    struct lf_str node = describe_node(plan, fact->look);
    if (!node.data)
        return node;
    if (fact->wish->kind == LF_WISH_DIR)
        return lf_plan_text(plan, "%.*s stands where a directory has to be",
                            SHOW(node));
    if (fact->record && fact->record->kind == LF_RECORD_LINK &&
        fact->look->kind == LF_NODE_LINK)
        return lf_plan_text(plan, "changed by hand: now a %.*s", SHOW(node));
    if (fact->record && fact->record->kind == LF_RECORD_DIR &&
        fact->look->kind == LF_NODE_DIR && fact->look->listed)
        return lf_plan_text(plan,
                            "%.*s of which only %u are ours is in the way",
                            SHOW(node), fact->leaving);
    return lf_plan_text(plan, "%.*s is in the way", SHOW(node));
}

/* A displaced node cannot go back to where it stood; `there`: it is in the store. */
static void describe_occupied(struct lf_plan *plan, const struct lf_fact *fact,
                              bool there, struct words *words)
{
    const char *kind = lf_node_kind_name(fact->record->displaced->kind);
    struct lf_str store = where_displaced(plan, fact->record->displaced);
    if (fact->look->unreachable)
        words->reason = lf_plan_text(plan,
                                     "the directory is gone into which a"
                                     " displaced %s is to be put back",
                                     kind);
    else
        words->reason =
                lf_plan_text(plan,
                             "%.*s stands where a displaced %s"
                             " is to be put back",
                             SHOW(describe_node(plan, fact->look)), kind);
    if (there)
        words->help = lf_plan_text(plan,
                                   "%s and run again; what was moved aside"
                                   " is %.*s",
                                   fact->look->unreachable ? "make it again"
                                                           : "move it away",
                                   SHOW(store));
    else if (fact->look->unreachable)
        words->help = lf_plan_text(plan,
                                   "mount it, or make it again, and run again; "
                                   "what was moved aside is not in %.*s now",
                                   SHOW(store));
    else
        words->help = lf_plan_text(
                plan,
                "what was moved aside is not in %.*s any more: put it back "
                "there,\nand move this away; or apply a manifest without this "
                "entry, which forgets it",
                SHOW(store));
}

/* A directory that could be looked at has names that could not be. */
static void describe_unseen(struct lf_plan *plan, const struct lf_fact *fact,
                            struct words *words)
{
    bool is_dir = fact->look->kind == LF_NODE_DIR;
    words->reason = lf_plan_text(plan, "cannot be %s: %s",
                                 is_dir ? "listed" : "looked at",
                                 strerror(fact->look->error));
    words->help =
            fact->look->error != EACCES
                    ? LF_STR("remove the cause, then run the command again")
            : is_dir ? LF_STR("give this user the right to read it")
                     : LF_STR("check the rights of the directory it is in");
}

static void describe_conflict(struct lf_plan *plan, const struct lf_fact *fact,
                              const struct lf_planned *planned, bool there,
                              struct words *words)
{
    if (fact->sight == LF_SIGHT_OTHER_FARM) {
        struct lf_str at = lf_plan_at(plan, lf_planned_at(planned));
        words->reason = at.data ? owner_text(plan, fact, at) : at;
        words->help = owner_help(plan, fact);
    } else if (fact->sight == LF_SIGHT_UNKNOWN) {
        describe_unseen(plan, fact, words);
    } else if (!fact->wish) {
        describe_occupied(plan, fact, there, words);
    } else if (fact->sight == LF_SIGHT_NOTHING) {
        /* why, and the cure, is told of that */
        words->reason = lf_str("its directory cannot be made");
    } else {
        words->reason = foreign_reason(plan, fact);
        /* the proof says the cure, and it is none of these */
        if (!lf_planned_is_own_source(planned))
            words->help = conflict_help(plan, fact, planned);
    }
}

/* What stands there instead, with its article. */
static struct lf_str now_text(struct lf_plan *plan, const struct lf_fact *fact)
{
    struct lf_str node = describe_node(plan, fact->look);
    if (!node.data)
        return node;
    const char *article = strchr("aeiou", node.data[0]) ? "an" : "a";
    return lf_plan_text(plan, "drift, now %s %.*s", article, SHOW(node));
}

/* Whether what was moved aside is still where it was put, as far as can be told. */
static bool look_in_store(struct lf_plan *plan,
                          const struct lf_plan_request *request,
                          const struct lf_displaced *displaced, bool *ret_there,
                          struct lf_error *err)
{
    struct lf_stored_at at;
    if (!lf_plan_stored(plan, request, displaced, &at, err))
        return false;
    *ret_there = at.is_it || at.error || at.place.len == 0;
    return true;
}

/* What was moved aside and is not put back by itself any more; `when` as well. */
static struct lf_str where_it_stays(struct lf_plan *plan, const char *when,
                                    const struct lf_displaced *displaced,
                                    bool there)
{
    struct lf_str place = where_displaced(plan, displaced);
    return there ? lf_plan_text(plan,
                                "what had been moved aside%s stays in %.*s",
                                when, SHOW(place))
                 : lf_plan_text(plan,
                                "what had been moved aside%s is not in %.*s any"
                                " more",
                                when, SHOW(place));
}

static void describe_forgotten(struct lf_plan *plan, const struct lf_fact *fact,
                               const struct lf_planned *planned, bool there,
                               struct words *words)
{
    enum lf_node_kind kind = (enum lf_node_kind)fact->look->kind;
    if (fact->look->unreachable)
        words->reason = lf_str("its directory is not there any more");
    else if (kind == LF_NODE_NOTHING)
        words->reason = lf_str("gone already");
    else if (fact->sight == LF_SIGHT_SHARED)
        words->reason = owner_text(plan, fact, (struct lf_str){0});
    else if (fact->sight == LF_SIGHT_OCCUPIED &&
             planned->in->inside != LF_NO_ACTION)
        words->reason = lf_str("it goes with what is moved aside");
    else if (fact->sight == LF_SIGHT_OCCUPIED)
        words->reason = lf_plan_text(
                plan, "not empty: %u other entr%s stay%s",
                fact->look->entries - fact->leaving,
                fact->look->entries - fact->leaving == 1 ? "y" : "ies",
                fact->look->entries - fact->leaving == 1 ? "s" : "");
    else if (kind == LF_NODE_LINK && fact->sight == LF_SIGHT_RECORDED)
        words->reason = lf_str("it stood there before the farm had it");
    else if (kind == LF_NODE_LINK)
        words->reason = lf_plan_text(plan, "drift, text is '%.*s'",
                                     SHOW(lf_sighting_text(fact->look)));
    else
        words->reason = now_text(plan, fact);
    const struct lf_displaced *displaced =
            fact->record ? fact->record->displaced : NULL;
    if (displaced && words->reason.data)
        words->help = where_it_stays(plan, "", displaced, there);
}

static void describe_kept_dir(struct lf_plan *plan, const struct lf_fact *fact,
                              struct words *words)
{
    if (fact->sight != LF_SIGHT_OCCUPIED)
        return;
    uint32_t others = fact->look->entries - fact->leaving;
    words->reason = lf_plan_text(plan,
                                 "left the manifest, but holds %u other"
                                 " entr%s",
                                 others, others == 1 ? "y" : "ies");
}

static void describe_mode(struct lf_plan *plan, const struct lf_fact *fact,
                          struct words *words)
{
    bool back = plan->purpose == LF_PURPOSE_ROLLBACK;
    uint32_t mode = fact->wish->entry->mode;
    words->reason = lf_plan_text(
            plan, "mode is %04o, %s %04o", lf_sighting_node(fact->look).mode,
            back ? "in that generation it is" : "the manifest says", mode);
    words->help =
            lf_plan_text(plan, "chmod %04o%s", mode,
                         back ? "" : ", or take the mode out of the manifest");
}

/* Whether the words of an action say what has become of what was moved aside. */
static bool tells_of_store(const struct lf_fact *fact,
                           const struct lf_planned *planned)
{
    return fact->record && fact->record->displaced &&
           (planned->kind == LF_ACTION_CONFLICT ||
            planned->kind == LF_ACTION_FORGET ||
            planned->kind == LF_ACTION_BACKUP ||
            planned->kind == LF_ACTION_ADOPT);
}

bool lf_plan_describe(struct lf_plan *plan,
                      const struct lf_plan_request *request,
                      const struct lf_fact *fact, struct lf_planned *planned,
                      struct lf_error *err)
{
    struct words words = {lf_str(""), lf_str("")};
    bool there = true;
    if (tells_of_store(fact, planned) &&
        !look_in_store(plan, request, fact->record->displaced, &there, err))
        return false;
    switch ((enum lf_action_kind)planned->kind) {
    case LF_ACTION_CONFLICT:
        describe_conflict(plan, fact, planned, there, &words);
        break;
    case LF_ACTION_FORGET:
        describe_forgotten(plan, fact, planned, there, &words);
        break;
    case LF_ACTION_BACKUP:
    case LF_ACTION_ADOPT:
        words.reason = describe_node(plan, fact->look);
        /* something else came to the place of our link meanwhile */
        if (fact->record && lf_record_covers(fact->record))
            words.help = where_it_stays(plan, " before",
                                        fact->record->displaced, there);
        break;
    case LF_ACTION_SKIP:
        words.reason = describe_node(plan, fact->look);
        break;
    case LF_ACTION_RESTORE:
        words.reason =
                lf_plan_text(plan, "displaced %s is put back",
                             lf_node_kind_name(fact->record->displaced->kind));
        break;
    case LF_ACTION_DRIFT:
        describe_mode(plan, fact, &words);
        break;
    case LF_ACTION_KEEP:
        describe_kept_dir(plan, fact, &words);
        break;
    case LF_ACTION_CREATE:
    case LF_ACTION_CLAIM:
    case LF_ACTION_RELINK:
    case LF_ACTION_REPLACE:
    case LF_ACTION_PRUNE:
    case LF_ACTION_MKDIR:
    case LF_ACTION_RMDIR:
    case LF_ACTION_CHMOD:
        break;
    }
    if (!words.reason.data || !words.help.data)
        return lf_error_oom(err);
    if (words.reason.len == 0 && words.help.len == 0)
        return true;
    struct lf_rare *rare = lf_plan_rare(plan, planned);
    if (!rare)
        return lf_error_oom(err);
    rare->reason = words.reason;
    rare->help = words.help;
    return true;
}
