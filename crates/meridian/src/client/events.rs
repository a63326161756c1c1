//! Following the events of a region, as any other system would: one ordered consumer per stream.

use anyhow::{Context as _, Result, bail};
use async_nats::jetstream::{self, Message, consumer};
use futures::{StreamExt as _, TryStreamExt as _};
use meridian_messaging::{Nats, NatsOptions};

use crate::cli::Events;
use crate::output::line;

/// Prints events as they come; with `--all`, from the oldest that is kept.
pub(super) async fn follow(options: Events, json: bool) -> Result<()> {
    let client_name = "meridian-events".to_owned();
    let nats =
        Nats::connect(&options.nats_url, NatsOptions { client_name, ..NatsOptions::default() }).await?;
    let context = jetstream::new(nats.client());
    let policy = if options.all { consumer::DeliverPolicy::All } else { consumer::DeliverPolicy::New };
    let streams: Vec<_> = context.streams().try_collect().await.context("list the streams")?;
    if streams.is_empty() {
        bail!("no service has published anything at {} yet", options.nats_url);
    }
    let mut feeds = Vec::new();
    for info in streams {
        let stream = context.get_stream(&info.config.name).await?;
        let config = consumer::pull::OrderedConfig {
            filter_subject: options.subject.clone(),
            deliver_policy: policy,
            ..consumer::pull::OrderedConfig::default()
        };
        feeds.push(stream.create_consumer(config).await?.messages().await?);
    }
    let mut messages = futures::stream::select_all(feeds);
    let mut left = options.count.unwrap_or(usize::MAX);
    while left > 0 {
        let Some(message) = messages.next().await else { break };
        match message {
            Ok(message) => {
                print(&message, json)?;
                left -= 1;
            }
            Err(error) => tracing::warn!(%error, "the stream is interrupted"),
        }
    }
    Ok(())
}

fn print(message: &Message, json: bool) -> Result<()> {
    let header = |name: &str| {
        message.headers.as_ref().and_then(|headers| headers.get(name)).map_or("", |value| value.as_str())
    };
    let body: serde_json::Value =
        serde_json::from_slice(&message.payload).context(message.subject.to_string())?;
    if json {
        let event = serde_json::json!({
            "id": header("ce-id"),
            "source": header("ce-source"),
            "type": header("ce-type"),
            "time": header("ce-time"),
            "subject": header("ce-subject"),
            "data": body,
        });
        line(event.to_string());
    } else {
        line(format!("{}  {}  {body}", header("ce-time"), message.subject));
    }
    Ok(())
}
