/* SPDX-License-Identifier: MIT */
/*
 * facts.c - what expansion and conditions may ask
 */
#include "manifest/facts.h"

#include "base/arena.h"
#include "base/cures.h"
#include "base/digest.h"
#include "base/strmap.h"
#include "base/util.h"
#include "platform/sys.h"

#include <errno.h>

enum fact {
    FACT_HOST,
    FACT_OS,
    FACT_ARCH,
    FACT_USER,
    FACT_HOME,
    FACT_COUNT,
};

static const char *const names[FACT_COUNT + 1] = {"host", "os",   "arch",
                                                  "user", "home", NULL};

/* Names and their values; a later value replaces an earlier one. */
struct table {
    struct lf_strmap index; /* name -> index into values */
    struct lf_str *values;
    uint32_t count, capacity;
};

/* Names of the environment that were asked for: what a manifest means depends
 * on these alone, however much else changes there. */
struct asked {
    struct lf_arena arena;
    struct lf_strmap index;
    struct lf_str *names;
    uint32_t count, capacity;
    /* looked up when first asked: the password database may be far away */
    struct lf_str user;
    bool user_known, user_asked;
    int failed; /* an errno: what was asked for is not known */
};

struct lf_facts {
    struct lf_arena arena;
    struct lf_str values[FACT_COUNT];
    bool home_given; /* by lf_facts_set(): $HOME no longer matters */
    struct table environment, vars;
    struct asked *asked; /* grows while the facts are only read */
    uint64_t given;      /* digest of vars and profiles */
    struct lf_str *profiles;
    uint32_t n_profiles, profile_capacity;
};

const char *lf_fact_name(size_t index)
{
    return index < FACT_COUNT ? names[index] : NULL;
}

static void finish_table(struct table *table)
{
    lf_strmap_finish(&table->index);
    free(table->values);
    *table = (struct table){0};
}

static bool put(struct lf_facts *facts, struct table *table, struct lf_str name,
                struct lf_str value)
{
    struct lf_str key = lf_arena_str(&facts->arena, name);
    struct lf_str copy = lf_arena_str(&facts->arena, value);
    void *values = table->values;
    uint32_t at;
    if (!key.data || !copy.data ||
        !lf_array_reserve(&values, table->count, &table->capacity,
                          sizeof(copy)))
        return false;
    table->values = values;
    if (!lf_strmap_add(&table->index, key, table->count, &at))
        return false;
    table->values[at] = copy;
    if (at == table->count)
        table->count++;
    return true;
}

static struct lf_str get(const struct table *table, struct lf_str name)
{
    uint32_t at;
    if (!lf_strmap_find(&table->index, name, &at) || !table->values)
        return lf_str(NULL);
    return table->values[at];
}

static bool set_fact(struct lf_facts *facts, enum fact fact,
                     struct lf_str value)
{
    struct lf_str copy = lf_arena_str(&facts->arena, value);
    if (!copy.data)
        return false;
    facts->values[fact] = copy;
    return true;
}

/* In what runs setuid the environment is another user's. */
static bool ask_home(struct lf_facts *facts)
{
    char name[256], home[4096];
    const char *given = lf_sys_setuid() ? NULL : getenv("HOME");
    if (given && given[0] == '/')
        return set_fact(facts, FACT_HOME, lf_str(given));
    int result = lf_sys_user(name, sizeof(name), home, sizeof(home));
    if (result < 0)
        return result != -ENOMEM;
    return set_fact(facts, FACT_USER, lf_str(name)) &&
           set_fact(facts, FACT_HOME, lf_str(home));
}

/* A fact that the system does not tell stays unset. */
static bool ask_system(struct lf_facts *facts)
{
    char text[256];
    bool ok = ask_home(facts);
    if (ok && lf_sys_host(text, sizeof(text)) == 0)
        ok = set_fact(facts, FACT_HOST, lf_str(text));
    if (ok && lf_sys_os(text, sizeof(text)) == 0)
        ok = set_fact(facts, FACT_OS, lf_str(text));
    if (ok && lf_sys_arch(text, sizeof(text)) == 0)
        ok = set_fact(facts, FACT_ARCH, lf_str(text));
    return ok;
}

bool lf_facts_new(struct lf_facts **ret_facts, struct lf_error *err)
{
    struct lf_facts *facts = calloc(1, sizeof(*facts));
    if (!facts)
        return lf_error_oom(err);
    facts->asked = calloc(1, sizeof(*facts->asked));
    if (!facts->asked || !ask_system(facts)) {
        lf_facts_free(facts);
        return lf_error_oom(err);
    }
    *ret_facts = facts;
    return true;
}

void lf_facts_free(struct lf_facts *facts)
{
    if (!facts)
        return;
    finish_table(&facts->environment);
    finish_table(&facts->vars);
    if (facts->asked) {
        lf_strmap_finish(&facts->asked->index);
        lf_arena_finish(&facts->asked->arena);
        free(facts->asked->names);
        free(facts->asked);
    }
    free(facts->profiles);
    lf_arena_finish(&facts->arena);
    free(facts);
}

bool lf_facts_set(struct lf_facts *facts, const char *name, struct lf_str value,
                  struct lf_error *err)
{
    for (enum fact fact = 0; fact < FACT_COUNT; fact++) {
        if (strcmp(names[fact], name) != 0)
            continue;
        if (fact == FACT_HOME)
            facts->home_given = true;
        return set_fact(facts, fact, value) || lf_error_oom(err);
    }
    lf_error_set(err, LF_CODE_INTERNAL, 0, "no fact is called '%s'", name);
    return false;
}

