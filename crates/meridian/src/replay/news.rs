//! What the regions tell of the cases, heard from their event streams as any other system would: asking again and
//! again would cost more than the work itself.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::consumer::pull::OrderedConfig;
use async_nats::jetstream::{self, Message};
use futures::StreamExt as _;
use jiff::Timestamp;
use meridian_messaging::{Nats, NatsOptions, Origin, SubjectPrefix};
use meridian_proto::coordinator::v1 as plans;
use meridian_proto::inventory::v1::{
    Milestone, Transfer, TransferProgressed, TransferRequested, TransferState,
};
use meridian_proto::types::v1::Responsibility;
use meridian_types::{RegionId, ServiceName};
use prost::Name;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::output::instant_of;
use crate::world::Addresses;

/// How long the regions may take to say something that must come.
const PATIENCE: Duration = Duration::from_secs(60);
/// Subjects of the installations that `World` starts.
const PREFIX: &str = "meridian";
/// What is listened to.
const FILTERS: [(&str, &str); 3] =
    [("inventory", "transfer"), ("coordinator", "plan"), ("coordinator", "promise")];

/// Everything heard so far, by case.
type Heard = BTreeMap<String, Told>;

/// What was told of one case.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Its transfers, by id.
    pub(super) transfers: BTreeMap<String, Moving>,
    /// How many events its plan has told.
    pub(super) plan_events: usize,
    /// When its plan is looked at next.
    pub(super) due: Option<Timestamp>,
    /// Whether its plan is completed.
    pub(super) completed: bool,
    /// The dates told to the customer, in order.
    pub(super) dates: Vec<Date>,
}

/// A transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moving {
    /// Region that owns it.
    pub(super) region: String,
    /// Where it stands.
    pub(super) state: TransferState,
}

/// A date told to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// When it was told (business time).
    pub(super) told_at: Timestamp,
    /// The date; none when the last one was taken back and no other is known.
    pub(super) promised_at: Option<Timestamp>,
}

impl Told {
    /// Whether goods of the case have not arrived yet.
    pub(super) fn is_moving(&self) -> bool {
        self.transfers.values().any(|it| it.state < TransferState::Received)
    }

    /// States only grow while goods move on: what is heard late changes nothing.
    fn moved(&mut self, transfer_id: &str, region: &str, state: TransferState) {
        let known = self.transfers.entry(transfer_id.to_owned());
        let moving = known.or_insert_with(|| Moving { region: region.to_owned(), state });
        moving.state = moving.state.max(state);
    }

    fn planned(&mut self, responsibility: Option<&Responsibility>) {
        self.plan_events += 1;
        self.due = responsibility.and_then(|it| it.due.as_ref()).and_then(instant_of).or(self.due);
    }

    fn promised(&mut self, told_at: Timestamp, promised_at: Option<Timestamp>) {
        self.dates.push(Date { told_at, promised_at });
    }
}

/// Listens to every region until it is dropped.
pub(super) struct News {
    heard: watch::Sender<Heard>,
    _listeners: JoinSet<()>,
}

impl News {
    /// Listens from now on.
    ///
    /// # Errors
    /// A stream cannot be read.
    pub(super) async fn listen(addresses: &BTreeMap<RegionId, Addresses>) -> Result<Self> {
        let heard = watch::Sender::new(Heard::new());
        let mut listeners = JoinSet::new();
        for (region, addresses) in addresses {
            let options = NatsOptions { client_name: "meridian-replay".to_owned(), ..NatsOptions::default() };
            let nats = Nats::connect(&addresses.nats, options).await?;
            let context = jetstream::new(nats.client());
            for (service, aggregate) in FILTERS {
                let origin = Origin {
                    prefix: SubjectPrefix::parse(PREFIX).context("prefix")?,
                    region: region.clone(),
                    service: ServiceName::parse(service).context("service")?,
                };
                let config = OrderedConfig {
                    filter_subject: format!("{PREFIX}.{region}.{service}.{aggregate}.*"),
                    deliver_policy: DeliverPolicy::New,
                    ..OrderedConfig::default()
                };
                let stream = context.get_stream(origin.stream_name()).await?;
                let mut messages = stream.create_consumer(config).await?.messages().await?;
                let (heard, region) = (heard.clone(), region.to_string());
                listeners.spawn(async move {
                    while let Some(message) = messages.next().await {
                        match message.map_err(anyhow::Error::from) {
                            Ok(message) => take_in(&heard, &region, &message),
                            Err(error) => tracing::warn!(%error, "a stream is interrupted"),
                        }
                    }
                });
            }
        }
        Ok(Self { heard, _listeners: listeners })
    }

