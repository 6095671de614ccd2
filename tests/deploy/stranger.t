#!/usr/bin/perl
# A newcomer types the sections Deploy and Upgrading of README.md on a Debian host
# that runs nginx and PostgreSQL.  The commands come from README.md unchanged; this
# file only prepares the host.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use JSON::PP qw(decode_json);
use ReadmeCommands;
use Test::More;
use DebianSystem;

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

# ---- the host ----

my $system = eval { DebianSystem->new };
plan skip_all => "a private host is impossible: $@" =~ s/\n+/ /gr unless $system;

# Packages must not start services yet, on the network of this host.
sub host_packages {
	return <<'SH';
set -e
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/yes
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
apt-get -q update
apt-get -q install --no-install-recommends nginx postgresql \
	systemd man-db mandoc
rm /usr/sbin/policy-rc.d
SH
}

# Its services run, and it has a certificate that curl trusts.  The loopback
# interface is set up without iproute2, which may be missing.
sub host_as_it_was {
	return <<'SH';
perl -MSocket -e '
	socket my $any, AF_INET, SOCK_DGRAM, 0 or die;
	ioctl $any, 0x8914, my $up = pack "a16 s x22", "lo", 1 or die "lo: $!"'
perl -MSocket -e '
	socket my $log, AF_UNIX, SOCK_DGRAM, 0 or die;
	bind $log, sockaddr_un("/dev/log") or die;
	chmod 0666, "/dev/log";
	while (defined recv $log, my $line, 8192, 0) { syswrite STDOUT, "$line\n" }
	' >/srv/syslog &
echo '127.0.0.1 localhost addons.example.com' >/etc/hosts
folder=/etc/letsencrypt/live/addons.example.com
mkdir -p $folder
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
	-subj /CN=addons.example.com -addext subjectAltName=DNS:addons.example.com \
	-keyout $folder/privkey.pem -out $folder/fullchain.pem
export CURL_CA_BUNDLE=$folder/fullchain.pem
service postgresql start
service nginx start
cd /srv/provisor
SH
}

# ---- the newcomer's files ----

my $manifest = <<'JSON';
{
  "id": "fast-db",
  "name": "Fast DB",
  "api": {
    "config_vars_prefix": "FAST_DB",
    "config_vars": ["FAST_DB_URL", "FAST_DB_REGION"],
    "password": "5f4dcc3b5aa765d61d8327deb882cf99",
    "sso_salt": "0c88028bf3aa6a6a143ed846f2be1ea4",
    "regions": ["us", "eu"],
    "requires": ["syslog_drain"],
    "production": {
      "base_url": "https://addons.example.com/heroku/resources",
      "sso_url": "https://addons.example.com/sso/login"
    },
    "version": "3"
  }
}
JSON

my ($template) = map { $_->{text} } grep { $_->{text} =~ /\A\{/ }
	ReadmeCommands::blocks('Your add-on');
my @all = ReadmeCommands::blocks('Deploy');
# The block with systemd is typed after the boot.
my @steps = grep { $_->{says} !~ /With systemd:/ } @all;
my ($units) = grep { $_->{says} =~ /With systemd:/ } @all;

# ---- the script: one block after the other in one shell ----

my @parts = ({ name => 'the host is as it was', text => host_as_it_was() },
	map { { name => $_->{name}, text => $_->{text} } } @steps);

sub also {
	my ($name, $text) = @_;
	push @parts, { name => $name, text => $text };
	return $#parts;
}

my $answer = $#parts;
my $again = also('the same request again', $parts[-1]{text});
my $refused = also('a wrong password', <<'SH');
curl -s -w '\n%{http_code}' -u fast-db:wrong -d '{}' \
	https://addons.example.com/heroku/resources
SH
my $modes = also('files and sockets', <<'SH');
cd /run/provisor
stat -c '%a %U %G %n' . api.sock web.sock state state/metrics
stat -c '%a %U %G %n' /etc/provisor/keys /etc/provisor/*.env
cd /srv/provisor
SH
my $foreign = also('files and folders that belong to other users than root', <<'SH');
find /run/provisor /etc/provisor /etc/nginx /usr/local \( ! -user root -o -perm /o+w ! -type l \) |
	sort
provisor check
SH
my ($roles) = map { $_->{text} } grep { $_->{text} =~ /roles\.sql/ } @steps;
also('the step that creates the roles, typed again', <<"SH");
cksum /etc/provisor/*.env >/srv/before
$roles
cksum /etc/provisor/*.env | cmp - /srv/before
SH
also('check as the user of the pools', <<'SH');
cd /
runuser -u provisor -- provisor check
cd /srv/provisor
SH
also('a changed password of the database', <<'SH');
runuser -u postgres -- psql -qc "ALTER ROLE provisor_worker PASSWORD 'changed'"
provisor reload && exit 1
sed -i "s/^\(PROVISOR_DATABASE=.*password=\)[0-9a-f]*/\1changed/" /etc/provisor/provisor.env
provisor reload
curl --fail http://127.0.0.1:918/ready
SH
my $users = also('processes', <<'SH');
for exe in /proc/[0-9]*/exe; do
	case $(readlink $exe) in
	*/multiwatch | */provisor.fcgi | */provisor-jobs) stat -c %U ${exe%/exe} ;;
	esac
