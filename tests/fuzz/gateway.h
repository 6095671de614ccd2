/*
 * gateway.h - cgi/web/gateway.h with a text in place of the web server.
 *
 * It reads as parameters, NAME=VALUE a line, then an empty line, then the body.
 * CONTENT_LENGTH is told as it is, unless the text says another; CGI=1 makes it
 * plain CGI, HUNG_UP=1 an answer for nobody.
 */
#ifndef FUZZ_GATEWAY_H
#define FUZZ_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct gateway {
	struct arena *arena;
	const char *parameters;
	const char *body; /* what of it is unread */
	size_t body_length;
	const char *answer;
	bool is_finished;
};

struct gateway gateway_of(struct arena *arena, const char *text, size_t length);

#endif
