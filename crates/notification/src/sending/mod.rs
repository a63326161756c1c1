//! Handing notices over: the senders, mail, webhooks.

pub(crate) mod directory;
pub(crate) mod mail;
pub(crate) mod mailer;
pub(crate) mod post;
pub(crate) mod sender;
pub(crate) mod webhook;