done | sort -u
tr '\0' '\n' </proc/$(cat /run/provisor/api.pid)/environ
tr '\0' '\n' </proc/$(cat /run/provisor/jobs.pid)/environ
curl -s http://127.0.0.1:918/metrics
SH
my ($upgrade) = map { $_->{text} } ReadmeCommands::blocks('Upgrading');
my $release = also('Upgrading', <<"SH");
find /etc /usr/local -newer /run/provisor/web.pid -type f >/srv/newer
$upgrade
curl --fail http://127.0.0.1:918/ready
SH
also('nginx starts again', <<'SH');
service nginx restart
curl --fail https://addons.example.com/health
# After a kill, too: nginx removes nothing then.  A worker of the restarted nginx
# may end by itself meanwhile.
kill -KILL $(pidof nginx) || true
while pidof nginx; do sleep 0.1; done
service nginx start
curl --fail https://addons.example.com/health
SH
my $verdict = also('systemd accepts the units', <<'SH');
systemd-analyze verify provisor@api.socket provisor@api.service \
	provisor@web.socket provisor@web.service provisor-jobs.service
SH
my $manuals = also('the manuals', <<'SH');
for page in /usr/local/share/man/man?/provisor*; do
	mandoc -Tlint -Wwarning $page
done
SH
also('the pools stop', <<'SH');
pids="$(cat /run/provisor/api.pid) $(cat /run/provisor/web.pid)"
pids="$pids $(cat /run/provisor/jobs.pid)"
kill $pids
for i in $(seq 100); do kill -0 $pids 2>/dev/null || break; sleep 0.1; done
for exe in /proc/[0-9]*/exe; do
	case $(readlink $exe) in */provisor.fcgi | */provisor-jobs) exit 1 ;; esac
