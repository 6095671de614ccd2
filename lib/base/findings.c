#include "lib/base/findings.h"

#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"

static void append_finding(struct findings *findings,
			   enum finding_verdict verdict, const char *field,
			   const char *text)
{
	struct finding *finding = arena_alloc(findings->arena, sizeof *finding);

	*finding = (struct finding){
		.verdict = verdict,
		.text = text,
		.field = field,
	};
	if (findings->last)
		findings->last->next = finding;
	else
		findings->first = finding;
	findings->last = finding;
	findings->errors += verdict == FINDING_ERROR;
	findings->warnings += verdict == FINDING_WARNING;
}

__attribute__((format(printf, 3, 0))) static void
append_text(struct findings *findings, enum finding_verdict verdict,
	    const char *format, va_list arguments)
{
	append_finding(findings, verdict, NULL,
		       arena_vprintf(findings->arena, format, arguments));
}

void finding_of_field(struct findings *findings, enum finding_verdict verdict,
		      const char *place, const char *field, const char *problem)
{
	struct arena *arena = findings->arena;

	append_finding(findings, verdict, arena_strdup(arena, field),
		       arena_join(arena, place, ": ", field, " ", problem));
}

void finding_error(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_text(findings, FINDING_ERROR, format, arguments);
	va_end(arguments);
}

void finding_warning(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_text(findings, FINDING_WARNING, format, arguments);
	va_end(arguments);
}

void finding_ok(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	append_text(findings, FINDING_OK, format, arguments);
	va_end(arguments);
}

void findings_add(struct findings *findings, const struct findings *from)
{
	struct arena *arena = findings->arena;

	for (const struct finding *f = from->first; f; f = f->next)
		append_finding(findings, f->verdict,
			       arena_strdup(arena, f->field),
			       arena_strdup(arena, f->text));
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
