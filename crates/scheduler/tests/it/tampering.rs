//! The checker finds whatever is changed in a schedule that was right.

use meridian_scheduler::{
    Allowed, Fault, Fit, Instance, Pickup, Purpose, Schedule, Shift, Visit, Window, check,
};

use crate::fixture::scheduled;

/// One shift, a depot and two visits on a line; the second takes a part that is not aboard.
fn instance() -> Instance {
    let points = [0_i32, 10, 20, 5];
    let way_s: Vec<i32> = points.iter().flat_map(|a| points.iter().map(move |b| (a - b).abs())).collect();
    let visit = |place: u32, parts: i32| Visit {
        place,
        windows: vec![Window::within(30, 60)],
        absence_cost: 1_000,
        parts: vec![parts],
        pinned: false,
    };
    Instance {
        places: points.len(),
        way_cost: vec![1; way_s.len()],
        way_s,
        shifts: vec![Shift {
            from: 0,
            to: 0,
            window_s: (0, 100),
            cost_per_s: 1,
            regular_s: (0, 40),
            overtime_cost_per_s: 2,
            fixed_cost: 7,
            aboard: vec![0],
            class: 0,
            trip: None,
        }],
        visits: vec![visit(1, 0), visit(2, 1)],
        fits: vec![Fit { allowed: Allowed::Aboard, duration_s: 4, charge: 2 }; 2],
        pickup: Some(Pickup { place: 3, window_s: (0, 100), duration_s: 1 }),
        links: vec![],
        rests: vec![],
        trip_costs: vec![],
    }
}

fn tampered(change: impl FnOnce(&mut Schedule)) -> Result<(), Fault> {
    let instance = instance();
    let mut schedule = scheduled(&instance, 1, 100);
    assert_eq!(check(&instance, &schedule), Ok(()));
    assert!(schedule.absent.is_empty());
    assert_eq!(schedule.tours[0].calls.len(), 3);
    change(&mut schedule);
    check(&instance, &schedule)
}

#[test]
fn a_visit_that_is_lost_or_done_twice_is_found() {
    let lost = tampered(|schedule| schedule.tours.clear());
    assert!(matches!(lost, Err(Fault::NotOnce { times: 0, .. })), "{lost:?}");
    let twice = tampered(|schedule| schedule.absent.push(0));
    assert_eq!(twice, Err(Fault::NotOnce { visit: 0, times: 2 }));
    let unknown = tampered(|schedule| schedule.absent.push(9));
    assert_eq!(unknown, Err(Fault::NotOnce { visit: 9, times: 0 }));
}

#[test]
fn a_shift_with_two_tours_or_none_to_do_is_found() {
    let two = tampered(|schedule| schedule.tours.push(schedule.tours[0].clone()));
    assert_eq!(two, Err(Fault::NoTour { shift: 0 }));
    let unknown = tampered(|schedule| schedule.tours[0].shift = 5);
    assert_eq!(unknown, Err(Fault::NoTour { shift: 5 }));
    let empty = tampered(|schedule| schedule.tours[0].calls.clear());
    assert_eq!(empty, Err(Fault::NoTour { shift: 0 }));
}

#[test]
fn times_that_cannot_be_are_found() {
    let call = |fault: Result<(), Fault>| match fault {
        Err(Fault::Time { call, .. }) => call,
        other => panic!("{other:?}"),
    };
    assert_eq!(call(tampered(|schedule| schedule.tours[0].start_s = -1)), 0);
    assert_eq!(call(tampered(|schedule| schedule.tours[0].calls[1].arrive_s -= 1)), 1);
    assert_eq!(call(tampered(|schedule| schedule.tours[0].calls[2].begin_s = 0)), 2);
    assert_eq!(call(tampered(|schedule| schedule.tours[0].calls[2].begin_s = 61)), 2);
    assert_eq!(call(tampered(|schedule| schedule.tours[0].calls[2].end_s -= 1)), 2);
    assert_eq!(call(tampered(|schedule| schedule.tours[0].end_s -= 1)), 3);
}

#[test]
fn a_part_that_is_not_aboard_is_found() {
    let without = tampered(|schedule| {
        let tour = &mut schedule.tours[0];
        tour.calls.retain(|call| call.purpose != Purpose::Pickup);
        // Straight to both visits, in time.
        let (mut at, mut now) = (0, tour.start_s);
        for call in &mut tour.calls {
            let place = if call.purpose == Purpose::Visit(0) { 10 } else { 20 };
            call.arrive_s = now + i32::abs(place - at);
            call.begin_s = call.arrive_s.max(30);
            call.end_s = call.begin_s + 4;
            (at, now) = (place, call.end_s);
        }
    });
    assert!(matches!(without, Err(Fault::Unfit { visit: 1, .. })), "{without:?}");
}

#[test]
fn a_visit_that_is_not_allowed_or_before_its_tools_is_found() {
    let schedule = scheduled(&instance(), 1, 100);
    for allowed in [Allowed::Never, Allowed::AfterPickup] {
        let mut instance = instance();
        instance.fits[0].allowed = allowed;
        let calls = &schedule.tours[0].calls;
        let position = |purpose| calls.iter().position(|call| call.purpose == purpose).unwrap();
        let first = position(Purpose::Visit(0)) < position(Purpose::Pickup);
        let refused = matches!(check(&instance, &schedule), Err(Fault::Unfit { visit: 0, .. }));
        assert_eq!(refused, allowed == Allowed::Never || first, "{allowed:?}");
    }
}

#[test]
fn another_cost_is_found() {
    assert!(matches!(tampered(|schedule| schedule.cost += 1), Err(Fault::Cost { .. })));
    assert!(matches!(tampered(|schedule| schedule.tours[0].cost -= 1), Err(Fault::Cost { .. })));
}
