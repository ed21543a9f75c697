/* SPDX-License-Identifier: MIT */
/*
 * plan.h - making a plan, and what a transaction needs of one
 *
 * Making a plan is pure: it reads the three sets and a view and touches
 * nothing. Stages, each a file: survey (which facts meet at each place),
 * decide (the table), emit (actions with their words), prove (what is true
 * after them).
 */
#ifndef LF_PLAN_PLAN_H
#define LF_PLAN_PLAN_H

#include "base/arena.h"
#include "base/buf.h"
#include "ledger/ledger.h"
#include "manifest/desired.h"
#include "observe/observe.h"
#include "plan/decide.h"
#include <linkfarm/plan.h>
#include <linkfarm/resolve.h>

enum lf_purpose {
    LF_PURPOSE_APPLY,    /* what the manifest says */
    LF_PURPOSE_REMOVE,   /* nothing at all */
    LF_PURPOSE_ROLLBACK, /* an older generation */
    LF_PURPOSE_STATUS,   /* what is recorded; not to be applied */
    LF_PURPOSE_ADOPT,    /* files by name; of no farm, and not recorded */
};

/** What becomes of a place in the ledger. */
enum lf_fate {
    LF_FATE_NONE, /* not recorded afterwards */
    LF_FATE_NEW,  /* recorded as of this generation */
    LF_FATE_SAME, /* stays recorded as it was */
};

/** A file that asks: of a manifest, or one that is recorded. */
struct lf_asking_file {
    struct lf_str path;             /* empty: not known */
    struct lf_str name;             /* as it is shown */
    const struct lf_source *source; /* NULL: its text is not known */
};

/** What rows that stand together mostly have in common, once for a run of them. */
struct lf_common {
    const struct lf_str *dir;        /* one for all actions of a directory */
    const struct lf_str *source_dir; /* one for many; NULL: no source */
    struct lf_str start; /* of the links' texts, one for many; may be empty */
    const struct lf_asking_file *file; /* who asks; one for all of a file */
    uint64_t since;                    /* generation, with FATE_SAME */
    uint32_t inside;                   /* see struct lf_action */
    /* `dir` as it was seen, where it goes with one that is taken out or replaced;
     * else NULL */
    const struct lf_node *node;
    bool is_new; /* `dir` is made by the plan */
};

/** What few actions have. */
struct lf_rare {
    const struct lf_node *expect; /* see lf_planned_expect(); NULL: it is told
                                     without */
    struct lf_str source_name;    /* where the text does not end in it */
    struct lf_str old_text;       /* that is recorded, where `text` is not it */
    struct lf_str reason;         /* see struct lf_action */
    struct lf_str help;
    struct lf_str resolves_to;            /* where that is not the source */
    const struct lf_displaced *displaced; /* that stays, or is put back */
    uint32_t entries; /* names in a directory that goes, or is replaced */
    uint32_t column;
};

/**
 * An action as a row of the plan. There is one for each link, and the stages go
 * through all of them, so it holds nothing twice; ask by the functions below.
 */
struct lf_planned {
    const struct lf_common *in;
    const char *text;     /* of a link: to write, recorded, or both, without its
                             start; of a directory: its path, which ends in the
                             name */
    struct lf_rare *rare; /* NULL: nothing */
    uint32_t line;        /* where the file asks for it; 0: not known */
    uint16_t column;      /* LF_COLUMN_FAR: it stands in `rare` */
    union {
        uint16_t text_len; /* of what is at `text` */
        uint16_t mode;     /* of a directory */
    };
    uint8_t name_len, source_name_len; /* at most LF_NAME_LIMIT */
    uint8_t kind;                      /* enum lf_action_kind */
    uint8_t row, links;
    uint8_t width; /* of what asks for it, or UINT8_MAX for more */
    uint16_t is_dir : 1;
    uint16_t is_free : 1;   /* nothing stands at the place */
    uint16_t behind : 1;    /* the name stands behind the NUL of the text, which
                              does not end in it */
    uint16_t writes : 1;    /* the text is what the manifest wants, */
    uint16_t recorded : 1;  /* and what the ledger says */
    uint16_t fate_new : 1;  /* see enum lf_fate: NEW, */
    uint16_t fate_same : 1; /* or SAME */
    uint16_t adopted : 1;   /* see enum lf_origin */
    uint16_t claimed : 1;
    uint16_t direct : 1; /* it was proved to lead to its source */
    uint16_t allow_dangling : 1;
    uint16_t listed : 1;     /* the source is a plain file: its directory was
                                read */
    uint16_t exact_mode : 1; /* of a directory: the manifest names the mode */
    uint16_t whole : 1;      /* RMDIR: what is inside goes with it, and nothing
                                comes */
    uint16_t stored : 1; /* RESTORE: what comes back was seen in its store */
};