    /// What was told of a case so far.
    pub(super) fn told(&self, case_id: &str) -> Told {
        self.heard.borrow().get(case_id).cloned().unwrap_or_default()
    }

    /// Waits until what was told of a case is enough.
    ///
    /// # Errors
    /// It is not told in time.
    pub(super) async fn wait(&self, case_id: &str, enough: impl Fn(&Told) -> bool) -> Result<Told> {
        let mut changes = self.heard.subscribe();
        let told = changes.wait_for(|heard| heard.get(case_id).is_some_and(&enough));
        if let Ok(Ok(heard)) = timeout(PATIENCE, told).await {
            return Ok(heard.get(case_id).cloned().unwrap_or_default());
        }
        bail!("case {case_id}: nothing more is told after {:?}", self.told(case_id))
    }

    /// Takes in where a transfer stands, as its owner answered.
    pub(super) fn note(&self, transfer: &Transfer) {
        let Transfer { transfer_id, region, .. } = transfer;
        self.heard.send_modify(|heard| {
            heard.entry(transfer.case_id.clone()).or_default().moved(transfer_id, region, transfer.state());
        });
    }
}

fn take_in(heard: &watch::Sender<Heard>, region: &str, message: &Message) {
    let header = |name: &str| Some(message.headers.as_ref()?.get(name)?.as_str());
    let event = Heading {
        region,
        type_name: header("ce-type").unwrap_or_default(),
        time: header("ce-time").and_then(|time| time.parse().ok()).unwrap_or(Timestamp::MIN),
        body: &message.payload,
    };
    heard.send_if_modified(|heard| event.tell(heard).is_some());
}

/// An event, and what is needed to understand it.
struct Heading<'a> {
    region: &'a str,
    type_name: &'a str,
    time: Timestamp,
    body: &'a [u8],
}

impl Heading<'_> {
    fn read<M: prost::Message + Name + Default>(&self) -> Option<M> {
        (self.type_name == M::full_name()).then(|| meridian_proto::json::from_slice(self.body).ok())?
    }

    /// Adds it to what was heard. `None` when it says nothing of interest.
    fn tell(&self, heard: &mut Heard) -> Option<()> {
        let mut of = |case_id: String, change: &mut dyn FnMut(&mut Told)| {
            change(heard.entry(case_id).or_default());
        };
        if let Some(it) = self.read::<TransferRequested>() {
            let it = it.transfer?;
            of(it.case_id.clone(), &mut |told| told.moved(&it.transfer_id, &it.region, it.state()));
        } else if let Some(it) = self.read::<TransferProgressed>() {
            let state = state_after(it.milestone());
            of(it.case_id, &mut |told| told.moved(&it.transfer_id, self.region, state));
        } else if let Some(it) = self.read::<plans::PlanCommitted>() {
            of(it.case_id, &mut |told| told.planned(it.responsibility.as_ref()));
        } else if let Some(it) = self.read::<plans::PlanProgressed>() {
            of(it.case_id, &mut |told| told.planned(it.responsibility.as_ref()));
        } else if let Some(it) = self.read::<plans::PlanParked>() {
            of(it.case_id, &mut |told| {
                told.planned(it.responsibility.as_ref());
                told.promised(self.time, None);
            });
        } else if let Some(it) = self.read::<plans::PlanCompleted>() {
            of(it.case_id, &mut |told| {
                told.planned(None);
                told.completed = true;
            });
        } else if let Some(it) = self.read::<plans::PromiseMade>() {
            let date = it.promised_at.as_ref().and_then(instant_of);
            of(it.case_id, &mut |told| told.promised(self.time, date));
        } else if let Some(it) = self.read::<plans::PromiseChanged>() {
            let date = it.promised_at.as_ref().and_then(instant_of);
            of(it.case_id, &mut |told| told.promised(self.time, date));
        } else {
            return None;
        }
        Some(())
    }
}

const fn state_after(milestone: Milestone) -> TransferState {
    match milestone {
        Milestone::Unspecified => TransferState::Unspecified,
        Milestone::Picked => TransferState::Picked,
        Milestone::Shipped => TransferState::Shipped,
        Milestone::InCustoms => TransferState::InCustoms,
        Milestone::CustomsHold => TransferState::CustomsHold,
        Milestone::CustomsReleased => TransferState::Released,
        Milestone::Received => TransferState::Received,
        Milestone::Lost => TransferState::Lost,
        Milestone::PickFailed | Milestone::Cancelled => TransferState::Cancelled,
    }
}
