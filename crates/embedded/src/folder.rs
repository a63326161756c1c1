//! A server's data folder: who may use it, its port, its log.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::StartError;

/// How often a condition is looked at while waiting for it.
pub(crate) const POLL: Duration = Duration::from_millis(5);
/// How long a server that lost its owner may take to shut down.
const ORPHAN_WAIT: Duration = Duration::from_secs(60);
/// A log longer than this is put aside when the server starts.
const LOG_LIMIT_BYTES: u64 = 16 << 20;
/// How much of a log an error carries.
const LOG_TAIL_LINES: usize = 20;

const OWNER_LOCK: &str = "owner.lock";
const SERVER_LOCK: &str = "server.lock";

/// A data folder that belongs to this process as long as the value lives.
///
/// Two locks, both given up by the kernel however a process ends: `owner.lock` is held by this process, so that no second
/// one runs a server here; `server.lock` is inherited by the server and all its children (as standard input), so
/// that it is free exactly when the last of them has gone.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _owner: File,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        fs::create_dir_all(path).map_err(StartError::io(path))?;
        // Absolute, because PostgreSQL changes to its data folder.
        let path = fs::canonicalize(path).map_err(StartError::io(path))?;
        match try_lock(&path.join(OWNER_LOCK)).map_err(StartError::io(&path))? {
            Some(owner) => Ok(Self { path, _owner: owner }),
            None => Err(StartError::FolderInUse { folder: path }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until no process of an earlier server is left, and takes its lock for the next.
    pub(crate) fn lock_server(&self) -> Result<File, StartError> {
        let path = self.path.join(SERVER_LOCK);
        let deadline = Instant::now() + ORPHAN_WAIT;
        loop {
            if let Some(lock) = try_lock(&path).map_err(StartError::io(&path))? {
                return Ok(lock);
            }
            if Instant::now() >= deadline {
                return Err(StartError::ServerLeft { folder: self.path.clone() });
            }
            thread::sleep(POLL);
        }
    }

    /// Whether neither an owner nor a server is left in a folder.
    pub(crate) fn is_abandoned(path: &Path) -> bool {
        let free = |lock: &str| {
            let lock = path.join(lock);
            !lock.exists() || matches!(try_lock(&lock), Ok(Some(_)))
        };
        free(OWNER_LOCK) && free(SERVER_LOCK)
    }

    /// The port this folder's server had last.
    pub(crate) fn last_port(&self) -> Option<u16> {
        fs::read_to_string(self.path.join("port")).ok()?.trim().parse().ok()
    }

    pub(crate) fn keep_port(&self, port: u16) -> Result<(), StartError> {
        self.write("port", &format!("{port}\n"), 0o644)
    }

    /// Writes a small file whole or not at all.
    pub(crate) fn write(&self, name: &str, text: &str, mode: u32) -> Result<(), StartError> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!("{name}.unfinished"));
        let write = || -> io::Result<()> {
            let mut file =
                OpenOptions::new().create(true).truncate(true).write(true).mode(mode).open(&unfinished)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)
        };
        write().map_err(StartError::io(&path))
    }

    /// Opens a log for appending.
    pub(crate) fn open_log(&self, name: &str) -> Result<Log, StartError> {
        let path = self.path.join(name);
        let open = || -> io::Result<(File, u64)> {
            if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_LIMIT_BYTES) {
                fs::rename(&path, path.with_extension("log.old"))?;
            }
            let file = OpenOptions::new().create(true).append(true).open(&path)?;
            let start = file.metadata()?.len();
            Ok((file, start))
        };
        let (file, start) = open().map_err(StartError::io(&path))?;
        Ok(Log { path, file, start })
    }
}

fn try_lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// A log file and where this run's part of it starts.
pub(crate) struct Log {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    start: u64,
}

impl Log {
    /// The last lines that this run wrote.
    pub(crate) fn tail(&self) -> String {
        let read = || -> io::Result<String> {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_else(|error| format!("(the log cannot be read: {error})"));
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }
}

/// Deletes a folder with everything in it, if it is there.
pub(crate) fn delete_dir(path: &Path) -> io::Result<()> {
    fs::remove_dir_all(path).or_else(ignore_missing)
}

/// Deletes a file, if it is there.
pub(crate) fn delete_file(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(ignore_missing)
}

fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StartError> {
    let mut bytes = [0; N];
    let path = Path::new("/dev/urandom");
    File::open(path).and_then(|mut file| file.read_exact(&mut bytes)).map_err(StartError::io(path))?;
    Ok(bytes)
}