enum { LF_COLUMN_FAR = UINT16_MAX };

/** Which transaction made a value that a caller hands back to it, and since when it was
 *  what it was then: an address alone may be given out again. */
struct lf_maker {
    const void *transaction;
    int64_t since;
};

struct lf_plan {
    struct lf_arena arena; /* all texts, */
    struct lf_arena taken; /* but for those that the desired set had */
    struct lf_maker maker;
    enum lf_purpose purpose;
    struct lf_str farm;
    struct lf_recorded_head head; /* as it is to be recorded */
    struct lf_str moved_from;     /* see lf_plan_moved_from() */
    uint64_t base;                /* number of the ledger it was made from */
    int64_t since;                /* see struct lf_plan_request */
    uint64_t generation;          /* of the farm, now, */
    uint64_t last; /* and the highest that is kept, if one is to be made */
    bool ledger_changes; /* even if no action does anything */
    struct lf_planned *planned;
    uint32_t n_planned, planned_capacity;
    /* someone else than root may change the way to a directory that root is to
     * change: what may be passed there is looked at again */
    bool shared;
    const struct lf_str *passable; /* physical directories that anyone may */
    uint32_t n_passable;           /* own, now or when links were made */
    size_t counts[LF_ACTION_KINDS][2];
    bool noted; /* something is said of what stays as it is */
    struct lf_finding *findings;
    uint32_t n_findings, finding_capacity;
    struct lf_finding *remarks;
    uint32_t n_remarks, remark_capacity;
};

/** A directory of linkfarm's own, which has to be found again. */
struct lf_kept_dir {
    struct lf_str dir; /* absolute, as it is spelled; it need not exist */
    bool is_state;     /* else a store of displaced nodes */
};

/** Borrowed by lf_plan_make(), all of it. */
struct lf_plan_request {
    enum lf_purpose purpose;
    struct lf_str farm;
    const struct lf_manifest *manifest; /* NULL without one; with one, its */
    struct lf_str into;                 /* `into`, physical; may be empty */
    const struct lf_desired *desired;   /* NULL: nothing is desired */
    const struct lf_recorded *recorded; /* NULL: nothing is recorded */
    /* the generation to go back to, of which `desired` is; NULL: none */
    const struct lf_recorded *goal;
    const struct lf_ledger *ledger; /* with all farms */
    /* of the union of the two, the desired set first; where those places are in the
     * desired set itself is not asked for any more */
    const struct lf_observed *observed;
    const struct lf_kept_dir *kept;
    uint32_t n_kept;
    struct lf_view *view;         /* the disk as it is, and what is */
    struct lf_resolver *resolver; /* known of it by now */
    const struct lf_seen
            *seen;    /* directories that were looked at; NULL: none */
    struct lf_fs *fs; /* to list directories that change; NULL: they are not */
    int root_fd;
    struct lf_fs
            *shared_fs; /* the same operations, for several threads at once */
    unsigned threads;   /* at most; not above 1: one, and no `shared_fs` */
    uint32_t least; /* actions that are worth more than one; 0: the default */
    /* when the first look was made, or a moment before; nanoseconds since 1970 UTC:
     * a directory that was last changed well before that, and was not since, holds
     * what the plan saw there. 0: not known */
    int64_t since;
    bool audit; /* remark on what the manifest's policy denies */
    /* a transaction is open or was interrupted: what it moves aside may be on its way */
    bool interrupted;
    /* called when a place of `observed`, one after the other, has become a row, or
     * none, and is not needed any more, nor its wish; NULL: nobody is */
    void (*emitted)(void *arg, uint32_t place);
    /* called when wishes and looks are not needed any more; NULL: nobody is */
    void (*decided)(void *arg);
    /* called when all links are proved: what is looked at from then on matters
     * only to who is going to act; NULL: nobody is */
    void (*proved)(void *arg);
    void *stage_arg; /* of all three */
};

