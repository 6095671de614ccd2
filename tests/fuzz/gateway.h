/*
 * gateway.h - implements cgi/web/gateway.h with a text instead of a web server.
 *
 * The text has a parameter NAME=VALUE per line, an empty line, and the body.
 * CONTENT_LENGTH is computed unless the text has one.  CGI=1 makes the request
 * one of plain CGI, and HUNG_UP=1 simulates a client that has disconnected.
 */
#ifndef FUZZ_GATEWAY_H
#define FUZZ_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct gateway {
	struct arena *arena;
	const char *parameters;
	const char *body; /* the unread part */
	size_t body_length;
	const char *answer;
	bool is_finished;
};

struct gateway gateway_of(struct arena *arena, const char *text, size_t length);

#endif