bool lf_facts_set_environment(struct lf_facts *facts, char *const *environment,
                              struct lf_error *err)
{
    finish_table(&facts->environment);
    for (char *const *at = environment; at && *at; at++) {
        const char *equals = strchr(*at, '=');
        if (!equals || equals == *at)
            continue;
        if (!put(facts, &facts->environment,
                 lf_str_of(*at, (size_t)(equals - *at)), lf_str(equals + 1)))
            return lf_error_oom(err);
    }
    struct lf_str home = get(&facts->environment, lf_str("HOME"));
    if (!facts->home_given && !lf_sys_setuid() &&
        lf_str_starts(home, lf_str("/")))
        facts->values[FACT_HOME] = home;
    return true;
}

bool lf_facts_add_var(struct lf_facts *facts, struct lf_str name,
                      struct lf_str value, struct lf_error *err)
{
    facts->given = lf_digest(lf_digest(facts->given, name), value);
    return put(facts, &facts->vars, name, value) || lf_error_oom(err);
}

bool lf_facts_add_profile(struct lf_facts *facts, struct lf_str profile,
                          struct lf_error *err)
{
    struct lf_str copy = lf_arena_str(&facts->arena, profile);
    void *profiles = facts->profiles;
    if (!copy.data || !lf_array_reserve(&profiles, facts->n_profiles,
                                        &facts->profile_capacity, sizeof(copy)))
        return lf_error_oom(err);
    facts->profiles = profiles;
    facts->profiles[facts->n_profiles++] = copy;
    /* a profile is no value of a variable */
    facts->given = lf_digest(lf_digest(facts->given, lf_str(NULL)), copy);
    return true;
}

struct lf_str lf_facts_get(const struct lf_facts *facts, const char *name)
{
    return lf_facts_named(facts, lf_str(name));
}

/* As getpwuid_r(3) has it. What else fails says nothing of whether there is one. */
static bool is_no_user(int error)
{
    return error == ENOENT || error == ESRCH || error == EBADF ||
           error == EPERM;
}

/* Not known is not unset, by which a condition would not hold, and links go. */
static int look_up_user(struct asked *asked)
{
    char name[256], home[4096];
    int result = lf_sys_user(name, sizeof(name), home, sizeof(home));
    if (result < 0)
        return is_no_user(-result) ? 0 : -result;
    asked->user = lf_arena_str(&asked->arena, lf_str(name));
    return asked->user.data ? 0 : ENOMEM;
}

static struct lf_str ask_user(const struct lf_facts *facts)
{
    struct asked *asked = facts->asked;
    asked->user_asked = true;
    if (facts->values[FACT_USER].data)
        return facts->values[FACT_USER];
    if (!asked->user_known) {
        int error = look_up_user(asked);
        asked->user_known = error == 0;
        if (error != 0)
            asked->failed = error;
    }
    return asked->user;
}

struct lf_str lf_facts_named(const struct lf_facts *facts, struct lf_str name)
{
    for (size_t i = 0; i < FACT_COUNT; i++) {
        if (lf_str_equal(lf_str(names[i]), name))
            return i == FACT_USER ? ask_user(facts) : facts->values[i];
    }
    return lf_str(NULL);
}

bool lf_facts_user_asked(const struct lf_facts *facts)
{
    return facts->asked->user_asked;
}

static bool remember(struct asked *asked, struct lf_str name)
{
    uint32_t at;
    void *all = asked->names;
    if (lf_strmap_find(&asked->index, name, &at))
        return true;
    struct lf_str copy = lf_arena_str(&asked->arena, name);
    if (!copy.data ||
        !lf_array_reserve(&all, asked->count, &asked->capacity, sizeof(copy)))
        return false;
    asked->names = all;
    if (!lf_strmap_add(&asked->index, copy, asked->count, &at))
        return false;
    asked->names[asked->count++] = copy;
    return true;
}

void lf_facts_begin(const struct lf_facts *facts)
{
    facts->asked->failed = 0;
}

struct lf_str lf_facts_env(const struct lf_facts *facts, struct lf_str name)
{
    if (!remember(facts->asked, name))
        facts->asked->failed = ENOMEM;
    return get(&facts->environment, name);
}

static bool not_answered(int error, struct lf_error *err)
{
    unsigned uid = lf_sys_uid();
    if (error == ENOMEM)
        return lf_error_oom(err);
    lf_error_set(err, LF_CODE_SYSTEM, error,
                 "what user %u is called, which the manifest asks for, cannot "
                 "be looked up: %s",
                 uid, strerror(error));
    if (lf_met_open_files(error))
        lf_error_help(err, LF_CURE_OPEN_FILES);
    else
        lf_error_help(err,
                      "run the command again when this says it: getent passwd "
                      "%u",
                      uid);
    return false;
}

bool lf_facts_asked(const struct lf_facts *facts,
                    const struct lf_str **ret_names, size_t *ret_count,
                    struct lf_error *err)
{
    *ret_names = facts->asked->names;
    *ret_count = facts->asked->count;
    return facts->asked->failed == 0 || not_answered(facts->asked->failed, err);
}

uint64_t lf_facts_given(const struct lf_facts *facts)
{
    return facts->given;
}

struct lf_str lf_facts_var(const struct lf_facts *facts, struct lf_str name)
{
    return get(&facts->vars, name);
}

size_t lf_facts_profiles(const struct lf_facts *facts,
                         const struct lf_str **ret_profiles)
{
    *ret_profiles = facts->profiles;
    return facts->n_profiles;
}
