/**
 * What a program inside may ask of the kernel. An allow-list: a call that is named nowhere here answers ENOSYS, as on
 * a kernel that is too old for it, so that libraries fall back (that is how clone3 becomes clone, whose flags can be
 * checked). `refused` answers EPERM, because programs understand it; `fatal` ends the program with SIGSYS, because
 * nobody calls these by accident.
 */
import type { SyscallName } from '../supervision/syscalls.ts'

const words = <Name extends string>(text: Name): string[] => text.trim().split(/\s+/)

/** The reason to list a call here is that python, node, the JVM, gcc, bash or coreutils were seen to need its family. */
export const allowed = words(`
  accept accept4 access alarm arch_prctl bind brk capget capset chdir chmod chown clock_getres clock_gettime clock_nanosleep
  close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
  epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat
  fchmodat2 fchown fchownat fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate
  futex futex_waitv futimesat get_robust_list getcpu getcwd getdents getdents64 getegid geteuid getgid getgroups getitimer
  getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid getrlimit getrusage getsid getsockname
  getsockopt gettid gettimeofday getuid getxattr ioprio_get
  ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen listxattr
  llistxattr lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create mincore mkdir mkdirat mknod mknodat mlock mlock2
  mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink mremap mseal msgctl msgget msgrcv
  msgsnd msync munlock munlockall munmap nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2
  pkey_alloc pkey_free pkey_mprotect poll ppoll prctl pread64 preadv preadv2 pselect6 pwrite64 pwritev pwritev2 read readahead
  readlink readlinkat readv recvfrom recvmmsg recvmsg remap_file_pages removexattr rename renameat renameat2 restart_syscall rmdir
  rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
  sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield select semctl semget semop
  semtimedop sendfile sendmmsg sendmsg sendto set_robust_list set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid
  setpriority setregid setresgid setresuid setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt shmget shutdown
  sigaltstack signalfd signalfd4 splice stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time
  timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times
  tkill truncate umask uname unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
`) as SyscallName[] // every name is looked up by the compiler's test

export const refused = words(`
  acct add_key adjtimex bpf chroot clock_adjtime clock_settime fanotify_init fanotify_mark fsconfig fsmount fsopen fspick
  inotify_add_watch inotify_init inotify_init1 inotify_rm_watch
  get_mempolicy io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp keyctl lookup_dcookie mbind migrate_pages
  modify_ldt mount mount_setattr move_mount move_pages name_to_handle_at open_by_handle_at open_tree perf_event_open pidfd_getfd
  pivot_root process_madvise process_vm_readv process_vm_writev ptrace quotactl quotactl_fd request_key seccomp set_mempolicy
  setdomainname sethostname setns settimeofday syslog umount2 unshare userfaultfd vhangup vmsplice
`) as SyscallName[]

export const fatal = words(`
  create_module delete_module finit_module init_module kexec_file_load kexec_load query_module reboot swapoff swapon
`) as SyscallName[]

/** What our own code in a fork server calls before it sets the whole policy on a run: no program ever has these. */
export const forkServerNeeds: readonly SyscallName[] = ['clone', 'mount']

export const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const

/** Looks at the low word of one argument; the kernel reads no more than that of any of these. */
export type Check = { name: SyscallName; argument: number; errno: number } & (
  | { kind: 'none-of-bits'; bits: number } // refused when any of the bits is set
  | { kind: 'one-of'; values: readonly number[] } // refused unless the argument is one of them
  | { kind: 'not-one-of'; values: readonly number[] }
)

const cloneNamespaceBits = 0x7e02_0000 // CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET
const unix = 1
const inet = 2
const inet6 = 10

export const checks: readonly Check[] = [
  // F_NOTIFY, as inotify above: sandboxes have the files of a runtime in common, and who watches them learns what others open.
  { name: 'fcntl', argument: 1, kind: 'not-one-of', values: [0x402], errno: errno.EPERM },
  { name: 'clone', argument: 0, kind: 'none-of-bits', bits: cloneNamespaceBits, errno: errno.EPERM },
  // AF_NETLINK too is refused: without an interface it has nothing true to say, and it is a large door into the kernel.
  // getifaddrs() fails then; no language we ship needs it to start. AF_VSOCK is not covered by network namespaces.
  { name: 'socket', argument: 0, kind: 'one-of', values: [unix, inet, inet6], errno: errno.EAFNOSUPPORT },
  { name: 'socketpair', argument: 0, kind: 'one-of', values: [unix], errno: errno.EAFNOSUPPORT },
  // TIOCSTI and TIOCLINUX type into a terminal that someone else reads.
  { name: 'ioctl', argument: 1, kind: 'not-one-of', values: [0x5412, 0x541c], errno: errno.EPERM },
  // Own limits only: another process's (our guard's) limits could be used to kill it.
  { name: 'prlimit64', argument: 0, kind: 'one-of', values: [0], errno: errno.EPERM },
  // The plain Linux personalities and the query, as container engines allow; not ADDR_NO_RANDOMIZE, not READ_IMPLIES_EXEC.
  { name: 'personality', argument: 0, kind: 'one-of', values: [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff], errno: errno.EPERM },
]
