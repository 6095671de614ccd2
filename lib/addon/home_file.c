#include "lib/addon/home_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/plain_file.h"
#include "lib/text/json.h"

enum {
	LARGEST_FILE = 1024 * 1024, /* bytes */
	SHORTEST_SECRET = 16,       /* characters */
	SHORTEST_OLD_SECRET = 8
};

/* ---- findings ---- */

void home_file_error(const struct home_file *file, const char *field,
		     const char *problem, ...)
{
	va_list arguments;

	va_start(arguments, problem);
	finding_of_field(file->findings, FINDING_ERROR, file->path, field,
			 arena_vprintf(file->arena, problem, arguments));
	va_end(arguments);
}

void home_file_warn(const struct home_file *file, const char *field,
		    const char *problem, ...)
{
	va_list arguments;

	va_start(arguments, problem);
	finding_of_field(file->findings, FINDING_WARNING, file->path, field,
			 arena_vprintf(file->arena, problem, arguments));
	va_end(arguments);
}

/* ---- files ---- */

bool home_file_exists(struct arena *arena, const char *home, const char *name)
{
	struct stat status;

	return stat(arena_join(arena, home, "/", name), &status) == 0;
}

/* Read a file into the arena, with a zero byte after it.  place names it in
 * findings. */
static const char *read_home_file(struct arena *arena, const char *path,
				  const char *place, size_t *length,
				  struct findings *findings)
{
	FILE *file = plain_file_open(path);
	struct stat status;
	char *text = NULL;

	if (!file || fstat(fileno(file), &status) != 0) {
		finding_error(findings,
			      "%s: cannot be read (%s): create it, and let the "
			      "pools' user read it",
			      place, strerror(errno));
	} else if (!S_ISREG(status.st_mode) || status.st_size > LARGEST_FILE) {
		finding_error(findings, "%s: must be a file of at most 1 MiB",
			      place);
	} else {
		text = arena_alloc(arena, (size_t)status.st_size + 1);
		*length = fread(text, 1, (size_t)status.st_size, file);
	}
	if (file)
		fclose(file);
	return text;
}

static const struct json *parse_home_file(const struct home_file *file,
					  size_t length)
{
	const struct json *document;
	const char *why;

	if (!file->text)
		return NULL;
	document = json_parse(file->arena, file->text, length, &why);
	if (!document)
		finding_error(file->findings,
			      "%s: is not valid JSON: %s: correct it",
			      file->path, why);
	else if (!json_is_object(document))
		finding_error(file->findings, "%s: must be a JSON object",
			      file->path);
	return json_is_object(document) ? document : NULL;
}

struct home_file home_file_read(struct arena *arena, const char *path,
				struct findings *findings)
{
	struct home_file file = {
		.arena = arena,
		.findings = findings,
		.path = path,
	};
	size_t length = 0;

	file.text = read_home_file(arena, path, path, &length, findings);
	file.document = parse_home_file(&file, length);
	return file;
}

const char *home_file_read_line(const struct home_file *file, const char *field,
				const char *path)
{
	static const char blanks[] = " \t\r\n";
	size_t length, end;
	const char *text = read_home_file(
		file->arena, path,
		arena_printf(file->arena, "%s: %s", file->path, field), &length,
		file->findings);

	if (!text)
		return NULL;
	end = strcspn(text, blanks);
	if (end > 0 && end + strspn(text + end, blanks) == length)
		return arena_strndup(file->arena, text, end);
	home_file_error(file, field,
			"must name a file that contains one line, the secret");
	return NULL;
}

/* ---- members ---- */

bool home_file_is_known(const struct json *member, const char *const names[],
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(json_name(member), names[i]) == 0)
			return true;
	return false;
}

void home_file_refuse_unknown(const struct home_file *file, const char *prefix,
			      const struct json *object,
			      const char *const names[], size_t count)
{
	const struct json *member;

	for (member = json_first(object); member; member = json_next(member))
		if (!home_file_is_known(member, names, count))
			home_file_error(file,
					arena_printf(file->arena, "%s%s",
						     prefix, json_name(member)),
					"is unknown: correct its spelling, or "
					"remove it");
}

/* ---- secrets ---- */

static const char secret_remedy[] = "use a random string of 32 characters";

/* Return true for a secret of 8 characters or more that appears in
 * marketplaces' documentation, in the repositories of their tools or in
 * examples. */
static bool is_published_secret(const char *value)
{
	static const char *const published[] = {
		"2f97bfa52ca102f8874716e2eb1d3b4920ad0be4",
		"44ca82ddf8d4e74d52494ce2895152ee",
		"7CwqmJLEjv8YZTXK",
		"CHANGEME",
		"FAKE PASSWORD",
		"FAKE SALT",
		"GqAGAmdrnkDFcvR9",
		"KtdFl80yzJvkEvq7bmJuQkuXKtV2nx6T",
		"bv95AM7726CwVQ7cHUSKuOb3tTREDdVn",
		"fcb5b3add85d65e1dddda87a115b429f",
		"password",
		"password_goes_here",
		"salt_goes_here_",
		"sso_salt_goes_here",
		"super-secret",
		"zPzckKkGf3XiJaD0",
	};

	for (size_t i = 0; i < COUNT(published); i++)
		if (strcasecmp(value, published[i]) == 0)
			return true;
	return false;
}

static void add_secret(struct addon_secrets *secrets, struct arena *arena,
		       const char *value)
{
	const char **values = arena_alloc(
		arena, ((size_t)secrets->count + 1) * sizeof *values);

	for (int i = 0; i < secrets->count; i++)
		values[i] = secrets->values[i];
	values[secrets->count++] = value;
	secrets->values = values;
}

/* Add value to secrets, or an error if it is shorter than the shortest allowed
 * or a published sample. */
static void take_secret(const struct home_file *file, const char *field,
			const char *value, size_t shortest,
			struct addon_secrets *secrets)
{
	if (is_published_secret(value))
		home_file_error(file, field, "is a published sample: %s",
				secret_remedy);
	else if (strlen(value) < shortest)
		home_file_error(file, field,
				"is shorter than %zu characters: %s", shortest,
				secret_remedy);
	else
		add_secret(secrets, file->arena, value);
}

void home_file_take_secret(const struct home_file *file, const char *field,
			   const char *value, struct addon_secrets *secrets)
{
	take_secret(file, field, value, SHORTEST_SECRET, secrets);
}

void home_file_take_old_secret(const struct home_file *file, const char *field,
			       const char *value, struct addon_secrets *secrets)
{
	take_secret(file, field, value, SHORTEST_OLD_SECRET, secrets);
	if (strlen(value) >= SHORTEST_OLD_SECRET
	    && strlen(value) < SHORTEST_SECRET)
		home_file_warn(file, field,
			       "is shorter than %d characters: remove it as "
			       "soon as the marketplace uses a longer one",
			       SHORTEST_SECRET);
}
