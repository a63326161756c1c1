//! A customer's system that hears of what happens, and answers as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Breaks the connection after the request was read.
pub(crate) const RESET: &str = "";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    head: String,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A running endpoint.
#[derive(Clone, Default)]
pub(crate) struct WebhookSink {
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    received: Arc<Mutex<Vec<Received>>>,
    port: u16,
}

impl WebhookSink {
    /// Answers with these status lines and headers one after the other, and with 204 afterwards.
    pub(crate) async fn start(answers: impl IntoIterator<Item = &'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let sink =
            Self { port, answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() };
        let running = sink.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let sink = running.clone();
                tokio::spawn(async move { sink.answer(socket).await });
            }
        });
        sink
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/meridian", self.port)
    }

    /// What was received, with repetitions.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    async fn answer(&self, mut socket: TcpStream) -> Option<()> {
        let mut text = String::new();
        let (head, body) = loop {
            let mut piece = [0; 4096];
            let count = socket.read(&mut piece).await.ok().filter(|count| *count > 0)?;
            text.push_str(std::str::from_utf8(&piece[..count]).unwrap());
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
                if body.len() == length.parse::<usize>().unwrap() {
                    break (head.to_owned(), body.to_owned());
                }
            }
        };
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or("204 No Content");
        self.received.lock().unwrap().push(Received { head, body });
        if answer != RESET {
            socket.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await.ok()?;
        }
        Some(())
    }
}
