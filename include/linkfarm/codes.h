/* SPDX-License-Identifier: MIT */
/*
 * codes.h - every stable code: LF_CODE_ENUM(number, name, exit, meaning)
 *
 * Included by error.h with LF_CODE_ENUM defined; has no include guard because
 * it is read more than once. docs/errors.md explains each, and a test holds
 * the two equal. Ranges: 1-99 manifest; 100-199 resolving and proof; 200-299
 * state, ledger and journal; 300-399 applying; 400-499 command line.
 */

/* manifest: the file */
LF_CODE_ENUM(1, MANIFEST_MISSING, 66, "the manifest does not exist")
LF_CODE_ENUM(2, MANIFEST_UNREADABLE, 66, "the manifest cannot be read")
LF_CODE_ENUM(3, MANIFEST_KIND, 66, "the manifest is not a regular file")
LF_CODE_ENUM(4, MANIFEST_SIZE, 65, "the manifest is larger than 64 MiB")
LF_CODE_ENUM(5, MANIFEST_CHANGED, 66, "the manifest shrank while it was read")
LF_CODE_ENUM(6, NOT_UTF8, 65, "bytes that are not UTF-8")
LF_CODE_ENUM(7, CONTROL_BYTE, 65, "a character that YAML does not allow")
LF_CODE_ENUM(8, BYTE_ORDER_MARK, 65, "UTF-16, UTF-32 or a byte order mark")

/* manifest: YAML */
LF_CODE_ENUM(10, SYNTAX, 65, "not well-formed YAML")
LF_CODE_ENUM(11, DUPLICATE_KEY, 65, "a key appears twice")
LF_CODE_ENUM(12, UNKNOWN_KEY, 65, "a key that linkfarm does not know")
LF_CODE_ENUM(13, MISSING_KEY, 65, "a required key is missing")
LF_CODE_ENUM(14, WRONG_TYPE, 65, "a value of the wrong type")
LF_CODE_ENUM(15, WRONG_VALUE, 65, "a value that is not one of those allowed")
LF_CODE_ENUM(16, ANCHOR, 65, "a YAML anchor")
LF_CODE_ENUM(17, ALIAS, 65, "a YAML alias")
LF_CODE_ENUM(18, MERGE_KEY, 65, "a YAML merge key")
LF_CODE_ENUM(19, TAG, 65, "a YAML tag")
LF_CODE_ENUM(20, DIRECTIVE, 65, "a YAML directive")
LF_CODE_ENUM(21, SECOND_DOCUMENT, 65, "a second YAML document")
LF_CODE_ENUM(22, EMPTY_MANIFEST, 65, "a manifest without content")
LF_CODE_ENUM(23, TOO_DEEP, 65, "more than 64 levels of nesting")
LF_CODE_ENUM(24, TOO_MANY_ITEMS, 65, "more than 3,000,000 items in one file")
LF_CODE_ENUM(25, SCALAR_TOO_LONG, 65, "a text or comment of more than 16 MiB")
LF_CODE_ENUM(26, COMPLEX_KEY, 65, "a key that is not plain text")
LF_CODE_ENUM(27, NULL_VALUE, 65, "a lone ~, which is YAML's null")
LF_CODE_ENUM(28, NUL_IN_TEXT, 65, "a NUL in a text")

/* manifest: values */
LF_CODE_ENUM(30, VERSION, 65, "a version of the language that is not known")
LF_CODE_ENUM(31, FARM_NAME, 65, "a name that a farm cannot have")
LF_CODE_ENUM(32, MODE, 65, "not an octal mode")
LF_CODE_ENUM(33, VAR_NAME, 65, "a name that a variable cannot have")
LF_CODE_ENUM(34, EMPTY_TEXT, 65, "an empty text where one is needed")
LF_CODE_ENUM(35, EMPTY_LIST, 65, "an empty list where a value is needed")
LF_CODE_ENUM(36, PATH_TOO_LONG, 65,
             "a path or link text of more than 4,095 bytes")
