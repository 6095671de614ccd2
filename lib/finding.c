#include "lib/finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/arena.h"
#include "lib/log.h"

enum { LONGEST = 1024 };

static void add(struct findings *findings, bool is_warning, const char *text)
{
	struct finding *finding = arena_alloc(findings->arena, sizeof *finding);

	finding->is_warning = is_warning;
	finding->text = arena_strdup(findings->arena, text);
	if (findings->last)
		findings->last->next = finding;
	else
		findings->first = finding;
	findings->last = finding;
}

void finding_error(struct findings *findings, const char *format, ...)
{
	char text[LONGEST];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	add(findings, false, text);
	findings->errors++;
}

void finding_warning(struct findings *findings, const char *format, ...)
{
	char text[LONGEST];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	add(findings, true, text);
}

void findings_log(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next) {
		if (f->is_warning)
			log_warning("%s", f->text);
		else
			log_error("%s", f->text);
	}
}
