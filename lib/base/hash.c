#include "lib/base/hash.h"

uint32_t hash_text(const char *text)
{
	static const uint32_t offset = 2166136261u, prime = 16777619u;
	uint32_t hash = offset;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * prime;
	return hash;
}
