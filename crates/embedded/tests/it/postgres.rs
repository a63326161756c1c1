use meridian_embedded::testing;
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn each_database_is_new_and_empty() {
    let (a, b) = (testing::database("same"), testing::database("same"));
    assert_ne!(a, b);
    let mut connection = PgConnection::connect(&a).await.unwrap();
    sqlx::query("CREATE TABLE marks (id int)").execute(&mut connection).await.unwrap();
}
