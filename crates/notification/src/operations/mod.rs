//! One module per use case. Each runs inside a unit of work that its caller has opened.

pub(crate) mod claim;
pub(crate) mod create_webhook;
pub(crate) mod delete_webhook;
pub(crate) mod learn_case;
pub(crate) mod promise;
pub(crate) mod put_preference;
pub(crate) mod settle;
pub(crate) mod tell;
