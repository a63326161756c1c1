//! Server processes: as whom they run, how they end with their parent, how they are stopped.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

use crate::error::StartError;
use crate::folder::{Log, POLL};

/// How long a server may take to become ready; long, because recovery after a crash counts.
const READY_WAIT: Duration = Duration::from_secs(120);

/// How long children that were killed may take to end: what the kernel takes to free their memory, on a busy machine.
const KILL_WAIT: Duration = Duration::from_secs(10);

/// The account that programs run as which refuse root, when this process is root.
pub(crate) const NOBODY: u32 = 65534;

/// As whom PostgreSQL runs: it refuses root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// As this process.
    Same,
    /// As nobody in a user namespace of its own: outside, and on disk, it stays this process's user.
    Namespace,
    /// As nobody: its data folder is made nobody's.
    Nobody,
}

impl Identity {
    /// What works here.
    pub(crate) fn for_postgres() -> Self {
        static FOUND: OnceLock<Identity> = OnceLock::new();
        *FOUND.get_or_init(|| {
            if !rustix::process::geteuid().is_root() {
                Self::Same
            } else if succeeds(Self::Namespace.wrapper()) {
                Self::Namespace
            } else {
                Self::Nobody
            }
        })
    }

    /// The program, with arguments, that runs another one as this identity.
    fn wrapper(self) -> &'static [&'static str] {
        match self {
            Self::Same => &[],
            Self::Namespace => &["unshare", "-U", "--map-user=65534", "--map-group=65534", "--"],
            Self::Nobody => &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"],
        }
    }
}

/// What makes a program shut down when this process ends, however that happens.
fn end_with_parent(stop_signal: StopSignal) -> &'static [&'static str] {
    static WORKS: OnceLock<bool> = OnceLock::new();
    let wrapper = match stop_signal {
        StopSignal::Interrupt => &["setpriv", "--pdeathsig", "INT", "--"],
        StopSignal::Terminate => &["setpriv", "--pdeathsig", "TERM", "--"],
    };
    // Only Linux has it. Elsewhere a server outlives a killed parent, and the next start says so.
    if *WORKS.get_or_init(|| succeeds(wrapper)) { wrapper } else { &[] }
}

fn succeeds(wrapper: &[&str]) -> bool {
    let Some((program, arguments)) = wrapper.split_first() else { return true };
    let status = Command::new(program)
        .args(arguments)
        .arg("true")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

/// A command that runs `program` as `identity`, outside the terminal's process group (Ctrl-C is for the parent, who stops
/// the servers last), in an environment without surprises.
pub(crate) fn command(program: &Path, identity: Identity, stop_signal: StopSignal) -> Command {
    // The parent-death signal is set last: a change of credentials clears it.
    let wrapper = identity.wrapper().iter().chain(end_with_parent(stop_signal));
    let mut words = wrapper.map(OsStr::new).chain([program.as_os_str()]);
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).process_group(0).env_clear().env("LC_ALL", "C");
    if let Some(path) = env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

/// The signal that asks a server to shut down in an orderly way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StopSignal {
    /// PostgreSQL: fast shutdown.
    Interrupt,
    /// nats-server.
    Terminate,
}

impl StopSignal {
    fn signal(self) -> Signal {
        match self {
            Self::Interrupt => Signal::INT,
            Self::Terminate => Signal::TERM,
        }
    }
}

/// Runs a program to its end; what it prints goes to the log. It keeps `lock` as long as it runs.
pub(crate) fn run(name: &str, mut command: Command, lock: &File, log: &Log) -> Result<(), StartError> {
    attach(&mut command, lock, log)?;
    let status = spawn(command).and_then(|mut child| child.wait()).map_err(StartError::io(name.as_ref()))?;
    if status.success() { Ok(()) } else { Err(ended(name, status, log)) }
}

/// The lock becomes standard input, which no server reads and every child inherits; output goes to the log.
fn attach(command: &mut Command, lock: &File, log: &Log) -> Result<(), StartError> {
    let duplicate = |file: &File| file.try_clone().map_err(StartError::io(&log.path));
    command.stdin(duplicate(lock)?).stdout(duplicate(&log.file)?).stderr(duplicate(&log.file)?);
    Ok(())
}

