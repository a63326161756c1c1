//! Opening a case.

use meridian_messaging::Work;
use meridian_types::{CaseId, PersonId, SiteId};

use super::{directory, settle};
use crate::domain::case::{Case, StatedFact};
use crate::domain::directory::Person;
use crate::domain::need::{Need, NeedKind};
use crate::domain::opening::{NewCase, Records};
use crate::domain::responsibility::Priority;
use crate::error::Error;
use crate::store;

/// A call to be made a case.
#[derive(Debug, Clone)]
pub(crate) struct OpenCase {
    pub(crate) person_id: PersonId,
    pub(crate) office: SiteId,
    pub(crate) need: Need,
    /// Field of the request that the deadline came from.
    pub(crate) deadline_field: &'static str,
    pub(crate) priority: Priority,
    pub(crate) facts: Vec<StatedFact>,
}

pub(crate) async fn open_case(work: &mut Work, call: OpenCase) -> Result<Case, Error> {
    let OpenCase { person_id, office, need, deadline_field, priority, facts } = call;
    let person =
        store::person::find(work.conn(), &person_id).await?.ok_or(Error::PersonNotFound(person_id))?;
    let records = records(work, &person, &need).await?;
    let case_id = CaseId::fresh(work.ids());
    let new = NewCase { case_id, person, office, need, deadline_field, priority, facts, records };
    let case = Case::open(new, work.now())?;
    settle::opened(work, case).await
}

async fn records(work: &mut Work, person: &Person, need: &Need) -> Result<Records, Error> {
    let customer = directory::customer(work.conn(), &person.customer_id).await?;
    let weekend = store::public_weekend::find(work.conn(), &customer.country).await?;
    let mut records = Records { weekend, ..Records::default() };
    match &need.kind {
        NeedKind::Repair(repair) => {
            let found = store::instrument::find(work.conn(), &repair.serial_number).await?;
            records.instrument = found.filter(|instrument| instrument.customer_id == person.customer_id);
        }
        NeedKind::Items(_) => {
            records.customer_sites =
                store::instrument::sites_of_customer(work.conn(), &person.customer_id).await?;
        }
        NeedKind::Other(_) => {}
    }
    Ok(records)
}
