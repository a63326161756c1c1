//! What takes an engineer's time, as a message.

use meridian_chassis::decode;
use meridian_proto::dispatch::v1 as pb;
use meridian_scheduler::workforce::FreeBusy;
use meridian_types::{EngineerId, Violations};

use super::span;

/// Whose time is taken, and by what.
pub(crate) fn decode(
    violations: &mut Violations,
    message: pb::FreeBusyChanged,
) -> Option<(EngineerId, FreeBusy)> {
    let engineer = decode::parsed(violations, "engineer_id", &message.engineer_id);
    let busy = span::decode_all(violations, "busy", message.busy);
    let absent = span::decode_all(violations, "absent", message.absent);
    Some((engineer?, FreeBusy { busy: busy?, absent: absent? }))
}

pub(crate) fn encode(engineer: &EngineerId, taken: &FreeBusy, version: i64) -> pb::FreeBusyChanged {
    pb::FreeBusyChanged {
        engineer_id: engineer.to_string(),
        version,
        busy: span::encode_all(&taken.busy),
        absent: span::encode_all(&taken.absent),
    }
}
