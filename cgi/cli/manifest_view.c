#include "cgi/cli/manifest_view.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/text/json_layout.h"

/* One of two manifests. */
struct view {
	struct arena *arena;
	const char *place;
};

static const struct json *view_value(const struct view *view,
				     const struct json *value,
				     const struct json *order,
				     const struct json *other);

static bool is_secret_name(const char *name)
{
	return strcmp(name, "password") == 0 || strcmp(name, "sso_salt") == 0;
}

static bool is_list(const struct json *value)
{
	return json_is_object(value) || json_is_array(value);
}

static bool is_same_value(const struct view *view, const struct json *a,
			  const struct json *b)
{
	return strcmp(json_print(view->arena, a), json_print(view->arena, b))
		== 0;
}

static void view_member(const struct view *view, struct json *object,
			const struct json *member, const struct json *order,
			const struct json *other)
{
	const char *name = json_name(member);
	const struct json *same = json_member(other, name);

	if (!is_secret_name(name) || is_list(member))
		json_put(object, name,
			 view_value(view, member, json_member(order, name),
				    same));
	else if (!same || is_same_value(view, member, same))
		json_put_text(object, name, "(hidden)");
	else
		json_put_text(object, name,
			      arena_join(view->arena, "(hidden, that ",
					 view->place, ")"));
}

/* Put the members in the order of another object, and then the others. */
static const struct json *view_object(const struct view *view,
				      const struct json *value,
				      const struct json *order,
				      const struct json *other)
{
	struct json *object = json_object(view->arena);
	const struct json *first =
		json_is_object(order) ? json_first(order) : NULL;
	const struct json *member;

	for (; first; first = json_next(first)) {
		member = json_member(value, json_name(first));
		if (member)
			view_member(view, object, member, order, other);
	}
	for (member = json_first(value); member; member = json_next(member))
		if (!json_member(order, json_name(member)))
			view_member(view, object, member, order, other);
	return object;
}

static const struct json *view_array(const struct view *view,
				     const struct json *value,
				     const struct json *other)
{
	struct json *array = json_array(view->arena);
	const struct json *entry = json_first(value);
	const struct json *same =
		json_is_array(other) ? json_first(other) : NULL;

	for (; entry; entry = json_next(entry)) {
		json_append(array, view_value(view, entry, same, same));
		same = same ? json_next(same) : NULL;
	}
	return array;
}

static const struct json *view_value(const struct view *view,
				     const struct json *value,
				     const struct json *order,
				     const struct json *other)
{
	if (json_is_object(value))
		return view_object(view, value, order, other);
	return json_is_array(value) ? view_array(view, value, other) : value;
}

static const char *view_lines(struct arena *arena,
			      const struct manifest_side *side,
			      const struct json *order,
			      const struct json *other)
{
	const struct view view = { arena, side->place };

	return json_layout(
		arena,
		json_print_for_terminal(
			arena,
			view_value(&view, side->manifest, order, other)));
}

const char *manifest_view(struct arena *arena, const struct json *manifest)
{
	const struct manifest_side side = { .manifest = manifest };

	return view_lines(arena, &side, NULL, NULL);
}

struct line_diff manifest_compare(struct arena *arena,
				  const struct manifest_side *before,
				  const struct manifest_side *after)
{
	return line_diff(
		arena, view_lines(arena, before, NULL, after->manifest),
		view_lines(arena, after, before->manifest, before->manifest));
}

bool manifest_loses(const struct line_diff *diff)
{
	static const char base[] = "\"$base\":";
	const char *line = diff->text;

	while (*line) {
		const char *text = line + 1 + strspn(line + 1, " ");

		if (*line == '-' && strncmp(text, base, strlen(base)) != 0)
			return true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}
