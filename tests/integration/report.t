#!/usr/bin/perl
# provisor report: what customers, listeners and operators do is in its figures, and a
# history of two weeks gives the same figures as a recount of the rows, day by day.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use Test::More;

use Provisor::AddOn 'json';
use Provisor::Eventually;
use Provisor::Files 'write_text';
use Provisor::ScriptedVendor;
use Provisor::SignOnForm;
use Provisor::Test;

use constant { DAYS => 14, RESOURCES => 80 };

my $host = new_host(workers => { api => 1, web => 1, jobs => 2 });
my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db', settings => { keep => '7d' },
	hooks => [qw(provision change-plan deprovision suspend resume restore)]);
Provisor::ScriptedVendor->new($host, 'fast-db', marketplace => 'direct',
	manifest => json({ id => 'fast-db', config_vars => [ 'FAST_DB_URL', 'FAST_DB_TOKEN' ], plans => [ 'basic', 'premium' ] }));
my $addon = $vendor->addon;
my $eventually = Provisor::Eventually->new($host);

$vendor->behave(restore => 'print encode_json({ config => config() }); exit 0;');
$host->start_postgres;
$host->migrate;
$host->start_pool($_) for qw(api web);
$host->start_jobs;

my $day = "(now() AT TIME ZONE 'UTC')::date";
my $today = $host->psql("SELECT $day") =~ s/\s//gr;
# Figures that are 0 on a day without events, and those that are null or empty then.
my @counts = qw(live_before live new gone moved_in moved_out plan_changes sign_ons people failed restored);
my %nothing = ((map { $_ => 0 } @counts), churn => undef, ready_median => undef, ready_95 => undef, changes => []);

# Returns the output of the report, its errors and its exit status.
sub report {
	my ($output, $status) = ctl($host->env, 'report', @_);

	return (join('', $output =~ /^(?!provisor: )(.*\n)/mg), join('', $output =~ /^(provisor: .*\n)/mg), $status);
}

sub figures {
	my ($output, $errors, $status) = report(@_, '--json');

	is($status, 0, "report @_") or diag $output, $errors;
	return map { JSON::PP->new->utf8->decode($_) } split /\n/, $output;
}

# The figures of today, and of tomorrow if that has begun.
sub today {
	my ($figures, @more) = figures('--since', $today, @_);

	for my $row (@more) {
		$figures->{$_} += $row->{$_} for grep { !/^live/ } @counts;
		$figures->{live} = $row->{live};
	}
	return $figures;
}

# A test: today's figures have changed by these numbers since the last test.
my %last = %nothing;
sub changes {
	my ($name, %change) = @_;
	my $figures = today();
	my %is = map { $_ => $figures->{$_} - $last{$_} } grep { $figures->{$_} != $last{$_} } @counts;

	is_deeply(\%is, \%change, $name);
	%last = %$figures;
	return $figures;
}

sub create {
	my ($status, %more) = @_;
	my $id = uuid();

	is($addon->provision(uuid => $id, %more)->status, $status, "a request to provision gets $status");
	return $id;
}

sub acts {
	my ($output, $status) = ctl($host->env, @_);

	is($status, 0, "@_") or diag $output;
	return;
}

subtest 'nothing has happened' => sub {
	my @rows = figures('--since', '2d');

	is(@rows, 3, 'a row for each day');
	is_deeply({ map { $_ => $rows[0]{$_} } keys %nothing }, \%nothing, '... of zeros');
	is(join(' ', map { $_->{so_far} ? 'so far' : 'whole' } @rows), 'whole whole so far', 'today is marked');
	is(scalar(figures('--by', 'plan', '--since', '2d')), 3, '--by prints them, too');
};

# --- a history ----------------------------------------------------------------

