//! Plans that lose the same thing at the same moment.

use meridian_proto::coordinator::v1::{CommitOutcome, Plan, PlanState, SolutionKind};
use meridian_proto::intake::v1::Priority;
use meridian_proto::inventory::v1::Milestone;

use crate::company::CUSTOMER;
use crate::harness::{World, until};
use crate::requests::items_need;

/// Lets no search begin, so that those that are asked for wait together.
const KEEP_WAITING: [&str; 2] = [
    "CREATE FUNCTION keep_waiting() RETURNS trigger LANGUAGE plpgsql
         AS 'BEGIN NEW.leased_until := ''infinity''; RETURN NEW; END'",
    "CREATE TRIGGER keep_waiting BEFORE INSERT ON search_job FOR EACH ROW EXECUTE FUNCTION keep_waiting()",
];
const LET_GO: [&str; 2] =
    ["DROP TRIGGER keep_waiting ON search_job", "UPDATE search_job SET leased_until = '-infinity'"];

async fn execute(world: &World, statements: [&'static str; 2]) {
    for statement in statements {
        sqlx::query(statement).execute(world.eu.journal.pool()).await.unwrap();
    }
}

fn source(plan: &Plan) -> &str {
    let claim = &plan.solution.as_ref().unwrap().stock_claims[0];
    &claim.line.as_ref().unwrap().warehouse_site_id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_goes_to_the_most_urgent_and_the_others_get_their_next_best_at_once() {
    let world = World::with_network("shared").await;
    world.stock_in_chicago("PUMP", 5).await;
    world.eu.stock("FI-HEL", "PUMP", 3).await;
    // The least urgent stands first in every queue.
    let mut cases = Vec::new();
    for priority in [Priority::Normal, Priority::High, Priority::Critical] {
        let case_id = world.eu.open_case_of(items_need("PUMP", 1, CUSTOMER), priority).await;
        let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
        let answer = world.eu.commit(&case_id, &solution).await.unwrap();
        assert_eq!(answer.outcome(), CommitOutcome::Committed);
        assert_eq!(source(answer.plan.as_ref().unwrap()), "FI-HEL");
        cases.push((case_id.clone(), world.ordered(&case_id).await));
    }
    // Near the customer there is one by now; on the shelf in Helsinki there is nothing.
    world.eu.stock("DE-FRA", "PUMP", 1).await;
    execute(&world, KEEP_WAITING).await;
    for (_, transfer) in &cases {
        world.happens(transfer, Milestone::PickFailed).await;
    }
    until("three searches", async || {
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM search_job")
            .fetch_one(world.eu.journal.pool())
            .await
            .unwrap();
        (waiting == 3).then_some(())
    })
    .await;
    execute(&world, LET_GO).await;

    let mut sources = Vec::new();
    for (case_id, _) in &cases {
        let again = |plan: &Plan| plan.revision > 1 && plan.state() == PlanState::Executing;
        let plan = world.eu.plan_when(case_id, "another way", again).await;
        assert_eq!(plan.revision, 2, "nobody tried what another one was given");
        sources.push(source(&plan).to_owned());
    }
    assert_eq!(sources, ["US-CHI", "US-CHI", "DE-FRA"]);
}
