# Runs a program that a stranger's file may take over, without the rights that it does not need. What
# it and all it starts can never get back:
#
#   system calls  no new process, signal, trace of another process, change of rights or of mounts, and
#                 no socket but one for TCP, if it has a source (seccomp)
#   files         it reads system libraries and what is named, and writes only what is named (Landlock)
#   network       one TCP port (Landlock of Linux 6.7)
#
# confine.pl check ARCHITECTURE                 prints the Landlock version; fails without seccomp
# confine.pl ARCHITECTURE LAYER... [NAME=VALUE]... -- PROGRAM ARGUMENT...
#   LAYER: calls, files, network. NAME: read=PATH, write=PATH (a file that exists), port=NUMBER.
use strict;

my %numbers = (
    # the audit number of the architecture, then the system calls
    amd64 => {
        AUDIT => 0xC000003E, prctl => 157, seccomp => 317,
        clone => 56, socket => 41, prlimit64 => 302, sendto => 44, sendmsg => 46, sendmmsg => 307,
        denied => [
            57, 58,                                   # fork, vfork
            62, 200, 234, 129, 297,                   # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            101, 310, 311, 312,                       # ptrace, process_vm_readv, process_vm_writev, kcmp
            109, 112,                                 # setpgid, setsid
            49, 50, 53,                               # bind, listen, socketpair
            29 .. 31, 64 .. 71, 220, 240, 241,        # System V memory, semaphores, messages; mq_open, mq_unlink
            76, 90 .. 94, 132, 133, 188 .. 190, 197 .. 199, 235, 259, 260, 261, 268, 280,
            # truncate, chmod, fchmod, chown, fchown, lchown, utime, mknod, setxattr, removexattr, utimes,
            # mknodat, fchownat, futimesat, fchmodat, utimensat
            135, 141, 142, 144, 203, 251, 314,        # personality, setpriority, sched_set*, ioprio_set
            154, 172, 173,                            # modify_ldt, iopl, ioperm
            155, 161, 163, 165 .. 169, 179, 175, 176, 246, 313, 320, # pivot_root, chroot, acct, mounts, swap,
            # reboot, quotactl, modules, kexec
            248 .. 250,                               # keys
            256, 279, 272, 308,                       # migrate_pages, move_pages, unshare, setns
            298, 300, 301, 303, 304, 305, 321, 323,   # perf_event_open, fanotify, handles, clock_adjtime, bpf,
            # userfaultfd
        ],
    },
    aarch64 => {
        AUDIT => 0xC00000B7, prctl => 167, seccomp => 277,
        clone => 220, socket => 198, prlimit64 => 261, sendto => 206, sendmsg => 211, sendmmsg => 269,
        denied => [
            129, 130, 131, 138, 240,                  # kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            117, 270, 271, 272,                       # ptrace, process_vm_readv, process_vm_writev, kcmp
            154, 157,                                 # setpgid, setsid
            199, 200, 201,                            # socketpair, bind, listen
            180, 181, 186 .. 197,                     # mq_open, mq_unlink; System V messages, semaphores, memory
            5 .. 7, 14 .. 16, 33, 45, 52 .. 55, 88,   # setxattr, removexattr, mknodat, truncate, chmod, chown,
            # utimensat
            30, 92, 118, 119, 122, 140, 274,          # ioprio_set, personality, sched_set*, setpriority
            39 .. 41, 51, 60, 89, 104 .. 106, 142, 224, 225, 273, 294, # mounts, chroot, quotactl, acct, kexec,
            # modules, reboot, swap
            217 .. 219,                               # keys
            97, 238, 239, 268,                        # unshare, migrate_pages, move_pages, setns
            241, 262 .. 266, 280, 282,                # perf_event_open, fanotify, handles, clock_adjtime, bpf,
            # userfaultfd
        ],
    },
);

# the same everywhere: pidfd_send_signal, io_uring, mounts, pidfd_open, pidfd_getfd, process_madvise,
# mount_setattr, quotactl_fd, process_mrelease, fchmodat2, setxattrat, removexattrat, open_tree_attr
my @denied_everywhere = (424 .. 434, 438, 440, 442, 443, 448, 452, 463, 466, 467);

# not with "use constant", which takes longer than all the rest
sub CLONE3() { 435 }
sub LANDLOCK_CREATE() { 444 }
sub LANDLOCK_RULE() { 445 }
sub LANDLOCK_RESTRICT() { 446 }
sub PR_SET_NO_NEW_PRIVS() { 38 }
sub F_SETPIPE_SZ() { 1031 }
sub O_PATH() { 0x280000 } # with O_CLOEXEC
sub EPERM() { 0x50001 }
sub ENOSYS() { 0x50026 }
sub ALLOW() { 0x7fff0000 }
sub KILL() { 0x80000000 }

sub fail { print STDERR "confine: $_[0]: $!\n"; exit 126 }

sub landlock_version { my $version = syscall(LANDLOCK_CREATE, 0, 0, 1); return $version > 0 ? $version : 0 }

