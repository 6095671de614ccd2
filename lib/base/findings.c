#include "lib/base/findings.h"

#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"

__attribute__((format(printf, 3, 0))) static void
append_finding(struct findings *findings, enum finding_verdict verdict,
	       const char *format, va_list arguments)
{
	struct finding *finding = arena_alloc(findings->arena, sizeof *finding);

	finding->verdict = verdict;
	finding->text = arena_vprintf(findings->arena, format, arguments);
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
	append_finding(findings, FINDING_ERROR, format, arguments);
	va_end(arguments);
	findings->errors++;
}

void finding_warning(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_finding(findings, FINDING_WARNING, format, arguments);
	va_end(arguments);
	findings->warnings++;
}

void finding_ok(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_finding(findings, FINDING_OK, format, arguments);
	va_end(arguments);
}

const char *findings_first_error(const struct findings *findings)
{
	const struct finding *f = findings->first;

	while (f && f->verdict != FINDING_ERROR)
		f = f->next;
	if (f && findings->errors > 1)
		return arena_printf(findings->arena, "%s (and %d more)",
				    f->text, findings->errors - 1);
	return f ? f->text : NULL;
}

void findings_log(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next) {
		if (f->verdict == FINDING_WARNING)
			log_warning("%s", f->text);
		else if (f->verdict == FINDING_ERROR)
			log_error("%s", f->text);
	}
}
