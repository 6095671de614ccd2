/*
 * resources_export.c - provisor resources export.
 */
#include "cgi/cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/resources.h"
#include "cgi/cli/rows.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/db/json_rows.h"
#include "lib/provider/operator.h"
#include "lib/store/resource_list.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { PAGE = 1000 }; /* resources per statement */
enum { PAGE_ID = 1 }; /* a column of resource_list_page.sql */

struct export
{
	const struct cli *cli;
	struct arena *arena; /* of one resource */
	struct db *db;
	struct sealing_keys *keys; /* NULL: reveal nothing */
	enum import_format format;
	FILE *out;
};

static bool is_sealed(const char *name)
{
	return strcmp(name, "config") == 0 || strcmp(name, "options") == 0
		|| strcmp(name, "log_drain_url") == 0;
}

/* Add the sealed values to a line.  Return false after logging the reason. */
static bool reveal_secrets(const struct export *e, const struct json *resource,
			   struct json *line)
{
	const struct resource_identity identity =
		resource_identity_read(resource);
	const char *config = target_text(resource, "config");
	const char *sealed = target_text(resource, "log_drain_url");
	const char *chosen = target_text(resource, "options");
	const char *drain;
	const struct json *options;
	struct operator_act act = target_act(e->cli);
	struct resource_secrets secrets;

	if (!config && !sealed && !chosen)
		return true;
	act.arena = e->arena;
	if (operator_reveal(e->db, &act, resource) != OUTCOME_OK
	    || !resource_secrets_open(e->keys, e->arena, identity, config,
				      &secrets)) {
		rows_fail();
		return false;
	}
	drain = resource_secrets_open_text(e->keys, e->arena, identity,
					   RESOURCE_SECRET_LOG_DRAIN, sealed);
	if (sealed && !drain)
		return false;
	if (!resource_secrets_open_options(e->keys, e->arena, identity, chosen,
					   &options))
		return false;
	json_put_text(line, "log_drain_url", drain);
	if (chosen)
		json_put(line, "options", options);
	if (config)
		json_put(line, "config", secrets.config);
	if (config && json_is_object(secrets.secrets))
		json_put(line, "secrets", secrets.secrets);
	return true;
}

/* CSV has no escapes, so a terminal gets question marks in place of characters
 * that it would obey. */
static void write_line(const struct export *e, const char *line)
{
	if (!isatty(fileno(e->out))) {
		fputs(line, e->out);
		return;
	}
	while (*line) {
		size_t length = strcspn(line, "\r\n");
		const char *text = arena_strndup(e->arena, line, length);

		fprintf(e->out, "%s\n", utf8_for_terminal(e->arena, text));
		line += length + strspn(line + length, "\r\n");
	}
}

static bool export_resource(const struct export *e, const struct json *resource)
{
	struct json *line;

	if (!e->keys) {
		write_line(e, import_file_line(e->arena, e->format, resource));
		return true;
	}
	line = json_object(e->arena);
	for (const struct json *m = json_first(resource); m; m = json_next(m))
		if (!is_sealed(json_name(m)) && strcmp(json_name(m), "id") != 0)
			json_put(line, json_name(m), m);
	if (!reveal_secrets(e, resource, line))
		return false;
	write_line(e, import_file_line(e->arena, e->format, line));
	return true;
}

/* Export the resources of a page.  last becomes the id of the last one. */
static bool export_page(const struct export *e, const struct db_rows *rows,
			char last[static UUID_LENGTH + 1])
{
	bool is_exported = true;

	for (int i = 0; is_exported && i < db_count(rows); i++) {
		const struct json *resource =
			json_rows_object(rows, e->arena, i);

		is_exported = resource && export_resource(e, resource);
		if (is_exported)
			snprintf(last, UUID_LENGTH + 1, "%s",
				 db_text(rows, i, PAGE_ID));
		arena_reset(e->arena);
	}
	return is_exported;
}

/*
 * Export page by page, so that each statement is short even for many resources.
 */
static bool export_pages(const struct export *e, struct arena *arena,
			 struct resource_list_query *query)
{
	char last[UUID_LENGTH + 1] = "";
	const struct db_rows *rows;
	bool is_last;

	query->limit = PAGE;
	do {
		if (resource_list_page(e->db, arena, query, *last ? last : NULL,
				       e->keys, &rows)
		    != OUTCOME_OK) {
			rows_fail();
			return false;
		}
		if (!export_page(e, rows, last))
			return false;
		is_last = db_count(rows) < PAGE;
		arena_reset(arena);
	} while (!is_last);
	return true;
}

static bool export_resources(const struct export *e,
			     struct resource_list_query *query)
{
	const char *header = import_file_header(e->arena, e->format);
	struct arena *pages = arena_create();
	bool is_exported;

	if (header)
		write_line(e, header);
	is_exported = export_pages(e, pages, query);
	arena_destroy(pages);
	return is_exported;
}

/* ---- the file ---- */

static bool open_output(struct export *e, const char *path)
{
	int file;

	e->out = stdout;
	if (!path)
		return true;
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	e->out = file < 0 ? NULL : fdopen(file, "w");
	if (!e->out)
		cli_fail("%s: cannot be created (%s): write the name of a new "
			 "file",
			 path, strerror(errno));
	return e->out;
}

/* Close the file, and remove it if it is incomplete. */
static bool close_output(struct export *e, const char *path, bool is_written)
{
	bool is_flushed;

	if (!path)
		return is_written; /* main() checks standard output */
	is_flushed = fflush(e->out) == 0 && !ferror(e->out);
	if (fclose(e->out) != 0 || !is_flushed) {
		cli_fail("%s: cannot be written (%s): free some space", path,
			 strerror(errno));
		is_written = false;
	}
	if (!is_written)
		unlink(path);
	return is_written;
}

static bool open_export_keys(struct export *e)
{
	if (!cli_has(e->cli, OPTION_REVEAL))
		return true;
	e->keys = cli_open_keys(e->cli);
	return e->keys;
}

int cli_resources_export(const struct cli *cli)
{
	const char *path = cli->count > 0 ? cli->words[0] : NULL;
	struct export e = { .cli = cli };
	struct resource_list_query query;
	enum resource_state state;
	bool is_written = false;

	if (!resources_read_format(cli, path, &e.format)
	    || !resources_read_query(cli, &query))
		return CLI_USAGE;
	if (query.state && !import_row_state_named(query.state, &state))
		return cli_refuse(
			"option --state must be provisioned, "
			"suspended, kept, moved or deprovisioned: other "
			"states cannot be exported");
	if (open_export_keys(&e) && open_output(&e, path)) {
		e.arena = arena_create();
		e.db = db_open(cli->settings.database);
		is_written =
			close_output(&e, path, export_resources(&e, &query));
		db_close(e.db);
		arena_destroy(e.arena);
	}
	sealing_keys_close(e.keys);
	return is_written ? CLI_OK : CLI_FAILED;
}
