#include "lib/finding.h"

#include <stdarg.h>

#include "lib/arena.h"
#include "lib/log.h"

static void add(struct findings *findings, bool is_warning, const char *text)
{
	struct finding *finding = arena_alloc(findings->arena, sizeof *finding);

	finding->is_warning = is_warning;
	finding->text = text;
	if (findings->last)
		findings->last->next = finding;
	else
		findings->first = finding;
	findings->last = finding;
}

void finding_error(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(findings, false, arena_vprintf(findings->arena, format, arguments));
	va_end(arguments);
	findings->errors++;
}

void finding_warning(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(findings, true, arena_vprintf(findings->arena, format, arguments));
	va_end(arguments);
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
