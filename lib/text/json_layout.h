/*
 * json_layout.h - JSON text in lines, for people.
 */
#ifndef LIB_TEXT_JSON_LAYOUT_H
#define LIB_TEXT_JSON_LAYOUT_H

struct arena;

/*
 * Return a JSON text without blanks, such as that of json_print(), with a line
 * for each member and entry, two blanks for each level, and no line break at
 * its end, as JSON.stringify(value, null, 2) writes it.
 */
const char *json_layout(struct arena *arena, const char *text);

#endif
