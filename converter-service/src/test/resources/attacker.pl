#!/usr/bin/perl
# Stands for an ffmpeg that a hostile file has taken over: tries what an attacker would, and prints
# "[error] reached: NAME" for each thing that succeeds, then "[error] attacks: COUNT".
#
# The arguments that a real ffmpeg gets say what is its own: the output, which ends in .mp3, and the
# proxy in the environment. What is not is said behind this program: a line each,
# "file PATH", "directory PATH", "port HOST NUMBER", "ffmpeg PATH" (which answers questions such as -version).
use strict;
use Socket;
use Errno;

my %targets = (file => [], directory => [], port => [], ffmpeg => []);
while (<DATA>) { chomp; my ($kind, $rest) = split ' ', $_, 2; push @{$targets{$kind}}, $rest if $kind }
# the converter asks what it can do before it uses it
if (!grep { $_ eq '-i' || $_ eq 'attack' } @ARGV) { exec $targets{ffmpeg}[0], @ARGV or die $! }

$| = 1;
$SIG{PIPE} = 'IGNORE';
my $attacks = 0;
my $parent = getppid;
my $amd64 = length(pack 'P', 'x') == 8 && -e '/lib64/ld-linux-x86-64.so.2';
my %call = $amd64
    ? (process_vm_readv => 310, ptrace => 101, setpriority => 141, unshare => 272, prlimit64 => 302, mount => 165,
        keyctl => 250, bpf => 321, perf_event_open => 298, userfaultfd => 323, setns => 308, shmget => 29, tgkill => 234,
        sched_setaffinity => 203, memfd_create => 319, execveat => 322)
    : (process_vm_readv => 270, ptrace => 117, setpriority => 140, unshare => 97, prlimit64 => 261, mount => 40,
        keyctl => 219, bpf => 280, perf_event_open => 241, userfaultfd => 282, setns => 268, shmget => 194, tgkill => 131,
        sched_setaffinity => 122, memfd_create => 279, execveat => 281);

sub attack {
    my ($name, $try) = @_;
    $attacks++;
    my $done = eval { local $SIG{ALRM} = sub { die }; alarm 15; my $result = $try->(); alarm 0; $result };
    alarm 0;
    print STDERR "[error] reached: $name\n" if $done;
}

sub readable { my $path = $_[0]; open(my $in, '<', $path) or return; my $n = sysread $in, my $bytes, 16; return defined $n && $n > 0 }
sub listable { opendir(my $in, $_[0]) or return; return scalar grep { !/^\.\.?$/ } readdir $in }
sub creatable { my $path = "$_[0]/attacker-was-here"; open(my $out, '>', $path) or return; close $out; unlink $path; return 1 }
sub tcp { my ($host, $port, $protocol) = @_;
    my $address = inet_aton($host) or return;
    socket(my $socket, AF_INET, SOCK_STREAM, $protocol || 0) or return;
    return connect($socket, pack_sockaddr_in($port, $address)) ? $socket : undef }

# The parent: environment, memory, arguments.
for my $of ($parent, 1, (grep { $_ != $$ } map { $parent + $_ } -3 .. 3)) {
    attack("/proc/$of/$_", sub { readable("/proc/$of/$_") }) for qw(environ cmdline maps status);
}
attack('the list of processes', sub { grep { /^\d+$/ && $_ != $$ } do { opendir(my $in, '/proc') or return; readdir $in } });
attack('memory of the parent (open)', sub { open my $in, '<', "/proc/$parent/mem" });
attack('memory of the parent (process_vm_readv)', sub {
    my $buffer = "\0" x 8; my $local = pack('PQ', $buffer, 8); my $remote = pack('QQ', 0x10000, 8);
    # a bad address is another error than a missing right
    my $result = syscall($call{process_vm_readv}, $parent, $local, 1, $remote, 1, 0);
    return $result >= 0 || $!{EFAULT} });
attack('ptrace of the parent', sub { syscall($call{ptrace}, 0x4206, $parent, 0, 0) == 0 });
attack('a signal to the parent', sub { kill 0, $parent });
attack('a signal to the parent (tgkill)', sub { syscall($call{tgkill}, $parent, $parent, 0) == 0 });
attack('a handle of the parent', sub { syscall(434, $parent, 0) >= 0 });
attack('a signal to any process', sub { kill 0, grep { $_ != $$ } 1 .. 40_000 });
attack('the priority of the parent', sub { syscall($call{setpriority}, 0, $parent, 0) == 0 });
attack('the processors of the parent', sub { my $mask = "\xff" x 128; syscall($call{sched_setaffinity}, $parent, 128, $mask) == 0 });
attack('limits of the parent', sub { my $old = "\0" x 16; syscall($call{prlimit64}, $parent, 7, 0, $old) == 0 });

