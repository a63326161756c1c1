//! Canonical protobuf JSON, by descriptor: the bodies of events and the `--json` output of the command line.

use std::sync::LazyLock;

use prost::{Message, Name};
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions,
};

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(crate::DESCRIPTORS).expect("the build script writes a complete descriptor set")
});

/// Why a message could not be read from or written to JSON.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// The text is not the JSON form of the message.
    #[error("not a {type_name} in JSON: {source}")]
    Syntax {
        /// Full protobuf message name.
        type_name: String,
        /// What is wrong, with line and column.
        source: serde_json::Error,
    },
    /// No proto file defines the message.
    #[error("no message {0} is defined")]
    UnknownType(String),
    /// The message does not fit its own descriptor.
    #[error("not a {type_name}: {source}")]
    Shape {
        /// Full protobuf message name.
        type_name: String,
        /// What is wrong.
        source: prost::DecodeError,
    },
}

fn descriptor(type_name: &str) -> Result<MessageDescriptor, JsonError> {
    POOL.get_message_by_name(type_name).ok_or_else(|| JsonError::UnknownType(type_name.to_owned()))
}

/// Writes the canonical JSON of a message, on one line.
///
/// # Errors
/// When the message has no descriptor in `proto/`.
pub fn to_string<M: Message + Name>(message: &M) -> Result<String, JsonError> {
    let type_name = M::full_name();
    let shape = |source| JsonError::Shape { type_name: type_name.clone(), source };
    let dynamic =
        DynamicMessage::decode(descriptor(&type_name)?, message.encode_to_vec().as_slice()).map_err(shape)?;
    let mut out = serde_json::Serializer::new(Vec::new());
    dynamic
        .serialize_with_options(&mut out, &SerializeOptions::new())
        .map_err(|source| JsonError::Syntax { type_name: type_name.clone(), source })?;
    Ok(String::from_utf8(out.into_inner()).expect("serde_json writes UTF-8"))
}

/// Reads a message from its JSON. Fields that this build does not know are skipped, so that newer producers
/// can be read.
///
/// # Errors
/// When the text is not the JSON form of the message.
pub fn from_slice<M: Message + Name + Default>(json: &[u8]) -> Result<M, JsonError> {
    let type_name = M::full_name();
    let syntax = |source| JsonError::Syntax { type_name: type_name.clone(), source };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let dynamic = DynamicMessage::deserialize_with_options(
        descriptor(&type_name)?,
        &mut deserializer,
        &DeserializeOptions::new().deny_unknown_fields(false),
    )
    .map_err(syntax)?;
    deserializer.end().map_err(syntax)?;
    dynamic.transcode_to().map_err(|source| JsonError::Shape { type_name: type_name.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::v1::{HoldPlaced, StockLevel, StockLevelChanged};

    #[test]
    fn a_message_reads_back_from_its_json() {
        let event = StockLevelChanged {
            level: Some(StockLevel {
                item_id: "PUMP-7".into(),
                available: 3,
                as_of: Some(prost_types::Timestamp { seconds: 1_795_000_000, nanos: 0 }),
                ..StockLevel::default()
            }),
        };
        let json = to_string(&event).unwrap();
        assert!(json.contains("\"itemId\":\"PUMP-7\"") && json.contains("\"asOf\":\"2026-11-18T"), "{json}");
        assert_eq!(from_slice::<StockLevelChanged>(json.as_bytes()).unwrap(), event);
    }

    #[test]
    fn a_field_of_a_newer_producer_is_skipped_and_rubbish_is_refused() {
        assert!(from_slice::<HoldPlaced>(br#"{"holdId":"h","novelty":1}"#).is_ok());
        for text in ["", "{", "[]", "{\"holdId\":5}", "{} {}"] {
            assert!(from_slice::<HoldPlaced>(text.as_bytes()).is_err(), "{text}");
        }
    }
}