/**
 * Decide what to do at every place that `desired` or `recorded` names, and
 * prove the result. Conflicts and findings are part of the plan, not a
 * failure. On success sets `*ret_plan`, which the caller frees with
 * lf_plan_free(), and which borrows the manifest's sources (by its marks) and the
 * texts of the desired set, until it is given them by lf_plan_take().
 * Returns false, with `err` set, when memory runs out.
 */
bool lf_plan_make(const struct lf_plan_request *request,
                  struct lf_plan **ret_plan, struct lf_error *err);

/** Let the plan have the texts that it borrows: the desired set's. */
void lf_plan_take(struct lf_plan *plan, struct lf_arena *texts);

/**
 * What a generation wants, as a desired set: its links with their texts,
 * dangling or not. A link that covered a displaced node moves that node aside
 * again. `with_dirs`: also the directories that they are in and that the farm
 * did not make, for who is going to make the links. The caller frees it with
 * lf_desired_free(); it borrows nothing.
 */
bool lf_desired_of_recorded(const struct lf_recorded *recorded, bool with_dirs,
                            struct lf_desired **ret_desired,
                            struct lf_error *err);

/** A file that is to be adopted: its physical directory and its name. */
struct lf_adoptee {
    struct lf_str dir, name;
};

/**
 * What adopting these files wants: at each place a link to the same name in
 * `into`, a physical directory. As above.
 */
bool lf_desired_of_adopted(const struct lf_adoptee *adoptees, size_t count,
                           struct lf_str into, struct lf_desired **ret_desired,
                           struct lf_error *err);

/** Whether an action changes the tree (and not only the ledger, or nothing). */
bool lf_action_acts(enum lf_action_kind kind);

/* ---- rows ---- */

/** Bytes of the path that a name of `name_len` bytes has in `dir`. */
static inline size_t lf_planned_len(const struct lf_str *dir, size_t name_len)
{
    return dir->len + (dir->len > 1) + name_len;
}

/** The path of a row about a directory. */
static inline struct lf_str
lf_planned_dir_path(const struct lf_planned *planned)
{
    return lf_str_of(planned->text,
                     lf_planned_len(planned->in->dir, planned->name_len));
}

static inline struct lf_str lf_planned_name(const struct lf_planned *planned)
{
    const char *end =
            planned->text + (planned->is_dir ? lf_planned_len(planned->in->dir,
                                                              planned->name_len)
                                             : planned->text_len);
    return lf_str_of(planned->behind ? end + 1 : end - planned->name_len,
                     planned->name_len);
}

/** The text of a link behind what it starts with; empty for a directory. */
static inline struct lf_pair
lf_planned_text_from(const struct lf_planned *planned, struct lf_str start)
{
    return planned->is_dir
                   ? lf_pair_of(LF_STR(""))
                   : (struct lf_pair){start, lf_str_of(planned->text,
                                                       planned->text_len)};
}

/** The link text that is wanted, recorded, or both; empty for a directory. */
static inline struct lf_pair
lf_planned_known_text(const struct lf_planned *planned)
{
    return lf_planned_text_from(planned, planned->in->start);
}

/** The path: it stands there already, or in `room` until that is used again. data is
 *  NULL without memory. */
struct lf_str lf_planned_path(const struct lf_planned *planned,
                              struct lf_buf *room);

/** The link text to write; empty for none. */
static inline struct lf_pair lf_planned_text(const struct lf_planned *planned)
{
    return planned->writes ? lf_planned_known_text(planned)
                           : lf_pair_of(LF_STR(""));
}

/** The recorded text; empty for none. */
static inline struct lf_pair
lf_planned_old_text(const struct lf_planned *planned)
{
    if (planned->recorded)
        return lf_planned_known_text(planned);
    return lf_pair_of(planned->rare && planned->rare->old_text.data
                              ? planned->rare->old_text
                              : LF_STR(""));
}

/** Physical parent of the source; empty without one, as with `to`. */
static inline struct lf_str
lf_planned_source_dir(const struct lf_planned *planned)
{
    return planned->in->source_dir ? *planned->in->source_dir : LF_STR("");
}

/** The name of the source in its directory. */
static inline struct lf_str
lf_planned_source_name(const struct lf_planned *planned)
{
    size_t len = planned->source_name_len;
    if (!planned->in->source_dir)
        return LF_STR("");
    return planned->rare && planned->rare->source_name.data
                   ? planned->rare->source_name
                   : lf_str_of(planned->text + planned->text_len - len, len);
}

