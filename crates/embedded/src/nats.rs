//! nats-server in a data folder.

use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::StartError;
use crate::folder::{self, Folder};
use crate::locate::Binaries;
use crate::port::{PortChoice, start_on};
use crate::process::{self, Identity, Server, StopSignal};

/// How long an orderly shutdown may take before the server is killed; nothing acknowledged is lost then.
const STOP_WAIT: Duration = Duration::from_secs(10);
/// How long a server that accepted a connection may take to greet.
const GREETING_WAIT: Duration = Duration::from_millis(500);

const LOG: &str = "nats.log";
const CONFIGURATION: &str = "nats.conf";

/// How nats-server runs.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// The address to listen on. Anything but loopback lets everybody who reaches it read and write: there is no
    /// authentication, so it is for closed networks.
    pub address: IpAddr,
    /// The port to listen on; none: the one the data folder had last, or any free one.
    pub port: Option<u16>,
    /// The port of the HTTP monitoring, if any.
    pub monitoring_port: Option<u16>,
    /// The largest message, in bytes.
    pub max_payload_bytes: u32,
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: None,
            monitoring_port: None,
            max_payload_bytes: 1 << 20,
        }
    }
}

/// A nats-server of this process's own with JetStream on and every acknowledged message on disk. Dropping it shuts it
/// down.
#[derive(Debug)]
pub struct Nats {
    program: PathBuf,
    options: NatsOptions,
    folder: Folder,
    port: u16,
    server: Option<Server>,
}

impl Nats {
    /// Starts the server in `data_dir`, which is created when missing, and returns when it accepts connections and JetStream
    /// answers.
    ///
    /// # Errors
    /// See [`StartError`]; nothing is left running.
    pub fn start(binaries: &Binaries, data_dir: &Path, options: NatsOptions) -> Result<Self, StartError> {
        let folder = Folder::open(data_dir)?;
        let choice = PortChoice::new(options.port, options.address, &folder)?;
        let program = binaries.nats_server().to_owned();
        let (server, port) =
            start_on(choice, options.address, |port| launch(&program, &folder, &options, port))?;
        folder.keep_port(port)?;
        Ok(Self { program, options, folder, port, server: Some(server) })
    }

    /// The server's URL, on loopback when it listens on every address.
    pub fn url(&self) -> String {
        format!("nats://{}", client_address(self.options.address, self.port))
    }

    /// The port; the same after every restart.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id while it is meant to run.
    pub fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Server::pid)
    }

    /// The server's log file.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join(LOG)
    }

    /// Kills the server with SIGKILL, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Shuts the server down in an orderly way.
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
        let start = |port| launch(&self.program, &self.folder, &self.options, port);
        let (server, _) = start_on(PortChoice::Fixed(self.port), self.options.address, start)?;
        self.server = Some(server);
        Ok(())
    }

    /// Kills the server, deletes every stream and message, and starts it again on its port: a lost disk.
    ///
    /// # Errors
    /// See [`StartError`]; the server is stopped then and may be restarted.
    pub fn wipe(&mut self) -> Result<(), StartError> {
        self.kill();
        let store = store_dir(&self.folder);
        folder::delete_dir(&store).map_err(StartError::io(&store))?;
        self.restart()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}

fn store_dir(folder: &Folder) -> PathBuf {
    folder.path().join("store")
}

fn launch(program: &Path, folder: &Folder, options: &NatsOptions, port: u16) -> Result<Server, StartError> {
    let lock = folder.lock_server()?;
    let log = folder.open_log(LOG)?;
    folder.write(CONFIGURATION, &configuration(&store_dir(folder), options, port), 0o644)?;
    let mut command = process::command(program, Identity::Same, StopSignal::Terminate);
    command.arg("--config").arg(folder.path().join(CONFIGURATION));
    let address = client_address(options.address, port);
    Server::start("nats-server", command, StopSignal::Terminate, lock, &log, |_| is_ready(address))
}

fn configuration(store: &Path, options: &NatsOptions, port: u16) -> String {
    let NatsOptions { address, monitoring_port, max_payload_bytes, .. } = options;
    let store = store.display().to_string();
    let mut text = format!(
        "host: \"{address}\"\nport: {port}\nmax_payload: {max_payload_bytes}\n\
         jetstream {{\n  store_dir: {store:?}\n  sync_interval: always\n}}\n"
    );
    if let Some(port) = monitoring_port {
        text.push_str(&format!("http: \"{address}:{port}\"\n"));
    }
    text
}

fn client_address(address: IpAddr, port: u16) -> SocketAddr {
    let address = if address.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address };
    SocketAddr::new(address, port)
}

/// Whether the server greets with JetStream on. It listens only after its streams are recovered.
fn is_ready(address: SocketAddr) -> bool {
    let greeting = || -> io::Result<String> {
        let stream = TcpStream::connect_timeout(&address, GREETING_WAIT)?;
        stream.set_read_timeout(Some(GREETING_WAIT))?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    greeting().is_ok_and(|line| line.starts_with("INFO ") && line.contains("\"jetstream\":true"))
}