fn ended(program: &str, status: ExitStatus, log: &Log) -> StartError {
    StartError::Ended { program: program.to_owned(), status, log: log.path.clone(), tail: log.tail() }
}

/// Starts a process from a thread that lives as long as this process: the kernel sends the parent-death signal
/// when the *thread* that started the process ends, and callers come from short-lived ones.
fn spawn(command: Command) -> io::Result<Child> {
    type Order = (Command, Sender<io::Result<Child>>);
    static LAUNCHER: OnceLock<Sender<Order>> = OnceLock::new();
    let launcher = LAUNCHER.get_or_init(|| {
        let (sender, orders) = mpsc::channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in orders {
                let child = command.spawn();
                // Gives up this process's copy of the lock that the child inherited.
                drop(command);
                let _ = answer.send(child);
            }
        });
        sender
    });
    let (answer, child) = mpsc::channel();
    launcher.send((command, answer)).map_err(io::Error::other)?;
    child.recv().map_err(io::Error::other)?
}

/// A running server; killed when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    stop_signal: StopSignal,
}

impl Server {
    /// Starts a server and waits until `ready` (called with its process id) says so.
    pub(crate) fn start(
        name: &str,
        mut command: Command,
        stop_signal: StopSignal,
        lock: File,
        log: &Log,
        mut ready: impl FnMut(u32) -> bool,
    ) -> Result<Self, StartError> {
        attach(&mut command, &lock, log)?;
        drop(lock);
        let child = spawn(command).map_err(StartError::io(name.as_ref()))?;
        let mut server = Self { child, stop_signal };
        let started = Instant::now();
        loop {
            match server.child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => return Err(ended(name, status, log)),
                Err(error) => return Err(StartError::io(name.as_ref())(error)),
            }
            if ready(server.pid()) {
                return Ok(server);
            }
            if started.elapsed() > READY_WAIT {
                let (program, log_path) = (name.to_owned(), log.path.clone());
                return Err(StartError::NotReady {
                    program,
                    waited: READY_WAIT,
                    log: log_path,
                    tail: log.tail(),
                });
            }
            thread::sleep(POLL);
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to shut down; kills it when it has not within `patience`.
    pub(crate) fn stop(&mut self, patience: Duration) {
        self.signal(self.stop_signal.signal());
        let deadline = Instant::now() + patience;
        while self.runs() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        self.kill();
    }

    /// Kills the server and its children, and returns when they have ended.
    pub(crate) fn kill(&mut self) {
        if !self.runs() {
            return;
        }
        // Stopped first, so that it starts no child that is not in the list.
        self.signal(Signal::STOP);
        let children = children_of(self.child.id());
        self.signal(Signal::KILL);
        for child in &children {
            let _ = rustix::process::kill_process(*child, Signal::KILL);
        }
        let _ = self.child.wait();
        // They are init's to wait for now, and give up their files, the lock among them, some time before they have ended.
        let deadline = Instant::now() + KILL_WAIT;
        while children.iter().any(|child| !has_ended(*child)) && Instant::now() < deadline {
            thread::sleep(POLL);
        }
    }

    /// Whether the process has not ended; from then on its id may be another's.
    fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn signal(&mut self, signal: Signal) {
        if self.runs() {
            let _ = rustix::process::kill_process(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The children of a process. Where there is no `/proc` none are found; PostgreSQL's then notice the end by themselves.
fn children_of(parent: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            (state_and_parent(pid)?.1 == parent).then_some(pid)
        })
        .collect()
}

/// Whether a process is gone, or only its exit status is left for its parent to collect.
fn has_ended(pid: Pid) -> bool {
    state_and_parent(pid).is_none_or(|(state, _)| matches!(state, 'Z' | 'X'))
}

/// A process's state letter and its parent's id, as `/proc` has them.
fn state_and_parent(pid: Pid) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // `pid (name) state ppid ...`; the name may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
