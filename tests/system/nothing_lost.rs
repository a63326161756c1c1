//! Nothing is lost, whatever is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use meridian::field::{Case, Field, patiently};
use meridian::load;
use meridian_proto::coordinator::v1::{PlanState, SummariseRequest};
use meridian_proto::intake::v1::{CaseState, GetCaseRequest};
use meridian_proto::inventory::v1::AuditStockRequest;
use meridian_proto::messaging::v1::ListDeadLettersRequest;
use meridian_proto::notification::v1::{CountNoticesRequest, NoticeState};

use crate::cluster::{Cluster, Part, REGIONS};
use crate::{network, wait, workload};

const CASES: usize = 2000;
const KILLS_MIN: usize = 20;
/// What is done between a restart and the next kill: the region gets to its work again.
const PACE_STEPS: usize = 100;
/// What is done by others while a part is down: so much, or twice, three or four times that.
const OUTAGE_STEPS: usize = 5;
/// Longest pause, and longest outage, whether anything is done or not.
const PACE_MAX: Duration = Duration::from_secs(5);
const OUTAGE_MAX: Duration = Duration::from_secs(1);
const START: &str = "2026-06-01T08:00:00Z";
/// After the last fault everything must have drained within this time.
const DRAIN: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_case_reaches_its_end_once_while_processes_are_killed() {
    let mut cluster = Cluster::start(START.parse().unwrap()).await;
    let addresses = cluster.addresses();
    load::send(&network::network(CASES as i64), &load::grpc_addresses(&addresses)).await.unwrap();
    let mut field = Field::begin(&addresses, START.parse().unwrap()).await.unwrap();

    let progress = workload::Progress::default();
    let made = progress.clone();
    let work = async move {
        let cases = workload::open(&field, CASES, "lost", &made).await.unwrap();
        workload::carry_out(&mut field, &cases, &made).await.unwrap();
        (field, cases)
    };
    tokio::pin!(work);
    let mut kills = 0;
    let (field, cases) = loop {
        tokio::select! {
            done = &mut work => break done,
            () = torment(&mut cluster, &progress, kills) => kills += 1,
        }
    };
    cluster.restart_what_is_down();
    println!("{kills} kills while {CASES} cases were carried out");
    assert!(kills >= KILLS_MIN, "only {kills} kills");
    cluster.answers().await;
    assert_all_ended_once(&cluster, &field, &cases, kills).await;
}

/// Kills one part after the other, each in its turn in another region, and starts it again.
async fn torment(cluster: &mut Cluster, progress: &workload::Progress, kills: usize) {
    let part = Part::ALL[kills % 3];
    let region = REGIONS[kills / 3 % 3];
    progress.further(PACE_STEPS, PACE_MAX).await;
    tokio::task::block_in_place(|| cluster.kill(region, part));
    progress.further(OUTAGE_STEPS * (1 + kills % 4), OUTAGE_MAX).await;
    tokio::task::block_in_place(|| cluster.restart(region, part));
}

/// What has arrived in a mailbox.
struct Mails {
    /// Notices with at least one mail.
    notices: usize,
    /// Mails that came once more, word for word.
    repeated: usize,
}

impl Mails {
    fn read(folder: &Path) -> Self {
        let mut firsts = BTreeMap::new();
        let mut repeated = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with('.') {
                continue; // left by a crash in the middle of writing
            }
            let notice = name.split('.').next().unwrap().to_owned();
            let mail = std::fs::read(&path).unwrap();
            if let Some(first) = firsts.insert(notice, mail.clone()) {
                assert_eq!(first, mail, "{name} says something else than the first time");
                repeated += 1;
            }
        }
        Self { notices: firsts.len(), repeated }
    }
}

/// Every case is closed, with one set of effects and one set of notices. A crash at the moment of handing a mail over
/// may repeat that mail, unchanged: so many crashes there were.
pub(crate) async fn assert_all_ended_once(cluster: &Cluster, field: &Field, cases: &[Case], crashes: usize) {
    let ids: BTreeSet<_> = cases.iter().map(|it| &it.case_id).collect();
    assert_eq!(ids.len(), cases.len(), "a request id gave two cases");
    for case in cases {
        let region = field.region(case.home);
        let plan = region.plan_of(&case.case_id).await.unwrap();
        assert_eq!(plan.state(), PlanState::Completed, "{}", case.case_id);
    }
    wait::until("every case is closed", DRAIN, async || {
        for case in cases {
            let request = GetCaseRequest { case_id: case.case_id.clone() };
            let intake = field.region(case.home).intake();
            let found = patiently(async || intake.clone().get_case(request.clone()).await).await.unwrap();
            if found.case.unwrap_or_default().state() != CaseState::Closed {
                return false;
            }
        }
        true
    })
    .await;
    let (mut brought_in, mut delivered, mut accounted) = (0, 0, 0);
    for (name, region) in field.regions() {
        wait::until("every notice is settled", DRAIN, async || {
            let counts =
                region.notification().count_notices(CountNoticesRequest {}).await.unwrap().into_inner();
            counts.counts.iter().all(|it| it.state() != NoticeState::Pending || it.notices == 0)
        })
        .await;
        let notices = region.notification().count_notices(CountNoticesRequest {}).await.unwrap().into_inner();
        assert_eq!(notices.duplicates, 0, "{name}");
        let sent =
            notices.counts.iter().find(|it| it.state() == NoticeState::Sent).map_or(0, |it| it.notices);
        let mails = Mails::read(&cluster.mails(name.as_str()));
        assert_eq!(mails.notices as i64, sent, "{name}: one mail per notice");
        assert!(mails.repeated <= crashes, "{name}: {} mails were sent again", mails.repeated);
        let audit = region.inventory().audit_stock(AuditStockRequest {}).await.unwrap().into_inner();
        assert_eq!(audit.mismatches, [], "{name}");
        brought_in += audit.brought_in;
        delivered += audit.delivered;
        accounted +=
            audit.on_hand + audit.in_transit + audit.delivered + audit.written_off + audit.handed_over;
        let sums = region.coordinator().summarise(SummariseRequest {}).await.unwrap().into_inner();
        assert_eq!(sums.plans_without_responsibility, 0, "{name}");
        let letters = region.event_log().list_dead_letters(ListDeadLettersRequest::default()).await.unwrap();
        assert_eq!(letters.into_inner().dead_letters, [], "{name}");
    }
    assert_eq!(delivered, cases.len() as i64, "each case got its unit, once");
    assert_eq!(brought_in, accounted, "units are conserved");
}
