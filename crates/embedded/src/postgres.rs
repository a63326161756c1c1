//! PostgreSQL in a data folder.

use std::fmt;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::StartError;
use crate::folder::{self, Folder, Log};
use crate::locate::Binaries;
use crate::port::{PortChoice, start_on};
use crate::process::{self, Identity, NOBODY, Server, StopSignal};

/// PostgreSQL listens here only.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// How long a fast shutdown may take before the server is killed; nothing is lost then, recovery takes its turn.
const STOP_WAIT: Duration = Duration::from_secs(30);

const SUPERUSER: &str = "postgres";
const LOG: &str = "postgres.log";
const PASSWORD: &str = "password";

/// How PostgreSQL runs.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// The port to listen on; none: the one the data folder had last, or any free one.
    pub port: Option<u16>,
    /// The most connections at a time.
    pub max_connections: u16,
    /// The memory for pages, in MB.
    pub shared_buffers_mb: u32,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { port: None, max_connections: 200, shared_buffers_mb: 128 }
    }
}

/// A PostgreSQL server of this process's own. It listens on 127.0.0.1 only, asks its one user `postgres` for a random
/// password, and never gives up durability. Dropping it shuts it down.
pub struct Postgres {
    binaries: Binaries,
    options: PostgresOptions,
    folder: Folder,
    password: String,
    port: u16,
    server: Option<Server>,
}

impl Postgres {
    /// Starts the server in `data_dir`, which is created when missing, and returns when it accepts connections.
    /// Existing data is carried on, after a crash too.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running.
    pub fn start(binaries: &Binaries, data_dir: &Path, options: PostgresOptions) -> Result<Self, StartError> {
        let folder = Folder::open(data_dir)?;
        let password = keep_password(&folder)?;
        create_cluster(binaries, &folder)?;
        let choice = PortChoice::new(options.port, ADDRESS, &folder)?;
        let (server, port) = start_on(choice, ADDRESS, |port| launch(binaries, &folder, &options, port))?;
        folder.keep_port(port)?;
        Ok(Self { binaries: binaries.clone(), options, folder, password, port, server: Some(server) })
    }

    /// The URL of a database for its superuser, password included. The database `postgres` always exists.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}:{}@{ADDRESS}:{}/{database}", self.password, self.port)
    }

    /// Creates a database unless it exists, and returns its URL. The name is taken as it is: `[a-z][a-z0-9_]*`, at most 63
    /// characters.
    ///
    /// # Errors
    /// [`StartError::Ended`] with what `createdb` printed.
    pub fn create_database(&self, name: &str) -> Result<String, StartError> {
        let program = self.binaries.postgres_program("createdb");
        let mut createdb = process::command(&program, Identity::Same, StopSignal::Terminate);
        let (address, port) = (ADDRESS.to_string(), self.port.to_string());
        createdb.args([
            "--host",
            &address,
            "--port",
            &port,
            "--username",
            SUPERUSER,
            "--no-password",
            "--",
            name,
        ]);
        // Not an argument: those are for everybody to read.
        createdb.env("PGPASSWORD", &self.password);
        let output = createdb.output().map_err(StartError::io(&program))?;
        let printed = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || printed.contains("already exists") {
            return Ok(self.url(name));
        }
        Err(StartError::Ended {
            program: "createdb".to_owned(),
            status: output.status,
            log: self.log(),
            tail: printed.trim().to_owned(),
        })
    }

    /// The port on 127.0.0.1; the same after every restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The postmaster's process id while it is meant to run.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// The server's log file.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join(LOG)
    }

    /// Kills the server and all its children with SIGKILL, as a crash would. Returns when none is left.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
            // Its children end a moment later. If one does not, the next start says so.
            let _ = self.folder.lock_server();
        }
    }

    /// Shuts the server down in an orderly way; open connections are closed.
    pub fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.stop(STOP_WAIT);
        }
    }

    /// Starts the server again on its port, after shutting it down if it runs.
    ///
    /// # Errors
    /// See [`StartError`]; the server is stopped then and may be restarted.
    pub fn restart(&mut self) -> Result<(), StartError> {
        self.stop();
        let start = |port| launch(&self.binaries, &self.folder, &self.options, port);
        let (server, _) = start_on(PortChoice::Fixed(self.port), ADDRESS, start)?;
        self.server = Some(server);
        Ok(())
    }
}

