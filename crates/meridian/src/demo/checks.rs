//! What must hold after the stories, asked of every region.

use anyhow::Result;
use meridian_proto::coordinator::v1::{PromiseState, SummariseRequest};
use meridian_proto::dispatch::v1::AuditVisitsRequest;
use meridian_proto::intake::v1::{CaseState, ListCasesRequest};
use meridian_proto::inventory::v1::{AuditStockRequest, AuditStockResponse};
use meridian_proto::messaging::v1::ListDeadLettersRequest;
use meridian_proto::notification::v1::{CountNoticesRequest, NoticeState};

use crate::field::Field;
use crate::output::line;
use crate::world::World;

/// Prints every check and says whether all hold.
pub(super) async fn run(world: &World, field: &Field) -> Result<bool> {
    let mut list = Checks { all_hold: true };
    let mut units = AuditStockResponse::default();
    for (name, region) in field.regions() {
        let audit = region.inventory().audit_stock(AuditStockRequest {}).await?.into_inner();
        list.check(
            &format!("{name}: counters agree with the ledger and the holds"),
            audit.mismatches.is_empty(),
        );
        add(&mut units, &audit);

        let visits = region.dispatch().audit_visits(AuditVisitsRequest {}).await?.into_inner();
        list.check(&format!("{name}: nobody is booked twice"), visits.overlapping_pairs == 0);

        let notices = region.notification().count_notices(CountNoticesRequest {}).await?.into_inner();
        let failed =
            |state: NoticeState| notices.counts.iter().any(|it| it.state() == state && it.notices > 0);
        let sent: i64 =
            notices.counts.iter().filter(|it| it.state() == NoticeState::Sent).map(|it| it.notices).sum();
        let mails = world.mails(name)?;
        list.check(
            &format!("{name}: each of {sent} notices was sent once ({mails} mails), and none is stuck"),
            mails == sent && !failed(NoticeState::Failed) && !failed(NoticeState::Pending),
        );

        let plans = region.coordinator().summarise(SummariseRequest {}).await?.into_inner();
        list.check(
            &format!("{name}: no plan without owner, next action and due time"),
            plans.plans_without_responsibility == 0,
        );
        let kept = plans.promises.iter().all(|it| it.state() != PromiseState::Broken || it.promises == 0);
        list.check(&format!("{name}: every date told was kept, or corrected before it passed"), kept);

        let request = ListCasesRequest { page_size: 200, ..ListCasesRequest::default() };
        let cases = region.intake().list_cases(request).await?.into_inner().cases;
        let owned = cases.iter().filter(|it| it.state() != CaseState::Closed).all(|it| {
            it.responsibility.as_ref().is_some_and(|next| {
                !next.owner.is_empty() && !next.next_action.is_empty() && next.due.is_some()
            })
        });
        list.check(&format!("{name}: no open case without owner, next action and due time"), owned);

        let letters =
            region.event_log().list_dead_letters(ListDeadLettersRequest::default()).await?.into_inner();
        list.check(&format!("{name}: no event was put aside"), letters.dead_letters.is_empty());
    }
    let accounted =
        units.on_hand + units.in_transit + units.delivered + units.written_off + units.handed_over;
    list.check(
        &format!(
            "units are conserved: {} came in = {} on shelves + {} on the way + {} delivered + {} written off + {} handed over",
            units.brought_in, units.on_hand, units.in_transit, units.delivered, units.written_off, units.handed_over
        ),
        units.brought_in == accounted,
    );
    line(if list.all_hold { "\nAll checks hold." } else { "\nA check does not hold." });
    Ok(list.all_hold)
}

fn add(sum: &mut AuditStockResponse, one: &AuditStockResponse) {
    sum.on_hand += one.on_hand;
    sum.in_transit += one.in_transit;
    sum.brought_in += one.brought_in;
    sum.delivered += one.delivered;
    sum.written_off += one.written_off;
    sum.handed_over += one.handed_over;
}

struct Checks {
    all_hold: bool,
}

impl Checks {
    fn check(&mut self, what: &str, holds: bool) {
        line(format!("  {} {what}", if holds { "ok  " } else { "FAIL" }));
        self.all_hold &= holds;
    }
}
