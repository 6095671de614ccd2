package Provisor::Prometheus;

# A Prometheus that scrapes the operations server of a host each second, with the alerts
# that make install installs.  Their expressions are the same; a condition has to last for
# one second only.  It ends with the test.
#
#	my $prometheus = Provisor::Prometheus->start($host);
#	$prometheus->query('up{job="provisor"}');	# the samples: { metric, value }
#	$prometheus->firing;				# the names of alerts

use strict;
use warnings;

use Cwd 'abs_path';
use File::Basename 'dirname';
use IO::Socket::IP;
use List::Util 'uniq';
use POSIX ();

use Provisor::Test ();
use Provisor::ChildProcess;
use Provisor::Files qw(read_text write_text);
use Provisor::HttpClient;

use constant PATIENCE => 30; # seconds until it responds

my $alerts = abs_path(dirname(__FILE__) . '/../../../nginx/host/prometheus/alerts.yml');

sub start {
	my ($class, $host) = @_;
	my $folder = $host->home . '/prometheus';
	my $port = IO::Socket::IP->new(LocalHost => '127.0.0.1', Listen => 1)->sockport;
	my $self = bless { host => $host, client => Provisor::HttpClient->new(plain => $port) }, $class;

	mkdir $folder;
	write_text("$folder/alerts.yml", read_text($alerts) =~ s/\bfor: \K\w+/1s/gr);
	write_text("$folder/prometheus.yml", <<"YAML");
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [alerts.yml]
scrape_configs:
  - job_name: provisor
    static_configs: [{targets: ['@{[ $host->ops_address ]}']}]
YAML
	$self->{child} = Provisor::ChildProcess->start(sub {
		open STDOUT, '>', "$folder/log";
		open STDERR, '>&', \*STDOUT;
		exec 'prometheus', "--config.file=$folder/prometheus.yml", "--storage.tsdb.path=$folder/data",
			"--web.listen-address=127.0.0.1:$port" or POSIX::_exit(127);
	});
	Provisor::Test::wait_for(PATIENCE, sub { $self->{client}->request(method => 'GET', path => '/-/ready')->status == 200 })
		or die "Prometheus does not start:\n" . read_text("$folder/log");
	return $self;
}

# The data of a response of its API.
sub _get {
	my ($self, $path) = @_;
	my $answer = $self->{client}->request(method => 'GET', path => "/api/v1/$path");
	my $json = $answer->json // {};

	return $json->{data} if ($json->{status} // '') eq 'success';
	die "$path: " . ($json->{error} // 'no response of Prometheus') . "\n";
}

sub query {
	my ($self, $expression) = @_;
	my $found = $self->_get('query?query=' . $expression =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger);

	return @{ $found->{result} };
}

sub firing {
	my ($self) = @_;

	return sort(uniq(map { $_->{labels}{alertname} } grep { $_->{state} eq 'firing' } @{ $self->_get('alerts')->{alerts} }));
}

1;
