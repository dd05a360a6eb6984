//! What a process gives up for good before it looks at what strangers sent.

use rustix::{
    io::Errno,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

/// No limit is made wider than the process was given it.
pub(crate) fn limit(resource: Resource, most: u64) -> Result<(), Errno> {
    let most = Some(getrlimit(resource).maximum.map_or(most, |given| given.min(most)));
    setrlimit(resource, Rlimit { current: most, maximum: most })
}

/// Neither outlives the server nor gets privileges that it has not.
pub(crate) fn die_with_the_server() -> Result<(), Errno> {
    #[cfg(target_os = "linux")]
    {
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        rustix::thread::set_no_new_privs(true)?;
    }
    Ok(())
}

/// What holds a program of the system that needs files: Landlock and seccomp, which both need no privileges.
#[cfg(target_os = "linux")]
pub(crate) mod sandbox {
    use std::{collections::BTreeMap, env::consts::ARCH, io, path::Path};

    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
        RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope, path_beneath_rules,
    };
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
        apply_filter,
    };

    use crate::programs::PLACES as PROGRAMS;

    /// The newest Landlock that is asked for; an older kernel holds what it knows of it.
    const NEWEST: ABI = ABI::V6;
    /// What programs of the system read beside themselves. What is not there is passed over.
    const LIBRARIES: [&str; 6] =
        ["/lib", "/lib64", "/etc/ld.so.cache", "/dev/null", "/dev/urandom", "/sys/devices/system/cpu"];

    /// Whether this kernel can hold a process to a folder (Linux 5.13, unless it was switched off).
    pub(crate) fn is_possible() -> bool {
        let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        ruleset.handle_access(AccessFs::from_all(ABI::V1)).and_then(Ruleset::create).is_ok()
    }

    /// From here on: reads the system's programs, reads and writes in `folder`, reaches no other file, no network and no other
    /// process, and starts none.
    pub(crate) fn enter(folder: &Path) -> io::Result<()> {
        if hold_to(folder).map_err(io::Error::other)? == RulesetStatus::NotEnforced {
            return Err(io::Error::other("this kernel cannot hold a process to a folder"));
        }
        refuse_calls().map_err(io::Error::other)
    }

    fn hold_to(folder: &Path) -> Result<RulesetStatus, RulesetError> {
        let reads = AccessFs::from_read(NEWEST);
        let writes = reads | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::Truncate;
        let status = Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?
            .add_rules(path_beneath_rules(PROGRAMS.iter().chain(&LIBRARIES), reads))?
            .add_rules(path_beneath_rules([folder], writes))?
            .restrict_self()?;
        Ok(status.ruleset)
    }

    /// No sockets, no new processes (threads are none), nothing that looks into others or widens what a process may do.
    fn refuse_calls() -> Result<(), seccompiler::Error> {
        // The C library falls back to `clone`, whose arguments can be looked at.
        install([(libc::SYS_clone3, Vec::new())].into(), libc::ENOSYS)?;
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = REFUSED.iter().map(|&call| (call, Vec::new())).collect();
        let is_process = SeccompCondition::new(
            0,
            SeccompCmpArgLen::Qword,
            SeccompCmpOp::MaskedEq(u64::from(libc::CLONE_THREAD.unsigned_abs())),
            0,
        );
        rules.insert(libc::SYS_clone, vec![SeccompRule::new(vec![is_process?])?]);
        install(rules, libc::EPERM)
    }

    const REFUSED: &[i64] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_io_uring_setup,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_chroot,
        libc::SYS_kill,
        libc::SYS_tkill,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_fork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_vfork,
    ];

    fn install(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: i32) -> Result<(), seccompiler::Error> {
        let refuse = SeccompAction::Errno(errno.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, ARCH.try_into()?)?;
        apply_filter(&BpfProgram::try_from(filter)?)
    }
}

/// No other system is known to hold such a program.
#[cfg(not(target_os = "linux"))]
pub(crate) mod sandbox {
    use std::{io, path::Path};

    pub(crate) const fn is_possible() -> bool {
        false
    }

    pub(crate) fn enter(_folder: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs,
        io::ErrorKind,
        net::{TcpListener, TcpStream, UdpSocket},
        os::unix::net::UnixDatagram,
        path::Path,
        process::Command,
        thread,
    };

    use super::sandbox;

    /// What somebody could want to do who took the program over; each has to fail for want of permission.
    fn escapes(outside: &Path, port: u16) -> [(&'static str, Option<ErrorKind>); 9] {
        let mut program = Command::new("/bin/true");
        [
            ("read a file elsewhere", fs::read(outside).err().map(|error| error.kind())),
            ("read who has accounts", fs::read("/etc/passwd").err().map(|error| error.kind())),
            ("write elsewhere", fs::write(outside, "mine").err().map(|error| error.kind())),
            ("remove a file elsewhere", fs::remove_file(outside).err().map(|error| error.kind())),
            ("start a program", program.status().err().map(|error| error.kind())),
            ("connect", TcpStream::connect(("127.0.0.1", port)).err().map(|error| error.kind())),
            ("listen", TcpListener::bind("127.0.0.1:0").err().map(|error| error.kind())),
            ("send", UdpSocket::bind("127.0.0.1:0").err().map(|error| error.kind())),
            ("talk to a process", UnixDatagram::pair().err().map(|error| error.kind())),
        ]
    }

    #[test]
    fn who_is_held_to_a_folder_reaches_nothing_else() {
        let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (inside, outside) = (folder.path().join("film"), elsewhere.path().join("secret"));
        fs::write(&outside, "secret").unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if !sandbox::is_possible() {
            assert!(sandbox::enter(folder.path()).is_err(), "a kernel that cannot hold it says so");
            return;
        }
        // What is given up is given up by the thread alone, and by what it starts.
        let place = folder.path().to_owned();
        thread::spawn(move || {
            sandbox::enter(&place).unwrap();
            for (escape, error) in escapes(&outside, port) {
                assert_eq!(error, Some(ErrorKind::PermissionDenied), "{escape}");
            }
            fs::write(&inside, "film").unwrap();
            assert_eq!(fs::read(&inside).unwrap(), b"film");
            fs::remove_file(&inside).unwrap();
            assert_eq!(thread::spawn(|| 7).join().unwrap(), 7, "threads are no processes");
        })
        .join()
        .unwrap();
        assert_eq!(fs::read(elsewhere.path().join("secret")).unwrap(), b"secret");
    }
}
