//! The best schedule of an instance as a mixed-integer programme: arcs, times and absences, by HiGHS. It shares nothing
//! with the search, and grows with the instance, where writing every schedule out does not.

use highs::{Col, HighsModelStatus, RowProblem, Sense};
use meridian_scheduler::{Allowed, Instance, Link, Rest, Visit, Window};

/// What the best schedule costs. Without pick-ups, parts and overtime.
pub(crate) fn least_cost(instance: &Instance) -> i64 {
    let mut programme = Programme::new(instance);
    for shift in 0..instance.shifts.len() {
        programme.tour(shift);
    }
    programme.visits();
    programme.trips();
    instance.links.iter().for_each(|link| programme.link(*link));
    instance.rests.iter().for_each(|rest| programme.rest(rest));
    programme.solve()
}

struct Programme<'i> {
    instance: &'i Instance,
    problem: RowProblem,
    /// No time is later, and no two are further apart.
    horizon: f64,
    visits: Vec<VisitColumns>,
    /// By shift.
    tours: Vec<TourColumns>,
}

struct VisitColumns {
    begin: Col,
    absent: Col,
    /// Where in its tour, so that no visits follow each other in a ring.
    order: Col,
}

struct TourColumns {
    used: Col,
    start: Col,
    end: Col,
    /// By visit: whether it is in this tour.
    done: Vec<Option<Col>>,
}

impl<'i> Programme<'i> {
    fn new(instance: &'i Instance) -> Self {
        let mut problem = RowProblem::new();
        let ends = instance.shifts.iter().map(|shift| shift.window_s.1);
        let closes = instance.visits.iter().flat_map(|visit| &visit.windows).map(|window| window.close_s);
        let horizon = f64::from(ends.chain(closes).max().unwrap());
        let count = number(instance.visits.len());
        let visit = |visit: &Visit| VisitColumns {
            begin: problem.add_column(0.0, bounds(visit).0..=bounds(visit).1),
            absent: problem.add_integer_column(cost(visit.absence_cost), 0.0..=1.0),
            order: problem.add_column(0.0, 0.0..=count),
        };
        let visits = instance.visits.iter().map(visit).collect();
        Self { instance, problem, horizon, visits, tours: Vec::new() }
    }

    /// Who is visited in a shift, in which order and when.
    fn tour(&mut self, shift: usize) {
        let record = &self.instance.shifts[shift];
        let (open, close) = (f64::from(record.window_s.0), f64::from(record.window_s.1));
        let rate = cost(record.cost_per_s);
        let used = self.problem.add_integer_column(cost(record.fixed_cost), 0.0..=1.0);
        let start = self.problem.add_column(-rate, open..=close);
        let end = self.problem.add_column(rate, open..=close);
        let mut tour = TourColumns { used, start, end, done: Vec::new() };
        for visit in 0..self.visits.len() {
            let fit = self.instance.fits[visit * self.instance.shifts.len() + shift];
            let may = fit.allowed != Allowed::Never;
            tour.done.push(may.then(|| self.problem.add_integer_column(cost(fit.charge), 0.0..=1.0)));
        }
        let ways = self.arcs(shift, &tour);
        // Follows from what holds for each arc; without it half an arc would take no time.
        let shifts = self.instance.shifts.len();
        let works = (0..).zip(&tour.done).filter_map(|(visit, done)| {
            Some(((*done)?, -f64::from(self.instance.fits[visit * shifts + shift].duration_s)))
        });
        self.problem.add_row(0.0.., [(end, 1.0), (start, -1.0)].into_iter().chain(ways).chain(works));
        self.tours.push(tour);
    }