LF_CODE_ENUM(37, NAME_TOO_LONG, 65, "a path component of more than 255 bytes")
LF_CODE_ENUM(38, LINK_PATH, 65, "a link path of a form that is not allowed")
LF_CODE_ENUM(39, NO_INTO, 65, "a relative link path without an into")
LF_CODE_ENUM(40, LINK_SOURCE, 65, "a link needs either from or to")
LF_CODE_ENUM(41, TREE_NAME, 65, "two trees of one name")
LF_CODE_ENUM(42, UNKNOWN_TREE, 65, "overrides a tree that is not there")
LF_CODE_ENUM(43, PATTERN, 65, "a pattern that can match nothing")
LF_CODE_ENUM(44, DOLLAR, 65, "a dollar that begins no expansion")
LF_CODE_ENUM(45, UNSET, 65, "a name that has no value")
LF_CODE_ENUM(46, REQUIRED, 65, "a name that the manifest requires has no value")
LF_CODE_ENUM(47, TILDE, 65, "a ~ that is not expanded")
LF_CODE_ENUM(48, NO_HOME, 65, "the home directory is not known")
LF_CODE_ENUM(49, INCLUDE_MISSING, 65, "an included file does not exist")
LF_CODE_ENUM(50, INCLUDE_UNREADABLE, 65, "an included file cannot be read")
LF_CODE_ENUM(51, INCLUDE_CYCLE, 65,
             "a file is included twice, or includes itself")
LF_CODE_ENUM(52, INCLUDE_LIMIT, 65, "more than 64 included files")
LF_CODE_ENUM(53, INCLUDE_KEY, 65, "a key that an included file may not have")
LF_CODE_ENUM(54, DUPLICATE_VAR, 65, "two files define one variable")
LF_CODE_ENUM(55, OVERRIDES_CIRCLE, 65, "trees that override each other")
LF_CODE_ENUM(56, PROFILE_NAME, 65, "a name that a profile cannot have")

/* manifest: what it calls for */
LF_CODE_ENUM(60, SAME_PLACE, 65, "two entries want one link path")
LF_CODE_ENUM(61, BELOW_LINK, 65, "an entry lies below a link of the same farm")
LF_CODE_ENUM(62, TREE_MISSING, 65,
             "the source directory of a tree does not exist")
LF_CODE_ENUM(63, TREE_UNREADABLE, 65, "a source directory cannot be read")
LF_CODE_ENUM(64, TOO_MANY_LINKS, 65, "more than 10,000,000 links")

/* resolving */
LF_CODE_ENUM(100, RESOLVE_REQUEST, 1,
             "a path that the resolver cannot be asked about")
LF_CODE_ENUM(101, VIEW_CHANGE, 1, "a change that cannot be planned in a view")
LF_CODE_ENUM(102, UNRESOLVED, 1,
             "a path that leads nowhere where it must lead somewhere")
LF_CODE_ENUM(103, FIXTURE, 65, "a described tree that cannot be read")
LF_CODE_ENUM(104, REPARSE, 1,
             "text that a Windows link cannot hold, or bytes that are none")
LF_CODE_ENUM(120, THROUGH_LINK, 3, "a link path passes through a symlink")
LF_CODE_ENUM(121, NO_RELATIVE_TEXT, 3, "no relative text is right from there")
LF_CODE_ENUM(122, NOT_A_DIRECTORY, 3,
             "something on the way to a link path is no directory")
LF_CODE_ENUM(123, SOURCE_UNRESOLVED, 3,
             "the way to a source cannot be followed")

/* proof: what may never be, whatever a manifest says */
LF_CODE_ENUM(150, INTO_SOURCE, 3, "a link path lies in a source")
LF_CODE_ENUM(151, OWN_SOURCE, 3, "a link path is its own source")
LF_CODE_ENUM(152, LINK_LOOP, 3, "a link would lead back to itself")
LF_CODE_ENUM(153, LINK_CHAIN, 3, "a link would lead through more than 40 links")
LF_CODE_ENUM(154, DANGLING, 3, "a link would lead nowhere")
LF_CODE_ENUM(155, WRONG_REFERENT, 3, "a link would not reach its source")
LF_CODE_ENUM(156, LINK_ABOVE, 3, "a directory of a link path becomes a link")
LF_CODE_ENUM(157, KEPT_DIR, 3, "what linkfarm itself needs would be moved")
LF_CODE_ENUM(160, DIR_RIGHTS, 3, "a directory that may not be changed")
LF_CODE_ENUM(161, NODE_RIGHTS, 3, "something that may not be moved away")
LF_CODE_ENUM(162, FOREIGN_DIR, 3, "a way on which another user may lead root")

/* policy, and what is worth knowing */
LF_CODE_ENUM(170, POLICY_DANGLING, 2, "policy: a link leads nowhere")
LF_CODE_ENUM(171, POLICY_ESCAPE, 2,
             "policy: a link leads out of what is allowed")
LF_CODE_ENUM(172, POLICY_WRITABLE, 2, "policy: everybody can write a directory")
LF_CODE_ENUM(173, POLICY_HOME, 2,
             "policy: an absolute text leads into the home")