/** Whether its source is at that physical path. */
bool lf_planned_has_source(const struct lf_planned *planned,
                           struct lf_str path);

/** Whether what it would lead to stands in its own place. */
static inline bool lf_planned_is_own_source(const struct lf_planned *planned)
{
    return planned->in->source_dir &&
           lf_str_equal(*planned->in->dir, *planned->in->source_dir) &&
           lf_str_equal(lf_planned_name(planned),
                        lf_planned_source_name(planned));
}

/** Counted from 1; 0: not known. */
static inline uint32_t lf_planned_column(const struct lf_planned *planned)
{
    return planned->column == LF_COLUMN_FAR && planned->rare
                   ? planned->rare->column
                   : planned->column;
}

/** Who asks for it, where the text of that file is known. */
static inline struct lf_mark lf_planned_mark(const struct lf_planned *planned)
{
    return (struct lf_mark){planned->in->file->source, planned->line,
                            lf_planned_column(planned), planned->width};
}

/** The same as it is shown. */
static inline struct lf_at lf_planned_at(const struct lf_planned *planned)
{
    return (struct lf_at){planned->line ? planned->in->file->name : LF_STR(""),
                          planned->line, lf_planned_column(planned)};
}

/** Permission bits; 0 for a link. */
static inline uint32_t lf_planned_mode(const struct lf_planned *planned)
{
    return planned->is_dir ? planned->mode : 0;
}

static inline enum lf_fate lf_planned_fate(const struct lf_planned *planned)
{
    return planned->fate_new    ? LF_FATE_NEW
           : planned->fate_same ? LF_FATE_SAME
                                : LF_FATE_NONE;
}

static inline void lf_planned_set_fate(struct lf_planned *planned,
                                       enum lf_fate fate)
{
    planned->fate_new = fate == LF_FATE_NEW;
    planned->fate_same = fate == LF_FATE_SAME;
}

static inline enum lf_origin lf_planned_origin(const struct lf_planned *planned)
{
    return planned->adopted   ? LF_ORIGIN_ADOPTED
           : planned->claimed ? LF_ORIGIN_CLAIMED
                              : LF_ORIGIN_MADE;
}

static inline void lf_planned_set_origin(struct lf_planned *planned,
                                         enum lf_origin origin)
{
    planned->adopted = origin == LF_ORIGIN_ADOPTED;
    planned->claimed = origin == LF_ORIGIN_CLAIMED;
}

/** Where the link was proved to lead, if not to its source (see `direct`); empty
 *  where it was not. */
static inline struct lf_str
lf_planned_resolves_to(const struct lf_planned *planned)
{
    return planned->rare && planned->rare->resolves_to.data
                   ? planned->rare->resolves_to
                   : LF_STR("");
}

/** The node at the place, by more than its text; NULL: nothing stands there, or a link
 *  with `text`, of which no more is known. */
static inline const struct lf_node *
lf_planned_node(const struct lf_planned *planned)
{
    return planned->rare ? planned->rare->expect : NULL;
}

/** What must still stand at the place. Without its text, where that is the known
 *  one. */
static inline struct lf_node lf_planned_expect(const struct lf_planned *planned)
{
    const struct lf_node *node = lf_planned_node(planned);
    if (node)
        return *node;
    if (planned->is_free)
        return (struct lf_node){.kind = LF_NODE_NOTHING, .text = LF_STR("")};
    return (struct lf_node){.kind = LF_NODE_LINK, .text = LF_STR("")};
}

/** Its kind. */
static inline enum lf_node_kind
lf_planned_stands(const struct lf_planned *planned)
{
    const struct lf_node *node = lf_planned_node(planned);
    return node               ? node->kind
           : planned->is_free ? LF_NODE_NOTHING
                              : LF_NODE_LINK;
}

/** Names in a directory that goes, or is replaced. */
static inline uint32_t lf_planned_entries(const struct lf_planned *planned)
{
    return planned->rare ? planned->rare->entries : 0;
}

static inline const struct lf_displaced *
lf_planned_displaced(const struct lf_planned *planned)
{
    return planned->rare ? planned->rare->displaced : NULL;
}

/** Whether a link of the farm stands at the place after apply. */
bool lf_planned_leaves_link(const struct lf_planned *planned);

/** Of an action of the plan, made when it is first asked for; NULL without
 *  memory. */
