//! Notices by mail.

use async_trait::async_trait;
use meridian_messaging::Journal;

use super::directory::Directory;
use super::mailer::{MailError, Mailer};
use super::sender::Outlet;
use crate::domain::language::Language;
use crate::domain::letter::{self, Addressee};
use crate::domain::notice::{Channel, Claimed, Outcome};
use crate::domain::view::CustomerText;
use crate::store::preference;

/// Writes a letter to a person, in their language, and mails it.
pub(crate) struct MailOutlet {
    pub(crate) journal: Journal,
    pub(crate) directory: Directory,
    pub(crate) mailer: Mailer,
}

#[async_trait]
impl Outlet for MailOutlet {
    fn channel(&self) -> Channel {
        Channel::Email
    }

    async fn hand_over(&self, notice: &Claimed) -> Outcome {
        match self.write_and_send(notice).await {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }
}

impl MailOutlet {
    async fn write_and_send(&self, notice: &Claimed) -> Result<Outcome, Outcome> {
        let person = match self.directory.person(&notice.recipient).await {
            Ok(Some(person)) => person,
            Ok(None) => return Err(Outcome::refused("unknown person")),
            Err(_) => return Err(Outcome::failed("intake does not answer")),
        };
        let wish = preference::of(self.journal.pool(), &notice.recipient).await;
        let wish = wish.map_err(|_| Outcome::failed("database"))?;
        let name = CustomerText::new(person.name.reveal());
        let language = Language::for_recipient(&wish.language, &person.language);
        let addressee = Addressee { name: name.clone(), language, zone: &person.zone };
        let text = letter::write(notice.milestone, notice.case_id, &notice.view, addressee);
        let text = text.map_err(|error| {
            tracing::error!(%error, "a letter cannot be written");
            Outcome::refused("no text")
        })?;
        let email = person.email.reveal();
        let mail = self.mailer.compose(notice.notice_id, notice.created_at, name.as_ref(), email, &text);
        let mail = mail.map_err(|error| match error {
            MailError::Address => Outcome::refused("no valid address"),
            MailError::Message(_) => Outcome::refused("no valid mail"),
        })?;
        Ok(self.mailer.send(notice.notice_id, mail, text).await)
    }
}
