//! Which solutions several cases should commit.

use meridian_proto::coordinator::v1::{
    self as pb, CommitOutcome, HolderStanding, NoticeRecipient, SiteKind, SolutionKind,
};
use meridian_proto::intake::v1::{Priority, Resolution};
use meridian_proto::inventory::v1::PutCatalogueRequest;
use meridian_types::{Problem, ProblemKind};

use crate::company::CUSTOMER;
use crate::harness::{World, answered};
use crate::requests::{item, items_need, lane, request_id, site};

impl World {
    async fn assign(&self, case_ids: &[&str]) -> Result<pb::AssignSolutionsResponse, Problem> {
        let case_ids = case_ids.iter().map(ToString::to_string).collect();
        let request = pb::AssignSolutionsRequest { case_ids };
        answered(self.eu.coordinator().assign_solutions(request)).await
    }

    async fn pump_case_at(&self, place: &str, priority: Priority) -> String {
        self.eu.open_case_of(items_need("PUMP", 1, place), priority).await
    }

    /// How many decisions about a case are kept.
    async fn decisions_about(&self, case_id: &str) -> i64 {
        let case_id: meridian_types::CaseId = case_id.parse().unwrap();
        let count = sqlx::query_scalar("SELECT count(*) FROM decision WHERE case_id = $1");
        count.bind(case_id.uuid()).fetch_one(self.eu.journal.pool()).await.unwrap()
    }

    /// Another customer's site, which only Helsinki supplies.
    async fn with_munich(&self) {
        let request = pb::PutNetworkRequest {
            request_id: request_id(),
            sites: vec![site("DE-MUC", SiteKind::Customer, "DE", "Europe/Berlin")],
            lanes: vec![lane("FI-HEL", "DE-MUC", 600, 9_000)],
            ..pb::PutNetworkRequest::default()
        };
        answered(self.eu.coordinator().put_network(request)).await.unwrap();
    }

