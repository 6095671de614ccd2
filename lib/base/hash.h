/*
 * hash.h - hashes texts.
 *
 * It is not for secrets or for input of attackers: they can choose texts with
 * the same hash.
 */
#ifndef LIB_BASE_HASH_H
#define LIB_BASE_HASH_H

#include <stdint.h>

/* Return the FNV-1a hash of text, which is the same in every release. */
uint32_t hash_text(const char *text);

#endif
