//! What operators look at: notices, dead letters, the business clock.

use std::process::ExitCode;

use anyhow::Result;
use meridian_chassis::encode;
use meridian_proto::messaging::v1::event_log_service_client::EventLogServiceClient;
use meridian_proto::messaging::v1::{ListDeadLettersRequest, ReplayDeadLettersRequest};
use meridian_proto::notification::v1::notification_service_client::NotificationServiceClient;
use meridian_proto::notification::v1::{ListNoticesRequest, NoticeState};
use meridian_proto::region::v1::clock_service_client::ClockServiceClient;
use meridian_proto::region::v1::{GetTimeRequest, SetTimeRequest};

use super::Region;
use crate::cli::{ClockCommand, DeadLetters};
use crate::output::{self, line, table, wall, words};

pub(super) async fn notices(region: &Region, case_id: &str) -> Result<()> {
    let mut client = NotificationServiceClient::new(region.client());
    let mut page_token = String::new();
    loop {
        let request =
            ListNoticesRequest { case_id: case_id.to_owned(), page_token, ..ListNoticesRequest::default() };
        let answer = client.list_notices(request).await?.into_inner();
        if region.json {
            output::json(&answer)?;
        }
        for notice in answer.notices.iter().filter(|_| !region.json) {
            let state = NoticeState::try_from(notice.state).unwrap_or_default();
            line(format!(
                "{}  {}  to {} ({})\n  {}\n  {}\n",
                wall(notice.created_at.as_ref(), "UTC"),
                words(state.as_str_name(), "NOTICE_STATE"),
                notice.recipient,
                notice.language,
                notice.subject,
                notice.body.replace('\n', "\n  ")
            ));
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

pub(super) async fn dead_letters(region: &Region, options: DeadLetters) -> Result<ExitCode> {
    let mut client = EventLogServiceClient::new(region.client());
    let name =
        |service: Option<meridian_types::ServiceName>| service.map_or_else(String::new, |it| it.to_string());
    match options {
        DeadLetters::List { service } => {
            let service = name(service);
            let mut page_token = String::new();
            let mut letters = table(&["service", "from", "event", "type", "of", "tries", "error"]);
            loop {
                let request = ListDeadLettersRequest { service: service.clone(), page_size: 200, page_token };
                let answer = client.list_dead_letters(request).await?.into_inner();
                if region.json {
                    output::json(&answer)?;
                }
                for letter in &answer.dead_letters {
                    let event = letter.event.clone().unwrap_or_default();
                    letters.add_row([
                        letter.service.clone(),
                        format!("{}/{}", letter.source_region, letter.source_service),
                        event.event_id,
                        event.type_name,
                        event.aggregate_id,
                        letter.attempts.to_string(),
                        letter.error.clone(),
                    ]);
                }
                page_token = answer.next_page_token;
                if page_token.is_empty() {
                    break;
                }
            }
            if !region.json {
                line(if letters.is_empty() { "No dead letters.".to_owned() } else { letters.to_string() });
            }
            Ok(ExitCode::SUCCESS)
        }
        DeadLetters::Replay { service, event } => {
            let request =
                ReplayDeadLettersRequest { service: name(service), event_id: event.unwrap_or_default() };
            let answer = client.replay_dead_letters(request).await?.into_inner();
            if region.json {
                output::json(&answer)?;
            } else {
                line(format!("{} applied, {} failed again", answer.applied, answer.failed));
            }
            Ok(if answer.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

pub(super) async fn clock(region: &Region, options: ClockCommand) -> Result<()> {
    let mut client = ClockServiceClient::new(region.client());
    if let ClockCommand::Set { time, rate } = options {
        let request = SetTimeRequest { now: Some(encode::timestamp(time)), rate };
        client.set_time(request).await?;
    }
    let answer = client.get_time(GetTimeRequest {}).await?.into_inner();
    if region.json {
        return output::json(&answer);
    }
    let source = if answer.driven { format!("driven, {} s per s", answer.rate) } else { "system".to_owned() };
    line(format!("{} ({source})", wall(answer.now.as_ref(), "UTC")));
    Ok(())
}