    /// A case that has the only unit in Helsinki.
    async fn holder_in_helsinki(&self, priority: Priority) -> String {
        self.eu.stock("FI-HEL", "PUMP", 1).await;
        let case_id = self.pump_case_at(CUSTOMER, priority).await;
        let solution = self.eu.best(&case_id, SolutionKind::Transfer).await;
        let answer = self.eu.commit(&case_id, &solution).await.unwrap();
        assert_eq!(answer.outcome(), CommitOutcome::Committed);
        self.ordered(&case_id).await;
        self.eu.knows_stock("FI-HEL", "PUMP", 0).await;
        case_id
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_case_is_offered_what_it_should_commit_and_can_commit_it() {
    let world = World::with_network("assigned").await;
    world.stock_in_chicago("PUMP", 1).await;
    world.eu.stock("FI-HEL", "PUMP", 1).await;
    let normal = world.pump_case_at(CUSTOMER, Priority::Normal).await;
    let critical = world.pump_case_at(CUSTOMER, Priority::Critical).await;
    let high = world.pump_case_at(CUSTOMER, Priority::High).await;
    let answer = world.assign(&[&normal, &critical, &high]).await.unwrap();
    assert!(answer.proven_best && answer.valid_until.is_some() && answer.preemptions.is_empty());
    let [left, first, second] = answer.assignments.as_slice() else { panic!("{answer:#?}") };
    assert_eq!([&left.case_id, &first.case_id, &second.case_id], [&normal, &critical, &high]);
    for (assigned, warehouse) in [(first, "FI-HEL"), (second, "US-CHI")] {
        let solution = assigned.solution.as_ref().unwrap();
        let claimed = &solution.stock_claims[0].line.as_ref().unwrap().warehouse_site_id;
        assert_eq!(claimed, warehouse);
        let committed = world.eu.commit(&assigned.case_id, solution).await.unwrap();
        assert_eq!(committed.outcome(), CommitOutcome::Committed);
    }
    assert_eq!(left.solution, None);
    let [shortage] = left.shortages.as_slice() else { panic!("{left:#?}") };
    let resource = shortage.resource.as_ref().unwrap();
    assert_eq!((&*resource.item_id, shortage.units), ("PUMP", 1));
    let holder = &shortage.holders[0];
    assert!([&critical, &high].contains(&&holder.case_id));
    assert_eq!(holder.standing(), HolderStanding::AssignedNow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_less_urgent_case_that_keeps_its_date_otherwise_is_named_with_its_replacement_and_who_is_told() {
    let world = World::with_network("preempted").await;
    world.with_munich().await;
    let holder = world.holder_in_helsinki(Priority::Normal).await;
    let plan_id = world.eu.plan(&holder).await.plan_id;
    let urgent = world.pump_case_at("DE-MUC", Priority::Critical).await;

    // As long as the other case has no other way, nothing may be taken from it.
    let answer = world.assign(&[&urgent]).await.unwrap();
    assert!(answer.preemptions.is_empty());
    let shortage = &answer.assignments[0].shortages[0];
    assert_eq!((shortage.units, &*shortage.resource.as_ref().unwrap().warehouse_site_id), (1, "FI-HEL"));
    let standing = (shortage.holders[0].case_id.as_str(), shortage.holders[0].standing());
    assert_eq!(standing, (&*holder, HolderStanding::NoOtherWayInTime));

    world.eu.stock("DE-FRA", "PUMP", 1).await;
    let equal = world.pump_case_at("DE-MUC", Priority::Normal).await;
    let refused = world.assign(&[&equal]).await.unwrap();
    assert!(refused.preemptions.is_empty() && refused.assignments[0].solution.is_none());
    assert_eq!(refused.assignments[0].shortages[0].holders[0].standing(), HolderStanding::Holds);

    let decided = world.decisions_about(&holder).await;
    let answer = world.assign(&[&urgent]).await.unwrap();
    assert_eq!(world.decisions_about(&holder).await, decided, "nobody asked about it");
    let assigned = &answer.assignments[0];
    assert_eq!(assigned.preempted_case_ids.join(" "), holder);
    let [preemption] = answer.preemptions.as_slice() else { panic!("{answer:#?}") };
    assert_eq!((&preemption.case_id, &preemption.plan_id), (&holder, &plan_id));
    assert_eq!(preemption.taken[0].case_ids.join(" "), urgent);
    let told: Vec<_> = preemption.notices.iter().map(|it| (it.recipient(), &it.case_id)).collect();
    assert_eq!(
        told,
        [
            (NoticeRecipient::Customer, &holder),
            (NoticeRecipient::Office, &holder),
            (NoticeRecipient::Requester, &urgent),
        ]
    );
    assert_eq!(world.eu.plan(&holder).await.plan_id, plan_id, "nothing is taken by asking");

    // What the office does with the answer.
    let withdraw = pb::WithdrawPlanRequest {
        request_id: request_id(),
        plan_id,
        reason: "a more urgent case".to_owned(),
    };
    answered(world.eu.coordinator().withdraw_plan(withdraw)).await.unwrap();
    let replacement = preemption.replacement.as_ref().unwrap();
    assert_eq!(replacement.kind(), SolutionKind::LocalStock);
    for (case_id, solution) in [(&holder, replacement), (&urgent, assigned.solution.as_ref().unwrap())] {
        let committed = world.eu.commit(case_id, solution).await.unwrap();
        assert_eq!(committed.outcome(), CommitOutcome::Committed, "{committed:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_assigned_is_refused_by_field_or_by_case() {
    let world = World::with_network("unassigned").await;
    let items = vec![item("PUMP")];
    let catalogue = PutCatalogueRequest { request_id: request_id(), items, ..PutCatalogueRequest::default() };
    answered(world.eu.inventory().put_catalogue(catalogue)).await.unwrap();
    let open = world.pump_case_at(CUSTOMER, Priority::Normal).await;
    let many: Vec<&str> = vec![&open; 65];
    for (case_ids, field) in [
        (&[][..], "case_ids"),
        (&many[..], "case_ids"),
        (&[&*open, "case_1"], "case_ids[1]"),
        (&[&*open, &*open], "case_ids[1]"),
    ] {
        let refused = world.assign(case_ids).await.unwrap_err();
        assert_eq!(refused.kind, ProblemKind::Invalid);
        let violation = &refused.violations[0];
        assert_eq!(violation.field, field);
        assert!(!violation.value.is_empty() && !violation.rule.is_empty(), "{violation:?}");
    }
    let stranger = format!("case_{}", "0".repeat(32));
    let refused = world.assign(&[&open, &stranger]).await.unwrap_err();
    assert_eq!((refused.kind, &*refused.reason), (ProblemKind::NotFound, "CASE_NOT_FOUND"));
    assert!(refused.metadata.values().any(|value| *value == stranger), "{refused:?}");

    let closed = world.pump_case_at(CUSTOMER, Priority::Normal).await;
    world.eu.close_case(&closed, Resolution::Solved).await;
    let refused = world.assign(&[&open, &closed]).await.unwrap_err();
    assert_eq!((&*refused.reason, &refused.metadata["case_id"]), ("CASE_CLOSED", &closed));

    let planned = world.holder_in_helsinki(Priority::Normal).await;
    let refused = world.assign(&[&open, &planned]).await.unwrap_err();
    assert_eq!((&*refused.reason, &refused.metadata["case_id"]), ("PLAN_EXISTS", &planned));
}
