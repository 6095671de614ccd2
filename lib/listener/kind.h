/*
 * kind.h - the interface of a kind of listener.
 *
 *             file of the home   source
 * template    template.json      template.c, template_file.c, template_text.c
 * exec        hooks/ACTION       exec.c
 * library     listener.so        library.c, library_process.c
 *
 * The last two share hook_call.c, which writes the input of a process,
 * hook_run.c, which runs it, and hook_answer.c, which reads its output.
 */
#ifndef LIB_LISTENER_KIND_H
#define LIB_LISTENER_KIND_H

#include "lib/listener/listener.h"

struct listener_kind {
	bool takes_time; /* see listener_takes_time() */
	void (*open)(struct addon *addon, struct findings *findings);
	bool (*can_rotate)(const struct addon *addon, struct arena *arena,
			   const char **remedy);
	bool (*can_restore)(const struct addon *addon, struct arena *arena,
			    const char **remedy);
	bool (*can_move)(const struct addon *addon, struct arena *arena,
			 bool is_new, const char **remedy);
	struct listener_answer (*ask)(struct arena *arena,
				      const struct listener_call *call);
};

extern const struct listener_kind template_kind;
extern const struct listener_kind exec_kind;
extern const struct listener_kind library_kind;

#endif
