//! What is personal or free text never gets into an event.

use meridian_proto::intake::v1 as pb;

use crate::harness::{Office, fresh};
use crate::requests::{accept, close, decline, fact, open, other, person, refer, repair};

/// Strings that occur nowhere else.
const CANARIES: [&str; 8] = [
    "Quetzalcoatl",
    "+49305559876",
    "zzyzx@canary.example",
    "CRM-XYLOPHONE",
    "behind the gooseberries",
    "because of the ptarmigan",
    "out of marzipan",
    "Tuesday-by-the-lighthouse",
];

#[tokio::test]
async fn names_addresses_and_free_text_never_leave_the_region() {
    let office = Office::open("canaries").await;
    let [name, phone, email, external_id, door, why_refer, why_decline, hint] = CANARIES.map(str::to_owned);
    let canary = pb::Person {
        name,
        phones: vec![phone],
        emails: vec![email],
        external_ids: vec![external_id],
        ..person("CANARY", "CLINIC")
    };
    let put = pb::PutDirectoryRequest { request_id: fresh(), people: vec![canary], ..Default::default() };
    office.call().put_directory(put).await.unwrap();
    let by_canary = |need: pb::Need| pb::OpenCaseRequest { person_id: "CANARY".to_owned(), ..open(need) };
    let mut request = by_canary(repair("SN-1"));
    request.facts =
        vec![fact("symptom", "leak", pb::FactSource::Caller), fact("door", &door, pb::FactSource::Caller)];
    let case = office.opened(request).await;
    office.stated(&case.case_id, "contact_hint", &hint).await.unwrap();
    office.call().close_case(close(&case.case_id, pb::Resolution::Solved)).await.unwrap();

    let case = office.opened(by_canary(other("refrigeration"))).await;
    let referral = async |party: &str| {
        let request = pb::ReferCaseRequest { reason: why_refer.clone(), ..refer(&case.case_id, party) };
        let case = office.call().refer_case(request).await.unwrap().into_inner().case.unwrap();
        case.referral.unwrap().referral_id
    };
    let no =
        pb::DeclineReferralRequest { reason: why_decline.clone(), ..decline(&referral("COOL-CO").await) };
    office.call().decline_referral(no).await.unwrap();
    office.call().accept_referral(accept(&referral("ANYBODY").await)).await.unwrap();

    let outbox: Vec<String> =
        sqlx::query_scalar("SELECT outbox::text FROM outbox").fetch_all(office.pool()).await.unwrap();
    assert!(outbox.len() > 8, "{} events", outbox.len());
    for canary in CANARIES {
        let leaks: Vec<_> = outbox.iter().filter(|row| row.contains(canary)).collect();
        assert!(leaks.is_empty(), "{canary}: {leaks:?}");
    }
    // The canaries are alive: they are where they belong.
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM case_fact WHERE value = ANY($1)")
        .bind(CANARIES.as_slice())
        .fetch_one(office.pool())
        .await
        .unwrap();
    assert_eq!(kept, 2);
    assert_eq!(office.case(&case.case_id).await.person_id, "CANARY");
}
