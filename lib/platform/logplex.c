#include "lib/platform/logplex.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/base/arena.h"

/* Write a time as in Heroku's examples (RFC 3339). */
static const char *write_frame_time(struct arena *arena, int64_t moment)
{
	char text[] = "2013-03-27T20:02:24+00:00 and a longer year";
	time_t seconds = (time_t)moment;
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S+00:00", &tm);
	return arena_strdup(arena, text);
}

/* Write a field of the header, which a blank would end. */
static const char *write_header_field(struct arena *arena, const char *text)
{
	char *word = arena_strdup(arena, *text ? text : "-");

	for (char *c = word; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '-';
	return word;
}

static const char *write_log_message(struct arena *arena, const char *text)
{
	char *line = arena_strdup(arena, text);

	for (char *c = line; *c; c++)
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			*c = ' ';
	return line;
}

const char *logplex_frames(struct arena *arena,
			   const struct logplex_source *source, int64_t moment,
			   const char *const lines[], int count, size_t *size)
{
	const char *head =
		arena_printf(arena, "<190>1 %s %s %s %s - - ",
			     write_frame_time(arena, moment),
			     write_header_field(arena, source->host),
			     write_header_field(arena, source->app),
			     write_header_field(arena, source->process));
	const char *frames = "";

	for (int i = 0; i < count; i++) {
		const char *line = write_log_message(arena, lines[i]);

		frames = arena_printf(arena, "%s%zu %s%s", frames,
				      strlen(head) + strlen(line), head, line);
	}
	*size = strlen(frames);
	return frames;
}
