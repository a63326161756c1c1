//! Callers, cases and referrals.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use meridian_chassis::encode;
use meridian_proto::intake::v1::intake_service_client::IntakeServiceClient;
use meridian_proto::intake::v1::{
    AcceptReferralRequest, AddFactRequest, Fact, FactSource, GetCaseRequest, ItemsNeed, Need, NeedLine,
    OpenCaseRequest, OtherNeed, Priority, RecognizeCallerRequest, RepairNeed, need,
};
use meridian_proto::types::v1::LocalDateTime;

use super::{Region, request_id, show};
use crate::cli::{AcceptReferral, AddFact, OpenCase, Recognise, Urgency};
use crate::output;

pub(super) async fn recognise(region: &Region, options: Recognise) -> Result<()> {
    let request = RecognizeCallerRequest {
        phone: options.phone.unwrap_or_default(),
        email: options.email.unwrap_or_default(),
        external_id: options.external_id.unwrap_or_default(),
        country: options.country.unwrap_or_default(),
    };
    let answer = IntakeServiceClient::new(region.client()).recognize_caller(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    if answer.candidates.is_empty() {
        output::line("Nobody we know.");
    }
    for candidate in &answer.candidates {
        show::candidate(candidate);
    }
    Ok(())
}

pub(super) async fn open(region: &Region, options: OpenCase) -> Result<()> {
    let (deadline, deadline_local) = match options.need.deadline.as_deref().map(deadline).transpose()? {
        Some(Deadline::Instant(instant)) => (Some(encode::timestamp(instant)), None),
        Some(Deadline::Wall(wall)) => (None, Some(wall)),
        None => (None, None),
    };
    let kind = if let Some(serial_number) = options.need.repair {
        need::Kind::Repair(RepairNeed {
            serial_number,
            symptom: options.need.symptom.unwrap_or_default(),
            onward_site_id: options.need.onward_to.unwrap_or_default(),
            ..RepairNeed::default()
        })
    } else if let Some(category) = options.other {
        need::Kind::Other(OtherNeed { category })
    } else {
        let lines = options.need.items.into_iter();
        let lines = lines.map(|(item_id, quantity)| NeedLine { item_id, quantity, unit: String::new() });
        let deliver_to_site_id = options.need.deliver_to.unwrap_or_default();
        need::Kind::Items(ItemsNeed { lines: lines.collect(), deliver_to_site_id })
    };
    let end_use = options.need.end_use.unwrap_or_default();
    let priority = match options.urgency {
        Urgency::Critical => Priority::Critical,
        Urgency::High => Priority::High,
        Urgency::Normal => Priority::Normal,
    };
    let request = OpenCaseRequest {
        request_id: options.request_id.unwrap_or_else(request_id),
        person_id: options.person.clone(),
        need: Some(Need { kind: Some(kind), deadline, end_use }),
        deadline_local,
        priority: priority.into(),
        facts: options
            .facts
            .into_iter()
            .map(|(name, value)| caller_fact(name, value, &options.person))
            .collect(),
        office: options.office,
    };
    let answer = IntakeServiceClient::new(region.client()).open_case(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    show::case(&answer.case.context("the answer holds no case")?);
    Ok(())
}

enum Deadline {
    Instant(Timestamp),
    Wall(LocalDateTime),
}

/// An instant ("2026-12-02T12:00Z") or a wall time with its zone ("2026-12-02T12:00[Europe/Berlin]"). Whether the clocks
/// there show such a time, and only once, is for the service to say.
fn deadline(text: &str) -> Result<Deadline> {
    if let Ok(instant) = text.parse() {
        return Ok(Deadline::Instant(instant));
    }
    let (local, zone) = text
        .strip_suffix(']')
        .and_then(|text| text.split_once('['))
        .with_context(|| format!("--deadline {text:?}: neither an instant nor a wall time with its zone"))?;
    Ok(Deadline::Wall(LocalDateTime {
        local: local.to_owned(),
        zone: zone.to_owned(),
        offset: String::new(),
    }))
}

fn caller_fact(name: String, value: String, person: &str) -> Fact {
    Fact {
        name,
        value,
        source: FactSource::Caller.into(),
        stated_by: person.to_owned(),
        stated_at: None,
        verified: false,
    }
}

pub(super) async fn add_fact(region: &Region, options: AddFact) -> Result<()> {
    let source = if options.office.is_some() { FactSource::Office } else { FactSource::Caller };
    let mut client = IntakeServiceClient::new(region.client());
    let stated_by = match options.office {
        Some(office) => office,
        None => {
            let request = GetCaseRequest { case_id: options.case_id.clone() };
            let case = client.get_case(request).await?.into_inner().case.context("no case")?;
            case.person_id
        }
    };
    let fact = Fact { source: source.into(), ..caller_fact(options.name, options.value, &stated_by) };
    let request = AddFactRequest {
        request_id: request_id(),
        case_id: options.case_id,
        fact: Some(fact),
        etag: String::new(),
    };
    let answer = client.add_fact(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    show::case(&answer.case.context("the answer holds no case")?);
    Ok(())
}

pub(super) async fn show(region: &Region, case_id: &str) -> Result<()> {
    let request = GetCaseRequest { case_id: case_id.to_owned() };
    let answer = IntakeServiceClient::new(region.client()).get_case(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    show::case(&answer.case.context("the answer holds no case")?);
    Ok(())
}

pub(super) async fn accept_referral(region: &Region, options: AcceptReferral) -> Result<()> {
    let request = AcceptReferralRequest {
        request_id: request_id(),
        referral_id: options.referral_id,
        accepted_by: options.accepted_by,
    };
    let answer = IntakeServiceClient::new(region.client()).accept_referral(request).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    show::case(&answer.case.context("the answer holds no case")?);
    Ok(())
}
