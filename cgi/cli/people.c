/*
 * people.c - provisor people export and forget.
 */
#include "cgi/cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/question.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/provider/operator.h"
#include "lib/store/person.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

static bool read_address(const struct cli *cli, const char **address)
{
	*address = cli->words[0];
	if (person_is_address(*address))
		return true;
	cli_refuse("\"%s\" is not an e-mail address such as jane@example.com",
		   *address);
	return false;
}

/* ---- export ---- */

struct people_export {
	const struct cli *cli;
	struct db *db;
	struct sealing_keys *keys;
};

/* Return a resource with its options opened, after recording that the operator
 * sees them.  Return NULL after logging the reason. */
static const struct json *open_options(const struct people_export *export,
				       struct arena *arena,
				       const struct json *resource)
{
	struct operator_act act = target_act(export->cli);
	const struct json *options;
	struct json *opened = json_object(arena);

	act.arena = arena;
	if (operator_reveal(export->db, &act, resource) != OUTCOME_OK
	    || !resource_secrets_open_options(
		    export->keys, arena, resource_identity_read(resource),
		    target_text(resource, "options"), &options))
		return NULL;
	for (const struct json *m = json_first(resource); m; m = json_next(m))
		json_put(opened, json_name(m), m);
	json_put(opened, "options", options);
	return opened;
}

static bool export_row(void *context, struct arena *arena,
		       enum person_place place, const struct json *row)
{
	const struct people_export *export = context;

	if (place == PERSON_RESOURCES && target_text(row, "options"))
		row = open_options(export, arena, row);
	if (row)
		printf("%s\n", json_print(arena, row));
	return row;
}

int cli_people_export(const struct cli *cli)
{
	struct people_export export = { .cli = cli };
	const struct person_visitor visitor = { export_row, &export };
	const char *address;
	bool is_complete;
	enum outcome outcome;

	if (!read_address(cli, &address))
		return CLI_USAGE;
	export.keys = cli_open_keys(cli);
	if (!export.keys)
		return CLI_FAILED;
	export.db = db_open(cli->settings.database);
	outcome = person_find(export.db, address, &visitor, &is_complete);
	db_close(export.db);
	sealing_keys_close(export.keys);
	if (outcome != OUTCOME_OK)
		return rows_fail();
	return is_complete ? CLI_OK : CLI_FAILED;
}

/* ---- forget ---- */

/* What is known of the person. */
struct people_found {
	int64_t counts[PERSON_PLACES];
	int64_t kept; /* resources that stay as they are */
};

static bool count_row(void *context, struct arena *arena,
		      enum person_place place, const struct json *row)
{
	struct people_found *found = context;

	(void)arena;
	if (place != PERSON_RESOURCES || !person_resource_stays(row)) {
		found->counts[place]++;
		return true;
	}
	found->kept++;
	printf("kept: %s of %s/%s is %s: the marketplace and its listener need "
	       "its owner and name\n",
	       target_text(row, "id"), target_text(row, "marketplace"),
	       target_text(row, "addon"), target_text(row, "state"));
	return true;
}

static void print_person_counts(const char *what,
				const int64_t counts[static PERSON_PLACES])
{
	printf("%s: resources that are gone %" PRId64
	       ", events of the person %" PRId64 ", other events %" PRId64
	       ", jobs %" PRId64 "\n",
	       what, counts[PERSON_RESOURCES], counts[PERSON_SIGN_ONS],
	       counts[PERSON_EVENTS], counts[PERSON_JOBS]);
}

static bool is_anything_found(const struct people_found *found)
{
	for (int i = 0; i < PERSON_PLACES; i++)
		if (found->counts[i] > 0)
			return true;
	return false;
}

static int forget_person(const struct cli *cli, struct db *db,
			 const char *address)
{
	int64_t erased[PERSON_PLACES];
	enum outcome outcome =
		person_forget(db, address, cli_operator(cli->arena), erased);

	print_person_counts("erased", erased);
	if (outcome == OUTCOME_OK)
		return CLI_OK;
	rows_fail();
	return cli_fail("not all is erased: run the command again");
}

static int find_and_forget(const struct cli *cli, struct db *db,
			   const char *address)
{
	struct people_found found = { 0 };
	const struct person_visitor visitor = { count_row, &found };
	bool is_complete;

	if (person_find(db, address, &visitor, &is_complete) != OUTCOME_OK)
		return rows_fail();
	print_person_counts("found", found.counts);
	if (!is_anything_found(&found))
		return CLI_OK;
	if (cli_has(cli, OPTION_YES)
	    || question_is_confirmed("Erase this for good?"))
		return forget_person(cli, db, address);
	return cli_refuse("nothing is erased: add --yes");
}

int cli_people_forget(const struct cli *cli)
{
	const char *address;
	struct db *db;
	int status;

	if (!read_address(cli, &address))
		return CLI_USAGE;
	db = db_open(cli->settings.database);
	status = find_and_forget(cli, db, address);
	db_close(db);
	return status;
}
