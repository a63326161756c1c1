//! What the database itself refuses.

use meridian_proto::coordinator::v1::SolutionKind;

use crate::harness::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_plan_without_owner_next_action_or_due_time_cannot_be_stored() {
    let world = World::with_network("deadend").await;
    world.stock_in_chicago("PUMP", 1).await;
    let case_id = world.eu.open_pump_case(1).await;
    let solution = world.eu.best(&case_id, SolutionKind::Transfer).await;
    world.eu.commit(&case_id, &solution).await.unwrap();
    world.ordered(&case_id).await;
    let pool = world.eu.journal.pool();
    for broken in [
        "UPDATE plan SET owner = NULL",
        "UPDATE plan SET next_action = NULL",
        "UPDATE plan SET due_at = NULL",
        "UPDATE plan SET owner = ''",
        "UPDATE plan SET state = 'completed'",
        "UPDATE plan SET state = 'parked'",
    ] {
        let refused = sqlx::query(broken).execute(pool).await.unwrap_err();
        let constraint =
            refused.as_database_error().and_then(|error| error.constraint().map(ToOwned::to_owned));
        assert!(constraint.is_some_and(|name| name.starts_with("plan_")), "{broken}: {refused}");
    }
    let second =
        "INSERT INTO plan SELECT gen_random_uuid(), case_id, state, revision, owner, next_action, due_at,
                                         parked_at, opened_at, committed_at, version, body FROM plan";
    let refused = sqlx::query(second).execute(pool).await.unwrap_err();
    let constraint = refused.as_database_error().and_then(|error| error.constraint().map(ToOwned::to_owned));
    assert_eq!(constraint.as_deref(), Some("plan_one_open_of_case"));
}
