#include "unit.h"

#include "lib/text/form.h"

/* ---- what is read, joined as "name:value|" ---- */

static struct form_row {
	const char *name;
	const char *text;
	const char *expected; /* NULL: malformed */
} forms[] = {
	{ "nothing has no fields", "", "" },
	{ "a field is read", "id=1", "id:1|" },
	{ "fields keep their order", "b=2&a=1", "b:2|a:1|" },
	{ "a name may come twice", "a=1&a=2", "a:1|a:2|" },
	{ "a value may be empty", "a=", "a:|" },
	{ "a name alone has an empty value", "a&b=1", "a:|b:1|" },
	{ "a name may be empty", "=1", ":1|" },
	{ "an empty pair is ignored", "&a=1&&b=2&", "a:1|b:2|" },
	{ "the first equals sign ends the name", "a=b=c", "a:b=c|" },
	{ "a plus is a blank", "a+b=c+d", "a b:c d|" },
	{ "an encoded plus is one", "email=jane.doe%2Bheroku%40example.com",
	  "email:jane.doe+heroku@example.com|" },
	{ "a byte is decoded once", "a=%252B", "a:%2B|" },
	{ "names are decoded", "%61=1", "a:1|" },
	{ "an encoded sign parts nothing", "a=1%262%3D3", "a:1&2=3|" },
	{ "text may be UTF-8", "a=%C3%BC", "a:\xc3\xbc|" },
	{ "text may be raw UTF-8", "a=\xc3\xbc", "a:\xc3\xbc|" },
	{ "an encoded line's end is a value", "a=1%0D%0A2", "a:1\r\n2|" },
	{ "a raw at sign is a character", "a=b@c", "a:b@c|" },
	{ "a percent sign alone is malformed", "a=%", NULL },
	{ "a percent sign with one digit is malformed", "a=%4", NULL },
	{ "a percent sign without digits is malformed", "a=%zz", NULL },
	{ "digits are not taken from the next field", "a=%4&1=2", NULL },
	{ "a name's percent sign is judged too", "%=1", NULL },
	{ "an encoded zero is malformed", "a=1%00", NULL },
	{ "a raw blank is malformed", "a=1 2", NULL },
	{ "a raw tab is malformed", "a=1\t", NULL },
	{ "a raw line's end is malformed", "a=1\r\n", NULL },
	{ "a raw delete is malformed", "a=1\x7f", NULL },
	{ "half a character is malformed", "a=%C3", NULL },
	{ "half a character is malformed before another field", "a=%C3&b=%BC",
	  NULL },
	{ "a byte beyond UTF-8 is malformed", "a=%FF", NULL },
	{ "an overlong form is malformed", "a=%C0%AF", NULL },
	{ "a surrogate is malformed", "a=%ED%A0%80", NULL },
};

static void form_is_as_expected(void **state)
{
	const struct form_row *row = *state;
	const char *joined = "";
	struct form form;
	enum outcome outcome =
		form_read(arena, row->text, strlen(row->text), &form);

	assert_text(outcome_name(outcome), row->expected ? "ok" : "malformed");
	for (int i = 0; row->expected && i < form.count; i++)
		joined =
			arena_printf(arena, "%s%s:%s|", joined,
				     form.fields[i].name, form.fields[i].value);
	if (row->expected)
		assert_text(joined, row->expected);
}

/* ---- how much ---- */

static enum outcome read_many(int count)
{
	const char *text = "";
	struct form form;

	for (int i = 0; i < count; i++)
		text = arena_printf(arena, "%sa=1&", text);
	return form_read(arena, text, strlen(text), &form);
}

static enum outcome read_long(size_t length)
{
	char *text = arena_alloc(arena, length + 1);
	struct form form;

	memset(text, 'a', length);
	return form_read(arena, text, length, &form);
}

static void sixty_four_fields_are_read(void)
{
	assert_text(outcome_name(read_many(64)), "ok");
}

static void one_more_field_is_too_many(void)
{
	assert_text(outcome_name(read_many(65)), "too-large");
}

static void sixty_four_kibibytes_are_read(void)
{
	assert_text(outcome_name(read_long(65536)), "ok");
}

static void one_more_byte_is_too_many(void)
{
	assert_text(outcome_name(read_long(65537)), "too-large");
}

static void a_raw_zero_is_malformed(void)
{
	struct form form;

	assert_text(outcome_name(form_read(arena, "a=1\0b", 5, &form)),
		    "malformed");
}

static void fields_are_found_by_name(void)
{
	static const char text[] = "a=1&b=2&a=3&A=4";
	struct form form;

	assert_int_equal(form_read(arena, text, strlen(text), &form),
			 OUTCOME_OK);
	assert_text(form_value(&form, "a"), "1");
	assert_int_equal(form_count(&form, "a"), 2);
	assert_text(form_value(&form, "A"), "4");
	assert_text(form_value(&form, "c"), NULL);
	assert_int_equal(form_count(&form, "c"), 0);
}

static struct unit_check checks[] = {
	{ "64 fields are read", sixty_four_fields_are_read },
	{ "one more field is too many", one_more_field_is_too_many },
	{ "64 KiB are read", sixty_four_kibibytes_are_read },
	{ "one more byte is too many", one_more_byte_is_too_many },
	{ "a raw zero is malformed", a_raw_zero_is_malformed },
	{ "fields are found by name", fields_are_found_by_name },
};

int main(void)
{
	UNIT_ROWS(forms, form_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("form");
}
