//! A workload as the dense numbers of an instance.

mod allowed;
mod clock;
mod shifts;
mod standing;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use meridian_types::{EngineerId, Interval, Money, SiteId, VisitId};

pub(super) use self::allowed::obstacle;
use self::allowed::{Table, kept_in};
pub(super) use self::clock::Clock;
pub(super) use self::shifts::ShiftOf;
pub(super) use self::standing::Standing;
use super::error::{WorkloadError, rule};
use super::model::{Appointment, Assignee, Charges, Crew, Engineers, Site, WorkOrder, Workload};
use super::validate::{PLACES_MAX, validate};
use crate::instance::{Instance, Link, Pickup, Shift, Start, Visit, Window};
use crate::workforce::Zone;

/// Costs are counted in so many parts of a minor unit, so that a second costs a whole number of them.
pub(super) const UNITS_PER_MINOR: i64 = 3600;
/// Most pairs of a visit and a shift.
const PAIRS_MAX: usize = 20_000_000;

/// A workload as dense numbers, and what they stand for.
pub(super) struct Compiled<'w> {
    pub(super) workload: &'w Workload,
    pub(super) instance: Instance,
    /// By shift.
    pub(super) shifts: Vec<ShiftOf>,
    /// By visit: which order, and which of its engineers.
    pub(super) visits: Vec<(usize, usize)>,
    /// By order: its first visit.
    pub(super) first_visit: Vec<u32>,
    /// What was published of it, as far as it lies in shifts.
    pub(super) start: Vec<Start>,
    pub(super) orders: BTreeMap<VisitId, usize>,
    /// By order: what is left of what was published.
    pub(super) standings: Vec<Standing<'w>>,
    crews: BTreeMap<&'w EngineerId, usize>,
    pub(super) places: Places<'w>,
    pub(super) clock: Clock,
}

/// Sites that anything happens at, by number.
pub(super) struct Places<'w> {
    pub(super) sites: Vec<&'w Site>,
    pub(super) by_id: BTreeMap<&'w SiteId, u32>,
}

impl<'w> Places<'w> {
    /// # Errors
    /// There are too many.
    fn of(workload: &'w Workload) -> Result<Self, WorkloadError> {
        let crews = workload.engineers.iter().flat_map(|crew| {
            let lodgings = crew.trips.iter().map(|trip| &trip.lodging);
            lodgings.chain([&crew.engineer.home_site])
        });
        let orders = workload.orders.iter().map(|order| &order.site);
        let pickup = workload.pickup.iter().map(|pickup| &pickup.site);
        let used: BTreeSet<&SiteId> = crews.chain(orders).chain(pickup).collect();
        let count = used.len();
        rule(count <= PLACES_MAX, || "sites".into(), count, "at most 4000 that are used")?;
        let sites: Vec<&Site> = workload.sites.iter().filter(|site| used.contains(&site.id)).collect();
        let by_id = (0..).zip(&sites).map(|(number, site)| (&site.id, number)).collect();
        Ok(Self { sites, by_id })
    }

    pub(super) fn number(&self, site: &SiteId) -> u32 {
        self.by_id.get(site).copied().unwrap_or(0)
    }

    /// Seconds and cost of all ways, row by row.
    fn ways(&self, workload: &Workload) -> Result<(Vec<i32>, Vec<i64>), WorkloadError> {
        let mut seconds = Vec::with_capacity(self.sites.len().pow(2));
        let mut costs = Vec::with_capacity(self.sites.len().pow(2));
        for from in &self.sites {
            for to in &self.sites {
                let way = workload.ways.between(from, to);
                let no_way = || WorkloadError::NoWay { from: from.id.clone(), to: to.id.clone() };
                let (minutes, cost) = way.ok_or_else(no_way)?;
                seconds.push(minutes * 60);
                costs.push(cost * UNITS_PER_MINOR);
            }
        }
        Ok((seconds, costs))
    }
}

