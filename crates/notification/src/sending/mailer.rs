//! Mail on its way out: to a mail server, or into a folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::address::AddressError;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use meridian_types::NoticeId;

use crate::domain::notice::{Outcome, Text};
use crate::domain::view::CustomerText;
use crate::settings::MailRoute;

const SMTP_TIMEOUT: Duration = Duration::from_secs(15);

/// Why mail cannot be sent at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailerError {
    /// The sender is not a mail address.
    #[error("notification.from_address is not a mail address: {0}")]
    From(#[from] AddressError),
    /// The mail server's address cannot be read. It may hold a password, so it is not shown.
    #[error("notification.smtp_url cannot be read: {0}")]
    Url(#[source] smtp::Error),
    /// The folder cannot be made.
    #[error("notification.mail_dir cannot be made: {0}")]
    Folder(#[source] std::io::Error),
}

/// Why a mail cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    /// The recipient's address is not one.
    #[error("the address is not valid")]
    Address,
    /// The library refuses it.
    #[error("the mail cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
}

/// Sends mail, the same way each time.
#[derive(Debug)]
pub(crate) struct Mailer {
    from: Address,
    route: Route,
}

#[derive(Debug)]
enum Route {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// The mailer of a route; `None` where there is no route.
    ///
    /// # Errors
    /// See [`MailerError`].
    pub(crate) fn new(route: &MailRoute, from_address: &str) -> Result<Option<Self>, MailerError> {
        let route = match route {
            MailRoute::Smtp(url) => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal());
                let transport = transport.map_err(MailerError::Url)?.timeout(Some(SMTP_TIMEOUT)).build();
                Route::Smtp(transport)
            }
            MailRoute::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(MailerError::Folder)?;
                Route::Folder(folder.clone())
            }
            MailRoute::Absent => return Ok(None),
        };
        Ok(Some(Self { from: from_address.parse()?, route }))
    }

    /// Puts a mail together. Its `Message-ID` follows from the notice, so that a repetition is known as one; names are
    /// encoded by the library, and what could begin a new header line does not get this far.
    ///
    /// # Errors
    /// The recipient's address is not one.
    pub(crate) fn compose(
        &self,
        notice_id: NoticeId,
        written_at: Timestamp,
        name: Option<&CustomerText>,
        email: &str,
        text: &Text,
    ) -> Result<Message, MailError> {
        let is_plain = email.chars().all(|char| !char.is_control() && !char.is_whitespace());
        let address = email.parse::<Address>().ok().filter(|_| is_plain).ok_or(MailError::Address)?;
        let to = Mailbox::new(name.map(|name| name.as_str().to_owned()), address);
        let auto_submitted =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Ok(Message::builder()
            .from(Mailbox::new(None, self.from.clone()))
            .to(to)
            .subject(&text.subject)
            .message_id(Some(format!("<{notice_id}@{}>", self.from.domain())))
            .date(SystemTime::from(written_at))
            .raw_header(auto_submitted)
            .header(ContentType::TEXT_PLAIN)
            .body(text.body.clone())?)
    }

    /// Hands a mail over.
    pub(crate) async fn send(&self, notice_id: NoticeId, mail: Message, text: Text) -> Outcome {
        match &self.route {
            Route::Smtp(transport) => match transport.send(mail).await {
                Ok(_) => Outcome::Delivered(text),
                Err(error) => smtp_failure(&error),
            },
            Route::Folder(folder) => match put(folder, notice_id, &mail.formatted()).await {
                Ok(()) => Outcome::Delivered(text),
                Err(error) => Outcome::failed(format!("mail folder: {}", error.kind())),
            },
        }
    }
}

/// A refusal for good concerns this mail; one of our own log-in is ours to mend, and passes.
fn smtp_failure(error: &smtp::Error) -> Outcome {
    match error.status() {
        Some(code) if error.is_permanent() && !is_about_log_in(code.into()) => {
            Outcome::refused(format!("SMTP {code}"))
        }
        Some(code) => Outcome::failed(format!("SMTP {code}")),
        None if error.is_timeout() => Outcome::failed("SMTP time-out"),
        None => Outcome::failed("SMTP connection failed"),
    }
}

