//! Sources one day of a real outbound network (Brunel University's LogHub set): 9,215 orders, 19 plants.
//!
//! `cargo bench -p meridian-assignment --bench brunel`, with the CSV files below `brunel_loghub/CSVs` in
//! `$MERIDIAN_DATA` or in `shared/data` beside the workspace. The anchor is OR-Tools 9's minimum-cost flow on this
//! model: 2,444 served, 1,189,281.73, 65 ms. The baseline of the same run is HiGHS on the linear programme.
//!
//! A plant may serve an order if it makes the product, if it is not reserved for other customers (VMI), and if one
//! of its ports has a freight rate to the destination for the order's weight. Cost is units times the plant's
//! cost per unit, plus freight: the cheapest rate's `max(minimum, rate x kg)`, nothing when the customer collects (CRF).

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "where the data is stands in the environment")]
#![expect(clippy::unwrap_used, reason = "a broken data file ends the benchmark")]

mod timing;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use highs::{ColProblem, HighsModelStatus, Sense};
use meridian_assignment::sourcing::{Offer, Sourcing, source};

use timing::median;

/// Costs are counted in millionths, the precision the anchor was computed with.
const SCALE: f64 = 1_000_000.0;

fn main() {
    let data = std::env::var("MERIDIAN_DATA")
        .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let folder = data.join("brunel_loghub/CSVs");
    if !folder.is_dir() {
        println!(
            "SKIPPED: no {}; set MERIDIAN_DATA to the folder that holds brunel_loghub",
            folder.display()
        );
        return;
    }
    let records = Records::read(&folder);
    let (build, (capacities, orders)) = median(|| records.offers());
    let (solve, answer) = median(|| source(&capacities, &orders).unwrap());
    let (baseline, by_highs) = median(|| linear_programme(&capacities, &orders));
    println!(
        "{} orders, {} plants, {} offers",
        orders.len(),
        capacities.len(),
        orders.iter().flatten().count()
    );
    println!("                             served           cost  build ms  solve ms");
    println!("anchor (OR-Tools, other day)   2444     1189281.73       210        65");
    print("sourcing::source", &answer, Some(build), solve);
    print("HiGHS, linear programme", &by_highs, None, baseline);
    println!("HiGHS / ours: {:.1}", baseline.as_secs_f64() / solve.as_secs_f64());
    assert_eq!((answer.served, format!("{:.2}", answer.cost as f64 / SCALE).as_str()), (2444, "1189281.73"));
    assert_eq!((by_highs.served, by_highs.cost), (answer.served, answer.cost));
}

fn print(name: &str, answer: &Sourcing, build: Option<Duration>, solve: Duration) {
    let milliseconds = |it: Duration| format!("{:.1}", it.as_secs_f64() * 1000.0);
    println!(
        "{name:<28} {:>6} {:>14.2} {:>9} {:>9}",
        answer.served,
        answer.cost as f64 / SCALE,
        build.map_or_else(String::new, milliseconds),
        milliseconds(solve)
    );
}

/// The same model as a linear programme, whose optimum is integral because it is a flow.
fn linear_programme(capacities: &[usize], orders: &[Vec<Offer>]) -> Sourcing {
    const SERVING_IS_WORTH: f64 = 1.0e6;
    let mut problem = ColProblem::new();
    let plants: Vec<_> = capacities.iter().map(|&capacity| problem.add_row(..=capacity as f64)).collect();
    for offers in orders {
        let once = problem.add_row(..=1.0);
        for offer in offers {
            let cost = offer.cost as f64 / SCALE - SERVING_IS_WORTH;
            problem.add_column(cost, 0.0..=1.0, [(plants[offer.warehouse], 1.0), (once, 1.0)]);
        }
    }
    let mut model = problem.optimise(Sense::Minimise);
    model.make_quiet();
    let solved = model.solve();
    assert_eq!(solved.status(), HighsModelStatus::Optimal);
    let chosen = solved.get_solution();
    let mut columns = chosen.columns().iter();
    let (mut warehouse_of, mut cost) = (Vec::new(), 0);
    for offers in orders {
        let used: Vec<_> = offers.iter().zip(columns.by_ref()).filter(|(_, x)| **x > 0.5).collect();
        warehouse_of.push(used.first().map(|(offer, _)| offer.warehouse));
        cost += used.first().map_or(0, |(offer, _)| offer.cost);
    }
    Sourcing { served: warehouse_of.iter().flatten().count(), cost, warehouse_of }
}