impl<'w> Compiled<'w> {
    /// # Errors
    /// The first rule that the workload breaks, or the sites between which there is no way.
    pub(super) fn of(workload: &'w Workload) -> Result<Self, WorkloadError> {
        validate(workload)?;
        Self::of_valid(workload)
    }

    /// Of a workload that keeps every rule, or a part of one: whom it does not know nobody waits for.
    ///
    /// # Errors
    /// The sites between which there is no way, or what is too much.
    pub(super) fn of_valid(workload: &'w Workload) -> Result<Self, WorkloadError> {
        let places = Places::of(workload)?;
        let (way_s, way_cost) = places.ways(workload)?;
        let orders: BTreeMap<VisitId, usize> =
            workload.orders.iter().enumerate().map(|(index, order)| (order.id, index)).collect();
        let crews =
            workload.engineers.iter().enumerate().map(|(index, crew)| (&crew.engineer.id, index)).collect();
        let standings = standing::standings(workload, &crews, &orders, &places);
        let clock = Clock(workload.horizon.start());
        let (shifts, rests) = shifts::shifts(workload, &standings, &places);
        let pairs = shifts.len() * workload.orders.iter().map(engineers_of).sum::<usize>();
        rule(pairs <= PAIRS_MAX, || "orders times shifts".into(), pairs, "at most 20000000")?;
        let trip_costs = workload.engineers.iter().flat_map(|crew| &crew.trips);
        let mut compiled = Self {
            workload,
            instance: Instance {
                places: places.sites.len(),
                way_s,
                way_cost,
                shifts: Vec::new(),
                visits: Vec::new(),
                fits: Vec::with_capacity(pairs),
                pickup: None,
                links: Vec::new(),
                rests,
                trip_costs: trip_costs.map(|trip| trip.cost.minor() * UNITS_PER_MINOR).collect(),
            },
            shifts,
            visits: Vec::new(),
            first_visit: Vec::new(),
            start: Vec::new(),
            orders,
            standings,
            crews,
            places,
            clock,
        };
        compiled.instance.shifts = compiled.shifts.iter().map(|shift| compiled.shift(shift)).collect();
        compiled.instance.pickup = compiled.pickup();
        compiled.visits();
        compiled.links();
        compiled.start = compiled.published_tours()?;
        compiled.classes();
        Ok(compiled)
    }