done
SH
my @first = (0 .. $#parts);

# ---- the same host, booted with systemd ----

also('systemd runs the services of the host', <<'SH');
export CURL_CA_BUNDLE=/etc/letsencrypt/live/addons.example.com/fullchain.pem
cd /srv/provisor
systemctl is-active postgresql nginx
SH
also('With systemd:', $units->{text});
my $kept = also('the resource still exists', $steps[-1]{text});
my $active = also('the pools, their sockets, and provisor-jobs', <<'SH');
units='provisor@api.socket provisor@api provisor@web.socket provisor@web provisor-jobs'
systemctl is-active $units
systemctl is-enabled $units
ls -l /proc/$(systemctl show -P MainPID provisor@api)/exe
cd /run/provisor
stat -c '%a %U %G %n' . api.sock web.sock state state/metrics
cd /srv/provisor
SH
my $restarts = also('restarts under load', <<'SH');
call() {
	curl -s -o /dev/null -w '%{http_code}\n' -u "fast-db:$password" \
		-d '{"uuid":"01234567-89ab-cdef-0123-456789abcdef","plan":"basic"}' \
		https://addons.example.com/heroku/resources
}
(while test ! -e /srv/enough; do call; done >/srv/calls) &
for i in 1 2 3 4 5 6 7 8; do
	systemctl restart provisor@api
	provisor reload >/dev/null
done
: >/srv/enough
wait
sort -u /srv/calls
SH
my $left = also('a job is done', <<'SH');
runuser -u postgres -- psql -qX -d provisor -c "INSERT INTO jobs (kind, lane, resource)
	SELECT 'deprovision', 'listener', id FROM resources LIMIT 1"
for i in $(seq 100); do
	provisor jobs list --all --json | grep -q done && break
	sleep 0.1
done
provisor jobs list --all --json
provisor reload
systemctl stop provisor-jobs
systemctl show -P Result provisor-jobs
SH
my $exposure = also('the sandbox', <<'SH');
for unit in provisor@api provisor-jobs; do
	systemd-analyze security --no-pager $unit | tail -n 1
done
SH

my $removed = also('make uninstall', <<'SH');
make uninstall
SH

# Each part writes its output to a file, which shows how far the script came.  A
# person needs a second to type a block; nginx reloads in this time.
sub script {
	my @numbers = @_;
	return "set -e\n" . join '', map {
		($_ <= $answer ? "sleep 1\n" : '')
		. "{ : >/srv/part.$_\n$parts[$_]{text}"
		. "} >/srv/part.$_ 2>/srv/errors.$_\nmv /srv/part.$_ /srv/done.$_\n"
	} @numbers;
}

sub output { $system->text_of("/srv/done.$_[0]") }

# ---- the run ----

$system->copy("$FindBin::Bin/../..", '/srv/provisor');
$system->put('/srv/provisor/addon-manifest.json', $manifest);
$system->put('/srv/provisor/template.json', $template);
$system->put('/srv/host', host_packages());
unless ($system->run('online', '/srv/host')) {
	my ($why) = $system->text_of('/srv/output') =~ /(.*)\n*\z/;
	plan skip_all => "a private host is impossible: no packages: $why";
}

# The packages of the first step are downloaded now: later there is no network.
my ($install) = $steps[0]{text} =~ /^(apt-get install (?:.*\\\n)*.*\n)/m;
$system->put('/srv/fetch', ($install // 'false ') =~ s/install/install --download-only/r);
ok($system->run('online', '/srv/fetch'), 'the packages in README.md are available')
	or diag($system->text_of('/srv/output'));

# Runs parts as one script, and tests how far it came.
sub run_parts {
	my ($how, @numbers) = @_;
	$system->put('/srv/script', script(@numbers));
	my $is_done = $system->run($how, '/srv/script');
	for my $i (@numbers) {
		ok(-e $system->root . "/srv/done.$i", $parts[$i]{name}) and next;
		diag("$parts[$i]{text}\n", map { $system->text_of("/srv/$_") }
			"part.$i", "errors.$i", 'output', 'syslog');
		last;
	}
	return $is_done;
}

my $is_done = run_parts('alone', @first);
if ($is_done) {
	my ($json) = output($answer) =~ /(\{"id".*)/;
	my $resource = eval { decode_json($json // '') } // {};
	is($resource->{id}, '01234567-89ab-cdef-0123-456789abcdef',
		'the last step provisions through nginx');
	like($resource->{config}{FAST_DB_URL}, qr{\Apostgres://},
		'... with the config vars of the template');
	is(output($again), output($answer), '... and the response can be repeated');
	like(output($refused), qr/\A\{"message":.*\}\n?401\z/s,
		'a wrong password gets 401');
	is(output($modes), <<'TEXT', 'files and sockets are private');
755 root root .
660 root www-data api.sock
660 root www-data web.sock
750 provisor provisor state
660 provisor provisor state/metrics
600 provisor root /etc/provisor/keys
600 root root /etc/provisor/owner.env
640 root provisor /etc/provisor/provisor.env
TEXT
	like(output($foreign), qr{\A/etc/provisor/keys
/run/provisor/state
/run/provisor/state/metrics
(?!/)}, 'root owns all files and folders except these');
	like(output($foreign), qr/^ok +\S+sock: no other user can replace/m, 'check agrees');
	like(output($users), qr/\Aprovisor\n(?!root)/, 'the pools are not root');
	unlike(output($users), qr/OWNER|user=provisor_owner/, '... and do not know the password of the owner');
	like(output($users), qr/^provisor_job_workers [1-9]/m, 'provisor-jobs is in the metrics');
	like(output($release), qr/^workers replaced: \d+\nprocesses of provisor-jobs replaced: \d+/m,
		'the upgrade replaces all processes');
	unlike(output($release), qr/\.new/, '... and keeps all files in /etc');
	is($system->text_of("/srv/errors.$verdict"), '', 'systemd reports no error');
	is(output($manuals), '', 'the manual pages are well formed');
}

SKIP: {
	last SKIP unless $is_done;
	skip 'systemd cannot boot here', 1 unless $system->can_boot;
	run_parts('booted', $first[-1] + 1 .. $#parts) or last SKIP;
	is(output($kept), output($answer), 'the resource survives the boot');
	like(output($active), qr/\A(?:active\n){5}(?:enabled\n){5}.*multiwatch$/m,
		'all units are active and enabled');
	like(output($active), qr{^755 root root \.
660 root www-data api\.sock
660 root www-data web\.sock
750 provisor provisor state
660 provisor provisor state/metrics$}m, '... and as private as without systemd');
	is(output($restarts), "200\n", 'no request is lost');
	like(output($left), qr/"state":"done".*processes of provisor-jobs replaced: \d+\nsuccess\n\z/s,
		'provisor-jobs does its work, is replaced, and stops cleanly');
	like(output($removed), qr/still run.*systemctl stop provisor\@api/s,
		'make uninstall reports the pools that run');
	is((() = output($exposure) =~ / (?:OK|SAFE) /g), 2, 'both units are restricted');
}

is(join("\n", $system->left), '', 'nothing is left running or mounted');
done_testing;
