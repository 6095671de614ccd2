# statements.awk - turns .sql files into constants of struct db_statement.
#
#	awk -f lib/db/statements.awk lib/*/*.sql >build/statements.c
#
# lib/store/NAME.sql becomes NAME_sql.  Comments and indentation are left out,
# because PostgreSQL receives and stores the text.  A line "\ir FILE" stands for
# the text of a file beside this one, as in psql.  Such a file is called
# NAME.inc.sql and is not a statement itself.

BEGIN {
	print "#include \"lib/db/db.h\""
	for (i = 1; i < ARGC; i++)
		if (ARGV[i] !~ /\.inc\.sql$/)
			print_statement(ARGV[i])
	print "const struct db_statement *const db_statements[] = {" list " 0 };"
	print "const int db_statement_count = " count + 0 ";"
}

function print_statement(path,    name, sql) {
	name = path
	gsub(/^.*\/|\.sql$/, "", name)
	if (length(name) > 54)
		fail(path ": the name is too long for PostgreSQL")
	sql = read_sql(path)
	print "extern const struct db_statement " name "_sql;"
	print "const struct db_statement " name "_sql = {"
	print "\t.name = \"" name "\", .number = " count++ ", .params = " \
		count_params(sql) ", .sql ="
	print_string(sql)
	print "};"
	list = list " &" name "_sql,"
}

function read_sql(path,    folder, line, sql, status) {
	folder = path
	sub(/[^\/]*$/, "", folder)
	while ((status = (getline line < path)) > 0) {
		sub(/^[ \t]+/, "", line)
		if (line ~ /^\\ir /)
			sql = sql read_sql(folder substr(line, 5))
		else if (line != "" && line !~ /^--/)
			sql = sql line "\n"
	}
	if (status < 0)
		fail(path ": cannot be read")
	close(path)
	return sql
}

function count_params(sql,    most, number) {
	while (match(sql, /\$[0-9]+/)) {
		number = substr(sql, RSTART + 1, RLENGTH - 1) + 0
		most = number > most ? number : most
		sql = substr(sql, RSTART + RLENGTH)
	}
	return most + 0
}

# Print sql as lines of a C string.
function print_string(sql,    lines, number, i) {
	gsub(/["\\]/, "\\\\&", sql)
	number = split(sql, lines, "\n") - 1
	for (i = 1; i <= number; i++)
		print "\"" lines[i] (i < number ? "\\n\"" : "\"")
}

function fail(reason) {
	print "statements.awk: " reason >"/dev/stderr"
	exit 1
}
