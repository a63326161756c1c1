//! A notice: one message to one recipient through one channel.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use meridian_types::{CaseId, NoticeId};

use super::milestone::Milestone;
use super::view::SafeView;

/// How a notice travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// E-mail to a person.
    Email,
    /// A signed request to a system of the customer.
    Webhook,
}

impl Channel {
    /// As in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Webhook => "WEBHOOK",
        }
    }

    /// The channel of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Email, Self::Webhook].into_iter().find(|channel| channel.name() == name)
    }
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoticeState {
    /// To be sent.
    Pending,
    /// Handed over.
    Sent,
    /// Not to be sent any more.
    Suppressed,
    /// Cannot be delivered.
    Failed,
}

impl NoticeState {
    /// Every state.
    pub(crate) const ALL: [Self; 4] = [Self::Pending, Self::Sent, Self::Suppressed, Self::Failed];

    /// As in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Sent => "SENT",
            Self::Suppressed => "SUPPRESSED",
            Self::Failed => "FAILED",
        }
    }

    /// The state of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A notice that a sender has taken on, until its lease ends.
#[derive(Debug, Clone)]
pub(crate) struct Claimed {
    /// Which: the same for every attempt, and so are the ids that receivers tell repetitions by.
    pub(crate) notice_id: NoticeId,
    /// Case it is about.
    pub(crate) case_id: CaseId,
    /// What happened.
    pub(crate) milestone: Milestone,
    /// Revision of the plan.
    pub(crate) revision: i32,
    /// Person or webhook.
    pub(crate) recipient: String,
    /// Number of this attempt, from 1. Whoever claims it later has a higher one, and only the highest counts.
    pub(crate) attempt: i32,
    /// When it was written down (business time).
    pub(crate) created_at: Timestamp,
    /// Its facts.
    pub(crate) view: SafeView,
    /// Trace that it belongs to.
    pub(crate) traceparent: Option<String>,
}

/// What a recipient reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    /// Language code; empty for machines.
    pub(crate) language: String,
    /// Subject line.
    pub(crate) subject: String,
    /// Text.
    pub(crate) body: String,
}

/// How an attempt ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Handed over, as this text.
    Delivered(Text),
    /// It did not work, or nobody knows whether it did: the same again, later.
    Failed {
        /// What happened, in a few words of ours.
        code: Cow<'static, str>,
        /// How long the receiver asked us to wait.
        retry_after: Option<Duration>,
    },
    /// It never will.
    Refused {
        /// What happened, in a few words of ours.
        code: Cow<'static, str>,
        /// Whether the whole endpoint is gone.
        is_gone: bool,
    },
    /// The recipient is not to be told any more.
    Withdrawn,
}

impl Outcome {
    /// A failure that may pass.
    pub(crate) fn failed(code: impl Into<Cow<'static, str>>) -> Self {
        Self::Failed { code: code.into(), retry_after: None }
    }

    /// A failure for good.
    pub(crate) fn refused(code: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused { code: code.into(), is_gone: false }
    }

    /// What happened, in a few words of ours.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Failed { code, .. } | Self::Refused { code, .. } => code,
            Self::Withdrawn => "withdrawn",
        }
    }
}
