//! Assignments as messages.

use meridian_assignment::{
    Holder, Preempted, Proof, Protection, Recipient, Resource, Shortfall, Standing, Tell, Why,
};
use meridian_chassis::encode;
use meridian_proto::coordinator::v1 as pb;
use meridian_types::{CaseId, ReceiptAt};

use crate::operations::assign_solutions::Assigned;
use crate::sharing::Engineers;

/// The answer: what each case should commit, and what would be taken from whom.
pub(crate) fn response(assigned: &Assigned) -> pb::AssignSolutionsResponse {
    let Assigned { outcome, engineers, cases, replacements } = assigned;
    let mut valid_until = None;
    let assignments = cases.iter().map(|asking| {
        let case_id = asking.case_id;
        let mut assignment = pb::Assignment { case_id: case_id.to_string(), ..pb::Assignment::default() };
        if let Some(served) = outcome.served.iter().find(|served| served.case == case_id) {
            let offers = asking.offers();
            let offer = offers[served.choice];
            valid_until = valid_until.into_iter().chain([offer.valid_until]).min();
            assignment.solution = Some(offer.solution.clone());
            let gives_way = |it: &&Preempted| it.taken.iter().any(|taken| taken.by.contains(&case_id));
            let give_way = outcome.preempted.iter().filter(gives_way);
            assignment.preempted_case_ids = give_way.map(|it| it.case.to_string()).collect();
        } else {
            let unserved = outcome.unserved.iter().filter(|unserved| unserved.case == case_id);
            let lacks = unserved.flat_map(|unserved| &unserved.lacks);
            assignment.shortages = lacks.map(|lack| shortage(lack, engineers)).collect();
            assignment.refused.clone_from(&asking.found.refused);
        }
        assignment
    });
    let assignments = assignments.collect();
    let preemptions = outcome.preempted.iter().map(|it| {
        let replaced = replacements.get(&it.case);
        preemption(
            it,
            engineers,
            replaced.map(|(plan_id, offers)| (plan_id.to_string(), offers[it.alternative].solution.clone())),
        )
    });
    pb::AssignSolutionsResponse {
        assignments,
        preemptions: preemptions.collect(),
        proven_best: outcome.proof == Proof::Optimal,
        valid_until: valid_until.map(encode::timestamp),
    }
}

fn preemption(
    preempted: &Preempted,
    engineers: &Engineers,
    replaced: Option<(String, pb::Solution)>,
) -> pb::Preemption {
    let (plan_id, replacement) = replaced.unzip();
    let taken = preempted.taken.iter().map(|taken| pb::TakenResource {
        resource: Some(resource(&taken.resource, engineers)),
        case_ids: taken.by.iter().map(CaseId::to_string).collect(),
    });
    pb::Preemption {
        case_id: preempted.case.to_string(),
        plan_id: plan_id.unwrap_or_default(),
        taken: taken.collect(),
        replacement,
        notices: preempted.tell.iter().map(notice).collect(),
    }
}

fn notice(tell: &Tell) -> pb::PreemptionNotice {
    use pb::NoticeRecipient as To;
    let (recipient, case) = match tell.recipient {
        Recipient::Customer(case) => (To::Customer, case),
        Recipient::Office(case) => (To::Office, case),
        Recipient::Requester(case) => (To::Requester, case),
    };
    let text = match tell.why {
        Why::AnotherWaySameDate => "The need is met in another way; the date stands.".to_owned(),
        Why::HoldTakenBy(case) => format!("The more urgent {case} takes what the case holds."),
        Why::ServedFrom(case) => format!("The case is served with what {case} gives up."),
    };
    pb::PreemptionNotice { recipient: recipient.into(), case_id: case.to_string(), text }
}

fn shortage(lack: &Shortfall, engineers: &Engineers) -> pb::Shortage {
    let holder = |holder: &Holder| pb::ResourceHolder {
        case_id: holder.case.to_string(),
        standing: standing(holder.standing).into(),
    };
    pb::Shortage {
        resource: Some(resource(&lack.resource, engineers)),
        units: lack.units,
        holders: lack.holders.iter().map(holder).collect(),
    }
}

const fn standing(standing: Standing) -> pb::HolderStanding {
    use pb::HolderStanding as Told;
    match standing {
        Standing::AssignedNow => Told::AssignedNow,
        Standing::Holds => Told::Holds,
        Standing::Protected(Protection::InTransit) => Told::InTransit,
        Standing::Protected(Protection::Started) => Told::Started,
        Standing::Protected(Protection::AcceptedByEngineer) => Told::AcceptedByEngineer,
        Standing::Protected(Protection::AgreedByCustomer) => Told::AgreedByCustomer,
        Standing::Protected(Protection::PreemptedBefore) => Told::PreemptedBefore,
        Standing::Protected(Protection::NoOtherWayInTime) => Told::NoOtherWayInTime,
        Standing::Protected(Protection::OutOfReach) => Told::OutOfReach,
    }
}

fn resource(resource: &Resource, engineers: &Engineers) -> pb::ScarceResource {
    let nothing = pb::ScarceResource::default();
    match resource {
        Resource::Stock { item, warehouse } => pb::ScarceResource {
            item_id: item.to_string(),
            warehouse_site_id: warehouse.to_string(),
            ..nothing
        },
        Resource::Receipt(ReceiptAt { warehouse, receipt }) => pb::ScarceResource {
            receipt_id: receipt.to_string(),
            warehouse_site_id: warehouse.to_string(),
            ..nothing
        },
        Resource::Loaner { model, warehouse } => pb::ScarceResource {
            model: model.to_string(),
            warehouse_site_id: warehouse.to_string(),
            ..nothing
        },
        Resource::Engineer { engineer } => {
            let (region, engineer_id) = engineers.who(engineer).map_or_else(
                || (String::new(), engineer.to_string()),
                |(region, own)| (region.to_string(), own.to_string()),
            );
            pb::ScarceResource { region, engineer_id, ..nothing }
        }
    }
}
