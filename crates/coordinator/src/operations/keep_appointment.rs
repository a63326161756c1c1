//! Visits of work orders: what dispatches say of them becomes a line of the case's timeline, and a word to the customer
//! where what they were told is no longer so.

use jiff::Timestamp;
use meridian_messaging::{Announced, Work};
use meridian_proto::dispatch::v1::VisitProgressed;
use meridian_types::CaseId;

use super::learn::Said;
use crate::domain::{Appointment, Because, Change, Heard};
use crate::error::Error;
use crate::store::{self, network_record, served_case, timeline};
use crate::wire::appointment::{line, tell};

/// A dispatch says something of a visit of a work order. What was heard before, or is older than that, changes nothing.
/// Of a case that is not known here, or not yet, it is remembered as long as the visit is to take place.
pub(crate) async fn keep_appointment(work: &mut Work, heard: &Heard, said: Said) -> Result<(), Error> {
    let (case_id, order, time) = (heard.case_id, heard.order, said.time);
    served_case::lock_several(work.conn()).await?;
    let known = store::appointment::find(work.conn(), case_id, order).await?;
    let mut appointment = known.unwrap_or_else(|| Appointment::new(case_id, order));
    if appointment.is_old(heard) {
        return Ok(());
    }
    let change = appointment.hear(heard);
    if !served_case::exists(work.conn(), case_id).await? {
        tracing::debug!(%case_id, %order, "a visit of a case that is not known here, or not yet");
        return remember(work, &appointment).await;
    }
    served_case::lock(work.conn(), case_id).await?;
    let site = network_record::site(work.conn(), &heard.visit.site).await?.unwrap_or_default();
    let planned_again = heard.because.planned_again && !appointment.is_done();
    let because = Because { planned_again, ..heard.because };
    if let Some(change) = change {
        let text = line(&change, &heard.visit, because, &site);
        timeline::append(work.conn(), case_id, &Said { text, ..said }.entry()).await?;
    }
    if let Some(word) = appointment.word() {
        tell(work, &appointment, &word, because, (&site, time));
    }
    Ok(store::appointment::put(work.conn(), &appointment).await?)
}

async fn remember(work: &mut Work, appointment: &Appointment) -> Result<(), Error> {
    if appointment.open().next().is_some() {
        store::appointment::put(work.conn(), appointment).await?;
    } else {
        store::appointment::forget(work.conn(), appointment.case_id, appointment.order).await?;
    }
    Ok(())
}

/// A case is known from now on: what was heard before of visits that are to take place is told now. The caller has
/// locked the case.
pub(crate) async fn tell_remembered(work: &mut Work, case_id: CaseId, time: Timestamp) -> Result<(), Error> {
    for mut appointment in store::appointment::of_case(work.conn(), case_id).await? {
        let Some(word) = appointment.word() else { continue };
        let mut site = None;
        for visit in appointment.open() {
            let there = network_record::site(work.conn(), &visit.site).await?.unwrap_or_default();
            let said = Said {
                time,
                region: visit.region.to_string(),
                service: "dispatch".to_owned(),
                event: format!("{}.{}", VisitProgressed::AGGREGATE, VisitProgressed::EVENT),
                text: line(&Change::Booked, visit, Because::default(), &there),
            };
            timeline::append(work.conn(), case_id, &said.entry()).await?;
            site.get_or_insert(there);
        }
        let site = site.unwrap_or_default();
        tell(work, &appointment, &word, Because::default(), (&site, time));
        store::appointment::put(work.conn(), &appointment).await?;
    }
    Ok(())
}
