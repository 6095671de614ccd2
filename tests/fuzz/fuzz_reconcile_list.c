/* A marketplace's list is refused with errors that name it, or each of its
 * resources has an id and a known state, and is found by its ids.  The first
 * byte of the input is the format. */
#include "fuzz.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/reconcile/list.h"

static void assert_errors_name_list(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next) {
		assert(strstr(f->text, "list"));
		assert(utf8_is_valid(f->text));
	}
}

static void assert_listed(const struct reconcile_list *list)
{
	assert(list->count > 0);
	for (int i = 0; i < list->count; i++) {
		const struct reconcile_listed *r = &list->resources[i];

		assert(r->marketplace_id || r->provider_id);
		assert(strstr(r->state, "provision"));
		assert(!r->plan || *r->plan);
		assert(reconcile_list_find(list, r->marketplace_id,
					   r->provider_id));
	}
	assert(!reconcile_list_find(list, NULL, NULL));
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct findings findings = { .arena = arena };
	struct reconcile_list list;

	if (length < 1)
		return;
	reconcile_list_read(arena,
			    fuzz_write(arena, "list", text + 1, length - 1),
			    text[0] & 1, &list, &findings);
	assert_errors_name_list(&findings);
	if (findings.errors == 0)
		assert_listed(&list);
}
