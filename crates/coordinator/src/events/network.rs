//! Records of the network that other regions announce.

use async_trait::async_trait;
use meridian_messaging::{Event, Handler, Work};
use meridian_proto::coordinator::v1 as pb;
use meridian_types::Problem;

use crate::operations::put_network::learn_record;

/// Listens to the coordinator of another region.
pub(crate) struct NetworkEvents;

#[async_trait]
impl Handler for NetworkEvents {
    async fn handle(&self, work: &mut Work, event: &Event) -> Result<(), Problem> {
        macro_rules! learn {
            ($($defined:ident.$field:ident,)+) => {
                $(if event.is::<pb::$defined>() {
                    let record = event.decode::<pb::$defined>()?.$field.unwrap_or_default();
                    return Ok(learn_record(work, &event.source.region, &record).await?);
                })+
            };
        }
        learn! {
            SiteDefined.site,
            CalendarDefined.calendar,
            PublicCalendarDefined.public_calendar,
            LaneDefined.lane,
            CustomsRuleDefined.customs_rule,
            GateDefined.gate,
        }
        Ok(())
    }

    fn concerns(&self, event: &Event) -> bool {
        event.is::<pb::SiteDefined>()
            || event.is::<pb::CalendarDefined>()
            || event.is::<pb::PublicCalendarDefined>()
            || event.is::<pb::LaneDefined>()
            || event.is::<pb::CustomsRuleDefined>()
            || event.is::<pb::GateDefined>()
    }
}
