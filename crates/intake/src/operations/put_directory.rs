//! Creating and replacing records of the directory.

use meridian_messaging::Work;

use crate::domain::directory::{Customer, Instrument, Party, Person};
use crate::error::Error;
use crate::store;
use crate::wire;

/// Records to be created or replaced. People and instruments belong to customers on record or in here; nothing is in
/// here twice.
#[derive(Debug, Clone)]
pub(crate) struct Directory {
    pub(crate) customers: Vec<Customer>,
    pub(crate) people: Vec<Person>,
    pub(crate) instruments: Vec<Instrument>,
    pub(crate) parties: Vec<Party>,
}

/// Returns the number of records stored.
pub(crate) async fn put_directory(work: &mut Work, mut directory: Directory) -> Result<usize, Error> {
    store::customer::put(work.conn(), &directory.customers).await?;
    store::person::put(work.conn(), &directory.people).await?;
    store::instrument::put(work.conn(), &directory.instruments).await?;
    // Sorted, so that two requests lock the rows in the same order.
    directory.parties.sort_by(|a, b| a.party_id.cmp(&b.party_id));
    for party in &directory.parties {
        let version = store::party::put(work.conn(), party).await?;
        work.emit(&party.party_id, version, &wire::directory::encode_party_defined(party));
    }
    let Directory { customers, people, instruments, parties } = directory;
    Ok(customers.len() + people.len() + instruments.len() + parties.len())
}
