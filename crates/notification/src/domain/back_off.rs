//! When a notice that could not be handed over is tried again.

use std::time::Duration;

/// A longer wish of the receiver is cut to this.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause after the `attempt`-th try (from 1): as listed, up to a fifth longer by `jitter` (0 to 1), and no shorter
/// than the receiver asked for. `None` when the list is used up.
pub(crate) fn pause(
    pauses: &[Duration],
    attempt: i32,
    retry_after: Option<Duration>,
    jitter: f64,
) -> Option<Duration> {
    let index = usize::try_from(attempt - 1).unwrap_or_default();
    let listed = pauses.get(index)?.mul_f64(1.0 + jitter / 5.0);
    Some(listed.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_follow_the_list_and_end_with_it() {
        let pauses = [Duration::from_secs(5), Duration::from_secs(30)];
        assert_eq!(pause(&pauses, 1, None, 0.0), Some(Duration::from_secs(5)));
        assert_eq!(pause(&pauses, 2, None, 1.0), Some(Duration::from_secs(36)));
        assert_eq!(pause(&pauses, 3, None, 0.0), None);
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_up_to_a_day() {
        let pauses = [Duration::from_secs(5)];
        let asked = |seconds| pause(&pauses, 1, Some(Duration::from_secs(seconds)), 0.0);
        assert_eq!(asked(1), Some(Duration::from_secs(5)));
        assert_eq!(asked(60), Some(Duration::from_secs(60)));
        assert_eq!(asked(99_999_999), Some(RETRY_AFTER_MAX));
    }
}
