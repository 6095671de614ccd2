package Provisor::ScriptedVendor;

# An add-on whose hooks run Perl code of the test and record their calls.
#
#	my $vendor = Provisor::ScriptedVendor->new($host, 'fast-db');
#	$vendor->behave(provision => 'exit 75');
#	$vendor->calls('provision');
#	$vendor->hold;
#	$vendor->behave(provision => 'wait_while_held(); exit 70');
#	$vendor->release;
#
# It sells files in things/ of the home: provision and change-plan write the plan to
# the file of the resource, deprovision removes it, rotate, suspend and resume leave it.

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

sub wait_while_held { sleep 0.05 while -e 'held' }

sub done {
	write_to($thing, $call->{resource}{plan})
		unless $action =~ /\A(?:deprovision|sign-on|rotate|suspend|resume)\z/;
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

# From now on an action begins with this Perl code, in which $call is the input of the
# hook; after it, or with done(), the hook succeeds.  undef removes the code.
sub behave {
	my ($self, $action, $code) = @_;
	my $path = $self->{addon}->home . "/behaviour.$action";

	return unlink $path unless defined $code;
	$self->{addon}->write_file("behaviour.$action.new", $code);
	return rename "$path.new", $path;
}

# From now on hooks that wait_while_held() wait until release().
sub hold {
	my ($self) = @_;

	return $self->{addon}->write_file('held', '');
}

sub release {
	my ($self) = @_;

	return unlink $self->{addon}->home . '/held';
}

# The inputs of the calls of an action so far, in order; optionally of one resource.
sub calls {
	my ($self, $action, $uuid) = @_;

	open my $file, '<', $self->{addon}->home . "/calls.$action" or return;
	return grep { !defined $uuid || $_->{resource}{uuid} eq $uuid }
		map { JSON::PP::decode_json($_) } <$file>;
}

# The plan in the file of a resource; undef if there is no file.
sub thing {
	my ($self, $uuid) = @_;

	open my $file, '<', $self->{addon}->home . "/things/$uuid" or return undef;
	return scalar <$file>;
}

# The ids of all resources that have a file.
sub things {
	my ($self) = @_;

	return sort map { m{([^/]*)\z} } glob $self->{addon}->home . '/things/*';
}

1;
