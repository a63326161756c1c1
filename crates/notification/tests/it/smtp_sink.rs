//! A mail server that takes mail, or does what mail servers should not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with its next mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Takes it and says so.
    Accept,
    /// Takes it, and breaks the connection instead of saying so.
    TakeThenReset,
    /// Takes it, and says nothing for ever.
    TakeThenHang,
    /// Answers the recipient with this line.
    Recipient(&'static str),
    /// Greets with this line.
    Greet(&'static str),
}

/// A running mail server.
#[derive(Clone, Default)]
pub(crate) struct SmtpSink {
    manners: Arc<Mutex<VecDeque<Manner>>>,
    taken: Arc<Mutex<Vec<String>>>,
    port: u16,
}

impl SmtpSink {
    /// Shows these manners one after the other, and good ones afterwards.
    pub(crate) async fn start(manners: impl IntoIterator<Item = Manner>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sink =
            Self { port, manners: Arc::new(Mutex::new(manners.into_iter().collect())), ..Self::default() };
        let running = sink.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let sink = running.clone();
                tokio::spawn(async move { sink.talk(socket).await });
            }
        });
        sink
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The mails that were taken, with repetitions.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    /// The `Message-ID` of each, with repetitions.
    pub(crate) fn message_ids(&self) -> Vec<String> {
        let id = |mail: &String| {
            let line = mail.lines().find(|line| line.starts_with("Message-ID: ")).unwrap();
            line.to_owned()
        };
        self.taken().iter().map(id).collect()
    }

    async fn talk(&self, socket: TcpStream) -> Option<()> {
        let manner = self.manners.lock().unwrap().pop_front().unwrap_or(Manner::Accept);
        let mut socket = BufReader::new(socket);
        let greeting = if let Manner::Greet(line) = manner { line } else { "220 sink" };
        say(&mut socket, greeting).await?;
        loop {
            let command = hear(&mut socket).await?.to_ascii_uppercase();
            let answer = match command.split_whitespace().next().unwrap_or_default() {
                "RCPT" => {
                    if let Manner::Recipient(line) = manner {
                        line
                    } else {
                        "250 ok"
                    }
                }
                "DATA" => {
                    say(&mut socket, "354 go on").await?;
                    let mut mail = String::new();
                    loop {
                        match hear(&mut socket).await?.as_str() {
                            "." => break,
                            line => mail = mail + line + "\n",
                        }
                    }
                    self.taken.lock().unwrap().push(mail);
                    match manner {
                        Manner::TakeThenReset => return None,
                        Manner::TakeThenHang => std::future::pending::<()>().await,
                        _ => {}
                    }
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "250 ok",
            };
            say(&mut socket, answer).await?;
        }
    }
}

async fn say(socket: &mut BufReader<TcpStream>, line: &str) -> Option<()> {
    socket.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
}

async fn hear(socket: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = String::new();
    match socket.read_line(&mut line).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim_end().to_owned()),
    }
}
