//! gRPC: the business clock of a region.

use meridian_proto::region::v1::clock_service_server::ClockService;
use meridian_proto::region::v1::{GetTimeRequest, GetTimeResponse, SetTimeRequest, SetTimeResponse};
use meridian_types::{Clock, Problem, Violations};
use tonic::{Request, Response, Status};

use crate::clock::RegionClock;
use crate::status::status;
use crate::{decode, encode};

/// Answers `meridian.region.v1.ClockService` from a region's clock.
#[derive(Debug, Clone)]
pub struct ClockGrpc(RegionClock);

impl ClockGrpc {
    /// Serves `clock`.
    #[must_use]
    pub const fn new(clock: RegionClock) -> Self {
        Self(clock)
    }
}

#[tonic::async_trait]
impl ClockService for ClockGrpc {
    async fn get_time(&self, _: Request<GetTimeRequest>) -> Result<Response<GetTimeResponse>, Status> {
        Ok(Response::new(GetTimeResponse {
            now: Some(encode::timestamp(self.0.now())),
            driven: self.0.is_driven(),
            rate: self.0.rate(),
        }))
    }

    async fn set_time(&self, request: Request<SetTimeRequest>) -> Result<Response<SetTimeResponse>, Status> {
        let request = request.into_inner();
        let mut violations = Violations::new();
        let value = decode::timestamp(&mut violations, "now", request.now);
        let value = decode::complete(violations, value).map_err(status)?;
        self.0.set(value, request.rate).await.map_err(|error| status(Problem::from(error)))?;
        Ok(Response::new(SetTimeResponse { now: Some(encode::timestamp(self.0.now())) }))
    }
}