    pub(super) fn order(&self, visit: u32) -> &'w WorkOrder {
        &self.workload.orders[self.visits[visit as usize].0]
    }

    /// The visits that an order takes.
    pub(super) fn visits_of(&self, order: usize) -> std::ops::Range<u32> {
        let first = self.first_visit[order];
        first..first + number(engineers_of(&self.workload.orders[order]))
    }

    pub(super) fn crew(&self, engineer: &EngineerId) -> Option<&'w Crew> {
        self.crews.get(engineer).map(|crew| &self.workload.engineers[*crew])
    }

    /// By whose clocks the day of an appointment counts: those of the first engineer.
    fn zone_of(&self, appointment: &Appointment) -> Option<&'w Zone> {
        let crew = appointment.assignees.first().and_then(|first| self.crew(&first.engineer));
        crew.map(|crew| &crew.engineer.calendar.zone)
    }

    fn shift(&self, shift: &ShiftOf) -> Shift {
        let crew = &self.workload.engineers[shift.crew];
        let engineer = &crew.engineer;
        let base = shift.trip.map_or(&engineer.home_site, |trip| &crew.trips[trip].lodging);
        let trips_before =
            self.workload.engineers[..shift.crew].iter().map(|crew| crew.trips.len()).sum::<usize>();
        let seconds =
            |during: Interval| (self.clock.ceil_s(during.start()), self.clock.floor_s(during.end()));
        let window_s = seconds(shift.during);
        let hourly = engineer.hourly_cost.minor();
        Shift {
            from: self.places.number(base),
            to: self.places.number(base),
            window_s,
            cost_per_s: hourly,
            regular_s: shift.regular.map_or((window_s.0, window_s.0), seconds),
            overtime_cost_per_s: engineer.overtime_cost.minor() - hourly,
            fixed_cost: 0,
            aboard: Vec::new(),
            class: 0,
            trip: shift.trip.map(|trip| number(trips_before + trip)),
        }
    }

    fn pickup(&self) -> Option<Pickup> {
        let pickup = self.workload.pickup.as_ref()?;
        let window_s = (0, self.clock.floor_s(self.workload.horizon.end()));
        Some(Pickup { place: self.places.number(&pickup.site), window_s, duration_s: pickup.minutes * 60 })
    }

    fn visits(&mut self) {
        let mut table = Table::new();
        for (index, order) in self.workload.orders.iter().enumerate() {
            let first = number(self.visits.len());
            self.first_visit.push(first);
            let standing = self.standings[index];
            let windows = match standing {
                Standing::Kept(kept) => vec![windows::kept(self, index, kept)],
                _ => windows::windows(self, index, order),
            };
            let parts = engineers_of(order);
            for part in 0..parts {
                // What both are charged, and what it costs to leave them out, is told of the first.
                let of_first = |charge: i64| if part == 0 { charge } else { 0 };
                let windows =
                    windows.iter().map(|window| Window { charge: of_first(window.charge), ..*window });
                let absence_cost = of_first(self.absence_cost(order));
                self.instance.visits.push(Visit {
                    place: self.places.number(&order.site),
                    windows: windows.collect(),
                    absence_cost,
                    parts: Vec::new(),
                    pinned: matches!(standing, Standing::Kept(_)),
                });
                self.visits.push((index, part));
                let fits = match standing {
                    Standing::Kept(_) => kept_in(self, (index, part), order),
                    _ => table.fits(self, index, order),
                };
                self.instance.fits.extend(fits);
            }
        }
    }

    fn absence_cost(&self, order: &WorkOrder) -> i64 {
        let absence = self.workload.charges.absence.minor() * Charges::absence_factor(order.priority);
        order.outsource.map_or(absence, Money::minor) * UNITS_PER_MINOR
    }

    fn links(&mut self) {
        for (index, order) in self.workload.orders.iter().enumerate() {
            let first = self.first_visit[index];
            if order.engineers == Engineers::Two {
                self.instance.links.push(Link::Together { visits: (first, first + 1) });
            }
            // What stays as it is waits for nothing any more.
            if matches!(self.standings[index], Standing::Kept(_)) {
                continue;
            }
            let befores: BTreeSet<VisitId> = order.after.iter().copied().collect();
            for before in befores.iter().filter_map(|before| self.orders.get(before)) {
                let before = self.first_visit[*before];
                self.instance.links.push(Link::After { first: before, then: first });
            }
        }
    }

    /// Tours as they were published, as far as shifts hold them.
    ///
    /// # Errors
    /// What should stay and lies in no shift.
    fn published_tours(&self) -> Result<Vec<Start>, WorkloadError> {
        let mut works = Vec::new();
        for (order, standing) in self.standings.iter().enumerate() {
            let (Standing::Kept(appointment) | Standing::Open(appointment)) = standing else { continue };
            let is_kept = matches!(standing, Standing::Kept(_));
            for (work, assignee) in self.works(order, appointment).into_iter().zip(&appointment.assignees) {
                if is_kept && work.is_none() {
                    let (order, engineer) = (appointment.order, assignee.engineer.clone());
                    let rule = "it lies in none of the engineer's shifts";
                    return Err(WorkloadError::NotKept { order, engineer, rule });
                }
                works.extend(work);
            }
        }
        Ok(self.tours(works))
    }

    /// Tours as they were published, but of one order as told, if it is to be in any.
    pub(super) fn start_with(&self, order: usize, now: Option<&Appointment>) -> Vec<Start> {
        let mut works = Vec::new();
        for (index, standing) in self.standings.iter().enumerate() {
            match (standing, now) {
                (_, now) if index == order => works.extend(now.map(|now| self.works(order, now))),
                (Standing::Kept(published) | Standing::Open(published), _) => {
                    works.push(self.works(index, published))
                }
                (Standing::Fresh | Standing::Lost(_), _) => {}
            }
        }
        self.tours(works.into_iter().flatten().flatten().collect())
    }

    /// For each engineer of an appointment the shift, when the work begins and ends, and the visit; none where no shift
    /// holds it.
    fn works(&self, order: usize, appointment: &Appointment) -> Vec<Option<Work>> {
        let work = appointment.work;
        let (begin_s, end_s) = (self.clock.ceil_s(work.start()), self.clock.floor_s(work.end()));
        let parts = self.visits_of(order).zip(&appointment.assignees);
        parts
            .map(|(visit, assignee)| Some((self.shift_of(assignee, appointment)?, begin_s, end_s, visit)))
            .collect()
    }

    fn tours(&self, mut works: Vec<Work>) -> Vec<Start> {
        works.sort_unstable();
        works.chunk_by(|one, other| one.0 == other.0).map(|works| self.tour(works)).collect()
    }

    fn tour(&self, works: &[Work]) -> Start {
        let shift = works.first().map_or(0, |work| work.0);
        let record = &self.instance.shifts[shift as usize];
        let place = |(_, _, _, visit): &Work| self.instance.visits[*visit as usize].place;
        let picks_up = works.iter().any(|(_, _, _, visit)| self.order(*visit).needs_pickup);
        // When that was is not told with what was published.
        let set_out_s = works
            .first()
            .filter(|_| !picks_up)
            .map_or(record.window_s.0, |work| work.1 - self.instance.way(record.from, place(work)).seconds);
        let back_s = works
            .last()
            .map_or(record.window_s.1, |work| work.2 + self.instance.way(place(work), record.to).seconds);
        Start {
            shift,
            span_s: (set_out_s, back_s),
            visits: works.iter().map(|(_, begin_s, _, visit)| (*visit, *begin_s)).collect(),
        }
    }

    /// The shift of somebody in which an appointment lies.
    pub(super) fn shift_of(&self, assignee: &Assignee, appointment: &Appointment) -> Option<u32> {
        let crew = *self.crews.get(&assignee.engineer)?;
        // They are sorted by engineer.
        let first = self.shifts.partition_point(|shift| shift.crew < crew);
        let own = self.shifts[first..].iter().take_while(|shift| shift.crew == crew);
        let holds = |shift: &ShiftOf| shift.trip == assignee.trip && shift.during.encloses(appointment.work);
        own.map(holds).position(|holds| holds).map(|at| number(first + at))
    }

    /// Shifts that are the same in everything share a class.
    fn classes(&mut self) {
        let (shifts, visits) = (self.instance.shifts.len(), self.instance.visits.len());
        let fit = |visit: usize, shift: usize| &self.instance.fits[visit * shifts + shift];
        let mut known: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        let mut classes = Vec::with_capacity(shifts);
        for (index, shift) in self.instance.shifts.iter().enumerate() {
            let costs = (shift.cost_per_s, shift.overtime_cost_per_s, shift.trip);
            let alike = known.entry((shift.from, shift.window_s, shift.regular_s, costs)).or_default();
            let same = |other: &&usize| (0..visits).all(|visit| fit(visit, **other) == fit(visit, index));
            let class = alike.iter().find(same).copied().unwrap_or(index);
            if class == index {
                alike.push(index);
            }
            classes.push(number(class));
        }
        self.instance.shifts.iter_mut().zip(classes).for_each(|(shift, class)| shift.class = class);
    }
}

/// A shift, when work in it begins and ends, and the visit.
type Work = (u32, i32, i32, u32);

/// How many engineers an order takes.
pub(super) fn engineers_of(order: &WorkOrder) -> usize {
    match order.engineers {
        Engineers::One => 1,
        Engineers::Two => 2,
    }
}

/// An index, of which there are no more than an instance can have.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