LF_CODE_ENUM(174, LONG_CHAIN, 2, "a link leads through more than 8 links")

/* state, ledger and journal */
LF_CODE_ENUM(200, STATE_UNSAFE, 1, "the state directory cannot be trusted")
LF_CODE_ENUM(201, STATE_UNWRITABLE, 1, "the state directory cannot be written")
LF_CODE_ENUM(202, STATE_UNREADABLE, 1, "the state directory cannot be read")
LF_CODE_ENUM(203, LOCKED, 75, "another process holds the lock")
LF_CODE_ENUM(204, SYNC, 1, "done, but it may not survive a power cut")
LF_CODE_ENUM(205, LEDGER_CORRUPT, 4, "the ledger is damaged")
LF_CODE_ENUM(206, LEDGER_VERSION, 1, "the ledger is of a newer version")
LF_CODE_ENUM(207, NO_FARM, 1, "no farm has that name")
LF_CODE_ENUM(208, NO_GENERATION, 1, "the farm has no such generation")

LF_CODE_ENUM(220, JOURNAL_CORRUPT, 4, "the journal is damaged")
LF_CODE_ENUM(221, JOURNAL_VERSION, 4, "the journal is of a newer version")

/* applying */
LF_CODE_ENUM(300, STALE, 75, "something changed since the plan was made")
LF_CODE_ENUM(301, STEP_FAILED, 1, "a step of the plan failed; all was undone")
LF_CODE_ENUM(302, CANCELLED, 130, "stopped on request; all was undone")
LF_CODE_ENUM(303, RECOVERY, 4, "an interrupted transaction cannot be undone")
LF_CODE_ENUM(304, CLEAN_UP, 4, "applied, but not all could be cleaned up")
LF_CODE_ENUM(305, OTHER_ROOT, 4, "the journal belongs to another root")
LF_CODE_ENUM(306, ROOT, 1, "the root directory cannot be opened")
LF_CODE_ENUM(307, NOT_APPLICABLE, 3, "the plan has conflicts or findings")
LF_CODE_ENUM(308, STORE_LOST, 1,
             "a displaced node is not in the store any more")
LF_CODE_ENUM(309, GARBAGE, 1, "what gc drops cannot be removed")
LF_CODE_ENUM(310, STORE_UNSAFE, 3,
             "others than root may change where displaced nodes are kept")

/* command line */
LF_CODE_ENUM(400, OUTPUT, 1, "standard output cannot be written")
LF_CODE_ENUM(401, UNKNOWN_COMMAND, 64, "there is no such command")
LF_CODE_ENUM(402, UNKNOWN_OPTION, 64, "there is no such option")
LF_CODE_ENUM(403, OPTION_VALUE, 64,
             "an option's argument is missing, or not one that it takes")
LF_CODE_ENUM(404, OPTION_CONFLICT, 64,
             "options that do not go together, or not with this command")
LF_CODE_ENUM(405, OPERANDS, 64, "too few or too many words after the command")
LF_CODE_ENUM(406, PORCELAIN_VERSION, 64,
             "there is no such version of --porcelain")
LF_CODE_ENUM(407, SETUID, 1, "linkfarm does not run setuid")
LF_CODE_ENUM(408, NO_MANIFEST, 66, "no manifest was given, and none was found")
LF_CODE_ENUM(409, NO_PLAN_FILE, 66, "the saved plan cannot be read")
LF_CODE_ENUM(410, PLAN_FILE, 65, "the file is not a saved plan")
LF_CODE_ENUM(411, PLAN_STALE, 75,
             "the saved plan is not what would be done now")
LF_CODE_ENUM(412, FILE_EXISTS, 1, "a file that would be made exists already")
LF_CODE_ENUM(413, FILE_UNWRITABLE, 1, "a file cannot be written")
LF_CODE_ENUM(414, NO_STATE_DIR, 1, "it is not known where to keep the state")
LF_CODE_ENUM(415, WHICH_FARM, 64, "it is not clear which farm is meant")
LF_CODE_ENUM(416, WORKING_DIR, 1, "the working directory is not known")
LF_CODE_ENUM(417, IMPORT, 65, "what is to be imported is not of that kind")

/* general */
LF_CODE_ENUM(900, NO_MEMORY, 1, "out of memory")
LF_CODE_ENUM(901, SYSTEM, 1, "a system call failed")
LF_CODE_ENUM(902, INTERNAL, 1, "an invariant of linkfarm does not hold")
