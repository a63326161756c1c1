//! Batch sourcing: many single-line orders, few warehouses, each with a daily capacity counted in orders.
//!
//! As many orders as possible are served, and among all ways to serve that many the cheapest is found: a
//! minimum-cost flow in which every order supplies one unit. It is solved by successive shortest paths (Busacker
//! and Gowen 1960, with the potentials of Edmonds and Karp 1972), but on a graph of *warehouses only*. The length
//! of the arc from warehouse a to warehouse b is what moving the order that moves cheapest from a to b would
//! cost; a heap per pair of warehouses knows that order. One order is added at a time, along the shortest path
//! that ends where capacity is left, or at the order that is best given up. With w warehouses and n orders this
//! takes O(n·w²·log n) time at worst; w is small (19 in the benchmark) while n is not.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A warehouse that could serve an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Index of the warehouse.
    pub warehouse: usize,
    /// What it would cost to serve the order from there, in any fixed unit that is fine enough; may be negative.
    pub cost: i64,
}

/// Who serves which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourcing {
    /// For each order the index of its warehouse; none when it is not served.
    pub warehouse_of: Vec<Option<usize>>,
    /// Orders that are served.
    pub served: usize,
    /// Sum of the costs of the offers used.
    pub cost: i64,
}

/// Why orders cannot be sourced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SourcingError {
    /// An offer names a warehouse that has no capacity figure.
    #[error("order {order} has an offer of warehouse {warehouse}, but there are only {warehouses}")]
    UnknownWarehouse {
        /// Index of the order.
        order: usize,
        /// What the offer names.
        warehouse: usize,
        /// How many there are.
        warehouses: usize,
    },
    /// Sums of these costs would not fit in 64 bits.
    #[error("costs from {least} to {greatest} are too far apart for {orders} orders; use a coarser unit")]
    CostsTooLarge {
        /// The least cost.
        least: i64,
        /// The greatest cost.
        greatest: i64,
        /// How many orders there are.
        orders: usize,
    },
}

/// Serves as many orders as `capacities` (orders per warehouse) allow, at the least cost. Of several offers of one
/// warehouse to one order the cheapest counts. Exact; the same input gives the same answer.
///
/// # Errors
/// An offer of an unknown warehouse, or costs whose sums do not fit in 64 bits.
pub fn source(capacities: &[usize], orders: &[Vec<Offer>]) -> Result<Sourcing, SourcingError> {
    let mut flow = Flow::new(capacities, orders, giving_up(capacities, orders)?);
    for order in 0..orders.len() {
        flow.add(order);
    }
    let warehouse_of: Vec<_> =
        flow.node_of.iter().map(|&node| (node < capacities.len()).then_some(node)).collect();
    let costs = warehouse_of
        .iter()
        .enumerate()
        .filter_map(|(order, node)| node.map(|node| cost_at(&orders[order], node, flow.giving_up)));
    Ok(Sourcing { served: warehouse_of.iter().flatten().count(), cost: costs.sum(), warehouse_of })
}

/// What leaving an order unserved costs: more than any simple path through all warehouses can save, so no order is
/// given up for the sake of cost.
fn giving_up(capacities: &[usize], orders: &[Vec<Offer>]) -> Result<i64, SourcingError> {
    let (mut least, mut greatest) = (0_i64, 0_i64);
    for (order, offers) in orders.iter().enumerate() {
        for offer in offers {
            if offer.warehouse >= capacities.len() {
                let (warehouse, warehouses) = (offer.warehouse, capacities.len());
                return Err(SourcingError::UnknownWarehouse { order, warehouse, warehouses });
            }
            least = least.min(offer.cost);
            greatest = greatest.max(offer.cost);
        }
    }
    let error = SourcingError::CostsTooLarge { least, greatest, orders: orders.len() };
    let spread = i128::from(greatest) - i128::from(least);
    let steps = capacities.len() as i128 + 2;
    let sums = spread * (orders.len() as i128 + 1);
    let path = (spread * steps + 1) * (steps + 2);
    if sums.max(path) > i128::from(i64::MAX / 4) {
        return Err(error);
    }
    i64::try_from(spread * steps + 1).map_err(|_| error)
}

fn cost_at(offers: &[Offer], node: usize, giving_up: i64) -> i64 {
    let here = offers.iter().filter(|offer| offer.warehouse == node).map(|offer| offer.cost);
    here.min().unwrap_or(giving_up)
}

const UNREACHED: i64 = i64::MAX;