struct Order {
    product: String,
    customer: String,
    destination: String,
    units: f64,
    weight_kg: f64,
    collects: bool,
}

struct Rate {
    origin: String,
    destination: String,
    from_kg: f64,
    to_kg: f64,
    minimum: f64,
    per_kg: f64,
}

/// The files as they are.
struct Records {
    orders: Vec<Order>,
    rates: Vec<Rate>,
    capacities: BTreeMap<String, usize>,
    unit_costs: BTreeMap<String, f64>,
    ports: Vec<(String, String)>,
    products: Vec<(String, String)>,
    reserved: Vec<(String, String)>,
}

impl Records {
    fn read(folder: &Path) -> Self {
        let table = |name: &str| -> Vec<BTreeMap<String, String>> {
            let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
            reader.deserialize().map(Result::unwrap).collect()
        };
        let pairs = |name: &str, second: &str| -> Vec<(String, String)> {
            table(name).iter().map(|row| (row["Plant_Code"].clone(), row[second].clone())).collect()
        };
        let (order_rows, rate_rows) = (table("OrderList.csv"), table("FreightRates.csv"));
        let orders = order_rows.iter().map(|row| Order {
            product: row["Product_ID"].clone(),
            customer: row["Customer"].clone(),
            destination: row["Dest_Port"].clone(),
            units: row["Unit_Quant"].parse().unwrap(),
            weight_kg: row["Weight"].parse().unwrap(),
            collects: row["Service_Level"] == "CRF",
        });
        let rates = rate_rows.iter().map(|row| Rate {
            origin: row["Orig_Port"].clone(),
            destination: row["Dest_Port"].clone(),
            from_kg: row["Min_Weight_Quant"].parse().unwrap(),
            to_kg: row["Max_Weight_Quant"].parse().unwrap(),
            minimum: row["Min_Cost"].parse().unwrap(),
            per_kg: row["Rate"].parse().unwrap(),
        });
        Self {
            orders: orders.collect(),
            rates: rates.collect(),
            capacities: pairs("WhCapacities.csv", "Daily_Capacity")
                .into_iter()
                .map(|(plant, orders)| (plant, orders.parse().unwrap()))
                .collect(),
            unit_costs: pairs("WhCosts.csv", "Cost_Per_Unit")
                .into_iter()
                .map(|(plant, cost)| (plant, cost.parse().unwrap()))
                .collect(),
            ports: pairs("PlantPorts.csv", "Ports"),
            products: pairs("ProductsPerPlant.csv", "Product_ID"),
            reserved: pairs("VmiCustomers.csv", "Customer"),
        }
    }

    /// The capacities, and for each order the plants that may serve it with their costs.
    fn offers(&self) -> (Vec<usize>, Vec<Vec<Offer>>) {
        let plants: Vec<&str> = self.capacities.keys().map(String::as_str).collect();
        let mut makers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (plant, product) in &self.products {
            makers.entry(product).or_default().insert(plant);
        }
        let mut customers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (plant, customer) in &self.reserved {
            customers.entry(plant).or_default().insert(customer);
        }
        let mut lanes: BTreeMap<(&str, &str), Vec<&Rate>> = BTreeMap::new();
        for rate in &self.rates {
            for (plant, _) in self.ports.iter().filter(|(_, port)| *port == rate.origin) {
                lanes.entry((plant, &rate.destination)).or_default().push(rate);
            }
        }
        let offer = |order: &Order, plant: &str| {
            let warehouse = plants.binary_search(&plant).ok()?;
            if customers.get(plant).is_some_and(|served| !served.contains(order.customer.as_str())) {
                return None;
            }
            let rates = lanes.get(&(plant, order.destination.as_str()))?.iter();
            let fitting = rates.filter(|it| (it.from_kg..=it.to_kg).contains(&order.weight_kg));
            let freight =
                fitting.map(|it| it.minimum.max(it.per_kg * order.weight_kg)).min_by(f64::total_cmp)?;
            let freight = if order.collects { 0.0 } else { freight };
            let cost = order.units * self.unit_costs[plant] + freight;
            Some(Offer { warehouse, cost: (cost * SCALE).round() as i64 })
        };
        let offers_of = |order: &Order| {
            let makers = makers.get(order.product.as_str()).into_iter().flatten();
            makers.filter_map(|plant| offer(order, plant)).collect()
        };
        (self.capacities.values().copied().collect(), self.orders.iter().map(offers_of).collect())
    }
}