    /// Each with what it takes, negative.
    fn arcs(&mut self, shift: usize, tour: &TourColumns) -> Vec<(Col, f64)> {
        let mut ways = Vec::new();
        let count = self.visits.len();
        let (mut out, mut into) = (vec![Vec::new(); count + 1], vec![Vec::new(); count + 1]);
        let there = |at: usize| at == count || tour.done[at].is_some();
        let every = (0..=count).flat_map(|from| (0..=count).map(move |to| (from, to)));
        for (from, to) in every.filter(|(from, to)| from != to && there(*from) && there(*to)) {
            if let Some((arc, way_s)) = self.arc(shift, tour, (from, to)) {
                ways.push((arc, -way_s));
                out[from].push((arc, 1.0));
                into[to].push((arc, 1.0));
            }
        }
        for at in 0..=count {
            let done = if at == count { Some(tour.used) } else { tour.done[at] };
            for arcs in [&out[at], &into[at]] {
                if let Some(done) = done {
                    self.problem.add_row(0.0..=0.0, arcs.iter().copied().chain([(done, -1.0)]));
                }
            }
        }
        ways
    }

    /// From one visit to another, unless it comes too late in any case; the number after the last visit stands for
    /// where the shift begins and ends.
    fn arc(&mut self, shift: usize, tour: &TourColumns, (from, to): (usize, usize)) -> Option<(Col, f64)> {
        let (instance, count) = (self.instance, self.visits.len());
        let record = &instance.shifts[shift];
        let place = |at: usize, border: u32| instance.visits.get(at).map_or(border, |visit| visit.place);
        let way = place(from, record.from) as usize * instance.places + place(to, record.to) as usize;
        let way_s = f64::from(instance.way_s[way]);
        let (left, takes) = match self.visits.get(from) {
            None => (tour.start, 0.0),
            Some(visit) => {
                (visit.begin, f64::from(instance.fits[from * instance.shifts.len() + shift].duration_s))
            }
        };
        let reached = self.visits.get(to).map_or(tour.end, |visit| visit.begin);
        let span = (f64::from(record.window_s.0), f64::from(record.window_s.1));
        let within = |at: usize| instance.visits.get(at).map_or(span, bounds);
        let ((earliest, latest), (opens, closes)) = (within(from), within(to));
        if earliest.max(span.0) + takes + way_s > closes.min(span.1) {
            return None;
        }
        let arc = self.problem.add_integer_column(cost(instance.way_cost[way]), 0.0..=1.0);
        // Reached no sooner than left, when the arc is taken.
        let far = (latest + takes + way_s - opens).max(0.0);
        self.problem.add_row(takes + way_s - far.., [(reached, 1.0), (left, -1.0), (arc, -far)]);
        if from < count && to < count {
            let (before, after) = (self.visits[from].order, self.visits[to].order);
            let count = number(count + 1);
            self.problem.add_row(1.0 - count.., [(after, 1.0), (before, -1.0), (arc, -count)]);
        }
        Some((arc, way_s))
    }

    /// Each is in one tour and one of its windows, or absent.
    fn visits(&mut self) {
        for (index, visit) in self.instance.visits.iter().enumerate() {
            let (begin, absent) = (self.visits[index].begin, self.visits[index].absent);
            let done = self.tours.iter().filter_map(|tour| tour.done[index]);
            let all = done.map(|done| (done, 1.0)).chain([(absent, 1.0)]);
            self.problem.add_row(1.0..=1.0, all);
            let far = self.horizon;
            let column = |window: &Window| self.problem.add_integer_column(cost(window.charge), 0.0..=1.0);
            let within: Vec<Col> = visit.windows.iter().map(column).collect();
            let one = within.iter().map(|within| (*within, 1.0)).chain([(absent, 1.0)]);
            self.problem.add_row(1.0..=1.0, one);
            let bounds = |bound: fn(&Window) -> i32| {
                let bound = |window: &Window| -f64::from(bound(window)).min(2.0 * far);
                within.iter().copied().zip(visit.windows.iter().map(bound)).collect::<Vec<_>>()
            };
            self.problem.add_row(0.0.., bounds(|window| window.open_s).into_iter().chain([(begin, 1.0)]));
            let late = [(begin, 1.0), (absent, -far)];
            self.problem.add_row(..=0.0, bounds(|window| window.close_s).into_iter().chain(late));
            let takes = self.takes(index);
            let ends = bounds(|window| window.end_s).into_iter().chain(late).chain(takes);
            self.problem.add_row(..=0.0, ends);
        }
    }