# Fills the tables with what RESOURCES resources do in DAYS days; the same each time.
sub fill {
	srand 1;
	my $start = $host->psql("SELECT extract(epoch FROM ($day - ${\(DAYS - 1)})::timestamp AT TIME ZONE 'UTC')::bigint");
	my $end = $host->psql("SELECT extract(epoch FROM now())::bigint");
	my (@resources, @events, @people);
	my $pick = sub { $_[ rand @_ ] };
	my $add = sub {
		my ($id, $at, $event, $before, $after) = @_;
		push @events, [ $at, $id, $event, map { $_ ? "'" . JSON::PP::encode_json({ plan => $_ }) . "'" : 'NULL' } $before, $after ];
	};

	for my $number (1 .. RESOURCES) {
		my $id = uuid();
		my $at = $start - 3 * 86400 + rand($end - $start + 3 * 86400);
		my %r = (id => "'$id'", marketplace => "'" . $pick->(qw(heroku digitalocean)) . "'", provider_id => "'r$number'",
			addon => "'" . $pick->(qw(fast-db slow-db)) . "'", region => $pick->("'us'", "'eu'", 'NULL'),
			created_at => "to_timestamp($at)", state => q('provisioned'));
		my $plan = $pick->(qw(basic premium large));
		my $step = sub { $at += rand(3 * 86400); return $at < $end };

		$add->($id, $at, 'provisioning');
		$at += rand 600;
		my $fate = rand;
		if ($fate < 0.1 || $at >= $end) {
			$r{state} = $at >= $end ? q('provisioning') : $pick->(q('refused'), q('abandoned'));
			$add->($id, $at, $r{state} =~ s/'//gr) if $at < $end;
		} else {
			$add->($id, $at, 'provisioned', undef, $plan);
			$r{provisioned_at} = "to_timestamp($at)";
			while (rand() < 0.8 && $step->()) {
				my $what = $pick->(qw(plan-changed plan-changed signed-on signed-on signed-on suspended resumed restored
					plan-change-refused plan-change-promised));
				my ($old, $new) = ($plan, $pick->(qw(basic premium large)));

				$what =~ /plan/ ? $add->($id, $at, $what, $old, $new) : $add->($id, $at, $what);
				$plan = $new if $what eq 'plan-changed';
			}
			if (rand() < 0.5 && $step->()) {
				$r{state} = $pick->(qw('deprovisioned' 'kept' 'moved'));
				$r{$r{state} eq "'moved'" ? 'moved_at' : 'deprovisioned_at'} = "to_timestamp($at)";
			}
		}
		$r{plan} = "'$plan'";
		push @resources, \%r;
	}
	my @columns = qw(id marketplace addon provider_id region plan state created_at provisioned_at deprovisioned_at moved_at);
	my $values = sub { join ",\n", map { '(' . join(', ', map { $_ // 'NULL' } @$_) . ')' } @_ };
	$host->psql("SET session_replication_role = replica;
		INSERT INTO resources (@{[ join ', ', @columns ]}) VALUES " . $values->(map { [ @$_{@columns} ] } @resources) . ";
		INSERT INTO events (at, resource, event, actor, before, after) VALUES "
		. $values->(map { [ "to_timestamp($_->[0])", "'$_->[1]'", "'$_->[2]'", q('test'), @$_[3, 4] ] }
			sort { $a->[0] <=> $b->[0] } @events));
	# Two of three sign-ons are of some people; one has lost its person.
	$host->psql("INSERT INTO event_people (event, at, user_id, email)
		SELECT id, at, CASE WHEN id % 2 = 0 THEN 'user-' || id % 5 END,
			CASE WHEN id % 3 = 0 THEN 'P' || id % 4 || '\@example.com' END
		FROM events WHERE event = 'signed-on' AND id % 3 < 2 ON CONFLICT DO NOTHING");
	# A moved resource fills another one: one that was new, or one that lives already.
	$host->psql("SET session_replication_role = replica;
		UPDATE resources s SET moved_to = t.id
		FROM (SELECT id, moved_at, row_number() OVER (ORDER BY id) AS n FROM resources WHERE moved_at IS NOT NULL AND moved_to IS NULL) m
		JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM resources WHERE state = 'provisioned') t USING (n)
		WHERE s.id = m.id;
		UPDATE resources t SET provisioned_at = s.moved_at, created_at = s.moved_at - interval '1 min'
		FROM resources s WHERE s.moved_to = t.id AND s.provider_id LIKE '%5'");
	return;
}

# The same figures, counted in the simplest way: for each day, value and figure, all
# rows are looked at.
my $recount = <<'SQL';
	CREATE FUNCTION plan_at(r resources, t timestamptz) RETURNS text LANGUAGE sql AS $$
		SELECT coalesce((SELECT before->>'plan' FROM events
			WHERE resource = r.id AND at > t AND event IN ('plan-changed', 'plan-change-reverted', 'imported')
				AND before->>'plan' <> after->>'plan'
			ORDER BY at LIMIT 1), r.plan) $$;
	CREATE FUNCTION value_at(r resources, by text, t timestamptz) RETURNS text LANGUAGE sql AS $$
		SELECT CASE by WHEN 'plan' THEN plan_at(r, t) ELSE to_jsonb(r)->>by END $$;
	CREATE FUNCTION ended(r resources) RETURNS timestamptz LANGUAGE sql AS $$
		SELECT least(coalesce(r.moved_at, 'infinity'), coalesce(r.deprovisioned_at, 'infinity')) $$;
	CREATE FUNCTION filled(r resources) RETURNS timestamptz LANGUAGE sql AS $$
		SELECT min(moved_at) FROM resources s WHERE s.moved_to = r.id AND s.moved_at < ended(r) $$;
	CREATE FUNCTION began(r resources) RETURNS timestamptz LANGUAGE sql AS $$
		SELECT coalesce(filled(r), r.provisioned_at) WHERE r.provisioned_at < ended(r) $$;
	CREATE FUNCTION is_live(r resources, t timestamptz) RETURNS boolean LANGUAGE sql AS $$
		SELECT coalesce(began(r) < t AND ended(r) >= t, false) $$;
	CREATE FUNCTION recount(by text, of_marketplace text, of_addon text, d date, v text) RETURNS json LANGUAGE plpgsql AS $$
	DECLARE
		b timestamptz := d::timestamp AT TIME ZONE 'UTC';
		e timestamptz := b + interval '24 hours';
		just interval := interval '1 microsecond';
		ages numeric[];
		found jsonb := '{}';
		r resources;
		f record;
	BEGIN
		FOR r IN SELECT * FROM resources WHERE marketplace = coalesce(of_marketplace, marketplace)
			AND addon = coalesce(of_addon, addon)
		LOOP
			FOR f IN VALUES
				('live_before', is_live(r, b), b - just),
				('live', is_live(r, e), e - just),
				('new', began(r) >= b AND began(r) < e AND filled(r) IS NULL, began(r)),
				('moved_in', began(r) >= b AND began(r) < e AND filled(r) IS NOT NULL, began(r)),
				('gone', began(r) IS NOT NULL AND ended(r) >= b AND ended(r) < e AND r.moved_at IS NULL, ended(r) - just),
				('moved_out', began(r) IS NOT NULL AND ended(r) >= b AND ended(r) < e AND r.moved_at IS NOT NULL, ended(r) - just)
			LOOP
				IF f.column2 AND value_at(r, by, f.column3) IS NOT DISTINCT FROM v THEN
					found := found || jsonb_build_object(f.column1, coalesce((found->>f.column1)::int, 0) + 1);
				END IF;
			END LOOP;
		END LOOP;
		FOR f IN SELECT v.at, v.id, v.event, x AS r, v.before->>'plan' <> v.after->>'plan' AS differs
			FROM events v JOIN resources x ON x.id = v.resource
			WHERE v.at >= b AND v.at < e AND x.marketplace = coalesce(of_marketplace, x.marketplace)
				AND x.addon = coalesce(of_addon, x.addon)
		LOOP
			CONTINUE WHEN value_at(f.r, by, f.at) IS DISTINCT FROM v;
			f.event := CASE WHEN f.event IN ('plan-changed', 'imported') AND f.differs THEN 'plan_changes'
				WHEN f.event = 'signed-on' THEN 'sign_ons' WHEN f.event = 'restored' THEN 'restored'
				WHEN f.event IN ('refused', 'abandoned') THEN 'failed' ELSE f.event END;
			found := found || jsonb_build_object(f.event, coalesce((found->>f.event)::int, 0) + 1);
			IF f.event = 'provisioned' THEN
				ages := array_append(ages, extract(epoch FROM f.at - (f.r).created_at));
			ELSIF f.event = 'sign_ons' THEN
				found := found || jsonb_build_object('who', coalesce(found->'who', '[]')
					|| coalesce((SELECT to_jsonb(lower(coalesce(email, user_id))) FROM event_people WHERE event = f.id), '[]'));
			END IF;
		END LOOP;
		SELECT array_agg(age ORDER BY age) INTO ages FROM unnest(ages) age;
		RETURN found || jsonb_strip_nulls(jsonb_build_object(
			'people', (SELECT count(DISTINCT who) FROM jsonb_array_elements_text(found->'who') who),
			'ready_median', round(ages[ceil(0.5 * cardinality(ages))], 2),
			'ready_95', round(ages[ceil(0.95 * cardinality(ages))], 2),
			'churn', round(100.0 * coalesce((found->>'gone')::int, 0) / (found->>'live_before')::int, 2)));
	END $$;
SQL

sub sql_text { return defined $_[0] ? "'$_[0]'" : 'NULL' }

# A test: the rows of a report by a column are those of the recount.
sub agrees {
	my ($by, @filter) = @_;
	my %filter = @filter;
	my @rows = figures('--since', $host->psql("SELECT $day - ${\(DAYS - 1)}") =~ s/\s//gr, @filter, $by ? ('--by', $by) : ());
	my $sum = 0;

	for my $row (@rows) {
		my $args = join ', ', map { sql_text($_) } $by, @filter{qw(--marketplace --addon)};
		my $value = $by ? $row->{$by} : undef;
		my $counted = JSON::PP::decode_json($host->psql("SELECT recount($args, '$row->{day}', " . sql_text($value) . ')'));
		my %expected = map { $_ => $counted->{$_} // $nothing{$_} } grep { $_ ne 'changes' } keys %nothing;

		is_deeply({ map { $_ => $row->{$_} } keys %expected }, \%expected,
			join ' ', $row->{day}, $by ? $value // 'no value' : 'all') or return;
		my $pairs = 0;
		$pairs += $_->{count} for @{ $row->{changes} };
		is($pairs, $row->{plan_changes}, '... and as many changes by plan');
		$sum += $row->{live} if $row->{so_far};
	}
	return ($sum, scalar @rows);
}

fill();
$host->psql($recount);
%last = %{ today() };

subtest 'what happens is counted' => sub {
	my @id = map { create(200) } 1 .. 3;
	my $figures = changes('new resources', new => 3, live => 3);
	like($figures->{ready_median}, qr/^[\d.]+$/, '... and the time until they were ready');
	$vendor->behave(provision => 'print encode_json({ message => "no" }); exit 70;');
	create(422);
	$vendor->behave(provision => undef);
	changes('a refusal', failed => 1);
	is($addon->change_plan($id[0], 'premium')->status, 200, 'a plan is changed');
	ok((grep { "$_->{from} $_->{to}" eq 'basic premium' } @{ changes('a plan change', plan_changes => 1)->{changes} }),
		'... from which plan to which');
	is(post_form(fastcgi($host), '/sso/login', sign_on_fields($addon, $id[0]))->status, 303, 'a customer signs on') for 1, 2;
	changes('sign-ons of one person', sign_ons => 2, people => 1);
	acts(qw(resources suspend), $id[1]);
	$eventually->has_no_jobs_left($id[1]);
	changes('a suspended resource stays live');
	acts(qw(resources resume), $id[1]);
	$eventually->has_no_jobs_left($id[1]);
	changes('... and so does one that is resumed');
	is($addon->deprovision($id[1])->status, 204, 'one is deprovisioned');
	changes('a resource that is kept is gone', live => -1, gone => 1);
	my $new = create(200);
	changes('the customer returns', new => 1, live => 1);
	$eventually->has_no_jobs_left($new);
	ok($eventually->is_true(sub { count_of($host, "jobs WHERE resource = '$id[1]' AND kind = 'suspend' AND finished_at IS NULL") == 0 }),
		'... and the old one is out of use');
	acts('resources', 'restore', $id[1], $new);
	$eventually->has_no_jobs_left($new);
	changes('a restore counts apart', restored => 1);
	my $here = today('--marketplace', 'heroku')->{live};
	acts(qw(resources move), $id[2], qw(--to-addon fast-db --to-marketplace direct));
	ok($eventually->is_true(sub { count_of($host, "resources WHERE state = 'provisioned' AND marketplace = 'direct'") }),
		'... completely');
	changes('a move is neither new nor gone', moved_in => 1, moved_out => 1);
	is_deeply([ @{ today('--marketplace', 'direct') }{qw(live new moved_in moved_out)} ], [ 1, 0, 1, 0 ], '... there');
	is(today('--marketplace', 'heroku')->{live}, $here - 1, '... and here');
	is($addon->deprovision($id[2])->status, 204, 'its marketplace deprovisions the old one');
	changes('... which is gone already');
	my $file = $host->home . '/import.jsonl';
	write_text($file, JSON::PP::encode_json({ marketplace_id => uuid(), provider_id => 'old-1', plan => 'basic',
		config => { FAST_DB_URL => 'x', FAST_DB_TOKEN => 'y' }, created_at => '2016-03-03T18:01:31Z' }) . "\n");
	acts('resources', 'import', '', $file, qw(--marketplace heroku --addon fast-db)) if 0;
	my ($output, $status) = ctl($host->env, qw(resources import), $file, qw(--marketplace heroku --addon fast-db));
	is($status, 0, 'a resource is imported') or diag $output;
	changes('... which lives since its creation', live_before => 1, live => 1);
	is((figures(qw(--since 2016-03-03 --until 2016-03-03)))[0]{new}, 1, '... when it was new');
};

for my $by (undef, qw(addon marketplace plan region)) {
	subtest 'the history of two weeks' . ($by ? " by $by" : '') => sub {
		my ($sum, $rows) = agrees($by);

		is($sum, today()->{live}, 'all live resources are in a row of today') if defined $sum;
		cmp_ok($rows // 0, '>=', DAYS, 'there is a row for each day');
	};
}
subtest 'of a marketplace' => sub { agrees('plan', '--marketplace', 'digitalocean') };
subtest 'of an add-on' => sub { agrees(undef, '--addon', 'slow-db') };

subtest 'the tables have every case' => sub {
	my %seen;

	for my $row (figures('--since', DAYS . 'd')) {
		$seen{$_} += $row->{$_} // 0 for keys %nothing;
	}
	cmp_ok($seen{$_}, '>', 0, $_) for grep { $_ ne 'changes' } sort keys %nothing;
};

subtest 'a long period is the same, part by part' => sub {
	my %long = map { $_->{day} . ($_->{plan} // '') => $_ } figures('--since', '100d', '--by', 'plan');

	is_deeply($long{ $_->{day} . ($_->{plan} // '') }, $_, "$_->{day} $_->{plan}")
		for figures('--since', '5d', '--by', 'plan');
};

# --- forms --------------------------------------------------------------------

subtest 'CSV' => sub {
	my @rows = figures('--since', '3d', '--by', 'region');
	my ($csv, $errors, $status) = report('--since', '3d', '--by', 'region', '--csv');
	my ($header, @lines) = split /\n/, $csv;
	my @names = split /,/, $header;
	my $field = qr/(?:"(?:[^"]|"")*"|[^,]*)/;

	is($status, 0, 'is printed');
	is($header, 'day,region,so_far,live_before,live,new,gone,churn,moved_in,moved_out,plan_changes,changes,sign_ons,'
		. 'people,ready_median,ready_95,failed,restored,removed', 'the first line names the figures');
	is(@lines, @rows, '... and each row of JSON is one of CSV');
	for my $i (0 .. $#rows) {
		my %row;
		@row{@names} = map { s/\A"(.*)"\z/$1/r =~ s/""/"/gr } $lines[$i] =~ /\G($field)(?:,|\z)/g;
		is($row{$_}, $rows[$i]{$_} // '', "$rows[$i]{day} $_") for grep { !/^(so_far|changes)$/ } @names;
		is_deeply(JSON::PP::decode_json($row{changes}), $rows[$i]{changes}, "$rows[$i]{day} changes");
	}
};

subtest 'a table' => sub {
	my @rows = figures('--since', '3d', '--by', 'plan');
	my ($table) = report('--since', '3d', '--by', 'plan');
	my %sum = (live => 0);

	for my $row (@rows) {
		$sum{$_} += $row->{$_} for qw(new gone moved_in moved_out plan_changes sign_ons failed);
		$sum{live} += $row->{live} if $row->{so_far};
		$sum{before} += $row->{live_before} if $row->{day} eq $rows[0]{day};
	}
	like($table, qr/\ADAY +PLAN +LIVE +NEW +GONE +CHURN +/, 'has headings');
	like($table, qr/^[\d-]{10} so far +basic +\d+ /m, 'marks today');
	my $churn = sprintf '%.2f', 100 * $sum{gone} / $sum{before};
	like($table, qr/^total +$sum{live} +$sum{new} +$sum{gone} +$churn +$sum{moved_in} +$sum{moved_out} +$sum{plan_changes} +$sum{sign_ons} +$sum{failed} *\Z/m,
		'ends with the total') or diag $table;
};

subtest 'arguments' => sub {
	my @wrong = (
		[ qr/--by must be addon, marketplace, plan or region/, '--by', 'state' ],
		[ qr/must be a date such as 2026-03-31, or a duration/, '--since', 'yesterday' ],
		[ qr/must be a date/, '--since', '2026-02-30' ],
		[ qr/must be a date/, '--until', '2026-02-01T00:00:00Z' ],
		[ qr/--until must not be later than today/, '--until', '2999-01-01' ],
		[ qr/--since must not be later than --until/, '--until', '60d' ],
		[ qr/--since must not be later than today/, '--since', '2999-01-01' ],
		[ qr/less than 3660 days apart/, '--since', '2001-01-01' ],
		[ qr/--since must not be before 1970-01-01/, '--since', '0202-01-01', '--until', '0202-01-03' ],
		[ qr/--csv and --json exclude each other/, '--csv', '--json' ],
	);

	for (@wrong) {
		my ($error, @options) = @$_;
		my ($output, $errors, $status) = report(@options);

		is("$status $output", '2 ', "@options is refused");
		like($errors, $error, '... for a reason');
	}
	is(scalar(figures('--since', '3d', '--until', '1d')), 3, 'durations name days');
	is(join(' ', map { $_->{day} } figures('--since', '1972-02-28', '--until', '1972-03-01')),
		'1972-02-28 1972-02-29 1972-03-01', 'a leap day is a day');
};

# --- what has been removed ----------------------------------------------------

subtest 'people who are erased' => sub {
	$host->psql("DELETE FROM event_people WHERE at < $day - 3;
		UPDATE retention SET removed = 7 WHERE subject = 'event_people'");
	my $first = $host->psql("SELECT min(at AT TIME ZONE 'UTC')::date FROM event_people") =~ s/\s//gr;
	my %of = map { $_->{day} => $_ } figures('--since', '6d');
	my ($until, $after) = map { $host->psql("SELECT date '$first' + $_") =~ s/\s//gr } 0, 1;
	my (undef, $errors) = report('--since', '6d');

	is_deeply([ @{ $of{$until} }{qw(people removed)} ], [ undef, 'people' ], 'their number is not known on such a day');
	like($of{$until}{sign_ons}, qr/^\d+$/, '... but that of sign-ons is');
	is_deeply([ defined $of{$after}{people}, $of{$after}{removed} ], [ 1, undef ], 'it is known later');
	is_deeply([ @{ (figures(qw(--since 2016-03-03 --until 2016-03-03)))[0] }{qw(sign_ons people removed)} ], [ 0, 0, undef ],
		'a day without sign-ons had no people');
	like($errors, qr/\Aprovisor: people who signed on until \Q$until\E have been erased \(PROVISOR_PERSONAL_DATA\): .*\n\z/,
		'the command says so');
};

subtest 'events that are removed' => sub {
	my @before = figures('--since', '6d');
	$host->psql("DELETE FROM events WHERE at < $day - 2;
		UPDATE retention SET removed = 7 WHERE subject = 'events'");
	my $until = $host->psql("SELECT min(at AT TIME ZONE 'UTC')::date FROM events") =~ s/\s//gr;
	my @after = figures('--since', '6d');
	my ($table, $errors) = report('--since', '6d');

	for my $i (0 .. $#after) {
		my ($old, $new) = ($before[$i], $after[$i]);
		my $is_known = $new->{day} gt $until;

		is($new->{$_}, $old->{$_}, "$new->{day} $_ stays") for qw(live new gone churn moved_in moved_out);
		is($new->{$_}, $is_known ? $old->{$_} : undef, "$new->{day} $_ " . ($is_known ? 'stays' : 'is not known'))
			for qw(plan_changes sign_ons ready_median ready_95 failed restored);
		is($new->{removed}, $is_known ? undef : 'events', '... as a member says');
	}
	like($errors, qr/\Aprovisor: events until \Q$until\E have been removed \(PROVISOR_KEEP_EVENTS\): .*\n\z/, 'the command says so');
	like($table, qr/^total +\d+ +\d+ +\d+ +[\d.]+ +\d+ +\d+ *$/m, 'the total has no figure that a day lacks');
	for my $row (figures('--since', '6d', '--by', 'plan')) {
		is(defined $row->{live}, $row->{day} gt $until, "$row->{day} " . ($row->{plan} // '') . ': plans come from events');
	}
};

is_unhurt($host);
done_testing();