/// 530 to 538: authentication required, mechanism too weak, credentials invalid, encryption required.
fn is_about_log_in(code: u16) -> bool {
    (530..=538).contains(&code)
}

/// Writes the file whole or not at all. A repetition becomes a file of its own, as a mailbox would hold it twice.
async fn put(folder: &Path, notice_id: NoticeId, mail: &[u8]) -> std::io::Result<()> {
    let unfinished = folder.join(format!(".{notice_id}"));
    tokio::fs::write(&unfinished, mail).await?;
    let mut name = format!("{notice_id}.eml");
    for times in 2.. {
        match tokio::fs::hard_link(&unfinished, folder.join(name)).await {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                name = format!("{notice_id}.{times}.eml")
            }
            Err(error) => return Err(error),
            Ok(()) => break,
        }
    }
    tokio::fs::remove_file(&unfinished).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use meridian_types::SeededIds;

    fn mailer() -> (tempfile::TempDir, Mailer) {
        let folder = tempfile::tempdir().unwrap();
        let route = MailRoute::Folder(folder.path().to_owned());
        (folder, Mailer::new(&route, "support@meridian.example").unwrap().unwrap())
    }

    fn compose(name: &str, email: &str) -> Result<String, MailError> {
        let text =
            Text {
                language: "fi".into(), subject: "Lähetyksesi on matkalla".into(), body: "Hei ä\n".into()
            };
        let notice_id = NoticeId::fresh(&SeededIds::new(1));
        let written_at = Timestamp::UNIX_EPOCH;
        let name = CustomerText::new(name);
        let mail = mailer().1.compose(notice_id, written_at, name.as_ref(), email, &text)?;
        Ok(String::from_utf8(mail.formatted()).unwrap())
    }

    #[test]
    fn a_mail_says_that_no_person_wrote_it_and_keeps_its_id() {
        let mail = compose("Ada Lovelace", "ada@example.com").unwrap();
        let notice_id = NoticeId::fresh(&SeededIds::new(1));
        for line in [
            "Auto-Submitted: auto-generated\r\n",
            &format!("Message-ID: <{notice_id}@meridian.example>\r\n"),
            "To: \"Ada Lovelace\" <ada@example.com>\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(mail.contains(line), "{line} in\n{mail}");
        }
        assert_eq!(mail, compose("Ada Lovelace", "ada@example.com").unwrap());
    }

    #[tokio::test]
    async fn a_mail_that_is_handed_over_again_does_not_hide_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let notice_id = NoticeId::fresh(&SeededIds::new(1));
        for mail in [b"1", b"2", b"3"] {
            put(folder.path(), notice_id, mail).await.unwrap();
        }
        let read = |name: String| std::fs::read(folder.path().join(name)).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
        assert_eq!(
            (read(format!("{notice_id}.eml")), read(format!("{notice_id}.3.eml"))),
            (b"1".to_vec(), b"3".to_vec())
        );
    }

    #[test]
    fn a_hostile_name_cannot_add_a_header() {
        for name in [
            "Ada\r\nBcc: thief@example.com",
            "Ada\nBcc: thief@example.com",
            "Ada\u{2028}Bcc: thief@example.com",
            "\"Ada\" <thief@example.com>, x",
            "\u{202E}adA",
            "=?utf-8?q?=0ABcc:_thief?=",
        ] {
            let mail = compose(name, "ada@example.com").unwrap();
            let (headers, _) = mail.split_once("\r\n\r\n").unwrap();
            assert!(!headers.contains("\nBcc") && !headers.contains('\u{202E}'), "{headers}");
            assert_eq!(headers.matches("To: ").count(), 1, "{headers}");
            assert!(headers.contains("<ada@example.com>"), "{headers}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        let long = format!("{}@example.com", "x".repeat(320));
        for email in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example.com\r\nBcc: x@example.com",
            "a b@example.com",
            "a@example.com, b@example.com",
            "a@example.com;b@example.com",
            "ada@exam ple.com",
            &long,
        ] {
            assert!(matches!(compose("Ada", email), Err(MailError::Address)), "{email:?}");
        }
    }
}
