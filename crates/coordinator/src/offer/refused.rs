//! What does not work, and what would have to change.

use meridian_chassis::encode;
use meridian_planner::model::{Candidate, Reason, Refusal, Relaxation, Solution};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{InstrumentModel, PartyId};

use super::orders::Obstacle;
use super::{Names, orders};

/// A refusal as callers see it.
pub(crate) fn refused(refusal: &Refusal, names: &Names, country: Option<&str>) -> pb::RefusedAlternative {
    let (kind, candidate) = candidate(&refusal.candidate, names, country);
    pb::RefusedAlternative {
        kind: kind.into(),
        candidate,
        reason: reason(&refusal.reason).to_owned(),
        witness: refusal.sentence.clone(),
        earliest: refusal.earliest_possible.map(encode::timestamp),
        relaxations: refusal.relaxations.iter().map(relaxation).collect(),
    }
}

/// A solution that the planner found and that cannot be carried out, as callers see it.
pub(crate) fn hindered(solution: &Solution, obstacle: Obstacle) -> pb::RefusedAlternative {
    let mut parties: Vec<&str> = orders::parties(solution).map(PartyId::as_str).collect();
    parties.dedup();
    let (reason, why) = match obstacle {
        Obstacle::PartsOfKit => ("PARTS_OF_KIT", "would bring parts of a kit, which only our warehouses do"),
        Obstacle::AnswerTooLate => {
            ("ANSWER_TOO_LATE", "may accept only after something else would have to leave")
        }
    };
    pb::RefusedAlternative {
        kind: pb::SolutionKind::ThirdParty.into(),
        candidate: format!("party {}", parties.join(", ")),
        reason: reason.to_owned(),
        witness: format!("{} {why}", parties.join(", ")),
        ..pb::RefusedAlternative::default()
    }
}

/// No unit is lent beside the one that the case has.
pub(crate) fn loaner_out(model: &InstrumentModel) -> pb::RefusedAlternative {
    pb::RefusedAlternative {
        kind: pb::SolutionKind::Loaner.into(),
        candidate: format!("{model} to lend"),
        reason: "LOANER_OUT".to_owned(),
        witness:
            "a unit that was lent for the case is out, or its shipment is still being called off; when it is \
                  back, say so (ConfirmReturn)"
                .to_owned(),
        ..pb::RefusedAlternative::default()
    }
}

fn relaxation(relaxation: &Relaxation) -> pb::Relaxation {
    pb::Relaxation {
        text: relaxation.sentence.clone(),
        arrival: Some(encode::timestamp(relaxation.arrival_with_it)),
        meets_deadline: relaxation.meets_deadline,
    }
}

fn candidate(candidate: &Candidate, names: &Names, country: Option<&str>) -> (pb::SolutionKind, String) {
    use pb::SolutionKind as Kind;
    match candidate {
        Candidate::Request => (Kind::Unspecified, "the request".to_owned()),
        Candidate::Item(item) => (Kind::Unspecified, format!("item {item}")),
        Candidate::Source { site } => {
            let at = names.sites.get(site).map(|facts| facts.country.as_str());
            let kind = if at.is_some() && at == country { Kind::LocalStock } else { Kind::Transfer };
            (kind, format!("stock of {}", names.site(site)))
        }
        Candidate::Substitute { item, substitute, site } => {
            (Kind::Substitute, format!("{substitute} instead of {item} from {}", names.site(site)))
        }
        Candidate::Split => (Kind::Split, "stock of several sites".to_owned()),
        Candidate::Loaner { model, site } => {
            (Kind::Loaner, format!("{model} to lend from {}", names.site(site)))
        }
        Candidate::Visit { engineer } => (Kind::EngineerVisit, format!("engineer {engineer}")),
        Candidate::Depot { site, engineer: None } => {
            (Kind::ShipToDepot, format!("depot {}", names.site(site)))
        }
        Candidate::Depot { site, engineer: Some(engineer) } => {
            (Kind::ShipToDepot, format!("depot {}, engineer {engineer}", names.site(site)))
        }
        Candidate::Receipt { site, receipt } => {
            (Kind::WaitForSupply, format!("receipt {receipt} at {}", names.site(site)))
        }
        Candidate::Kit { kit, site } => (Kind::Kit, format!("{kit} put together at {}", names.site(site))),
        Candidate::Exchange { item, site } => {
            (Kind::AdvanceExchange, format!("exchange unit {item} from {}", names.site(site)))
        }
        Candidate::Remote { engineer } => (Kind::RemoteFix, format!("engineer {engineer} from afar")),
        Candidate::ThirdParty(party) => (Kind::ThirdParty, format!("party {party}")),
        Candidate::Party(party) => (Kind::Referral, format!("party {party}")),
    }
}

const fn reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::InvalidRequest { .. } => "INVALID_REQUEST",
        Reason::UnknownSite { .. } => "UNKNOWN_SITE",
        Reason::NothingAsked => "NOTHING_ASKED",
        Reason::OutsideHorizon => "OUTSIDE_HORIZON",
        Reason::ItemNotSupported { .. } => "ITEM_NOT_SUPPORTED",
        Reason::ModelNotSupported { .. } => "MODEL_NOT_SUPPORTED",
        Reason::Excluded => "EXCLUDED",
        Reason::HoldRefused { .. } => "HOLD_REFUSED",
        Reason::NoStock { .. } => "NO_STOCK",
        Reason::Held { .. } => "HELD",
        Reason::TooFew { .. } => "TOO_FEW",
        Reason::NoTime { .. } => "NO_TIME",
        Reason::ReceiptOverdue { .. } => "RECEIPT_OVERDUE",
        Reason::SupplyAwaited { .. } => "SUPPLY_AWAITED",
        Reason::PartyLead { .. } | Reason::LeadTime { .. } => "LEAD_TIME",
        Reason::PermitPending { .. } => "PERMIT_PENDING",
        Reason::NoticeNeeded { .. } => "NOTICE_NEEDED",
        Reason::RestNeeded { .. } => "REST_NEEDED",
        Reason::PartMissing { .. } => "PART_MISSING",
        Reason::NotApproved => "NOT_APPROVED",
        Reason::NotCompatible { .. } => "NOT_COMPATIBLE",
        Reason::NotShippable => "NOT_SHIPPABLE",
        Reason::NotEquipped => "NOT_EQUIPPED",
        Reason::SkillMissing { .. } => "SKILL_MISSING",
        Reason::CertificateMissing { .. } => "CERTIFICATE_MISSING",
        Reason::CertificateExpired { .. } => "CERTIFICATE_EXPIRED",
        Reason::NoRightToWork { .. } => "NO_RIGHT_TO_WORK",
        Reason::NotFree { .. } => "NOT_FREE",
        Reason::ExportClosed { .. } => "EXPORT_CLOSED",
        Reason::EndUseUndeclared { .. } => "END_USE_UNDECLARED",
        Reason::LicenceNeeded { .. } => "LICENCE_NEEDED",
        Reason::DangerousGoods { .. } => "DANGEROUS_GOODS",
        Reason::ColdChain { .. } => "COLD_CHAIN",
        Reason::TooHeavy { .. } => "TOO_HEAVY",
        Reason::NoRoute { .. } => "NO_ROUTE",
        Reason::CutOffMissed { .. } => "CUT_OFF_MISSED",
        Reason::SiteClosed { .. } => "SITE_CLOSED",
        Reason::CustomsWait { .. } => "CUSTOMS_WAIT",
        Reason::AfterDeadline { .. } => "AFTER_DEADLINE",
        Reason::NotServed => "NOT_SERVED",
    }
}