# Files: keys, other jobs, what is not the job's own.
for my $path (@{$targets{file}}, '/etc/passwd', '/etc/hosts', '/proc/self/environ', '/proc/version', '/sys/kernel/notes') {
    attack("read $path", sub { readable($path) });
}
for my $path (@{$targets{file}}) {
    attack("write $path", sub { open my $out, '+<', $path });
    attack("truncate $path", sub { my $size = -s $path; defined $size && truncate $path, $size });
    attack("mode of $path", sub { my @stat = stat $path or return; chmod $stat[2] & 07777, $path });
    attack("time of $path", sub { utime undef, undef, $path });
    attack("owner of $path", sub { my @stat = stat $path or return; chown $stat[4], $stat[5], $path });
    attack("rename $path", sub { rename $path, "$path.stolen" and rename "$path.stolen", $path });
    attack("link $path", sub { link $path, "$path.link" and unlink "$path.link" });
}
for my $path (@{$targets{directory}}, '/', '/tmp', '/var/tmp', '/dev/shm', '/home', '/root', '/run', '/proc', '/work', '/data') {
    attack("list $path", sub { listable($path) });
    attack("create in $path", sub { creatable($path) });
}
attack('create in its own directory', sub { creatable('.') });
attack('list its own directory', sub { listable('.') });
attack('a symbolic link', sub { symlink '/', 'attacker-link' and unlink 'attacker-link' });

# Networks: stores, other jobs' sources, the outside.
my ($own) = ($ENV{http_proxy} || '') =~ /:(\d+)\/?$/;
for my $target (@{$targets{port}}) {
    my ($host, $port) = split ' ', $target;
    attack("connect to $host $port", sub { tcp($host, $port) });
    attack("connect to $host $port (MPTCP)", sub { tcp($host, $port, 262) });
    attack("connect to $host $port (data first)", sub {
        socket(my $socket, AF_INET, SOCK_STREAM, 0) or return;
        return defined send($socket, 'x', 0x20000000, pack_sockaddr_in($port, inet_aton($host) || return)) });
}
attack('a UDP socket', sub { socket my $socket, AF_INET, SOCK_DGRAM, 0 });
attack('an IPv6 socket', sub { socket my $socket, AF_INET6, SOCK_STREAM, 0 });
attack('a Unix socket', sub { socket my $socket, AF_UNIX, SOCK_STREAM, 0 });
attack('a netlink socket', sub { socket my $socket, 16, SOCK_RAW, 0 });
attack('listen', sub {
    socket(my $socket, AF_INET, SOCK_STREAM, 0) or return;
    return bind($socket, pack_sockaddr_in(0, INADDR_ANY)) || listen($socket, 1) });

# Processes: a daemon, a fork bomb.
attack('a daemon', sub {
    my $child = fork; return unless defined $child;
    if (!$child) { setpgrp; close STDOUT; close STDERR; exec '/bin/sleep', '1'; exit 0 }
    return 1 });
attack('a session of its own', sub { syscall($amd64 ? 112 : 157) >= 0 });
attack('a fork bomb', sub {
    my $children = 0;
    for (1 .. 50) { my $child = fork; last unless defined $child; exit 0 unless $child; $children++ }
    return $children });
attack('a program', sub { system('/bin/true') == 0 });

# The kernel.
attack('namespaces', sub { syscall($call{unshare}, 0x10000000) == 0 });
attack('io_uring', sub { my $parameters = "\0" x 120; syscall(425, 1, $parameters) >= 0 });
attack('keys', sub { syscall($call{keyctl}, 0, -3, 0) >= 0 });
attack('perf', sub { my $attributes = "\0" x 128; syscall($call{perf_event_open}, $attributes, 0, -1, -1, 0) >= 0 });
attack('userfaultfd', sub { syscall($call{userfaultfd}, 1) >= 0 });
attack('bpf', sub { my $attributes = "\0" x 128; syscall($call{bpf}, 0, $attributes, 128) >= 0 });
attack('shared memory', sub {
    my $id = syscall($call{shmget}, 0x7033, 4096, 0700 | 01000);
    return $id >= 0 && syscall($amd64 ? 31 : 195, $id, 0, 0) == 0 });

# The disk: more files, and more than the limit of each.
my ($mp3) = grep { /\.mp3$/ } @ARGV;
attack('filling the disk', sub {
    my $files = 0;
    for (1 .. 20) { open(my $out, '>', "fill-$_") or next; $files++; close $out; unlink "fill-$_" }
    return $files });

# That nothing else failed: what is its own, it may use.
print STDERR '[error] own output: ', ($mp3 && open(my $out, '>', $mp3) ? 'yes' : 'no'), "\n";
print STDERR '[error] own source: ', ($own && tcp('127.0.0.1', $own) ? 'yes' : 'no'), "\n";
print STDERR "[error] attacks: $attacks\n";
exit 1;

__DATA__
