//! The directory: what is stored, what is replaced, and every way to get it wrong.

use meridian_proto::intake::v1 as pb;

use crate::harness::{Office, fresh, reason, refused};
use crate::requests::{company, customer, instrument, party, person};

fn put() -> pb::PutDirectoryRequest {
    pb::PutDirectoryRequest { request_id: fresh(), ..pb::PutDirectoryRequest::default() }
}

async fn violated(office: &Office, request: pb::PutDirectoryRequest) -> Vec<String> {
    let problem = refused(office.call().put_directory(request).await).unwrap_err();
    assert_eq!(problem.reason, "INVALID_REQUEST");
    problem.violations.into_iter().map(|violation| violation.field).collect()
}

#[tokio::test]
async fn what_is_put_reads_back_normalised() {
    let office = Office::empty("readback").await;
    let stored = office.call().put_directory(company()).await.unwrap().into_inner().stored;
    assert_eq!(stored, 12);
    let request = pb::GetPersonRequest { person_id: "ADA".to_owned() };
    let answer = office.call().get_person(request).await.unwrap().into_inner();
    let ada = answer.person.unwrap();
    assert_eq!(
        (ada.name.as_str(), ada.zone.as_str(), ada.language.as_str()),
        ("ADA Nobody", "Europe/Berlin", "de")
    );
    assert_eq!(
        (ada.phones, ada.emails),
        (vec!["+49305550123".to_owned()], vec!["ada@clinic.example".to_owned()])
    );
    assert_eq!(answer.customer.unwrap(), customer("CLINIC", "DE"));
    let request = pb::GetInstrumentRequest { serial_number: "SN-1".to_owned() };
    let answer = office.call().get_instrument(request).await.unwrap().into_inner();
    assert_eq!(answer.instrument.unwrap(), instrument("SN-1", "CLINIC", "BERLIN-LAB"));
    assert!(answer.open_cases.is_empty());
    let told: Vec<pb::PartyDefined> = office.told().await;
    let parties: Vec<_> = told.iter().map(|party| party.party_id.as_str()).collect();
    assert_eq!(parties, ["ANYBODY", "COOL-CO", "PLUMBERS"]);
}

#[tokio::test]
async fn a_person_who_is_put_again_is_replaced_with_all_contacts_in_order() {
    let office = Office::open("replace").await;
    let mut again = person("ADA", "CLINIC");
    again.emails =
        vec!["b@clinic.example".to_owned(), "a@clinic.example".to_owned(), "B@clinic.example".to_owned()];
    again.language = "fi".to_owned();
    office.call().put_directory(pb::PutDirectoryRequest { people: vec![again], ..put() }).await.unwrap();
    let request = pb::GetPersonRequest { person_id: "ADA".to_owned() };
    let ada = office.call().get_person(request).await.unwrap().into_inner().person.unwrap();
    assert_eq!(ada.emails, ["b@clinic.example", "a@clinic.example"], "preferred first, each once");
    assert!(ada.phones.is_empty() && ada.external_ids.is_empty());
    assert_eq!(ada.language, "fi");
}

#[tokio::test]
async fn every_mistake_of_a_request_is_named_at_once_and_nothing_is_stored() {
    let office = Office::open("mistakes").await;
    let request = pb::PutDirectoryRequest {
        customers: vec![
            pb::Customer { name: String::new(), country: "Germany".to_owned(), ..customer("A.B", "DE") },
            pb::Customer { region: "us".to_owned(), ..customer("ACME", "DE") },
        ],
        people: vec![
            pb::Person {
                phones: vec!["030 5550124".to_owned(), "call me".to_owned()],
                emails: vec!["ok@example.org".to_owned(), "x@example.org\r\nBcc: y@example.org".to_owned()],
                language: "es".to_owned(),
                zone: "Europe/Nowhere".to_owned(),
                ..person("NEW", "CLINIC")
            },
            person("NEW", "NOBODY"),
        ],
        instruments: vec![instrument("SN *", "CLINIC", "de.ber")],
        parties: vec![pb::Party {
            categories: Vec::new(),
            countries: vec!["de".to_owned()],
            accept_within_minutes: -5,
            ..party("P", "*")
        }],
        ..put()
    };
    assert_eq!(
        violated(&office, request).await,
        [
            "customers[0].customer_id",
            "customers[0].name",
            "customers[0].country",
            "customers[1].region",
            "people[0].language",
            "people[0].zone",
            "people[0].phones[1]",
            "people[0].emails[1]",
            "people[1].customer_id",
            "instruments[0].serial_number",
            "instruments[0].site_id",
            "parties[0].categories",
            "parties[0].countries[0]",
            "parties[0].accept_within_minutes",
            "people[1].person_id",
        ]
    );
    assert_eq!((office.count("person").await, office.count("customer").await), (4, 2));
}

#[tokio::test]
async fn national_numbers_are_read_in_the_country_of_the_customer() {
    let office = Office::open("national").await;
    let with_phone = |customer: &str, phone: &str| pb::Person {
        phones: vec![phone.to_owned()],
        ..person("NEW", customer)
    };
    let request = pb::PutDirectoryRequest {
        customers: vec![customer("KLINIK", "FI")],
        people: vec![with_phone("KLINIK", "09 555 0199")],
        ..put()
    };
    office.call().put_directory(request).await.unwrap();
    let phones: Vec<String> = sqlx::query_scalar("SELECT value FROM person_contact WHERE person_id = 'NEW'")
        .fetch_all(office.pool())
        .await
        .unwrap();
    assert_eq!(phones, ["+35895550199"]);
}

#[tokio::test]
async fn what_is_not_on_record_is_not_found_and_what_is_no_id_is_invalid() {
    let office = Office::open("absent").await;
    let get = |id: &str| pb::GetPersonRequest { person_id: id.to_owned() };
    assert_eq!(reason(refused(office.call().get_person(get("ZOE")).await)), "PERSON_NOT_FOUND");
    let problem = refused(office.call().get_person(get("no body")).await).unwrap_err();
    assert_eq!(problem.violations[0].field, "person_id");
    let get = |id: &str| pb::GetInstrumentRequest { serial_number: id.to_owned() };
    assert_eq!(reason(refused(office.call().get_instrument(get("SN-9")).await)), "INSTRUMENT_NOT_FOUND");
    assert_eq!(reason(refused(office.call().get_instrument(get("")).await)), "INVALID_REQUEST");
    let get = |id: &str| pb::GetCaseRequest { case_id: id.to_owned() };
    let unknown = format!("case_{}", "0".repeat(32));
    assert_eq!(reason(refused(office.call().get_case(get(&unknown)).await)), "CASE_NOT_FOUND");
    assert_eq!(reason(refused(office.call().get_case(get("case_1")).await)), "INVALID_REQUEST");
}
