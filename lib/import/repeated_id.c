#include "lib/import/repeated_id.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/digest.h"

enum { DIGEST_SIZE = 16, FIRST_ROOM = 1024 };

/* Two different ids never have the same 128 bits of a SHA-256 digest. */
struct repeated_id_entry {
	char digest[DIGEST_SIZE];
	int line;
};

static char hex_value(char digit)
{
	return (char)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static bool digest_id(const char *id, char digest[static DIGEST_SIZE])
{
	char hex[DIGEST_SHA256_HEX + 1];

	if (!digest_sha256_hex(&id, 1, hex))
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		digest[i] = (char)(hex_value(hex[2 * i]) << 4
				   | hex_value(hex[2 * i + 1]));
	return true;
}

bool repeated_ids_add(struct repeated_ids *ids, const char *id, int line)
{
	if (!id)
		return true;
	if (ids->count == ids->room) {
		ids->room = ids->room ? 2 * ids->room : FIRST_ROOM;
		ids->list = must(
			reallocarray(ids->list, ids->room, sizeof *ids->list));
	}
	ids->list[ids->count].line = line;
	return digest_id(id, ids->list[ids->count++].digest);
}

static int compare_id_digests(const void *a, const void *b)
{
	const struct repeated_id_entry *x = a, *y = b;
	int order = memcmp(x->digest, y->digest, sizeof x->digest);

	return order ? order : x->line - y->line;
}

bool repeated_ids_next(struct repeated_ids *ids, int *line, int *earlier_line)
{
	if (ids->next == 0 && ids->count > 0)
		qsort(ids->list, ids->count, sizeof *ids->list,
		      compare_id_digests);
	while (++ids->next < ids->count) {
		const struct repeated_id_entry *entry = &ids->list[ids->next];

		if (memcmp(entry->digest, entry[-1].digest,
			   sizeof entry->digest)
		    == 0) {
			*line = entry->line;
			*earlier_line = entry[-1].line;
			return true;
		}
	}
	return false;
}

void repeated_ids_release(struct repeated_ids *ids)
{
	free(ids->list);
}