# Instructions of a seccomp filter.
sub statement { return pack('SCCL', $_[0], 0, 0, $_[1]) }
sub load { return statement(0x20, $_[0]) }
sub argument { return load(16 + 8 * $_[0]) } # its lower half
sub result { return statement(0x06, $_[0]) }
sub equal { my ($value, $then, $else) = @_; return pack('SCCL', 0x15, $then, $else, $value) }
sub at_least { my ($value, $then, $else) = @_; return pack('SCCL', 0x35, $then, $else, $value) }
sub any_bit { my ($bits, $then, $else) = @_; return pack('SCCL', 0x45, $then, $else, $bits) }

# Only these calls: @_ are instructions that end with a result.
sub on_call { my ($number, @body) = @_; return (equal($number, 0, scalar @body), @body) }

sub filter {
    my ($of, $with_source) = @_;
    my @program = (load(4), equal($of->{AUDIT}, 1, 0), result(KILL), load(0));
    push @program, at_least(0x40000000, 0, 1), result(EPERM); # x32
    push @program, on_call($_, result(EPERM)) for @{$of->{denied}}, @denied_everywhere;
    push @program, on_call(CLONE3, result(ENOSYS)); # so that threads are made with clone
    push @program, on_call($of->{clone}, argument(0), any_bit(0x10000, 1, 0), result(EPERM), result(ALLOW));
    push @program, on_call($of->{prlimit64}, argument(0), equal(0, 1, 0), result(EPERM), result(ALLOW));
    # a connection that begins with data is not seen by Landlock
    push @program, on_call($of->{sendto}, argument(3), any_bit(0x20000000, 0, 1), result(EPERM), result(ALLOW));
    push @program, on_call($of->{sendmsg}, argument(2), any_bit(0x20000000, 0, 1), result(EPERM), result(ALLOW));
    push @program, on_call($of->{sendmmsg}, result(EPERM));
    push @program, on_call($of->{socket}, $with_source
        ? (argument(0), equal(2, 0, 7), argument(1), statement(0x54, 0xf), equal(1, 0, 4),
           argument(2), equal(0, 1, 0), equal(6, 0, 1), result(ALLOW), result(EPERM))
        : result(EPERM));
    return (@program, result(ALLOW));
}

sub restrict_calls {
    my ($of, $with_source) = @_;
    my @program = filter($of, $with_source);
    my $code = join '', @program;
    my $header = pack('SxxxxxxP', scalar @program, $code);
    syscall($of->{seccomp}, 1, 0, $header) == 0 or fail('seccomp');
}

sub restrict_files {
    my ($network, $read, $write, $port) = @_;
    my $version = landlock_version() or fail('Landlock');
    my $files = $version >= 5 ? 0xffff : $version >= 3 ? 0x7fff : $version == 2 ? 0x3fff : 0x1fff;
    my $scopes = $version >= 6 ? 3 : 0; # sockets without a file, signals
    my $attributes = pack('QQQ', $files, $network ? 3 : 0, $scopes);
    my $size = $version >= 6 ? 24 : $version >= 4 ? 16 : 8;
    my $rules = syscall(LANDLOCK_CREATE, $attributes, $size, 0);
    $rules >= 0 or fail('landlock_create_ruleset');
    my $truncate = $version >= 3 ? 0x4000 : 0;
    my $allow = sub {
        my ($path, $access) = @_;
        sysopen(my $handle, $path, O_PATH) or return;
        my $rule = pack('Ql', $access, fileno $handle);
        syscall(LANDLOCK_RULE, $rules, 1, $rule, 0) == 0 or fail("Landlock: $path");
    };
    $allow->($_, -d $_ ? 0xd : 0x5) for @$read; # execute, read
    $allow->($_, 0x6 | $truncate) for @$write;  # write, read
    if ($network && $port) {
        my $rule = pack('QQ', 2, $port);
        syscall(LANDLOCK_RULE, $rules, 2, $rule, 0) == 0 or fail('Landlock: port');
    }
    syscall(LANDLOCK_RESTRICT, $rules, 0) == 0 or fail('landlock_restrict_self');
}

my $check = $ARGV[0] eq 'check' && shift @ARGV;
my $of = $numbers{shift @ARGV} or fail('unknown architecture');
if ($check) {
    syscall($of->{prctl}, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 or fail('no_new_privs');
    restrict_calls($of, 0);
    print landlock_version(), "\n";
    exit 0;
}
my (%layer, @read, @write);
my $port = 0;
while (defined(my $word = shift @ARGV)) {
    last if $word eq '--';
    if ($word =~ /^read=(.*)/s) { push @read, $1 }
    elsif ($word =~ /^write=(.*)/s) { push @write, $1 }
    elsif ($word =~ /^port=(\d+)$/) { $port = $1 + 0 }
    else { $layer{$word} = 1 }
}
# when memory runs out, the kernel takes this process and not the service
if (open my $score, '>', '/proc/self/oom_score_adj') { print $score 1000; close $score }
# so that the program waits less often for the reader of its sound; the kernel may refuse
fcntl(STDOUT, F_SETPIPE_SZ, 1 << 20);
syscall($of->{prctl}, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 or fail('no_new_privs');
restrict_files($layer{network}, \@read, \@write, $port) if $layer{files};
restrict_calls($of, $port) if $layer{calls};
exec {$ARGV[0]} @ARGV or fail("exec $ARGV[0]");