    /// How long a visit takes, in whichever tour it is.
    fn takes(&self, visit: usize) -> Vec<(Col, f64)> {
        let shifts = self.instance.shifts.len();
        let takes = |(shift, tour): (usize, &TourColumns)| {
            let takes = self.instance.fits[visit * shifts + shift].duration_s;
            Some((tour.done[visit]?, f64::from(takes)))
        };
        self.tours.iter().enumerate().filter_map(takes).collect()
    }

    fn trips(&mut self) {
        for (trip, &trip_cost) in (0..).zip(&self.instance.trip_costs) {
            let made = self.problem.add_integer_column(cost(trip_cost), 0.0..=1.0);
            for (shift, tour) in self.instance.shifts.iter().zip(&self.tours) {
                if shift.trip == Some(trip) {
                    self.problem.add_row(0.0.., [(made, 1.0), (tour.used, -1.0)]);
                }
            }
        }
    }

    fn link(&mut self, link: Link) {
        let far = self.horizon;
        let of = |visit: u32| &self.visits[visit as usize];
        match link {
            Link::After { first: before, then } => {
                let takes = self.takes(before as usize).into_iter().map(|(done, takes)| (done, -takes));
                let (first, then) = (of(before), of(then));
                self.problem.add_row(0.0.., [(then.absent, 1.0), (first.absent, -1.0)]);
                let follows = [(then.begin, 1.0), (first.begin, -1.0), (then.absent, 2.0 * far)];
                self.problem.add_row(0.0.., follows.into_iter().chain(takes));
            }
            Link::Together { visits: (one, other) } => {
                let (first, second) = (of(one), of(other));
                self.problem.add_row(0.0..=0.0, [(first.absent, 1.0), (second.absent, -1.0)]);
                for (a, b) in [(first, second), (second, first)] {
                    self.problem.add_row(0.0.., [(a.begin, 1.0), (b.begin, -1.0), (a.absent, far)]);
                }
                let rests = self.instance.rests.iter();
                let rests = rests.map(|rest| (rest.before as usize, rest.after as usize));
                let apart = rests.flat_map(|(a, b)| [(a, b), (b, a)]);
                for (a, b) in apart.chain((0..self.tours.len()).map(|shift| (shift, shift))) {
                    let done = (self.tours[a].done[one as usize], self.tours[b].done[other as usize]);
                    if let (Some(done), Some(beside)) = done {
                        self.problem.add_row(..=1.0, [(done, 1.0), (beside, 1.0)]);
                    }
                }
            }
        }
    }

    fn rest(&mut self, rest: &Rest) {
        let (before, after) = (&self.tours[rest.before as usize], &self.tours[rest.after as usize]);
        let both = [(before.used, 1.0), (after.used, 1.0)];
        let Some(least_s) = rest.least_s else {
            self.problem.add_row(..=1.0, both);
            return;
        };
        let least = f64::from(least_s);
        let far = 2.0 * self.horizon + least;
        let both = both.map(|(used, _)| (used, -far));
        let apart = [(after.start, 1.0), (before.end, -1.0)].into_iter().chain(both);
        self.problem.add_row(least - 2.0 * far.., apart);
    }

    fn solve(self) -> i64 {
        let mut model = self.problem.optimise(Sense::Minimise);
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("mip_rel_gap", 0.0);
        // Costs are whole numbers: a gap below one is none.
        model.set_option("mip_abs_gap", 0.9);
        let solved = model.solve();
        assert_eq!(solved.status(), HighsModelStatus::Optimal);
        #[expect(clippy::cast_possible_truncation, reason = "small costs")]
        let least = solved.objective_value().round() as i64;
        least
    }
}

/// When a visit can begin, in any of its windows.
fn bounds(visit: &Visit) -> (f64, f64) {
    let open_s = visit.windows.iter().map(|window| window.open_s).min().unwrap();
    let close_s = visit.windows.iter().map(|window| window.close_s).max().unwrap();
    (f64::from(open_s), f64::from(close_s))
}

#[expect(clippy::cast_precision_loss, reason = "small costs")]
fn cost(cost: i64) -> f64 {
    cost as f64
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn number(count: usize) -> f64 {
    count as f64
}
