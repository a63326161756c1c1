//! Which port a server listens on.

use std::net::{IpAddr, TcpListener};

use crate::error::StartError;
use crate::folder::{self, Folder};

/// How often another port is tried when the chosen one was taken in the meantime.
const ATTEMPTS: usize = 5;

/// Which port a server gets.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PortChoice {
    /// This one or none.
    Fixed(u16),
    /// Any; another one when it turns out to be taken.
    Free(u16),
}

impl PortChoice {
    /// The given port, else the one the folder's server had last if it is free, else a free one.
    pub(crate) fn new(given: Option<u16>, address: IpAddr, folder: &Folder) -> Result<Self, StartError> {
        if let Some(port) = given {
            return Ok(Self::Fixed(port));
        }
        match folder.last_port().filter(|port| is_free(address, *port)) {
            Some(port) => Ok(Self::Free(port)),
            None => Self::any(address),
        }
    }

    /// A free port below those that the kernel gives to outgoing connections: a client that keeps trying to reconnect to
    /// a stopped server could otherwise be given that very port and keep the server from coming back.
    pub(crate) fn any(address: IpAddr) -> Result<Self, StartError> {
        const LOWEST: u16 = 20_000;
        const COUNT: u16 = 12_000;
        let start = u16::from_le_bytes(folder::random()?) % COUNT;
        (0..COUNT)
            .map(|step| LOWEST + (start + step) % COUNT)
            .find(|port| is_free(address, *port))
            .map(Self::Free)
            .ok_or(StartError::NoFreePort { address })
    }

    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Fixed(port) | Self::Free(port) => port,
        }
    }
}

/// Whether a server could listen there now.
pub(crate) fn is_free(address: IpAddr, port: u16) -> bool {
    TcpListener::bind((address, port)).is_ok()
}

/// Starts a server on the chosen port and returns it with the port it got.
pub(crate) fn start_on<T>(
    mut choice: PortChoice,
    address: IpAddr,
    mut start: impl FnMut(u16) -> Result<T, StartError>,
) -> Result<(T, u16), StartError> {
    let mut attempts = ATTEMPTS;
    loop {
        let port = choice.port();
        attempts -= 1;
        match start(port) {
            Ok(server) => return Ok((server, port)),
            Err(StartError::Ended { .. }) if !is_free(address, port) => match choice {
                PortChoice::Free(_) if attempts > 0 => choice = PortChoice::any(address)?,
                _ => return Err(StartError::PortTaken { address, port }),
            },
            Err(error) => return Err(error),
        }
    }
}
