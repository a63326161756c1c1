//! The calls: a request is decoded and checked, its operation runs in a unit of work, its answer is encoded.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use meridian_chassis::status::status;
use meridian_messaging::{Journal, Work, database_problem};
use meridian_proto::inventory::v1 as pb;
use meridian_proto::inventory::v1::inventory_service_server::InventoryService;
use meridian_types::{HoldId, ItemId, Problem, TransferId, similar};
use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use tonic::{Request, Response, Status};

use crate::domain::hold::HoldState;
use crate::domain::stock::WorldLevel;
use crate::error::Error;
use crate::operations::{
    adjust_stock, audit_stock, cancel_receipt, confirm_hold, expect_receipt, extend_hold, find_stock,
    place_hold, put_catalogue, record_milestone, record_receipt, release_hold, request_transfer,
};
use crate::regions::Regions;
use crate::store;
use crate::wire::{self, encode};

/// Answers the calls of the service.
#[derive(Debug)]
pub struct InventoryGrpc {
    journal: Journal,
    regions: Arc<Regions>,
}

impl InventoryGrpc {
    pub(crate) const fn new(journal: Journal, regions: Arc<Regions>) -> Self {
        Self { journal, regions }
    }

    /// Runs the operation of a mutation, once for each request id.
    async fn mutate<Req, Input, Answer>(
        &self,
        request: &Req,
        decoded: Result<(String, Input), Problem>,
        operation: impl for<'w> Fn(
            &'w mut Work,
            Arc<Regions>,
            Arc<Call<Input>>,
        ) -> BoxFuture<'w, Result<Answer, Error>>
        + Send
        + Sync
        + 'static,
    ) -> Result<Response<Answer>, Status>
    where
        Req: prost::Message + prost::Name,
        Input: Send + Sync + 'static,
        Answer: prost::Message + prost::Name + Default + 'static,
    {
        let (request_id, input) = decoded.map_err(status)?;
        let regions = Arc::clone(&self.regions);
        let call = Arc::new(Call { request_id: request_id.clone(), input });
        let answer = self.journal.execute(&request_id, request, move |work| {
            operation(work, Arc::clone(&regions), Arc::clone(&call))
                .map(|answer| answer.map_err(Problem::from))
                .boxed()
        });
        answer.await.map(Response::new).map_err(status)
    }

    async fn connection(&self) -> Result<PoolConnection<Postgres>, Status> {
        self.journal.pool().acquire().await.map_err(|error| status(database_problem(&error)))
    }
}

/// A call that is being answered.
struct Call<Input> {
    request_id: String,
    input: Input,
}

fn refused(error: impl Into<Error>) -> Status {
    status(Problem::from(error.into()))
}

#[tonic::async_trait]
impl InventoryService for InventoryGrpc {
    async fn find_stock(
        &self,
        request: Request<pb::FindStockRequest>,
    ) -> Result<Response<pb::FindStockResponse>, Status> {
        let wanted = wire::stock::find(request.get_ref()).map_err(status)?;
        let mut conn = self.connection().await?;
        let found = find_stock::find_stock(&mut conn, self.regions.own(), &wanted).await.map_err(refused)?;
        let level = |known: &WorldLevel| {
            let holds = found.holds.get(&(known.region.clone(), known.level.shelf.clone()));
            encode::found_level(known, holds.map_or(&[], Vec::as_slice))
        };
        Ok(Response::new(pb::FindStockResponse {
            levels: found.levels.iter().map(level).collect(),
            items: found.items.iter().map(encode::item).collect(),
            unknown_item_ids: found.unknown.iter().map(ToString::to_string).collect(),
            receipts: found.receipts.iter().map(|it| encode::receipt(&it.region, &it.receipt)).collect(),
        }))
    }

    async fn get_items(
        &self,
        request: Request<pb::GetItemsRequest>,
    ) -> Result<Response<pb::GetItemsResponse>, Status> {
        let item_ids = wire::stock::get_items(request.get_ref()).map_err(status)?;
        // What is heard from now on is found.
        let keeps_up = self.journal.keeps_up_with(&self.journal.origin().service);
        let mut conn = self.connection().await?;
        let items = store::item::find(&mut conn, &item_ids).await.map_err(refused)?;
        let is_unknown = |id: &&ItemId| items.iter().all(|item| item.item_id != **id);
        let missing: Vec<&ItemId> = item_ids.iter().filter(is_unknown).collect();
        let all = if missing.is_empty() {
            Vec::new()
        } else {
            store::item::codes(&mut conn).await.map_err(refused)?
        };
        let is_complete = !all.is_empty() && keeps_up;
        let incomplete = !missing.is_empty() && !is_complete;
        let unknown = missing.into_iter().map(|id| pb::UnknownItem {
            item_id: id.to_string(),
            similar_item_ids: similar(id.as_str(), all.iter().map(String::as_str))
                .into_iter()
                .map(str::to_owned)
                .collect(),
        });
        Ok(Response::new(pb::GetItemsResponse {
            unknown: unknown.collect(),
            incomplete,
            items: items.iter().map(encode::item).collect(),
        }))
    }

