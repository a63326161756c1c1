//! What customers and other systems are told: notices by mail and signed webhooks, each once.
//!
//! *Answers* (`proto/meridian/notification/v1`): `ListNotices`, `PreviewNotice`, `PutPreference`, `CreateWebhook`,
//! `ListWebhooks`, `DeleteWebhook`, `CountNotices`.
//!
//! *Hears* (own region only): intake's `CaseOpened`, `CaseClosed`, `ReferralOffered`, `ReferralAccepted`,
//! `ReferralReturned`; the coordinator's `MilestoneReached`, `PromiseMade`, `PromiseChanged`,
//! `PromiseTakenBack`. *Tells*:
//! `NoticeDelivered`, `NoticeFailed` (somebody has to call).
//!
//! *Tables*: `customer_case` (for whom a case is, the date told last), `milestone` (what happened, each once), `notice`
//! and `attempt`, `preference`, `webhook`.
//!
//! An event becomes a milestone (`events.rs`), a milestone a notice for each recipient (`operations/tell.rs`), both
//! in the reader's unit of work: what was rolled back is never told. A sender of each channel (`sending/`) takes
//! notices on, writes the attempt down, sends, and writes the outcome down.
//!
//! *Invariants.*
//! - One notice for each (case, milestone, plan revision, recipient, channel): a unique key. What a revision may have
//!   several of carries an `occurrence` in that key: the promise of a changed date, the referral, the instant of the
//!   next word; so does the plan, because revisions count within a plan.
//! - The attempt is committed before the sending. Ended in between, the notice is sent again with the same
//!   `Message-ID` or `webhook-id`: effectively once, by notice id.
//! - A visit of a work order belongs to no plan. Its `occurrence` is the order, its revision counts the words about it;
//!   neither plans nor the closing of the case overtake it, for it takes place whatever becomes of them.
//! - Old news is not told: a milestone that was overtaken, or is of an older revision, is kept as suppressed
//!   (`domain/overtaking.rs`). What is told arrives in order: of one case, one recipient and one channel, the
//!   next notice is sent after the one before is settled.
//! - The date in a text is the promised one, as the promise ledger has it.
//! - A text is made of a `SafeView` alone; nothing internal has a place in it. Its language is the recipient's.
//! - Personal data: name and address are asked of intake at the time of sending and kept nowhere, but for the letters
//!   as sent (`notice.subject`, `notice.body`), which stay in this schema of the home region. Events, webhooks and
//!   logs carry ids.
//!
//! *The commonest change: a new milestone.* Add a line to the table in `domain/milestone.rs`, its name to
//! `domain/texts.rs`, a text for each language under `templates/` (the first line is the subject), and the event that
//! gives rise to it to `events.rs`. The lint beside `domain/letter.rs` reads every text.

mod domain;
mod error;
mod events;
mod grpc;
mod operations;
mod sending;
mod server;
mod settings;
mod store;

pub use grpc::NotificationGrpc;
pub use server::Notification;
pub use settings::{MailRoute, Pace, Settings};
