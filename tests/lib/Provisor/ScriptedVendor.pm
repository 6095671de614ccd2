package Provisor::ScriptedVendor;

# A vendor whose hooks do as the test says, and tell what they were asked.
#
#	my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db');
#	$vendor->behave(provision => 'exit 75');
#	$vendor->calls('provision');
#	$vendor->behave(provision => 'hold(); exit 70');	# until lets_go, from holds on
#
# What it sells is a file per resource, below the home in things/: made by
# provision, written anew by change-plan, removed by deprovision; rotate leaves it alone.

use strict;
use warnings;

use JSON::PP ();

use Provisor::Test ();

my $hook = <<'PERL';
#!/usr/bin/perl
# A hook of a test's vendor.
use strict;
use warnings;
use JSON::PP;
use Time::HiRes 'sleep';

my ($action) = $0 =~ m{([^/]*)\z};
my $call = decode_json(do { local $/; <STDIN> });
my $thing = "things/$call->{resource}{uuid}";

sub write_to {
	my ($path, $text) = @_;
	open my $file, $path =~ /\Acalls/ ? '>>' : '>', $path or die "$path: $!\n";
	syswrite $file, $text;
}

sub config {
	my $prefix = uc $call->{resource}{addon} =~ tr/-/_/r;
	return {
		"${prefix}_URL" => "https://$call->{resource}{id}.example/"
			. $call->{resource}{plan},
		"${prefix}_TOKEN" => ($action eq 'rotate' ? 'rotated ' : '')
			. "attempt $call->{attempt}",
	};
}

sub hold { sleep 0.05 while -e 'held' }

sub done {
	write_to($thing, $call->{resource}{plan})
		unless $action =~ /\A(?:deprovision|sign-on|rotate)\z/;
	unlink $thing if $action eq 'deprovision';
	print encode_json({
		$action =~ /plan|\Aprovision|rotate/ ? (config => config(), message => "It is $action.") : (),
		@_,
	});
	exit 0;
}

write_to("calls.$action", encode_json($call) . "\n");
if (open my $behaviour, '<', "behaviour.$action") {
	local $/;
	eval <$behaviour>;
	die $@ if $@;
}
done();
PERL

sub new {
	my ($class, $host, $name, %more) = @_;
	my $self = bless {
		addon => Provisor::Test::addon($host, $name,
			template => undef,
			files => {
				map { ("hooks/$_" => $hook) }
					@{ delete $more{hooks} // [qw(provision change-plan deprovision)] },
			},
			%more),
	}, $class;

	mkdir $self->{addon}->home . '/things';
	return $self;
}

sub addon { return $_[0]{addon} }

# From now on an action begins with this Perl; it may end in done(), or fall
# through to it.  $call is what the hook was told.
sub behave {
	my ($self, $action, $code) = @_;
	my $path = $self->{addon}->home . "/behaviour.$action";

	return unlink $path unless defined $code;
	$self->{addon}->write_file("behaviour.$action.new", $code);
	return rename "$path.new", $path;
}

# From now on hooks that hold() wait until it lets them go.
sub holds {
	my ($self) = @_;

	return $self->{addon}->write_file('held', '');
}

sub lets_go {
	my ($self) = @_;

	return unlink $self->{addon}->home . '/held';
}

# What the hook of an action was told so far, in order.
sub calls {
	my ($self, $action, $uuid) = @_;

	open my $file, '<', $self->{addon}->home . "/calls.$action" or return;
	return grep { !defined $uuid || $_->{resource}{uuid} eq $uuid }
		map { JSON::PP::decode_json($_) } <$file>;
}

# The plan of what exists for a resource; undef when there is nothing.
sub thing {
	my ($self, $uuid) = @_;

	open my $file, '<', $self->{addon}->home . "/things/$uuid" or return undef;
	return scalar <$file>;
}

# The ids of all there is.
sub things {
	my ($self) = @_;

	return sort map { m{([^/]*)\z} } glob $self->{addon}->home . '/things/*';
}

1;