    async fn place_hold(
        &self,
        request: Request<pb::PlaceHoldRequest>,
    ) -> Result<Response<pb::PlaceHoldResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::hold::place(request), |work, regions, call| {
            async move {
                let hold = place_hold::place_hold(work, &regions, &call.input).await?;
                Ok(pb::PlaceHoldResponse { hold: Some(encode::hold(&hold)) })
            }
            .boxed()
        })
        .await
    }

    async fn extend_hold(
        &self,
        request: Request<pb::ExtendHoldRequest>,
    ) -> Result<Response<pb::ExtendHoldResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::hold::extend(request), |work, _, call| {
            async move {
                let (hold_id, expires_in) = call.input;
                let hold = extend_hold::extend_hold(work, hold_id, expires_in).await?;
                Ok(pb::ExtendHoldResponse { hold: Some(encode::hold(&hold)) })
            }
            .boxed()
        })
        .await
    }

    async fn confirm_hold(
        &self,
        request: Request<pb::ConfirmHoldRequest>,
    ) -> Result<Response<pb::ConfirmHoldResponse>, Status> {
        let request = request.get_ref();
        let decoded = wire::hold::by_id(&request.request_id, &request.hold_id);
        self.mutate(request, decoded, |work, _, call| {
            async move {
                let hold = confirm_hold::confirm_hold(work, call.input).await?;
                Ok(pb::ConfirmHoldResponse { hold: Some(encode::hold(&hold)) })
            }
            .boxed()
        })
        .await
    }

    async fn release_hold(
        &self,
        request: Request<pb::ReleaseHoldRequest>,
    ) -> Result<Response<pb::ReleaseHoldResponse>, Status> {
        let request = request.get_ref();
        let decoded = wire::hold::by_id(&request.request_id, &request.hold_id);
        self.mutate(request, decoded, |work, regions, call| {
            async move {
                let hold = release_hold::release_hold(work, &regions, call.input, None).await?;
                Ok(pb::ReleaseHoldResponse { hold: Some(encode::hold(&hold)) })
            }
            .boxed()
        })
        .await
    }

    async fn get_hold(
        &self,
        request: Request<pb::GetHoldRequest>,
    ) -> Result<Response<pb::GetHoldResponse>, Status> {
        let id: HoldId = wire::field::id("hold_id", &request.get_ref().hold_id).map_err(status)?;
        let mut conn = self.connection().await?;
        let hold = store::hold::find(&mut conn, id)
            .await
            .map_err(refused)?
            .filter(|hold| !matches!(hold.state, HoldState::Refused(_)))
            .ok_or_else(|| refused(Error::HoldNotFound(id)))?;
        Ok(Response::new(pb::GetHoldResponse { hold: Some(encode::hold(&hold)) }))
    }

    async fn request_transfer(
        &self,
        request: Request<pb::RequestTransferRequest>,
    ) -> Result<Response<pb::RequestTransferResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::transfer::request(request), |work, regions, call| {
            async move {
                let transfer = request_transfer::request_transfer(work, &regions, &call.input).await?;
                Ok(pb::RequestTransferResponse { transfer: Some(encode::transfer(regions.own(), &transfer)) })
            }
            .boxed()
        })
        .await
    }

    async fn record_milestone(
        &self,
        request: Request<pb::RecordMilestoneRequest>,
    ) -> Result<Response<pb::RecordMilestoneResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::transfer::milestone(request), |work, regions, call| {
            async move {
                let (owner, reported) = &call.input;
                if let Some(owner) = owner.as_ref().filter(|owner| *owner != regions.own()) {
                    record_milestone::pass_on_milestone(work, &regions, owner, reported)?;
                    return Ok(pb::RecordMilestoneResponse { transfer: None });
                }
                let transfer = record_milestone::record_milestone(work, &regions, reported).await?;
                let transfer = Some(encode::transfer(regions.own(), &transfer));
                Ok(pb::RecordMilestoneResponse { transfer })
            }
            .boxed()
        })
        .await
    }

    async fn get_transfer(
        &self,
        request: Request<pb::GetTransferRequest>,
    ) -> Result<Response<pb::GetTransferResponse>, Status> {
        let id: TransferId =
            wire::field::id("transfer_id", &request.get_ref().transfer_id).map_err(status)?;
        let mut conn = self.connection().await?;
        let transfer = store::transfer::find(&mut conn, id)
            .await
            .map_err(refused)?
            .ok_or_else(|| refused(Error::TransferNotFound(id)))?;
        let transfer = Some(encode::transfer(self.regions.own(), &transfer));
        Ok(Response::new(pb::GetTransferResponse { transfer }))
    }

    async fn list_transfers(
        &self,
        request: Request<pb::ListTransfersRequest>,
    ) -> Result<Response<pb::ListTransfersResponse>, Status> {
        let (page_size, listing) = wire::transfer::list(request.get_ref()).map_err(status)?;
        let mut conn = self.connection().await?;
        let mut found = store::transfer::list(&mut conn, &listing).await.map_err(refused)?;
        let has_more = found.len() > page_size;
        found.truncate(page_size);
        let last = found.last().filter(|_| has_more);
        Ok(Response::new(pb::ListTransfersResponse {
            next_page_token: last.map(|(seq, _)| wire::page::token(*seq)).unwrap_or_default(),
            transfers: found
                .iter()
                .map(|(_, transfer)| encode::transfer(self.regions.own(), transfer))
                .collect(),
        }))
    }

    async fn adjust_stock(
        &self,
        request: Request<pb::AdjustStockRequest>,
    ) -> Result<Response<pb::AdjustStockResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::stock::adjust(request), |work, regions, call| {
            async move {
                let Call { request_id, input } = &*call;
                let level = adjust_stock::adjust_stock(work, &regions, input, request_id).await?;
                Ok(pb::AdjustStockResponse { level: Some(encode::level(regions.own(), &level)) })
            }
            .boxed()
        })
        .await
    }

    async fn expect_receipt(
        &self,
        request: Request<pb::ExpectReceiptRequest>,
    ) -> Result<Response<pb::ExpectReceiptResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::receipt::expect(request), |work, regions, call| {
            async move {
                let receipt = expect_receipt::expect_receipt(work, &regions, &call.input).await?;
                Ok(pb::ExpectReceiptResponse { receipt: Some(encode::receipt(regions.own(), &receipt)) })
            }
            .boxed()
        })
        .await
    }

    async fn cancel_receipt(
        &self,
        request: Request<pb::CancelReceiptRequest>,
    ) -> Result<Response<pb::CancelReceiptResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::receipt::cancel(request), |work, regions, call| {
            async move {
                let receipt = cancel_receipt::cancel_receipt(work, &regions, &call.input).await?;
                Ok(pb::CancelReceiptResponse { receipt: Some(encode::receipt(regions.own(), &receipt)) })
            }
            .boxed()
        })
        .await
    }

    async fn record_receipt(
        &self,
        request: Request<pb::RecordReceiptRequest>,
    ) -> Result<Response<pb::RecordReceiptResponse>, Status> {
        let request = request.get_ref();
        self.mutate(request, wire::receipt::record(request), |work, regions, call| {
            async move {
                let (receipt_id, came) = &call.input;
                let recorded = record_receipt::record_receipt(work, &regions, (receipt_id, *came)).await?;
                Ok(pb::RecordReceiptResponse {
                    receipt: Some(encode::receipt(regions.own(), &recorded.receipt)),
                    level: Some(encode::level(regions.own(), &recorded.level)),
                    released_hold_ids: recorded.released.iter().map(ToString::to_string).collect(),
                })
            }
            .boxed()
        })
        .await
    }

    async fn audit_stock(
        &self,
        _request: Request<pb::AuditStockRequest>,
    ) -> Result<Response<pb::AuditStockResponse>, Status> {
        let mut conn = self.connection().await?;
        let audit = audit_stock::audit_stock(&mut conn, self.regions.own()).await.map_err(refused)?;
        let balance = audit.balance;
        Ok(Response::new(pb::AuditStockResponse {
            mismatches: audit.mismatches.iter().map(encode::mismatch).collect(),
            on_hand: balance.on_hand,
            in_transit: balance.in_transit,
            brought_in: balance.brought_in,
            delivered: balance.delivered,
            written_off: balance.written_off,
            handed_over: balance.handed_over,
            receipt_mismatches: audit.receipt_mismatches.iter().map(encode::receipt_mismatch).collect(),
        }))
    }

    async fn put_catalogue(
        &self,
        request: Request<pb::PutCatalogueRequest>,
    ) -> Result<Response<pb::PutCatalogueResponse>, Status> {
        let request = request.get_ref();
        let decoded = wire::catalogue::put(request, &self.regions);
        self.mutate(request, decoded, |work, regions, call| {
            async move {
                let Call { request_id, input } = &*call;
                let stored = put_catalogue::put_catalogue(work, &regions, input, request_id).await?;
                Ok(pb::PutCatalogueResponse { stored })
            }
            .boxed()
        })
        .await
    }
}