impl fmt::Debug for Postgres {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (folder, port, pid) = (self.folder.path(), self.port, self.pid());
        f.debug_struct("Postgres").field("folder", &folder).field("port", &port).field("pid", &pid).finish()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The superuser's password: made once, kept where only this user can read it.
fn keep_password(folder: &Folder) -> Result<String, StartError> {
    let path = folder.path().join(PASSWORD);
    match fs::read_to_string(&path) {
        Ok(password) => return Ok(password.trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(StartError::io(&path)(error)),
    }
    let password: String = folder::random::<20>()?.iter().map(|byte| format!("{byte:02x}")).collect();
    folder.write(PASSWORD, &password, 0o600)?;
    Ok(password)
}

fn cluster_dir(folder: &Folder) -> PathBuf {
    folder.path().join("cluster")
}

/// Runs initdb unless the cluster is there; a broken-off initdb is done anew.
fn create_cluster(binaries: &Binaries, folder: &Folder) -> Result<(), StartError> {
    let (have, cluster) = (binaries.postgres_version(), cluster_dir(folder));
    if let Ok(found) = fs::read_to_string(cluster.join("PG_VERSION")) {
        let found = found.trim().to_owned();
        if found != have.major.to_string() {
            return Err(StartError::OtherMajorVersion { folder: cluster, found, have });
        }
        return Ok(());
    }
    let lock = folder.lock_server()?;
    let log = folder.open_log(LOG)?;
    let unfinished = folder.path().join("cluster.unfinished");
    folder::delete_dir(&unfinished).map_err(StartError::io(&unfinished))?;
    initdb(binaries, folder, &unfinished, &lock, &log)?;
    fs::rename(&unfinished, &cluster).map_err(StartError::io(&cluster))
}

fn initdb(
    binaries: &Binaries,
    folder: &Folder,
    cluster: &Path,
    lock: &File,
    log: &Log,
) -> Result<(), StartError> {
    let password_file = folder.path().join(PASSWORD);
    let identity = Identity::for_postgres();
    if identity == Identity::Nobody {
        for path in [folder.path(), password_file.as_path()] {
            chown(path, Some(NOBODY), Some(NOBODY)).map_err(StartError::io(path))?;
        }
    }
    let mut initdb = process::command(&binaries.postgres_program("initdb"), identity, StopSignal::Terminate);
    initdb.arg("-D").arg(cluster);
    initdb.args(["-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8"]).arg("--pwfile").arg(password_file);
    let major = binaries.postgres_version().major;
    if major >= 17 {
        // The same on every machine; before 17 the locale is the operating system's.
        initdb.args(["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
    } else {
        initdb.arg("--locale=C.UTF-8");
    }
    if major >= 16 {
        // Iterations slow down guessing; nobody guesses 160 random bits, and every connection pays for them.
        initdb.args(["--set", "scram_iterations=1"]);
    }
    process::run("initdb", initdb, lock, log)
}

fn launch(
    binaries: &Binaries,
    folder: &Folder,
    options: &PostgresOptions,
    port: u16,
) -> Result<Server, StartError> {
    let lock = folder.lock_server()?;
    let log = folder.open_log(LOG)?;
    let cluster = cluster_dir(folder);
    // With the lock held no server is left here, so this file is of one that was killed. Its process id may be anybody's
    // by now (ids start anew in a container), and PostgreSQL would refuse to start.
    let pid_file = cluster.join("postmaster.pid");
    folder::delete_file(&pid_file).map_err(StartError::io(&pid_file))?;
    let program = binaries.postgres_program("postgres");
    let mut command = process::command(&program, Identity::for_postgres(), StopSignal::Interrupt);
    command.arg("-D").arg(&cluster);
    let settings = [
        format!("listen_addresses={ADDRESS}"),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        format!("max_connections={}", options.max_connections),
        format!("shared_buffers={}MB", options.shared_buffers_mb),
        "fsync=on".to_owned(),
        "full_page_writes=on".to_owned(),
        "synchronous_commit=on".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "logging_collector=off".to_owned(),
    ];
    command.args(settings.iter().flat_map(|setting| ["-c", setting]));
    Server::start("postgres", command, StopSignal::Interrupt, lock, &log, |pid| is_ready(&pid_file, pid))
}

/// What `pg_ctl --wait` looks at: the postmaster writes its id into the first line of its pid file and its state into the
/// eighth.
fn is_ready(pid_file: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(pid_file) else { return false };
    let line = |number: usize| text.lines().nth(number).map(str::trim);
    line(0) == Some(pid.to_string().as_str()) && line(7) == Some("ready")
}
