/* SPDX-License-Identifier: MIT */
/*
 * facts.h - what expansion and conditions may ask, inside the library
 */
#ifndef LF_MANIFEST_FACTS_H
#define LF_MANIFEST_FACTS_H

#include <linkfarm/manifest.h>

/** Before anything is asked for one manifest: what failed for another one is forgotten,
 *  as all is asked anew. */
void lf_facts_begin(const struct lf_facts *facts);

/** The value of an environment variable; data NULL when unset. Borrowed. That
 *  it was asked for is remembered. */
struct lf_str lf_facts_env(const struct lf_facts *facts, struct lf_str name);

/** The names that lf_facts_env() was asked for, each once. Borrowed until the
 *  next is asked. False when, since lf_facts_begin(), memory ran out for one of them or
 *  for a fact, or the user could not be looked up (LF_CODE_SYSTEM): then it is not known
 *  what the manifest means. */
bool lf_facts_asked(const struct lf_facts *facts,
                    const struct lf_str **ret_names, size_t *ret_count,
                    struct lf_error *err);

/** Whether the fact "user" was asked for. */
bool lf_facts_user_asked(const struct lf_facts *facts);

/** A digest of the variables and profiles that were added. */
uint64_t lf_facts_given(const struct lf_facts *facts);

/** The value given by `--var`; data NULL when unset. Borrowed. */
struct lf_str lf_facts_var(const struct lf_facts *facts, struct lf_str name);

/** The value of the fact `name`; data NULL when unset or not a fact. */
struct lf_str lf_facts_named(const struct lf_facts *facts, struct lf_str name);

/** The active profiles, in the order of adding. Borrowed. */
size_t lf_facts_profiles(const struct lf_facts *facts,
                         const struct lf_str **ret_profiles);

/** The name of the fact number `index`; NULL past the last. Static. */
const char *lf_fact_name(size_t index);

#endif