/// The flow so far. Nodes are the warehouses and, after them, one node for what is given up.
struct Flow<'a> {
    orders: &'a [Vec<Offer>],
    giving_up: i64,
    nodes: usize,
    /// Orders that each node can still take.
    room: Vec<usize>,
    node_of: Vec<usize>,
    /// For each ordered pair of nodes (row-major) the orders at the first, by what moving them to the second
    /// costs. An entry is stale when its order is elsewhere; the top never is.
    moves: Vec<BinaryHeap<Reverse<(i64, usize)>>>,
    /// Potentials: no arc between warehouses has a negative reduced length.
    potential: Vec<i64>,
    sink_potential: i64,
    search: Search,
}

/// Scratch space of the shortest-path search, by node.
struct Search {
    distance: Vec<i64>,
    previous: Vec<usize>,
    done: Vec<bool>,
}

impl<'a> Flow<'a> {
    fn new(capacities: &[usize], orders: &'a [Vec<Offer>], giving_up: i64) -> Self {
        let nodes = capacities.len() + 1;
        Self {
            orders,
            giving_up,
            nodes,
            room: capacities.iter().copied().chain([usize::MAX]).collect(),
            node_of: vec![nodes - 1; orders.len()],
            moves: vec![BinaryHeap::new(); nodes * nodes],
            potential: vec![0; nodes],
            sink_potential: 0,
            search: Search {
                distance: vec![UNREACHED; nodes],
                previous: vec![0; nodes],
                done: vec![false; nodes],
            },
        }
    }

    /// Adds one order and keeps the flow cheapest.
    fn add(&mut self, order: usize) {
        let mut node = self.shortest_path(order);
        self.room[node] = self.room[node].saturating_sub(usize::from(node + 1 < self.nodes));
        loop {
            let previous = self.search.previous[node];
            let Some(&Reverse((_, moved))) =
                self.moves.get(previous * self.nodes + node).and_then(|it| it.peek())
            else {
                return self.place(order, node);
            };
            self.place(moved, node);
            self.forget_moves_of_what_left(moved, previous);
            node = previous;
        }
    }

    fn place(&mut self, order: usize, node: usize) {
        self.node_of[order] = node;
        if node + 1 == self.nodes {
            return;
        }
        let here = cost_at(&self.orders[order], node, self.giving_up);
        let given_up = Offer { warehouse: self.nodes - 1, cost: self.giving_up };
        for offer in self.orders[order].iter().chain([&given_up]) {
            if offer.warehouse != node {
                self.moves[node * self.nodes + offer.warehouse].push(Reverse((offer.cost - here, order)));
            }
        }
    }

    fn forget_moves_of_what_left(&mut self, order: usize, node: usize) {
        let elsewhere = self.orders[order].iter().map(|offer| offer.warehouse).chain([self.nodes - 1]);
        for other in elsewhere {
            let heap = &mut self.moves[node * self.nodes + other];
            while heap.peek().is_some_and(|&Reverse((_, it))| self.node_of[it] != node) {
                heap.pop();
            }
        }
    }

    /// Dijkstra's search over reduced lengths from `order` to the nearest node with room; gives that node, and the
    /// path in `search.previous`, where the first node of the path names itself.
    fn shortest_path(&mut self, order: usize) -> usize {
        let Self { nodes, ref room, ref moves, ref mut potential, ref mut search, .. } = *self;
        search.distance.fill(UNREACHED);
        search.done.fill(false);
        let given_up = Offer { warehouse: nodes - 1, cost: self.giving_up };
        for offer in self.orders[order].iter().chain([&given_up]) {
            let length = offer.cost - potential[offer.warehouse];
            if length < search.distance[offer.warehouse] {
                search.distance[offer.warehouse] = length;
                search.previous[offer.warehouse] = offer.warehouse;
            }
        }
        let (mut end, mut end_distance) = (nodes - 1, UNREACHED);
        while let Some(node) = search.nearest().filter(|&node| search.distance[node] < end_distance) {
            let distance = search.distance[node];
            search.done[node] = true;
            let to_sink = distance + potential[node] - self.sink_potential;
            if room[node] > 0 && to_sink < end_distance {
                (end, end_distance) = (node, to_sink);
            }
            for other in 0..nodes {
                let Some(&Reverse((cost, _))) = moves[node * nodes + other].peek() else { continue };
                let through = distance + cost + potential[node] - potential[other];
                if !search.done[other] && through < search.distance[other] {
                    search.distance[other] = through;
                    search.previous[other] = node;
                }
            }
        }
        for (potential, &distance) in potential.iter_mut().zip(&search.distance) {
            *potential += distance.min(end_distance);
        }
        self.sink_potential += end_distance;
        end
    }
}

impl Search {
    fn nearest(&self) -> Option<usize> {
        (0..self.done.len())
            .filter(|&node| !self.done[node] && self.distance[node] < UNREACHED)
            .min_by_key(|&node| self.distance[node])
    }
}
