//! The coordinator with the real services of two regions, a real PostgreSQL and a real nats-server.

mod commits;
mod company;
mod harness;
mod requests;