struct lf_rare *lf_plan_rare(struct lf_plan *plan, struct lf_planned *planned);

/** The row as it is shown; borrows from the plan. */
struct lf_action lf_planned_action(const struct lf_planned *planned);

/* ---- between the stages ---- */

/** All that is known of one place. */
struct lf_fact {
    const struct lf_wish *wish;     /* NULL: not desired */
    const struct lf_record *record; /* NULL: not recorded */
    const struct lf_sighting *look;
    const struct lf_record *other;   /* another farm's record here, */
    const struct lf_recorded *owner; /* and that farm; NULL: none */
    bool other_below; /* not here, but in the directory that stands here */
    bool receives;    /* a directory: something is put back in it */
    uint32_t leaving; /* of a directory: names that go with us */
    unsigned row;
    enum lf_action_kind kind;
    enum lf_sight sight;
};

/** What was decided of it, and what else there is that observing does not know, as
 *  the survey keeps it for every place. */
struct lf_meeting {
    uint32_t special; /* index; LF_NO_ACTION: nothing */
    uint8_t row, kind, sight;
};

/** What few places have. */
struct lf_special {
    const struct lf_record *other; /* see struct lf_fact */
    const struct lf_recorded *owner;
    uint32_t leaving;
    bool other_below;
    bool receives;
};

struct lf_survey {
    const struct lf_plan_request *request;
    const struct lf_set *places; /* the observed set's */
    struct lf_meeting *meetings; /* one for each of its items, in order */
    struct lf_special *specials; /* first, one for each of its directories */
    uint32_t n_specials, special_capacity;
};

/** What is known of the place with that index. */
struct lf_fact lf_survey_fact(const struct lf_survey *survey, uint32_t index);

/** Gather the facts, of which observing brought the most. Linear in the sizes of the
 *  sets. */
bool lf_survey_make(const struct lf_plan_request *request,
                    struct lf_survey *ret_survey, struct lf_error *err);
void lf_survey_finish(struct lf_survey *survey);

/** Decide every place, deepest first, so that a directory knows what leaves it. */
void lf_survey_decide(struct lf_survey *survey);

/** Turn decided facts into the plan's actions, with reasons and cures. */
bool lf_plan_emit(struct lf_plan *plan, const struct lf_survey *survey,
                  struct lf_error *err);

/** Fill in why an action is what it is, and the cure. */
bool lf_plan_describe(struct lf_plan *plan,
                      const struct lf_plan_request *request,
                      const struct lf_fact *fact, struct lf_planned *planned,
                      struct lf_error *err);

/** Resolve every link in the disk as it would be, and add findings. */
bool lf_plan_prove(struct lf_plan *plan, const struct lf_plan_request *request,
                   struct lf_error *err);

/** Add a finding; its texts are copied. */
bool lf_plan_find(struct lf_plan *plan, const struct lf_finding *finding,
                  struct lf_error *err);

/** Add one about an action, with where the manifest asks for it. A text without data is
 *  one that there was no memory for. */
bool lf_plan_find_at(struct lf_plan *plan, const struct lf_planned *planned,
                     enum lf_code code, struct lf_str message,
                     struct lf_str help, struct lf_error *err);

/** Whether names may be changed in `dir`, open as `fd`, which an action needs beside the
 *  directory of its place. A finding says why not. */
bool lf_plan_check_room(struct lf_plan *plan, struct lf_fs *fs,
                        const struct lf_planned *planned, struct lf_str dir,
                        int fd, struct lf_error *err);

/** Add a remark; its texts are copied. */
bool lf_plan_remark_on(struct lf_plan *plan, const struct lf_finding *remark,
                       struct lf_error *err);

/** The path of an action, and of its source (empty without one), for who keeps
 *  them: in the plan's arena. data is NULL without memory. */
struct lf_str lf_plan_path(struct lf_plan *plan,
                           const struct lf_planned *planned);
struct lf_str lf_plan_source(struct lf_plan *plan,
                             const struct lf_planned *planned);

/** A place as it is shown, "linkfarm.yaml:14:3"; empty where it is not known. */
struct lf_str lf_plan_at(struct lf_plan *plan, struct lf_at at);

/** Printf into the plan's arena; `data` is NULL without memory. */
struct lf_str lf_plan_text(struct lf_plan *plan, const char *format, ...)
        LF_PRINTF(2, 3);

#endif
